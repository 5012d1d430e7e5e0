#include "emulator/array_kernel.h"

#include <array>
#include <cstddef>

namespace weft::emulator {
namespace {

template <int kLanes>
void multiply(const int8_t* act, const int8_t* wgt, int32_t* acc, int m) {
  // Pairs of lanes: two products of int8 fit int16 x int16 -> int32 sums, the form that
  // compilers turn into multiply-add instructions.
  std::array<int16_t, kLanes * kLanes> pairs{};
  for (int r = 0; r < kLanes; r += 2) {
    for (int c = 0; c < kLanes; ++c) {
      pairs[static_cast<size_t>(r * kLanes + 2 * c)] = wgt[r * kLanes + c];
      pairs[static_cast<size_t>(r * kLanes + 2 * c + 1)] = wgt[(r + 1) * kLanes + c];
    }
  }
  for (int i = 0; i < m; ++i) {
    std::array<int32_t, kLanes> sum{};
    for (int r = 0; r < kLanes; r += 2) {
      const int32_t a0 = act[i * kLanes + r];
      const int32_t a1 = act[i * kLanes + r + 1];
      const int16_t* w = &pairs[static_cast<size_t>(r * kLanes)];
      for (int c = 0; c < kLanes; ++c) {
        sum[static_cast<size_t>(c)] += a0 * w[2 * c] + a1 * w[2 * c + 1];
      }
    }
    int32_t* out = acc + i * kLanes;
    for (int c = 0; c < kLanes; ++c) {
      out[c] = static_cast<int32_t>(static_cast<uint32_t>(out[c]) +
                                    static_cast<uint32_t>(sum[static_cast<size_t>(c)]));
    }
  }
}

}  // namespace

void multiply_tile(const int8_t* act, const int8_t* wgt, int32_t* acc, int m, int lanes) {
  switch (lanes) {
    case 4: multiply<4>(act, wgt, acc, m); break;
    case 8: multiply<8>(act, wgt, acc, m); break;
    case 16: multiply<16>(act, wgt, acc, m); break;
    default: multiply<32>(act, wgt, acc, m); break;
  }
}

}  // namespace weft::emulator
