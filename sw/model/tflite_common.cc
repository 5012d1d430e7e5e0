#include <algorithm>

#include "base/bytes.h"
#include "model/tflite_import.h"

namespace weft::model::tflite_import {
namespace {

// Of kernels, strides, dilations and the reach of a dilated kernel; well past any real network,
// and padding computed from them cannot overflow.
constexpr int64_t kMaxWindow = 65535;

}  // namespace

void require_inputs(const Site& site, size_t least, size_t most) {
  const size_t count = site.input_count();
  if (count < least || count > most) {
    refuse_output(ErrorKind::kMalformedFile, site, "{} inputs; it has {} to {}", count, least,
                  most);
  }
  for (size_t i = 0; i < least; ++i) {
    if (site.input(i) < 0) refuse_output(ErrorKind::kMalformedFile, site, "input {} is absent", i);
  }
}

void require_rank(const Site& site, const char* role, const Tensor& tensor, size_t rank) {
  if (tensor.shape.size() != rank) {
    refuse(ErrorKind::kMalformedFile, site, role, tensor, "{} dimensions; it has {}",
           tensor.shape.size(), rank);
  }
}

int window_value(const Site& site, const char* what, int value) {
  if (value < 1 || value > kMaxWindow) {
    refuse_output(ErrorKind::kMalformedFile, site, "{} is {}; it must be 1..{}", what, value,
                  kMaxWindow);
  }
  return value;
}

Ends resolve_padding(const Site& site, fb::Padding padding, int64_t in, int64_t kernel,
                     int64_t dilation, int64_t stride) {
  const int64_t reach = (kernel - 1) * dilation + 1;
  if (reach > kMaxWindow) {
    refuse_output(ErrorKind::kUnsupported, site,
                  "the kernel reaches over {} elements; at most {} are supported", reach,
                  kMaxWindow);
  }
  if (padding == fb::Padding::VALID) return {0, 0};
  if (padding != fb::Padding::SAME) {
    refuse_output(ErrorKind::kMalformedFile, site, "unknown padding {}", static_cast<int>(padding));
  }
  const int64_t out = (in + stride - 1) / stride;
  const auto total = static_cast<int>(std::max<int64_t>(0, (out - 1) * stride + reach - in));
  return {total / 2, total - total / 2};
}

std::vector<int> constant_list(const Site& site, const char* role, const Tensor& tensor) {
  const bool known = tensor.type == DataType::kInt32 || tensor.type == DataType::kInt64;
  if (!known || tensor.shape.size() > 1 || !tensor.is_constant()) {
    refuse(ErrorKind::kUnsupported, site, role, tensor,
           "must be a constant list of INT32 or INT64");
  }
  const auto bytes = static_cast<size_t>(bytes_of(tensor.type));
  std::vector<int> values;
  for (size_t i = 0; i < tensor.data.size(); i += bytes) {
    const uint64_t raw = load_le(&tensor.data[i], bytes);
    const int64_t value =
        bytes == 4 ? int64_t{static_cast<int32_t>(raw)} : static_cast<int64_t>(raw);
    // Such as "to the end", written as the largest number there is.
    values.push_back(static_cast<int>(std::clamp<int64_t>(value, INT32_MIN, INT32_MAX)));
  }
  return values;
}

}  // namespace weft::model::tflite_import
