// Kernels::multiply with the multiply-add instructions of x86, for words of 16 or 32 lanes.
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>
#include <span>

#include "emulator/kernels.h"

namespace weft::emulator {

// vpmaddwd adds two products of signed 16 bits: of bytes that were widened they fit 32 bits (the
// byte form, vpmaddubsw, saturates at 16).
template <int kLanes>
__attribute__((target("avx2"))) void multiply_avx2(std::span<const Run> act, const int8_t* weights,
                                                   int32_t* acc) {
  constexpr int kPart = 8;  // lanes of 32 bits in a register
  constexpr int kParts = kLanes / kPart, kPairs = kLanes / 2;

  // pairs[k][p]: rows 2 k and 2 k + 1 of a column side by side, of 8 columns.
  __m256i pairs[kPairs][kParts];
  for (int k = 0; k < kPairs; ++k) {
    for (int p = 0; p < kParts; ++p) {
      const int8_t* row = weights + 2 * k * kLanes + p * kPart;
      const __m128i even = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row));
      const __m128i odd = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + kLanes));
      pairs[k][p] = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(even, odd));
    }
  }
  for (const Run& run : act) {
    const int8_t* word = run.first;
    for (int i = 0; i < run.count; ++i, word += run.step, acc += kLanes) {
      __m256i sum[kParts];
      for (int p = 0; p < kParts; ++p) {
        sum[p] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(acc + p * kPart));
      }
      for (int h = 0; h < kLanes / 16; ++h) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(word + 16 * h));
        const __m256i x = _mm256_cvtepi8_epi16(bytes);
        for (int k = 0; k < 8; ++k) {
          const __m256i a = _mm256_permutevar8x32_epi32(x, _mm256_set1_epi32(k));
          for (int p = 0; p < kParts; ++p) {
            sum[p] = _mm256_add_epi32(sum[p], _mm256_madd_epi16(a, pairs[8 * h + k][p]));
          }
        }
      }
      for (int p = 0; p < kParts; ++p) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(acc + p * kPart), sum[p]);
      }
    }
  }
}

// vpdpbusd adds four products of unsigned and signed bytes to each 32-bit sum, without saturating.
// Activations become unsigned by adding 128 (turning their sign bits over); what that adds to a
// column's sum, 128 times its weights, is taken away again.
template <int kLanes>
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))) void multiply_vnni(
    std::span<const Run> act, const int8_t* weights, int32_t* acc) {
  constexpr int kPart = 16;  // lanes of 32 bits in a register
  constexpr int kParts = kLanes / kPart, kFours = kLanes / 4;
  constexpr uint32_t kSigns = 0x80808080;

  // fours[f][p]: rows 4 f .. 4 f + 3 of a column side by side, of 16 columns.
  __m512i fours[kFours][kParts], excess[kParts];
  for (int p = 0; p < kParts; ++p) {
    excess[p] = _mm512_setzero_si512();
    for (int f = 0; f < kFours; ++f) {
      __m128i row[4];
      for (int r = 0; r < 4; ++r) {
        row[r] = _mm_loadu_si128(
            reinterpret_cast<const __m128i*>(weights + (4 * f + r) * kLanes + p * kPart));
      }
      const __m128i low01 = _mm_unpacklo_epi8(row[0], row[1]);
      const __m128i low23 = _mm_unpacklo_epi8(row[2], row[3]);
      const __m128i high01 = _mm_unpackhi_epi8(row[0], row[1]);
      const __m128i high23 = _mm_unpackhi_epi8(row[2], row[3]);
      __m512i four = _mm512_castsi128_si512(_mm_unpacklo_epi16(low01, low23));
      four = _mm512_inserti32x4(four, _mm_unpackhi_epi16(low01, low23), 1);
      four = _mm512_inserti32x4(four, _mm_unpacklo_epi16(high01, high23), 2);
      fours[f][p] = _mm512_inserti32x4(four, _mm_unpackhi_epi16(high01, high23), 3);
      excess[p] = _mm512_dpbusd_epi32(excess[p], _mm512_set1_epi8(-128), fours[f][p]);
    }
  }
  for (const Run& run : act) {
    const int8_t* word = run.first;
    for (int i = 0; i < run.count; ++i, word += run.step, acc += kLanes) {
      __m512i sum[kParts];
      for (int p = 0; p < kParts; ++p) {
        sum[p] = _mm512_sub_epi32(_mm512_loadu_si512(acc + p * kPart), excess[p]);
      }
      for (int f = 0; f < kFours; ++f) {
        uint32_t four = 0;
        std::memcpy(&four, word + 4 * f, sizeof four);
        const __m512i a = _mm512_set1_epi32(static_cast<int32_t>(four ^ kSigns));
        for (int p = 0; p < kParts; ++p) sum[p] = _mm512_dpbusd_epi32(sum[p], a, fours[f][p]);
      }
      for (int p = 0; p < kParts; ++p) _mm512_storeu_si512(acc + p * kPart, sum[p]);
    }
  }
}

}  // namespace weft::emulator
