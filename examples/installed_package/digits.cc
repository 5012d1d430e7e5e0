// Classifies pictures with an installed Weft: one by one, and several on the way.
//   digits MODEL.tflite PICTURES.idx3 BACKEND CONFIG
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <weft/weft.hpp>

namespace {

// The first pictures of an IDX file (28 x 28, 8 bits), as the tensor has them.
std::vector<std::vector<int8_t>> read_pictures(const char* path, size_t count,
                                               const weft::TensorInfo& tensor) {
  constexpr size_t kHeader = 16;
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> file{std::istreambuf_iterator<char>(in), {}};
  if (file.size() < kHeader + count * tensor.bytes)
    throw weft::Error(weft::ErrorKind::kIo, std::string(path) + " has too few pictures");
  std::vector<std::vector<int8_t>> pictures(count);
  for (size_t p = 0; p < count; ++p) {
    for (size_t i = 0; i < tensor.bytes; ++i) {
      const auto pixel = static_cast<uint8_t>(file[kHeader + p * tensor.bytes + i]);
      const float real = static_cast<float>(pixel) / 255.0F;
      pictures[p].push_back(static_cast<int8_t>(
          std::clamp(real / tensor.scale + static_cast<float>(tensor.zero_point), -128.F, 127.F)));
    }
  }
  return pictures;
}

int best(const weft::Result& result) {
  const std::vector<int8_t> scores = result.values<int8_t>();
  return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

int run(char** argv) {
  const weft::Program program = weft::Program::compile(argv[1], argv[4]);
  weft::DeviceOptions options;
  options.memory_bytes = std::max<uint64_t>(program.memory_bytes(4), 1 << 20) / 64 * 64 + 64;
  const weft::Device device = weft::Device::open(argv[3], argv[4], options);
  const auto pictures = read_pictures(argv[2], 8, program.inputs()[0]);

  std::vector<int> one_by_one;
  {
    weft::Session session(device, program);
    for (const auto& picture : pictures) one_by_one.push_back(best(session.run({picture})));
  }
  weft::InferQueue queue(device, program);
  std::vector<weft::InferRequest> requests;
  for (const auto& picture : pictures) requests.push_back(queue.submit({picture}));
  int wrong = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const weft::Result result = requests[i].result();
    std::printf("picture %zu: %d, %llu cycles\n", i, best(result),
                static_cast<unsigned long long>(result.cycles()));
    wrong += best(result) == one_by_one[i] ? 0 : 1;
  }
  std::printf("Weft %s, %s: %zu pictures, %d differ\n", weft::version().c_str(), argv[3],
              requests.size(), wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: digits MODEL.tflite PICTURES.idx3 BACKEND CONFIG\n");
    return 2;
  }
  try {
    return run(argv);
  } catch (const weft::Error& error) {
    std::fprintf(stderr, "digits: %s (%s)\n", error.what(), to_string(error.kind()));
    return 1;
  }
}
