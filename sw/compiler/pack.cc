#include "compiler/pack.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace weft::compiler {
namespace {

// Weight of output channel `out` at kernel tap (ky, kx), input channel `in`.
class WeightReader {
 public:
  explicit WeightReader(const Layer& layer)
      : layer_(layer),
        data_(reinterpret_cast<const int8_t*>(layer.weights->data.data())),
        in_per_group_(layer.in.c / layer.groups),
        out_per_group_(layer.mid.c / layer.groups) {}

  int8_t at(int out, int ky, int kx, int in) const {
    const int first = out / out_per_group_ * in_per_group_;
    if (in < first || in >= first + in_per_group_) return 0;
    const int64_t index =
        ((int64_t{out} * layer_.kernel.h + ky) * layer_.kernel.w + kx) * in_per_group_ + (in - first);
    return data_[index];
  }

 private:
  const Layer& layer_;
  const int8_t* data_;
  int in_per_group_, out_per_group_;
};

int64_t weight_sum(const Layer& layer, int out) {
  const auto* data = reinterpret_cast<const int8_t*>(layer.weights->data.data());
  const int64_t taps = layer.weights->elements() / layer.mid.c;
  int64_t sum = 0;
  for (int64_t i = 0; i < taps; ++i) sum += data[out * taps + i];
  return sum;
}

}  // namespace

BlockRange input_blocks(const Layer& layer, int block, int lanes) {
  const int in_per_group = layer.in.c / layer.groups;
  const int out_per_group = layer.mid.c / layer.groups;
  const int first_group = block * lanes / out_per_group;
  const int last_channel = std::min(layer.mid.c, (block + 1) * lanes) - 1;
  const int last_group = last_channel / out_per_group;
  return {first_group * in_per_group / lanes, ((last_group + 1) * in_per_group - 1) / lanes + 1};
}

std::vector<uint8_t> pack_weights(const Layer& layer, bool shallow, int block, BlockRange kc,
                                  int lanes) {
  const WeightReader weights(layer);
  std::vector<uint8_t> packed;
  auto word = [&](int ky, int kx, int in) {
    for (int c = 0; c < lanes; ++c) {
      const int out = block * lanes + c;
      const bool present = out < layer.mid.c && ky < layer.kernel.h && in < layer.in.c;
      packed.push_back(present ? static_cast<uint8_t>(weights.at(out, ky, kx, in)) : 0);
    }
  };
  if (shallow) {
    const int row = layer.kernel.w * layer.in.c;
    const int k = (layer.kernel.h * row + lanes - 1) / lanes * lanes;
    for (int i = 0; i < k; ++i) word(i / row, i % row / layer.in.c, i % layer.in.c);
    return packed;
  }
  for (int ky = 0; ky < layer.kernel.h; ++ky) {
    for (int kx = 0; kx < layer.kernel.w; ++kx) {
      for (int in = kc.begin * lanes; in < kc.end * lanes; ++in) word(ky, kx, in);
    }
  }
  return packed;
}

std::vector<uint8_t> pack_parameters(const Layer& layer, int block, int lanes) {
  std::vector<uint8_t> packed(static_cast<size_t>(9 * lanes), 0);
  for (int c = 0; c < lanes; ++c) {
    const int out = block * lanes + c;
    if (out >= layer.mid.c) break;
    const auto lane = static_cast<size_t>(c);
    const auto width = static_cast<size_t>(lanes);
    int64_t bias = 0;
    if (layer.bias != nullptr) {
      int32_t value = 0;
      std::memcpy(&value, layer.bias->data.data() + static_cast<size_t>(out) * 4, 4);
      bias = value;
    }
    bias -= int64_t{layer.input_zero_point} * weight_sum(layer, out);
    const model::Rescale& r = (*layer.rescale)[static_cast<size_t>(out)];
    // The accumulator wraps modulo 2^32; the true sum fits (the importer proved it).
    store_le32(packed.data() + lane * 4, static_cast<uint32_t>(bias));
    store_le32(packed.data() + width * 4 + lane * 4, static_cast<uint32_t>(r.multiplier));
    packed[width * 8 + lane] = static_cast<uint8_t>(-r.shift);
  }
  return packed;
}

}  // namespace weft::compiler
