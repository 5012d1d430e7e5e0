// verify() against programs that are well-formed and wrong: each is refused, and the message
// names the place.
#include <limits>
#include <set>

#include "base/error.h"
#include "compiled.h"
#include "tb/catch_compat.h"

namespace weft::program {
namespace {

using Catch::Matchers::ContainsSubstring;
using isa::ArrayDesc;
using isa::Opcode;
using isa::TransferDesc;
using isa::VectorDesc;

const Program& good(const std::string& config = "tiny") {
  static const Program tiny = tb::mnist_program("tiny");
  static const Program base = tb::mnist_program("base");
  return config == "tiny" ? tiny : base;
}

const isa::HardwareConfig& config_of(const Program& p) { return isa::find_config(p.config); }

// verify() refuses the changed program with a message that holds all of `parts`.
template <class Change>
void refused(const std::vector<std::string>& parts, const Change& change,
             const std::string& config = "tiny") {
  Program p = good(config);
  REQUIRE_NOTHROW(verify(p, config_of(p)));
  change(p);
  std::string message = "(accepted)";
  try {
    verify(p, isa::find_config(config));
  } catch (const Error& error) {
    CHECK((error.kind() == ErrorKind::kMalformedFile || error.kind() == ErrorKind::kMismatch));
    message = error.what();
  }
  for (const std::string& part : parts) CHECK_THAT(message, ContainsSubstring(part));
}

std::string named(const char* what, const std::string& name) {
  return std::string(what) + " '" + name + "'";
}

TEST_CASE("another configuration, another hash") {
  CHECK_THROWS_WITH(
      verify(good("tiny"), isa::find_config("base")),
      ContainsSubstring("for configuration tiny") && ContainsSubstring("this is base"));
  refused({"for configuration tiny", "compile the model again"},
          [](Program& p) { p.config_hash ^= 1; });
  refused({"for configuration base"}, [](Program& p) { p.config = "base"; });
}

TEST_CASE("the peak of act memory") {
  refused({"2049 words of act memory", "2048"}, [](Program& p) { p.act_peak_words = 2049; });
}

TEST_CASE("regions") {
  const std::string constants = named("region", good().regions[1].name);
  refused({constants, "bytes"}, [](Program& p) { p.regions[1].bytes += 1; });
  refused({constants, "image"}, [](Program& p) { p.regions[1].bytes -= 64; });
  refused({constants, "image"},
          [](Program& p) { p.regions[1].image.resize(p.regions[1].bytes + 1); });
  refused({constants}, [](Program& p) { p.regions[1].bytes = uint64_t{1} << 63; });
  refused({"9 regions", "8"}, [](Program& p) { p.regions.resize(9); });
}

TEST_CASE("where the descriptors lie") {
  const std::string home =
      named("region", good().regions[static_cast<size_t>(good().descriptor_region)].name);
  refused({"descriptors lie in region 7"}, [](Program& p) { p.descriptor_region = 7; });
  refused({"descriptors lie in region -1"}, [](Program& p) { p.descriptor_region = -1; });
  refused({"descriptors at offset", home}, [](Program& p) { p.descriptor_count += 1; });
  refused({"descriptors at offset", home}, [](Program& p) { p.descriptor_count = ~uint32_t{0}; });
  refused({"of 0; 0 is the next"}, [](Program& p) { p.descriptor_count = 0; });
  refused({"offset 32", home}, [](Program& p) {
    p.descriptor_offset = 32;
    p.descriptor_count -= 1;
  });
  refused({"at offset 18446744073709551552", home},
          [](Program& p) { p.descriptor_offset = ~uint64_t{0} - 63; });
  refused({"descriptors at offset", home},
          [](Program& p) { p.regions[static_cast<size_t>(p.descriptor_region)].readable = false; });
}

TEST_CASE("tensors") {
  for (size_t i = 0; i < good().tensors.size(); ++i) {
    const std::string tensor = named("tensor", good().tensors[i].name);
    const auto with = [i](auto change) { return [=](Program& p) { change(p.tensors[i]); }; };
    refused({tensor, "region 8"}, with([](Tensor& t) { t.region = 8; }));
    refused({tensor, "region -1"}, with([](Tensor& t) { t.region = -1; }));
    refused({tensor, "does not lie in region"},
            with([](Tensor& t) { t.offset += uint64_t{1} << 20; }));
    refused({tensor, "does not lie in region"}, with([](Tensor& t) { t.offset = ~uint64_t{0}; }));
    refused({tensor, "elements"}, with([](Tensor& t) { t.bytes += 1; }));
    refused({tensor, "elements"}, with([](Tensor& t) { t.shape.push_back(2); }));
    refused({tensor, "impossible shape"}, with([](Tensor& t) { t.shape.clear(); }));
    refused({tensor, "impossible shape"}, with([](Tensor& t) { t.shape[0] = 0; }));
    refused({tensor, "impossible shape"}, with([](Tensor& t) { t.shape[0] = -1; }));
    refused({tensor, "impossible shape"}, with([](Tensor& t) { t.shape.resize(9, 1); }));
    refused({tensor, "too large"}, with([](Tensor& t) {
              t.shape = {1 << 30, 1 << 30, 1 << 30};  // 2^90 bytes, 0 modulo 2^64
              t.bytes = 0;
            }));
    refused({tensor, "layer -2"}, with([](Tensor& t) { t.layer = -2; }));
    refused({tensor, "layer 100"}, with([](Tensor& t) { t.layer = 100; }));
    refused({tensor, "scale"},
            with([](Tensor& t) { t.scale = std::numeric_limits<float>::quiet_NaN(); }));
    refused({tensor, "scale"},
            with([](Tensor& t) { t.scale = std::numeric_limits<float>::infinity(); }));
    refused({tensor, "scale"}, with([](Tensor& t) { t.scale = -1.0F; }));
    refused({tensor, "zero point"}, with([](Tensor& t) { t.zero_point = 128; }));
    refused({tensor, "zero point"}, with([](Tensor& t) { t.zero_point = -129; }));
  }
  refused({"no output"}, [](Program& p) {
    std::erase_if(p.tensors, [](const Tensor& t) { return t.role == TensorRole::kOutput; });
  });
  refused({"no output"}, [](Program& p) { p.tensors.clear(); });
}

TEST_CASE("layers") {
  refused({"no layers"}, [](Program& p) {
    p.layers.clear();
    for (Tensor& t : p.tensors) t.layer = -1;
  });
  refused({named("layer", good().layers[1].name), "impossible shape"},
          [](Program& p) { p.layers[1].shape[0] = 0; });
}

// The same with a change of the one descriptor `index`, named in the message.
template <class Desc>
void refused_descriptor(const std::vector<std::string>& parts, uint32_t index,
                        const std::function<void(Desc&)>& change, const std::string& config) {
  std::vector<std::string> all = parts;
  all.push_back("descriptor " + std::to_string(index) + " is refused");
  all.emplace_back(isa::to_string(static_cast<Opcode>(good(config).descriptor(index)[0])));
  INFO(config << ", descriptor " << index);
  refused(
      all, [&](Program& p) { tb::edit<Desc>(p, index, change); }, config);
}

void refused_raw(const std::vector<std::string>& parts, uint32_t index, size_t byte,
                 uint8_t value) {
  std::vector<std::string> all = parts;
  all.push_back("descriptor " + std::to_string(index) + " is refused");
  INFO("descriptor " << index << ", byte " << byte);
  refused(all, [&](Program& p) { tb::raw_descriptor(p, index)[byte] = value; });
}

TEST_CASE("opcodes, reserved bits and field ranges, in the first and the last descriptor") {
  const uint32_t last = good().descriptor_count - 1;
  for (const uint32_t index : {uint32_t{0}, last / 2, last}) {
    refused_raw({"not of this machine"}, index, 0, 0xff);
    refused_raw({"not of this machine"}, index, 0, 0x00);
    refused_raw({"reserved bit"}, index, 63, 0x80);
    refused_raw({"reserved bit"}, index, 1, 0x80);
    refused_raw({"belongs to layer", "of " + std::to_string(good().layers.size())}, index, 2,
                static_cast<uint8_t>(good().layers.size()));
    refused_raw({"belongs to layer"}, index, 3, 0xff);
  }
  const uint32_t load = tb::find_descriptor(good(), Opcode::kLoad);
  refused_raw({"out of range"}, load, 12, 0x03);                                        // memory 3
  refused_raw({"out of range"}, tb::find_descriptor(good(), Opcode::kConv), 36, 0);     // kh 0
  refused_raw({"out of range"}, tb::find_descriptor(good(), Opcode::kRequant), 45, 0);  // no lanes
}

TEST_CASE("transfers") {
  const std::string config = GENERATE("tiny", "base");
  const Program& p = good(config);
  const isa::HardwareConfig& hardware = config_of(p);
  const auto into = [](isa::Memory memory) {
    return [memory](isa::ByteSpan bytes) {
      return isa::decode_transfer(bytes).mem == static_cast<uint8_t>(memory);
    };
  };
  const auto refuse = [&](const std::vector<std::string>& parts, uint32_t index,
                          const std::function<void(TransferDesc&)>& change) {
    refused_descriptor<TransferDesc>(parts, index, change, config);
  };
  const uint32_t act = tb::find_descriptor(p, Opcode::kLoad, into(isa::Memory::kAct));
  const uint32_t wgt = tb::find_descriptor(p, Opcode::kLoad, into(isa::Memory::kWgt));
  const uint32_t param = tb::find_descriptor(p, Opcode::kLoad, into(isa::Memory::kParam));
  const uint32_t store = tb::find_descriptor(p, Opcode::kStore);

  for (const uint32_t index : {act, wgt, param, store}) {
    refuse({"differ in bytes"}, index, [](TransferDesc& d) { d.chip_run += 1; });
    refuse({"region 6"}, index, [](TransferDesc& d) { d.region = 6; });
    refuse({"touches bytes", "of region"}, index,
           [](TransferDesc& d) { d.dram_offset = (uint64_t{1} << 48) - 1; });
    refuse({"touches bytes -"}, index, [](TransferDesc& d) {
      d.dram_count2 *= 2;
      d.chip_count2 *= 2;
      d.dram_stride2 = -(1 << 30);
    });
    refuse({"touches words 65535 to"}, index, [](TransferDesc& d) { d.chip_addr = 65535; });
    refuse({"touches words -"}, index, [](TransferDesc& d) {
      d.dram_count2 *= 2;
      d.chip_count2 *= 2;
      d.chip_stride2 = 0x8000;  // back by half the address space
    });
  }
  refuse({"may not be written", p.regions[1].name}, store, [](TransferDesc& d) { d.region = 1; });
  refuse({"reserved bit"}, store, [](TransferDesc& d) { d.mem = 1; });
  refused(
      {"may not be read", "descriptor " + std::to_string(wgt), p.regions[1].name},
      [&](Program& q) { q.regions[1].readable = false; }, config);

  // One word, one byte too far; and not one less.
  const auto edge = [&](uint32_t index, int words, const char* memory) {
    TransferDesc d = isa::decode_transfer(p.descriptor(index));
    const int size = hardware.word_bytes();
    d.chip_run = d.dram_run = static_cast<uint32_t>(2 * size);
    d.chip_count1 = d.chip_count2 = d.dram_count1 = d.dram_count2 = 1;
    d.dram_offset = p.regions[d.region].bytes - static_cast<uint64_t>(2 * size);
    d.chip_addr = static_cast<uint16_t>(words - 2);
    const auto set = [&](TransferDesc& to) {
      d.header = to.header;
      to = d;
    };
    Program q = p;
    tb::edit<TransferDesc>(q, index, set);
    CHECK_NOTHROW(verify(q, hardware));
    d.dram_offset += 1;
    refuse({"touches bytes"}, index, set);
    d.dram_offset -= 1;
    d.chip_addr += 1;
    refuse({fmt::format("words {} to {} of {} memory", words - 1, words, memory)}, index, set);
  };
  edge(act, hardware.act_words, "act");
  edge(wgt, hardware.wgt_words, "wgt");
  edge(param, hardware.param_words, "param");
  edge(store, hardware.act_words, "act");
}

TEST_CASE("array descriptors") {
  const std::string config = GENERATE("tiny", "base");
  const Program& p = good(config);
  const auto refuse = [&](const std::vector<std::string>& parts, uint32_t index,
                          const std::function<void(ArrayDesc&)>& change) {
    refused_descriptor<ArrayDesc>(parts, index, change, config);
  };
  const auto shallow = [](bool wanted) {
    return [wanted](isa::ByteSpan bytes) {
      return ((bytes[1] & isa::kArrayFlagShallow) != 0) == wanted;
    };
  };
  for (const bool packed : {true, false}) {
    const uint32_t index = tb::find_descriptor(p, Opcode::kConv, shallow(packed));
    refuse({"act memory"}, index, [&](ArrayDesc& d) { d.in_addr = 65535; });
    refuse({"act memory"}, index, [](ArrayDesc& d) {
      d.in_h = d.out_h = 40;
      d.y0 = 0;
      d.out_w = 1;
      d.acc_addr = 0;
      d.in_row_pitch = 20000;
    });
    refuse({"touches words -"}, index, [](ArrayDesc& d) {
      d.in_h = 40;
      d.y0 = 1;
      d.in_addr = 0;
      d.in_row_pitch = 0xffff;  // -1
    });
    refuse({"outside its memory"}, index, [](ArrayDesc& d) { d.wgt_addr = 65535; });
    refuse({"outside its memory"}, index, [](ArrayDesc& d) { d.acc_addr = 65535; });
    refuse({"outside its memory"}, index, [](ArrayDesc& d) { d.out_h = d.out_w = 65535; });
  }
  const uint32_t index = tb::find_descriptor(p, Opcode::kConv, shallow(true));
  refuse({"out of range"}, index, [](ArrayDesc& d) { d.kc += 1; });
  const uint32_t blocked = tb::find_descriptor(p, Opcode::kConv, shallow(false));
  refuse({"outside its memory"}, blocked, [](ArrayDesc& d) { d.kc = 65535; });

  // acc and wgt memory to their last entry, and one further.
  const isa::HardwareConfig& hardware = config_of(p);
  ArrayDesc d = isa::decode_array(p.descriptor(blocked));
  const int entries = static_cast<int>(d.out_h) * static_cast<int>(d.out_w);
  const int words =
      static_cast<int>(d.kh) * static_cast<int>(d.kw) * static_cast<int>(d.kc) * hardware.rows;
  for (const bool acc : {true, false}) {
    const int first = acc ? hardware.acc_entries() - entries : hardware.wgt_words - words;
    const auto set = [acc](int value) {
      return
          [=](ArrayDesc& to) { (acc ? to.acc_addr : to.wgt_addr) = static_cast<uint16_t>(value); };
    };
    Program q = p;
    tb::edit<ArrayDesc>(q, blocked, set(first));
    CHECK_NOTHROW(verify(q, hardware));
    refuse({"outside its memory"}, blocked, set(first + 1));
  }
}

// The compiler emits none: one stands in a convolution's place, with its semaphores.
TEST_CASE("depthwise descriptors") {
  const std::string config = GENERATE("tiny", "base");
  const Program& p = good(config);
  const isa::HardwareConfig& hardware = config_of(p);
  const uint32_t index = tb::find_descriptor(p, Opcode::kConv);
  using Desc = isa::DepthwiseDesc;
  const auto put = [&](Program& q, const std::function<void(Desc&)>& change) {
    Desc d;
    d.header = isa::decode_array(p.descriptor(index)).header;
    d.header.opcode = static_cast<uint8_t>(Opcode::kDwconv);
    d.header.flags = 0;
    d.in_h = d.in_w = d.out_h = d.out_w = 5;
    d.in_col_pitch = 1, d.in_row_pitch = 5;
    d.y0 = d.x0 = -1;
    d.stride_y = d.stride_x = d.dil_y = d.dil_x = 1;
    d.kh = d.kw = 3;
    change(d);
    const isa::Bytes bytes = isa::encode(d);
    std::copy(bytes.begin(), bytes.end(), tb::raw_descriptor(q, index));
  };
  const auto accept = [&](const std::function<void(Desc&)>& change) {
    Program q = p;
    put(q, change);
    CHECK_NOTHROW(verify(q, hardware));
  };
  const auto refuse = [&](const std::vector<std::string>& parts,
                          const std::function<void(Desc&)>& change) {
    std::vector<std::string> all = parts;
    all.push_back("descriptor " + std::to_string(index) + " is refused");
    all.emplace_back("dwconv");
    refused(
        all, [&](Program& q) { put(q, change); }, config);
  };
  accept([](Desc&) {});
  // What the encoder refuses itself.
  for (const auto& [byte, value, why] : {std::tuple{1, 1, "reserved bit"},
                                         {38, 1, "reserved bit"},
                                         {36, 0, "out of range"},
                                         {36, 33, "out of range"},
                                         {37, 97, "out of range"}}) {
    refused(
        {why, "dwconv"},
        [&, byte = byte, value = value](Program& q) {
          put(q, [](Desc&) {});
          tb::raw_descriptor(q, index)[byte] = static_cast<uint8_t>(value);
        },
        config);
  }
  // Taps: 32 rows of three.
  for (const auto& [kh, kw, fits] :
       {std::tuple{32, 3, true}, {1, 96, true}, {10, 9, true}, {11, 7, false}, {2, 49, false}}) {
    const auto kernel = [kh = kh, kw = kw](Desc& d) {
      d.kh = static_cast<uint32_t>(kh), d.kw = static_cast<uint32_t>(kw);
    };
    if (fits)
      accept(kernel);
    else
      refuse({"out of range"}, kernel);
  }
  // Each memory to its last word, and one further.
  for (const int past : {0, 1}) {
    const auto act = [&](Desc& d) {
      d.in_addr = static_cast<uint32_t>(hardware.act_words - 25 + past);
    };
    const auto acc = [&](Desc& d) {
      d.acc_addr = static_cast<uint32_t>(hardware.acc_entries() - 25 + past);
    };
    const auto param = [&](Desc& d) {
      d.param_addr = static_cast<uint32_t>(hardware.param_words - 9 + past);
    };
    if (past == 0) {
      accept(act), accept(acc), accept(param);
    } else {
      refuse({"act memory"}, act);
      refuse({"outside its memory"}, acc);
      refuse({"outside its memory"}, param);
    }
  }
  refuse({"touches words -"}, [](Desc& d) { d.in_row_pitch = 0xffff; });  // -1
}

TEST_CASE("vector descriptors") {
  const std::string config = GENERATE("tiny", "base");
  const Program& p = good(config);
  const isa::HardwareConfig& hardware = config_of(p);
  const uint32_t index = tb::find_descriptor(p, Opcode::kRequant);
  const auto refuse = [&](const std::vector<std::string>& parts,
                          const std::function<void(VectorDesc&)>& change) {
    refused_descriptor<VectorDesc>(parts, index, change, config);
  };
  refuse({"acc memory", std::to_string(hardware.acc_entries())},
         [](VectorDesc& d) { d.src_addr = 65535; });
  refuse({"acc memory"}, [](VectorDesc& d) {
    d.src_h = d.out_h = 2;
    d.win_h = 2;
    d.src_row_pitch = 20000;
  });
  refuse({"act memory", std::to_string(hardware.act_words)},
         [](VectorDesc& d) { d.dst_addr = 65535; });
  refuse({"act memory", "words -"}, [](VectorDesc& d) {
    d.dst_addr = 0;
    d.out_h = 2;
    d.dst_row_pitch = 0xffff;
  });
  refuse({"outside its memory"}, [](VectorDesc& d) { d.param_addr = 65535; });
  refuse({"outside its memory"},
         [&](VectorDesc& d) { d.param_addr = static_cast<uint16_t>(hardware.param_words - 8); });
  refuse({"window lies wholly outside"}, [](VectorDesc& d) { d.y0 = -100; });
  refuse({"window lies wholly outside"},
         [](VectorDesc& d) { d.x0 = static_cast<int16_t>(d.src_w); });
  refuse({"window lies wholly outside"}, [](VectorDesc& d) {
    d.out_w = 1000;
    d.dst_col_pitch = 0;
  });

  // The same bytes as a pass over act memory have act memory's bounds.
  Program q = p;
  tb::edit<VectorDesc>(q, index, [&](VectorDesc& d) {
    d.header.opcode = static_cast<uint8_t>(Opcode::kMaxpool);
    d.src_h = d.src_w = d.out_h = d.out_w = d.win_h = d.win_w = 1;
    d.y0 = d.x0 = 0;
    d.src_addr = static_cast<uint16_t>(hardware.act_words - 1);
  });
  CHECK_NOTHROW(verify(q, hardware));
  const Program pool = q;
  tb::edit<VectorDesc>(q, index, [&](VectorDesc& d) { d.src_addr += 1; });
  CHECK_THROWS_WITH(verify(q, hardware), ContainsSubstring("act memory"));

  // A second source, a table, and windows where none may be.
  const auto as = [&](Opcode opcode, const std::function<void(VectorDesc&)>& change) {
    Program other = pool;
    tb::edit<VectorDesc>(other, index, [&](VectorDesc& d) {
      d.header.opcode = static_cast<uint8_t>(opcode);
      change(d);
    });
    return other;
  };
  const auto last_words = [&](VectorDesc& d) {
    d.out_w = d.src_w = 3;
    d.win_stride_x = 1;
    d.dst_addr = d.src_addr = 0;
    d.dst_col_pitch = d.src_col_pitch = d.src2_col_pitch = 1;
    d.src2_addr = static_cast<uint16_t>(hardware.act_words - 3);
  };
  for (const Opcode opcode : {Opcode::kAdd, Opcode::kMul, Opcode::kMaximum, Opcode::kMinimum}) {
    CHECK_NOTHROW(verify(as(opcode, last_words), hardware));
    CHECK_THROWS_WITH(
        verify(as(opcode, [&](VectorDesc& d) { last_words(d), d.src2_addr += 1; }), hardware),
        ContainsSubstring("act memory"));
    CHECK_NOTHROW(verify(
        as(opcode, [&](VectorDesc& d) { last_words(d), d.src2_addr += 2, d.src2_col_pitch = 0; }),
        hardware));
  }
  for (const Opcode opcode : {Opcode::kMaxpool, Opcode::kMean, Opcode::kAvgpool, Opcode::kLut}) {
    CHECK_NOTHROW(verify(as(opcode, [](VectorDesc& d) { d.src2_addr = 65535; }), hardware));
  }
  const auto table_at = [&](int word) {
    return as(Opcode::kLut, [&](VectorDesc& d) { d.param_addr = static_cast<uint16_t>(word); });
  };
  const int table_words = 256 / hardware.rows;
  CHECK_NOTHROW(verify(table_at(hardware.param_words - table_words), hardware));
  CHECK_THROWS_WITH(verify(table_at(hardware.param_words - table_words + 1), hardware),
                    ContainsSubstring("outside its memory"));
  for (const Opcode opcode :
       {Opcode::kLut, Opcode::kAdd, Opcode::kMul, Opcode::kMaximum, Opcode::kMinimum}) {
    CHECK_THROWS_WITH(verify(as(opcode, [](VectorDesc& d) { d.win_w = 2; }), hardware),
                      ContainsSubstring("out of range"));
  }
}

TEST_CASE("semaphores in program order") {
  const Program& p = good("base");
  std::set<int> used;
  std::vector<uint32_t> with_free_raise;
  uint32_t raiser = p.descriptor_count;  // the first that raises anything
  for (uint32_t i = 0; i < p.descriptor_count; ++i) {
    const auto header = isa::decode_fields<isa::Header>(p.descriptor(i));
    for (const auto& s : header.wait)
      if (s.count > 0) used.insert(s.sem);
    for (const auto& s : header.raise)
      if (s.count > 0) used.insert(s.sem);
    if (header.raise[0].count > 0) raiser = std::min(raiser, i);
    if (header.raise[3].count == 0) with_free_raise.push_back(i);
  }
  uint8_t free = 0;
  while (used.contains(free)) ++free;
  REQUIRE(free < isa::kNumSemaphores);
  REQUIRE(with_free_raise.size() >= 38);
  const auto raw = [](Program& q, uint32_t index, int slot, bool raise, int sem, int count) {
    tb::raw_descriptor(q, index)[(raise ? 8 : 4) + slot] = static_cast<uint8_t>(sem | count << 5);
  };

  // Nobody raises it.
  refused(
      {"descriptor 0 is refused",
       fmt::format("waits for 1 of semaphore {}, which then has 0", free)},
      [&](Program& q) { raw(q, 0, 3, false, free, 1); }, "base");
  // Its own raise comes after its wait.
  refused(
      {"descriptor 0 is refused", "waits for 1 of semaphore"},
      [&](Program& q) {
        raw(q, 0, 3, false, free, 1);
        raw(q, 0, 3, true, free, 1);
      },
      "base");
  // Raised once, taken twice.
  refused(
      {"waits for 2 of semaphore", "which then has 1"},
      [&](Program& q) {
        raw(q, with_free_raise[0], 3, true, free, 1);
        const uint32_t last = q.descriptor_count - 1;
        raw(q, last, 3, false, free, 2);
      },
      "base");
  // A missing raise starves whoever waits for it.
  REQUIRE(raiser < p.descriptor_count);
  refused(
      {"is refused: in program order it waits for"},
      [&](Program& q) {
        for (int slot = 0; slot < isa::kSemaphoreSlots; ++slot) raw(q, raiser, slot, true, 0, 0);
      },
      "base");

  // 36 x 7 + 3 = 255 is the most; one more is refused where it happens.
  Program q = p;
  for (size_t i = 0; i < 36; ++i) raw(q, with_free_raise[i], 3, true, free, 7);
  raw(q, with_free_raise[36], 3, true, free, 3);
  CHECK_NOTHROW(verify(q, isa::find_config("base")));
  raw(q, with_free_raise[36], 3, true, free, 4);
  CHECK_THROWS_WITH(
      verify(q, isa::find_config("base")),
      ContainsSubstring(fmt::format("descriptor {} is refused", with_free_raise[36])) &&
          ContainsSubstring(fmt::format("raises semaphore {} to 256; the most is 255", free)));
}

}  // namespace
}  // namespace weft::program
