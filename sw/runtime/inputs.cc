#include "runtime/inputs.h"

#include <algorithm>
#include <numeric>
#include <random>

#include <fmt/format.h>

#include "base/error.h"
#include "model/idx.h"

namespace weft::runtime {
namespace {

bool takes_digits(const model::Graph& graph) {
  return graph.inputs.size() == 1 &&
         graph.tensor(graph.inputs[0]).shape == std::vector<int>{1, 28, 28, 1};
}

InputSet digit_inputs(const model::Graph& graph, const InputRequest& request) {
  const model::Digits digits = model::find_digits(request.directory, request.weft_data, request.root);
  const int count = request.count == 0 ? digits.count : request.count;
  if (count > digits.count) {
    fail(ErrorKind::kInvalidArgument, "{} digits asked for, {} has {}; ask for fewer, or run `make data`",
         count, digits.source, digits.count);
  }
  std::vector<int> order(static_cast<size_t>(digits.count));
  std::iota(order.begin(), order.end(), 0);
  if (request.seed != 0) {
    std::mt19937_64 rng(request.seed);
    std::shuffle(order.begin(), order.end(), rng);
  }
  order.resize(static_cast<size_t>(count));

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
  set.source = fmt::format("{}, {}", digits.source,
                           request.seed != 0
                               ? fmt::format("chosen by seed {} (first: digit {})", request.seed, order[0])
                               : count == 1 ? "digit 0" : fmt::format("digits 0..{}", count - 1));
  return set;
}

InputSet random_inputs(const model::Graph& graph, const InputRequest& request) {
  InputSet set;
  std::mt19937_64 rng(request.seed);
  std::uniform_int_distribution<int> byte(-128, 127);
  for (int i = 0; i < request.count; ++i) {
    NetworkInput input;
    for (int t : graph.inputs) {
      if (graph.tensor(t).type != model::DataType::kInt8) {
        fail(ErrorKind::kUnsupported, "input '{}' of model '{}' is {}; random inputs are int8",
             graph.tensor(t).name, graph.name, model::to_string(graph.tensor(t).type));
      }
      std::vector<int8_t> bytes(static_cast<size_t>(graph.tensor(t).elements()));
      for (int8_t& b : bytes) b = static_cast<int8_t>(byte(rng));
      input.push_back(std::move(bytes));
    }
    set.inputs.push_back(std::move(input));
  }
  set.source = fmt::format("random int8 over the full range, seed {}", request.seed);
  return set;
}

}  // namespace

InputSet make_inputs(const model::Graph& graph, const InputRequest& request) {
  const bool digits = takes_digits(graph);
  if (request.count < (digits && request.kind == InputKind::kDigits ? 0 : 1)) {
    fail(ErrorKind::kInvalidArgument, "{} inputs asked for; at least 1 is needed", request.count);
  }
  if (request.kind == InputKind::kDigits && !digits) {
    fail(ErrorKind::kInvalidArgument, "model '{}' does not take one 1x28x28x1 picture; use random inputs",
         graph.name);
  }
  return digits && request.kind != InputKind::kRandom ? digit_inputs(graph, request)
                                                      : random_inputs(graph, request);
}

}  // namespace weft::runtime
