#include "compiler/pack.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "quant/average.h"

namespace weft::compiler {
namespace {

// Weight of output channel `out` at kernel tap (ky, kx), input channel `in`.
class WeightReader {
 public:
  explicit WeightReader(const Layer& layer)
      : layer_(layer),
        data_(reinterpret_cast<const int8_t*>(layer.weights->data.data())),
        row_(layer.weights->shape.size() == 4 ? layer.weights->shape[2] : layer.kernel.w),
        taps_(layer.weights->shape.size() == 4 ? layer.weights->shape[1] * row_
                                               : layer.kernel.h * row_),
        in_per_group_(layer.in().c / layer.groups),
        out_per_group_(layer.mid.c / layer.groups) {}

  int8_t at(int out, int ky, int kx, int in) const {
    const int first = out / out_per_group_ * in_per_group_;
    if (in < first || in >= first + in_per_group_) return 0;
    const Taps& taps = layer_.taps;
    const int64_t tap = int64_t{taps.y + ky * taps.step_y} * row_ + taps.x + kx * taps.step_x;
    if (layer_.depthwise_weights) return data_[tap * layer_.mid.c + out];
    return data_[(int64_t{out} * taps_ + tap) * in_per_group_ + (in - first)];
  }

  // Over all taps and the channels of its group.
  int64_t sum(int out) const {
    const int first = out / out_per_group_ * in_per_group_;
    int64_t sum = 0;
    for (int ky = 0; ky < layer_.kernel.h; ++ky) {
      for (int kx = 0; kx < layer_.kernel.w; ++kx) {
        for (int in = first; in < first + in_per_group_; ++in) sum += at(out, ky, kx, in);
      }
    }
    return sum;
  }

 private:
  const Layer& layer_;
  const int8_t* data_;
  int row_, taps_;  // of the weights' own kernel
  int in_per_group_, out_per_group_;
};

// Nine words: bias, multiplier (int32 lane by lane), right shift (a byte a lane).
class ParameterBlock {
 public:
  explicit ParameterBlock(int lanes) : lanes_(static_cast<size_t>(lanes)), bytes_(9 * lanes_, 0) {}
  void set(int lane, int64_t bias, const model::Rescale& rescale) {
    const auto at = static_cast<size_t>(lane);
    // The accumulator wraps modulo 2^32; the true sum fits (the importer proved it).
    store_le32(bytes_.data() + at * 4, static_cast<uint32_t>(bias));
    store_le32(bytes_.data() + (lanes_ + at) * 4, static_cast<uint32_t>(rescale.multiplier));
    bytes_[lanes_ * 8 + at] = static_cast<uint8_t>(-rescale.shift);
  }
  std::vector<uint8_t> take() && { return std::move(bytes_); }

