#include "runtime/inputs.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/files.h"
#include "model/cifar.h"
#include "model/idx.h"
#include "runtime/made_inputs.h"

namespace weft::runtime {
namespace {

bool takes(const model::Graph& graph, const std::vector<int>& shape) {
  if (graph.inputs.size() != 1) return false;
  const model::Tensor& tensor = graph.tensor(graph.inputs[0]);
  return tensor.shape == shape && tensor.type == model::DataType::kInt8;
}

bool takes_digits(const model::Graph& graph) { return takes(graph, {1, 28, 28, 1}); }

bool takes_cifar(const model::Graph& graph) {
  return takes(graph, {1, model::kCifarSide, model::kCifarSide, 3});
}

// Which of `there` pictures: the first, or a seeded choice.
std::vector<int> choose(const InputRequest& request, int there, const char* what,
                        const std::string& source) {
  const int count = request.count == 0 ? there : request.count;
  if (count > there) {
    fail(ErrorKind::kInvalidArgument, "{} {}s asked for, {} has {}; ask for fewer{}", count, what,
         source, there, std::string(what) == "digit" ? ", or run `make data`" : "");
  }
  std::vector<int> order(static_cast<size_t>(there));
  std::iota(order.begin(), order.end(), 0);
  if (request.seed != 0) {
    std::mt19937_64 rng(request.seed);
    std::shuffle(order.begin(), order.end(), rng);
  }
  order.resize(static_cast<size_t>(count));
  return order;
}

std::string chosen_text(const InputRequest& request, const std::vector<int>& order,
                        const char* what) {
  if (request.seed != 0)
    return fmt::format("chosen by seed {} (first: {} {})", request.seed, what, order[0]);
  return order.size() == 1 ? fmt::format("{} 0", what)
                           : fmt::format("{}s 0..{}", what, order.size() - 1);
}

InputSet digit_inputs(const model::Graph& graph, const InputRequest& request) {
  const model::Digits digits = model::find_digits(request.data, request.weft_data, request.root);
  const std::vector<int> order = choose(request, digits.count, "digit", digits.source);
  InputSet set;
  set.rows = digits.rows;
  set.cols = digits.cols;
  const auto size = static_cast<size_t>(digits.rows * digits.cols);
  const model::Tensor& tensor = graph.tensor(graph.inputs[0]);
  for (int i : order) {
    const uint8_t* first = digits.pixels.data() + static_cast<size_t>(i) * size;
    set.pictures.emplace_back(first, first + size);
    set.labels.push_back(digits.labels[static_cast<size_t>(i)]);
    set.inputs.push_back({model::quantize_pixels(set.pictures.back(), tensor)});
  }
  set.source = fmt::format("{}, {}", digits.source, chosen_text(request, order, "digit"));
  return set;
}

InputSet cifar_inputs(const model::CifarPictures& cifar, const InputRequest& request) {
  const std::vector<int> order = choose(request, cifar.count, "picture", cifar.source);
  InputSet set;
  for (int i : order) {
    set.inputs.push_back({model::quantize_cifar(cifar.picture(i))});
    set.labels.push_back(cifar.labels[static_cast<size_t>(i)]);
  }
  set.source = fmt::format("{}, {}", cifar.source, chosen_text(request, order, "picture"));
  return set;
}

// The samples of a raw file for one input.
std::vector<std::vector<int8_t>> samples_of(const std::filesystem::path& file,
                                            const model::Tensor& tensor) {
  const std::vector<uint8_t> bytes = read_file(file);
  const auto size = static_cast<size_t>(tensor.bytes());
  if (bytes.empty() || bytes.size() % size != 0) {
    fail(ErrorKind::kMismatch,
         "{} has {} bytes, no multiple of the {} that input '{}' takes ({}, {})", file.string(),
         bytes.size(), size, tensor.name, model::to_string(tensor.type),
         fmt::join(tensor.shape, "x"));
  }
  std::vector<std::vector<int8_t>> samples;
  for (size_t at = 0; at < bytes.size(); at += size) {
    samples.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                         bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
  return samples;
}

InputSet file_inputs(const model::Graph& graph, const InputRequest& request) {
  const size_t takes = graph.inputs.size();
  if (request.files.empty() || (takes != 1 && request.files.size() != takes)) {
    fail(ErrorKind::kInvalidArgument,
         "model '{}' takes {} input{}; {} input file{} given, one for each is needed", graph.name,
         takes, takes == 1 ? "" : "s", request.files.size(),
         request.files.size() == 1 ? " was" : "s were");
  }
  InputSet set;
  for (size_t f = 0; f < request.files.size(); ++f) {
    const size_t input = takes == 1 ? 0 : f;
    std::vector<std::vector<int8_t>> samples =
        samples_of(request.files[f], graph.tensor(graph.inputs[input]));
    if (input == 0) {
      for (auto& sample : samples) set.inputs.push_back({std::move(sample)});
      continue;
    }
    if (samples.size() != set.inputs.size()) {
      fail(ErrorKind::kMismatch,
           "{} has {} samples of input '{}', {} has {} of '{}'; as many are needed of each",
           request.files[f].string(), samples.size(), graph.tensor(graph.inputs[input]).name,
           request.files[0].string(), set.inputs.size(), graph.tensor(graph.inputs[0]).name);
    }
    for (size_t i = 0; i < samples.size(); ++i) set.inputs[i].push_back(std::move(samples[i]));
  }
  const size_t there = set.inputs.size();
  const size_t count = request.count == 0 ? there : static_cast<size_t>(request.count);
  if (count > there) {
    fail(ErrorKind::kInvalidArgument, "{} inputs asked for, the input files have {}; ask for fewer",
         count, there);
  }
  set.inputs.resize(count);
  std::vector<std::string> names;
  for (const auto& file : request.files) names.push_back(file.filename().string());
  set.source = fmt::format("{}{}", fmt::join(names, ", "),
                           count == there ? "" : fmt::format(", the first {} of {}", count, there));
  return set;
}

}  // namespace

InputKind input_kind(const std::string& name) {
  if (name == "auto") return InputKind::kAuto;
  if (name == "digits") return InputKind::kDigits;
  if (name == "cifar") return InputKind::kCifar;
  if (name == "files") return InputKind::kFiles;
  if (name == "random") return InputKind::kRandom;
  if (name == "full-range") return InputKind::kFullRange;
  fail(ErrorKind::kInvalidArgument,
       "unknown inputs '{}'; choose one of: auto, digits, cifar, files, random, full-range", name);
}

InputKind labelled_kind(const model::Graph& graph) {
  if (takes_digits(graph)) return InputKind::kDigits;
  if (takes_cifar(graph)) return InputKind::kCifar;
  fail(ErrorKind::kInvalidArgument,
       "model '{}' takes neither digits (1x28x28x1) nor CIFAR-10's pictures (1x32x32x3) of int8, "
       "and there are labels of "
       "no others",
       graph.name);
}

InputSet make_inputs(const model::Graph& graph, const InputRequest& request) {
  const bool automatic = request.kind == InputKind::kAuto && request.files.empty();
  const bool all =
      !automatic && request.kind != InputKind::kRandom && request.kind != InputKind::kFullRange;
  if (!request.files.empty() && request.kind != InputKind::kAuto &&
      request.kind != InputKind::kFiles) {
    fail(ErrorKind::kInvalidArgument,
         "input files and another kind of inputs are asked for; choose one");
  }
  if (request.count < (all ? 0 : 1)) {
    fail(ErrorKind::kInvalidArgument, "{} inputs asked for; at least 1 is needed", request.count);
  }
  if (request.kind == InputKind::kDigits && !takes_digits(graph)) {
    fail(ErrorKind::kInvalidArgument,
         "model '{}' does not take one 1x28x28x1 picture; use random inputs", graph.name);
  }
  if (request.kind == InputKind::kCifar && !takes_cifar(graph)) {
    fail(ErrorKind::kInvalidArgument,
         "model '{}' does not take one 1x32x32x3 picture of int8; use random inputs", graph.name);
  }
  if (request.kind == InputKind::kFiles || !request.files.empty())
    return file_inputs(graph, request);
  if (request.kind == InputKind::kDigits || (automatic && takes_digits(graph)))
    return digit_inputs(graph, request);
  if (request.kind == InputKind::kCifar || (automatic && takes_cifar(graph))) {
    if (const auto cifar = model::find_cifar(request.data, request.weft_data, request.root)) {
      return cifar_inputs(*cifar, request);
    }
    if (!automatic) {
      fail(ErrorKind::kNotFound,
           "CIFAR-10's test pictures (test_batch.bin or cifar10_test*.bin) are not found {}; name "
           "their file or directory with --data",
           request.weft_data.empty() ? "below ../shared/data or data"
                                     : "below WEFT_DATA, " + request.weft_data);
    }
  }
  if (!request.data.empty()) {
    fail(ErrorKind::kInvalidArgument,
         "data {} named for model '{}', which takes neither digits nor pictures of "
         "CIFAR-10; raw samples are given as input files",
         request.data, graph.name);
  }
  return made_inputs(graph, request.kind == InputKind::kFullRange, request.count, request.seed);
}

}  // namespace weft::runtime
