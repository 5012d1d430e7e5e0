#include "runtime/made_inputs.h"

#include <bit>
#include <random>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/error.h"

namespace weft::runtime {
namespace {

constexpr int64_t kBlocks = 5;

// Steps of an input's quantisation: what is made are whole steps, -128 .. 127 from `lowest` on.
struct Grid {
  int lowest = -128, highest = 127, zero_point = 0;
  float scale = 1;  // of reals
};

int first_zero_point(const model::Tensor& t) {
  return t.quantization.zero_points.empty() ? 0 : t.quantization.zero_points[0];
}

Grid grid_of(const model::Graph& graph, int input) {
  const model::Tensor& tensor = graph.tensor(input);
  Grid grid;
  grid.zero_point = first_zero_point(tensor);
  switch (tensor.type) {
    case model::DataType::kInt8: return grid;
    case model::DataType::kUInt8:
      grid.lowest = 0;
      grid.highest = 255;
      return grid;
    case model::DataType::kFloat32:
      for (const model::Op& op : graph.ops) {
        const auto* quantize = std::get_if<model::Quantize>(&op.attributes);
        if (!quantize || op.inputs[0] != input) continue;
        grid.scale = quantize->scale;
        grid.zero_point = quantize->zero_point;
      }
      return grid;
    default:
      fail(ErrorKind::kUnsupported,
           "input '{}' of model '{}' is {}; inputs are made of int8, uint8 and float32",
           tensor.name, graph.name, model::to_string(tensor.type));
  }
}

void append(std::vector<int8_t>& bytes, const model::Tensor& tensor, const Grid& grid, int step,
            std::mt19937_64& rng) {
  if (tensor.type != model::DataType::kFloat32) {
    bytes.push_back(static_cast<int8_t>(step));
    return;
  }
  // Halves are where roundings part; the outermost steps are passed by up to a tenth of the range.
  float real = static_cast<float>(step - grid.zero_point);
  switch (rng() % 4) {
    case 0: real += 0.5F; break;
    case 1: real *= 1.1F; break;
    default: break;
  }
  uint8_t raw[4];
  store_le32(raw, std::bit_cast<uint32_t>(real * grid.scale));
  for (uint8_t b : raw) bytes.push_back(static_cast<int8_t>(b));
}

}  // namespace

InputSet made_inputs(const model::Graph& graph, bool full_range, int count, uint64_t seed) {
  InputSet set;
  std::mt19937_64 rng(seed);
  for (int i = 0; i < count; ++i) {
    NetworkInput input;
    for (int t : graph.inputs) {
      const model::Tensor& tensor = graph.tensor(t);
      const Grid grid = grid_of(graph, t);
      std::uniform_int_distribution<int> any(grid.lowest, grid.highest);
      std::vector<int8_t> bytes;
      for (int64_t e = 0; e < tensor.elements(); ++e) {
        const int64_t block =
            full_range ? (e * kBlocks / tensor.elements() + i) % kBlocks : kBlocks - 1;
        int step = 0;
        switch (block) {
          case 0: step = grid.lowest; break;
          case 1: step = grid.highest; break;
          case 2: step = grid.zero_point; break;
          case 3: step = e % 2 == 0 ? grid.lowest : grid.highest; break;
          default: step = any(rng); break;
        }
        append(bytes, tensor, grid, step, rng);
      }
      input.push_back(std::move(bytes));
    }
    set.inputs.push_back(std::move(input));
  }
  const char* type =
      graph.inputs.empty() ? "" : model::to_string(graph.tensor(graph.inputs[0]).type);
  set.source =
      full_range ? fmt::format("blocks of {} at both ends and the zero point, and random, seed {}",
                               type, seed)
                 : fmt::format("random {} over the full range, seed {}", type, seed);
  return set;
}

}  // namespace weft::runtime
