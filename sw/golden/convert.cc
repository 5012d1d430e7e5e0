#include "golden/convert.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/bytes.h"
#include "golden/requantize.h"

namespace weft::golden {
namespace {

int32_t value_of(int8_t byte, model::DataType type) {
  return type == model::DataType::kUInt8 ? int32_t{static_cast<uint8_t>(byte)} : int32_t{byte};
}

// TFLite leaves open what becomes of numbers that no int32 holds: here they saturate, and a NaN
// is nothing, the zero point.
int8_t quantized(float real, const model::Quantize& quantize) {
  if (std::isnan(real)) return static_cast<int8_t>(quantize.zero_point);
  const float steps = std::clamp(std::round(real / quantize.scale), -512.0F, 512.0F);
  const int32_t q = static_cast<int32_t>(steps) + quantize.zero_point;
  return static_cast<int8_t>(std::clamp(q, -128, 127));
}

}  // namespace

void lookup(const model::Lookup& lookup, std::span<const int8_t> input, std::span<int8_t> output) {
  for (size_t i = 0; i < input.size(); ++i) {
    output[i] = lookup.table[static_cast<size_t>(input[i] + 128)];
  }
}

void requantize_elements(const model::Requantize& requantize, model::DataType input_type,
                         std::span<const int8_t> input, std::span<int8_t> output) {
  for (size_t i = 0; i < input.size(); ++i) {
    output[i] =
        golden::requantize(value_of(input[i], input_type) - requantize.input_zero_point,
                           requantize.rescale, requantize.output_zero_point, requantize.clamp);
  }
}

void quantize(const model::Quantize& quantize, std::span<const int8_t> input,
              std::span<int8_t> output) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(input.data());
  for (size_t i = 0; i < output.size(); ++i) {
    output[i] = quantized(std::bit_cast<float>(load_le32(bytes + 4 * i)), quantize);
  }
}

void dequantize(const model::Dequantize& dequantize, model::DataType input_type,
                std::span<const int8_t> input, std::span<int8_t> output) {
  auto* bytes = reinterpret_cast<uint8_t*>(output.data());
  for (size_t i = 0; i < input.size(); ++i) {
    const int32_t steps = value_of(input[i], input_type) - dequantize.zero_point;
    const auto real = static_cast<float>(static_cast<double>(dequantize.scale) * steps);
    store_le32(bytes + 4 * i, std::bit_cast<uint32_t>(real));
  }
}

}  // namespace weft::golden
