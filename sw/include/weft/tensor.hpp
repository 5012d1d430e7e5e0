/// @file
/// Tensors as they go in and come out: what a program takes and gives, and the bytes of a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weft/error.hpp"
#include "weft/export.h"

namespace weft {

/// What an element is. Bytes are little-endian.
enum class DataType : uint8_t { kInt8, kUInt8, kInt32, kFloat32 };

/// The type's name, "int8".
WEFT_API const char* to_string(DataType type);
/// Bytes of an element, 1 or 4.
WEFT_API size_t size_of(DataType type);

/// The type of C++ that holds such elements; int8_t, uint8_t, int32_t and float have one.
template <class T>
constexpr DataType data_type_of() {
  static_assert(std::is_same_v<T, int8_t> || std::is_same_v<T, uint8_t> ||
                    std::is_same_v<T, int32_t> || std::is_same_v<T, float>,
                "tensors have elements of int8_t, uint8_t, int32_t or float");
  if constexpr (std::is_same_v<T, int8_t>) return DataType::kInt8;
  if constexpr (std::is_same_v<T, uint8_t>) return DataType::kUInt8;
  if constexpr (std::is_same_v<T, int32_t>) return DataType::kInt32;
  return DataType::kFloat32;
}

/// What a program says of an input or output.
struct TensorInfo {
  std::string name;                 ///< as the model has it
  DataType type = DataType::kInt8;  ///< of its elements
  std::vector<int> shape;           ///< NHWC where it is a picture: batch, rows, columns, channels
  float scale = 0;         ///< real value = scale * (element - zero_point); 0: the tensor has none
  int32_t zero_point = 0;  ///< the element that stands for 0.0
  uint64_t bytes = 0;      ///< of all elements
};

/// One input of a run: bytes of the caller's, which must stay as they are until the call returns.
/// Its type is always held against the tensor's, its shape where one is given. Given names, inputs may
/// stand in any order; without, they are taken in the program's.
class Input {
 public:
  /// `data`: `bytes` bytes of elements of `type`, NHWC without gaps.
  Input(DataType type, const void* data, size_t bytes) : type_(type), data_(data), bytes_(bytes) {}
  /// Of the elements of a span or vector.
  template <class T>
  Input(std::span<const T> data) : Input(data_type_of<T>(), data.data(), data.size_bytes()) {}
  /// The same.
  template <class T>
  Input(const std::vector<T>& data) : Input(std::span<const T>(data)) {}

  /// The tensor that this is for.
  Input& name(std::string name) {
    name_ = std::move(name);
    return *this;
  }
  /// What the caller takes the tensor's shape to be.
  Input& shape(std::vector<int> shape) {
    shape_ = std::move(shape);
    return *this;
  }

  DataType type() const { return type_; }                   ///< of the elements
  const void* data() const { return data_; }                ///< the caller's bytes
  size_t bytes() const { return bytes_; }                   ///< how many
  const std::string& name() const { return name_; }         ///< empty: none was given
  const std::vector<int>& shape() const { return shape_; }  ///< empty: none was given

 private:
  DataType type_;
  const void* data_;
  size_t bytes_;
  std::string name_;
  std::vector<int> shape_;
};

namespace sdk {
struct ResultData;
}

/// What came of a run: the outputs, and what it cost. Copies share the bytes.
class WEFT_API Result {
 public:
  /// Copies mean the same result; a move is a copy, so that no handle is ever empty.
  Result(const Result&) = default;
  Result& operator=(const Result&) = default;  ///< the same

  /// Outputs, in the program's order.
  size_t size() const;
  /// Of output `index`; Error(invalid_argument) where there are fewer.
  const TensorInfo& info(size_t index = 0) const;
  /// Its bytes, NHWC, as long as a copy of the result is there.
  std::span<const uint8_t> bytes(size_t index = 0) const;
  /// The output of that name; Error(not_found) lists them.
  size_t index_of(const std::string& name) const;

  /// The elements of output `index`. Error(mismatch) where they are of another type.
  template <class T>
  std::vector<T> values(size_t index = 0) const {
    check_type(index, data_type_of<T>());
    const std::span<const uint8_t> raw = bytes(index);
    const T* first = reinterpret_cast<const T*>(raw.data());
    return {first, first + raw.size() / sizeof(T)};
  }

  /// Device cycles of the run's jobs; 0 on a backend without time.
  uint64_t cycles() const;
  /// Seconds of the operators that the host ran.
  double host_seconds() const;
  /// The hardware's counters by name (docs/registers.md). Empty where they could not be known:
  /// several inferences were on the device at a time.
  std::map<std::string, uint64_t> counters() const;
  /// Of a Session's runs: each layer with the cycles from the end of the one before to its own.
  std::vector<std::pair<std::string, uint64_t>> layer_cycles() const;

  /// Made by the library alone.
  explicit Result(std::shared_ptr<const sdk::ResultData> data);

 private:
  void check_type(size_t index, DataType type) const;

  std::shared_ptr<const sdk::ResultData> data_;
};

}  // namespace weft
