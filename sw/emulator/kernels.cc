#include "emulator/kernels.h"

#include <vector>

#include "emulator/kernel_loops.h"
#ifdef __x86_64__
#include "emulator/multiply_x86.h"
#endif

namespace weft::emulator {
namespace {

// A set of kernels: the loops, compiled for an instruction set.
#define WEFT_KERNELS(set, attribute)                                                          \
  template <int kLanes>                                                                       \
  struct set {                                                                                \
    attribute static void multiply(std::span<const Run> act, const int8_t* w, int32_t* acc) { \
      loops::multiply<kLanes>(act, w, acc);                                                   \
    }                                                                                         \
    attribute static void weigh(std::span<const Run> act, const int8_t* tap, int32_t* acc) {  \
      loops::weigh<kLanes>(act, tap, acc);                                                    \
    }                                                                                         \
    attribute static void join_act(Join how, const int8_t* tap, int32_t* value) {             \
      loops::join<kLanes>(how, tap, value);                                                   \
    }                                                                                         \
    attribute static void join_acc(Join how, const int32_t* tap, int32_t* value) {            \
      loops::join<kLanes>(how, tap, value);                                                   \
    }                                                                                         \
    attribute static void finish(const PassConstants& pass, const int32_t* value,             \
                                 const int8_t* second, int8_t* out) {                         \
      loops::finish<kLanes>(pass, value, second, out);                                        \
    }                                                                                         \
    static constexpr Kernels named(const char* name) {                                        \
      return {name, multiply, weigh, join_act, join_acc, finish};                             \
    }                                                                                         \
  };

WEFT_KERNELS(Plain, )
#ifdef __x86_64__
WEFT_KERNELS(Avx2, __attribute__((target("avx2"))))
#endif
#undef WEFT_KERNELS

template <int kLanes>
std::vector<Kernels> available() {
  std::vector<Kernels> sets = {Plain<kLanes>::named("plain")};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) {
    sets.push_back(Avx2<kLanes>::named("AVX2"));
    if constexpr (kLanes >= 16) sets.back().multiply = multiply_avx2<kLanes>;
  }
  if constexpr (kLanes >= 16) {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni")) {
      // The other loops are no faster in 512 bits.
      sets.push_back(Avx2<kLanes>::named("AVX-512 VNNI"));
      sets.back().multiply = multiply_vnni<kLanes>;
    }
  }
#endif
  return sets;
}

}  // namespace

std::span<const Kernels> kernels_of(int lanes) {
  static const std::vector<Kernels> of4 = available<4>(), of8 = available<8>(),
                                    of16 = available<16>(), of32 = available<32>();
  switch (lanes) {
    case 4: return of4;
    case 8: return of8;
    case 16: return of16;
    default: return of32;
  }
}

}  // namespace weft::emulator