 private:
  size_t lanes_;
  std::vector<uint8_t> bytes_;
};

// Of channels `first` .. `first` + lanes - 1.
std::vector<uint8_t> mac_unit(const Layer& layer, int first, int lanes) {
  const int channels = std::min(lanes, layer.mid.c - first);
  const WeightReader weights(layer);
  ParameterBlock block(lanes);
  for (int c = 0; c < channels; ++c) {
    const int out = first + c;
    block.set(c, bias_of(layer, out) - int64_t{layer.input_zero_point} * weights.sum(out),
              layer.rescale[static_cast<size_t>(out)]);
  }
  std::vector<uint8_t> unit = std::move(block).take();
  if (layer.kind != LayerKind::kDepthwise) return unit;
  for (int tap = 0; tap < layer.kernel.h * layer.kernel.w; ++tap) {
    for (int c = 0; c < lanes; ++c) {
      unit.push_back(
          c < channels
              ? layer.weights->data[static_cast<size_t>(int64_t{tap} * layer.mid.c + first + c)]
              : 0);
    }
  }
  return unit;
}

// How many taps the windows of an average pool have inside, each number once, ascending.
std::vector<int> tap_counts(const Layer& layer) {
  std::vector<int> rows, counts;
  for (int y = 0; y < layer.out.h; ++y)
    rows.push_back(taps_inside(layer.pool, true, y, layer.mid.h));
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  for (int x = 0; x < layer.out.w; ++x) {
    for (const int row : rows)
      counts.push_back(row * taps_inside(layer.pool, false, x, layer.mid.w));
  }
  std::sort(counts.begin(), counts.end());
  counts.erase(std::unique(counts.begin(), counts.end()), counts.end());
  return counts;
}

}  // namespace

int32_t bias_of(const Layer& layer, int out) {
  int32_t value = 0;
  if (layer.bias != nullptr)
    std::memcpy(&value, layer.bias->data.data() + static_cast<size_t>(out) * 4, 4);
  return value;
}

BlockRange input_blocks(const Layer& layer, int block, int lanes) {
  const int in_per_group = layer.in().c / layer.groups;
  const int out_per_group = layer.mid.c / layer.groups;
  const int first_group = block * lanes / out_per_group;
  const int last_channel = std::min(layer.mid.c, (block + 1) * lanes) - 1;
  const int last_group = last_channel / out_per_group;
  return {first_group * in_per_group / lanes, ((last_group + 1) * in_per_group - 1) / lanes + 1};
}

std::vector<uint8_t> pack_weights(const Layer& layer, bool shallow, int block, Range ky, Range kx,
                                  Range kc, int lanes) {
  const WeightReader weights(layer);
  std::vector<uint8_t> packed;
  auto word = [&](int y, int x, int in) {
    for (int c = 0; c < lanes; ++c) {
      const int out = block * lanes + c;
      const bool present = out < layer.mid.c && y < ky.end && in < layer.in().c;
      packed.push_back(present ? static_cast<uint8_t>(weights.at(out, y, x, in)) : 0);
    }
  };
  if (shallow) {
    const int row = layer.kernel.w * layer.in().c;
    for (int i = kc.begin * lanes; i < kc.end * lanes; ++i)
      word(ky.begin + i / row, i % row / layer.in().c, i % layer.in().c);
    return packed;
  }
  for (int y = ky.begin; y < ky.end; ++y) {
    for (int x = kx.begin; x < kx.end; ++x) {
      for (int in = kc.begin * lanes; in < kc.end * lanes; ++in) word(y, x, in);
    }
  }
  return packed;
}

int taps_inside(const Window& window, bool vertical, int o, int extent) {
  const int begin =
      vertical ? o * window.stride_h - window.pad_top : o * window.stride_w - window.pad_left;
  return std::min(begin + (vertical ? window.h : window.w), extent) - std::max(begin, 0);
}

int average_unit(const Layer& layer, int taps) {
  const std::vector<int> all = tap_counts(layer);
  return static_cast<int>(std::lower_bound(all.begin(), all.end(), taps) - all.begin());
}

std::vector<std::vector<uint8_t>> pack_parameters(const Layer& layer, int lanes) {
  std::vector<std::vector<uint8_t>> units;
  const auto same = [&](int64_t bias, const model::Rescale& rescale) {
    ParameterBlock block(lanes);
    for (int c = 0; c < lanes; ++c) block.set(c, bias, rescale);
    units.push_back(std::move(block).take());
  };
  if (layer.uses_acc()) {
    for (int first = 0; first < layer.mid.c; first += lanes)
      units.push_back(mac_unit(layer, first, lanes));
    return units;
  }
  switch (layer.opcode) {
    case isa::Opcode::kLut: {
      // By the byte as it lies in memory: 0 .. 127, then -128 .. -1.
      std::vector<uint8_t> table;
      for (int i = 0; i < 256; ++i)
        table.push_back(static_cast<uint8_t>(layer.table[static_cast<size_t>(i ^ 128)]));
      units.push_back(std::move(table));
      break;
    }
    case isa::Opcode::kAvgpool:
      for (const int n : tap_counts(layer)) {
        const quant::Reciprocal by = quant::reciprocal_of(n);
        same(by.bias, {by.multiplier, -by.right_shift});
      }
      break;
    case isa::Opcode::kMean:
      same(-int64_t{layer.input_zero_point} * layer.pool.h * layer.pool.w, layer.rescale[0]);
      break;
    case isa::Opcode::kAdd:
    case isa::Opcode::kMul: same(0, layer.rescale[0]); break;
    default: break;
  }
  return units;
}

}  // namespace weft::compiler
