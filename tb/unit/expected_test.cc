// Results of others: NumPy's files, whole and spoilt, and what a comparison with them says.
#include "runtime/expected.h"

#include <zlib.h>

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <random>

#include "base/bytes.h"
#include "base/error.h"
#include "one_op_graph.h"
#include "runtime/report.h"
#include "runtime/zip.h"
#include "tb/catch_compat.h"
#include "tb/temporary_directory.h"

namespace weft::runtime {
namespace {

using Catch::Matchers::ContainsSubstring;

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string le(uint32_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

// As numpy.save writes it.
std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                int version = 1, const std::string& order = "False") {
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr, order, shape);
  while ((header.size() + (version == 1 ? 11 : 13)) % 64 != 0) header += ' ';
  header += '\n';
  const auto size = static_cast<uint32_t>(header.size());
  return std::string("\x93NUMPY") + static_cast<char>(version) + '\0' +
         le(size, version == 1 ? 2 : 4) + header + data;
}

std::string deflated(const std::string& data) {
  std::string out(data.size() + 100, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

using Members = std::vector<std::pair<std::string, std::string>>;

std::string zip(const Members& members, bool deflate) {
  std::string archive, directory;
  for (const auto& [name, data] : members) {
    const std::string packed = deflate ? deflated(data) : data;
    const auto crc =
        static_cast<uint32_t>(crc32(0, bytes_of(data).data(), static_cast<uInt>(data.size())));
    const std::string common = le(20, 2) + le(0, 2) + le(deflate ? 8 : 0, 2) + le(0, 4) +
                               le(crc, 4) + le(static_cast<uint32_t>(packed.size()), 4) +
                               le(static_cast<uint32_t>(data.size()), 4) +
                               le(static_cast<uint32_t>(name.size()), 2);
    directory += le(0x02014b50, 4) + le(20, 2) + common + le(0, 2) + le(0, 2) + le(0, 2) +
                 le(0, 2) + le(0, 4) + le(static_cast<uint32_t>(archive.size()), 4) + name;
    // NumPy gives each member a ZIP64 field of its own.
    archive += le(0x04034b50, 4) + common + le(20, 2) + name + std::string(20, '\x55') + packed;
  }
  const auto count = static_cast<uint32_t>(members.size());
  return archive + directory + le(0x06054b50, 4) + le(0, 2) + le(0, 2) + le(count, 2) +
         le(count, 2) + le(static_cast<uint32_t>(directory.size()), 4) +
         le(static_cast<uint32_t>(archive.size()), 4) + le(0, 2);
}

TEST_CASE("Arrays as NumPy saves them") {
  for (const int version : {1, 2}) {
    const std::string file = npy("|i1", "(2, 3)", "abcdef", version);
    const Array a = parse_npy(bytes_of(file), "a.npy");
    CHECK(a.type == model::DataType::kInt8);
    CHECK(a.shape == std::vector<int64_t>{2, 3});
    CHECK(std::string(a.data.begin(), a.data.end()) == "abcdef");
  }
  CHECK(parse_npy(bytes_of(npy("|u1", "(1,)", "a")), "a").type == model::DataType::kUInt8);
  CHECK(parse_npy(bytes_of(npy("<i4", "(1,)", "abcd")), "a").type == model::DataType::kInt32);
  CHECK(parse_npy(bytes_of(npy("<f4", "()", "abcd")), "a").shape.empty());
  CHECK(parse_npy(bytes_of(npy("<f4", "(2, 0)", "")), "a").data.empty());
  CHECK_NOTHROW(
      parse_npy(bytes_of(npy("|i1", "(1,)", "a", 1, "True")), "a"));  // one dimension is both
}

TEST_CASE("An array that is not sound, or not of a kind that is read, is refused by name") {
  const auto refused = [](const std::string& file, const std::string& part) {
    CHECK_THROWS_WITH(parse_npy(bytes_of(file), "a.npy"),
                      ContainsSubstring("a.npy") && ContainsSubstring(part));
  };
  refused("", "does not begin");
  refused("\x93NUMPX", "does not begin");
  refused("\x93NUMPY", "truncated");
  refused(npy("|i1", "(1,)", "a", 3), "version 3.0");
  refused(npy("<f8", "(1,)", "12345678"), "'<f8'");
  refused(npy(">f4", "(1,)", "1234"), "'>f4'");
  refused(npy("|O", "(1,)", "1234"), "'|O'");
  refused(npy("|i1", "(2, 3)", "abcdef", 1, "True"), "Fortran order");
  refused(npy("|i1", "(2, 3)", "abcde"), "truncated: 5 bytes of data, its shape takes 6");
  refused(npy("|i1", "(2, 3)", "abcdefg"), "too long");
  refused(npy("|i1", "(4294967296, 4294967296, 4294967296, 0)", ""), "a dimension of");
  refused(npy("|i1", "(1000000, 1000000, 1000000)", ""), "takes more than");
  refused(npy("|i1", "(-1,)", "a"), "no number");
  refused(npy("|i1", "(1 2)", "a"), "no ')'");
  refused(npy("|i1", "1", "a"), "no '('");
  refused(npy("|i1", "(1,), 'more': 2", "a"), "'more' too many");
  refused(npy("|i1", "(1,), 'shape': (1,)", "a"), "'shape' too many");
  refused(npy("|i1", "(1,)", "a", 1, "Maybe"), "fortran_order");
  refused(npy("|i1' 'x", "(1,)", "a"), "no '}'");
  refused(std::string("\x93NUMPY\x01\0\x02\0{}", 12), "lacks");
  refused(std::string("\x93NUMPY\x01\0\xff\xff{}", 12), "a header of 65535 bytes");
  refused(std::string("\x93NUMPY\x02\0\xff\xff\xff\xff{}", 14), "a header of 4294967295 bytes");
}

TEST_CASE("Archives as NumPy saves them, stored and deflated") {
  const tb::TemporaryDirectory place;
  for (const bool deflate : {false, true}) {
    std::ofstream(place / "x.npz", std::ios::binary)
        << zip({{"scores.npy", npy("|i1", "(4,)", "abcd")},
                {"arr_1.npy", npy("|u1", "(500,)", std::string(500, 'x'))}},
               deflate);
    const std::vector<Array> arrays = read_arrays(place / "x.npz");
    REQUIRE(arrays.size() == 2);
    CHECK(arrays[0].name == "scores");
    CHECK(arrays[1].name == "arr_1");
    CHECK(arrays[1].data == std::vector<uint8_t>(500, 'x'));
  }
}

TEST_CASE("Archives that are not sound are refused by name") {
  const std::string member = npy("|i1", "(4,)", "abcd");
  const auto refused = [](const std::string& archive, const std::string& part) {
    CHECK_THROWS_WITH(read_zip(bytes_of(archive), "x.npz"),
                      ContainsSubstring("x.npz") && ContainsSubstring(part));
  };
  refused("PK", "2 bytes");
  refused(std::string("PK") + std::string(100, 'x'), "cut short");
  for (const bool deflate : {false, true}) {
    const std::string good = zip({{"a.npy", member}}, deflate);
    CHECK_NOTHROW(read_zip(bytes_of(good), "x.npz"));
    const size_t directory = good.find("PK\x01\x02");
    const auto spoilt = [&](size_t at, const std::string& bytes) {
      std::string archive = good;
      return archive.replace(directory + at, bytes.size(), bytes);
    };
    refused(spoilt(8, "\x01"), "encrypted");
    refused(spoilt(10, "\x0c"), "compression method 12");
    refused(spoilt(16, "\x01\x02\x03\x04"), "CRC");
    refused(spoilt(20, "\xff\xff\xff\xff"), "ZIP64");
    refused(spoilt(20, std::string("\xff\xff\xff\x00", 4)), "truncated");
    refused(spoilt(24, std::string("\x00\x00\x00\x7f", 4)), "more than");
    refused(spoilt(24, std::string("\x00\x00\xff\x00", 4)),
            deflate ? "cannot unpack" : "stored in");
    refused(spoilt(28, "\xff\xff"), "truncated in its directory");
    refused(spoilt(42, std::string("\x05\x00\x00\x00", 4)), "no header");
    refused(spoilt(42, std::string("\xff\xff\xff\x00", 4)), "truncated");
    if (deflate) refused(spoilt(24, std::string("\x85\x00\x00\x00", 4)), "does not unpack");
    // Whatever byte is changed, there is an answer.
    std::mt19937 rng(1);
    for (size_t i = 0; i < good.size(); ++i) {
      std::string archive = good;
      archive[i] = static_cast<char>(rng());
      try {
        for (const ZipMember& m : read_zip(bytes_of(archive), "x")) parse_npy(m.data, m.name);
      } catch (const Error&) {
      }
      try {
        read_zip(bytes_of(good.substr(0, i)), "x");
      } catch (const Error&) {
      }
    }
  }
  const tb::TemporaryDirectory place;
  std::ofstream(place / "x.npz", std::ios::binary)
      << zip({{"a.npy", member}, {"a.npy", member}}, true);
  CHECK_THROWS_WITH(read_arrays(place / "x.npz"), ContainsSubstring("two members are named 'a'"));
  std::ofstream(place / "y.npz", std::ios::binary) << zip({{"notes.txt", "hello"}}, false);
  CHECK_THROWS_WITH(read_arrays(place / "y.npz"), ContainsSubstring("y.npz, member 'notes.txt'"));
}

model::Graph network(const std::vector<int>& shape) {
  return tb::one_op_graph("net", model::Lookup{}, shape, shape);
}

std::vector<ExpectedReport> compared(const model::Graph& graph, const std::string& file,
                                     size_t inputs, const std::vector<NetworkOutput>& outputs,
                                     double tolerance = 0) {
  const tb::TemporaryDirectory place;
  std::ofstream(place / "x.npz", std::ios::binary) << file;
  return ExpectedOutputs(graph, place / "x.npz", inputs).compare(outputs, tolerance);
}

TEST_CASE("Equal results, in every shape that fits") {
  const model::Graph graph = network({1, 3});
  const std::vector<NetworkOutput> two = {{{1, 2, 3}}, {{4, 5, 6}}};
  const std::string data("\x01\x02\x03\x04\x05\x06");
  for (const char* shape : {"(2, 3)", "(2, 1, 3)"}) {
    const auto reports = compared(graph, npy("|i1", shape, data), 2, two);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0].pass());
    CHECK(reports[0].values == 6);
    CHECK(reports[0].differing == 0);
  }
  for (const char* shape : {"(1, 3)", "(1, 1, 3)"})
    CHECK(compared(graph, npy("|i1", shape, data.substr(0, 3)), 1, {two[0]})[0].pass());
  for (const char* shape : {"(6,)", "(3, 2)", "(1, 6)", "(6, 1)"}) {
    CHECK_THROWS_WITH(compared(graph, npy("|i1", shape, data), 2, two),
                      ContainsSubstring("(2, 1, 3) is needed"));
  }
  CHECK_THROWS_WITH(compared(graph, npy("|i1", "(2, 3)", data), 1, {two[0]}),
                    ContainsSubstring("(1, 1, 3) is needed"));
  CHECK_THROWS_WITH(compared(graph, npy("|u1", "(2, 3)", data), 2, two),
                    ContainsSubstring("are uint8, the network's are int8"));
  CHECK_THROWS_WITH(compared(graph, npy("<f4", "(2, 3)", data + data + data + data), 2, two),
                    ContainsSubstring("float32"));
}

TEST_CASE("Members are matched by name or number") {
  model::Graph graph = network({1, 1});
  graph.tensors.push_back(tb::activation("second", {1, 1}));
  graph.outputs = {1, 2};
  const std::string one = npy("|i1", "(1, 1)", "a"), two = npy("|i1", "(1, 1)", "b");
  const std::vector<NetworkOutput> outputs = {{{'a'}, {'b'}}};
  for (const Members& members : {Members{{"output.npy", one}, {"second.npy", two}},
                                 Members{{"second.npy", two}, {"output.npy", one}},
                                 Members{{"arr_0.npy", one}, {"arr_1.npy", two}},
                                 Members{{"arr_1.npy", two}, {"output.npy", one}}}) {
    const auto reports = compared(graph, zip(members, true), 1, outputs);
    REQUIRE(reports.size() == 2);
    CHECK(reports[0].pass());
    CHECK(reports[1].pass());
  }
  CHECK_THROWS_WITH(compared(graph, one, 1, outputs),
                    ContainsSubstring("has 1 array, model 'net' 2 outputs (output, second)"));
  CHECK_THROWS_WITH(
      compared(graph, zip({{"output.npy", one}, {"other.npy", two}}, true), 1, outputs),
      ContainsSubstring("output 'second' or arr_1") && ContainsSubstring("output, other"));
  CHECK_THROWS_WITH(compared(graph, zip({}, true), 1, outputs), ContainsSubstring("has 0 arrays"));
}

Report report_of(const std::vector<ExpectedReport>& expected) {
  Report r;
  r.backend = "emulator";
  r.pass = true;
  r.bytes_compared = 6;
  r.expected = expected;
  return r;
}

TEST_CASE("Differences by 1 are told from others") {
  const model::Graph graph = network({1, 3});
  const std::vector<NetworkOutput> two = {{{1, 2, 3}}, {{4, 5, -128}}};
  auto reports = compared(graph, npy("|i1", "(2, 3)", "\x01\x02\x03\x04\x06\x81"), 2, two);
  CHECK(reports[0].differing == 2);
  CHECK(reports[0].largest == 1);
  CHECK(reports[0].off_by_one);
  CHECK(reports[0].input == 1);
  CHECK(reports[0].coordinate == std::vector<int>{0, 1});
  CHECK(reports[0].ours == 5);
  CHECK(reports[0].theirs == 6);
  CHECK_FALSE(report_of(reports).ok());
  CHECK_THAT(to_text(report_of(reports)),
             ContainsSubstring("FAIL  2 of 6 values (33.33 %) of output 'output' differ") &&
                 ContainsSubstring("first: input 1, at [0, 1]: emulator 5, file 6") &&
                 ContainsSubstring("rounding"));
  CHECK_THAT(to_json(report_of(reports)), ContainsSubstring("\"pass\": false"));
  reports = compared(graph, npy("|i1", "(2, 3)", "\x01\x02\x03\x04\x06\x81"), 2, two, 1);
  CHECK(reports[0].differing == 2);
  CHECK(report_of(reports).ok());
  CHECK_THAT(to_text(report_of(reports)), !ContainsSubstring("FAIL"));
  // One of 255 among them: no rounding.
  reports = compared(graph, npy("|i1", "(2, 3)", "\x01\x02\x03\x04\x06\x7f"), 2, two, 1);
  CHECK_FALSE(reports[0].off_by_one);
  CHECK(reports[0].largest == 255);
  CHECK(reports[0].beyond == 1);
  CHECK_FALSE(report_of(reports).ok());
  CHECK_THAT(to_text(report_of(reports)),
             !ContainsSubstring("rounding") && ContainsSubstring("1 of them by more than"));
  // int32 holds any of the network's integers.
  std::string wide;
  for (const uint32_t v : {1U, 2U, 3U, 4U, 5U, static_cast<uint32_t>(-128)}) wide += le(v, 4);
  CHECK(compared(graph, npy("<i4", "(2, 3)", wide), 2, two)[0].differing == 0);
}

TEST_CASE("Reals: a NaN equals a NaN and nothing else") {
  model::Graph graph = network({1, 4});
  graph.tensors[1].type = model::DataType::kFloat32;
  const float nan = std::numeric_limits<float>::quiet_NaN(),
              inf = std::numeric_limits<float>::infinity();
  const auto pack = [](const std::vector<float>& values) {
    std::string bytes;
    for (float v : values) bytes += le(std::bit_cast<uint32_t>(v), 4);
    return bytes;
  };
  const std::string ours = pack({0.0F, nan, inf, 1.0F});
  const NetworkOutput output = {{ours.begin(), ours.end()}};
  CHECK(compared(graph, npy("<f4", "(1, 4)", pack({-0.0F, nan, inf, 1.0F})), 1, {output})[0]
            .differing == 0);
  auto reports =
      compared(graph, npy("<f4", "(1, 4)", pack({0, nan, inf, 1.25F})), 1, {output}, 0.25);
  CHECK(reports[0].differing == 1);
  CHECK(reports[0].pass());
  reports = compared(graph, npy("<f4", "(1, 4)", pack({nan, nan, 3, 1})), 1, {output}, 1e30);
  CHECK(reports[0].beyond == 2);
  CHECK(std::isinf(reports[0].largest));
  CHECK_THAT(to_json(report_of(reports)), ContainsSubstring("\"inf\""));
}

}  // namespace
}  // namespace weft::runtime
