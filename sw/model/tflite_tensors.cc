#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "flatbuffers/util.h"
#include "model/tflite_import.h"

namespace weft::model::tflite_import {
namespace {

constexpr size_t kMaxRank = 8;
constexpr size_t kMaxNameBytes = 1024;
// Converters let equal constants share a buffer; each tensor gets its own copy here.
constexpr size_t kSharing = 16;

struct Type {
  DataType type;
  int64_t bytes;
  int64_t zero_min, zero_max;
};

std::optional<Type> known_type(fb::TensorType type) {
  constexpr int64_t kInt32Min = std::numeric_limits<int32_t>::min();
  constexpr int64_t kInt32Max = std::numeric_limits<int32_t>::max();
  switch (type) {
    case fb::TensorType::INT8: return Type{DataType::kInt8, 1, -128, 127};
    case fb::TensorType::UINT8: return Type{DataType::kUInt8, 1, 0, 255};
    case fb::TensorType::INT16: return Type{DataType::kInt16, 2, -32768, 32767};
    case fb::TensorType::INT32: return Type{DataType::kInt32, 4, kInt32Min, kInt32Max};
    case fb::TensorType::INT64: return Type{DataType::kInt64, 8, kInt32Min, kInt32Max};
    case fb::TensorType::FLOAT32: return Type{DataType::kFloat32, 4, 0, 0};
    default: return std::nullopt;
  }
}

// Printable, valid UTF-8: names end up in terminals and in JSON.
std::string printable(const flatbuffers::String* text) {
  std::string name = text ? text->str().substr(0, kMaxNameBytes) : "";
  bool utf8 = true;
  for (const char* p = name.c_str(); utf8 && p < name.c_str() + name.size();) {
    utf8 = flatbuffers::FromUTF8(&p) >= 0;
  }
  for (char& c : name) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8)) c = '?';
  }
  return name;
}

// One tensor of the file; `place` is "tensor 4 'name'".
class TensorReader {
 public:
  TensorReader(const fb::Model& model, const fb::Tensor& source, std::string place)
      : model_(model), source_(source), place_(std::move(place)) {}

  Tensor read(const std::string& name) {
    if (source_.is_variable()) {
      refuse(ErrorKind::kUnsupported, "a variable (state kept between runs)");
    }
    if (source_.sparsity()) refuse(ErrorKind::kUnsupported, "sparse");
    const std::optional<Type> type = known_type(source_.type());
    if (!type) {
      const std::string text = fb::EnumNameTensorType(source_.type());
      refuse(ErrorKind::kUnsupported, "type {} ({}) is not supported", text,
             static_cast<int>(source_.type()));
    }
    Tensor tensor;
    tensor.name = name;
    tensor.type = type->type;
    const int64_t bytes = read_shape(tensor, type->bytes);
    read_quantization(tensor, *type);
    read_data(tensor, bytes);
    return tensor;
  }

 private:
  template <class... Args>
  [[noreturn]] void refuse(ErrorKind kind, fmt::format_string<Args...> format, Args&&... args) {
    fail(kind, "{}: {}", place_, fmt::format(format, std::forward<Args>(args)...));
  }

  // Returns the tensor's size in bytes.
  int64_t read_shape(Tensor& tensor, int64_t element_bytes) {
    if (!source_.shape()) return element_bytes;  // a scalar
    if (source_.shape()->size() > kMaxRank) {
      refuse(ErrorKind::kUnsupported, "{} dimensions; at most {} are supported",
             source_.shape()->size(), kMaxRank);
    }
    int64_t bytes = element_bytes;
    for (const int extent : *source_.shape()) {
      if (extent < 1) {
        refuse(ErrorKind::kMalformedFile,
               "dimension {} is {}; every one must be known and at least 1", tensor.shape.size(),
               extent);
      }
      bytes *= extent;  // both factors are below 2^31
      if (bytes > std::numeric_limits<int32_t>::max()) {
        refuse(ErrorKind::kUnsupported, "larger than 2 GiB");
      }
      tensor.shape.push_back(extent);
    }
    return bytes;
  }

  void read_quantization(Tensor& tensor, const Type& type) {
    const fb::QuantizationParameters* from = source_.quantization();
    if (!from) return;
    if (from->details_type() != fb::QuantizationDetails::NONE) {
      refuse(ErrorKind::kUnsupported, "quantisation other than affine (details of kind {})",
             static_cast<int>(from->details_type()));
    }
    const size_t count = from->scale() ? from->scale()->size() : 0;
    if (count == 0) return;
    const size_t zeros = from->zero_point() ? from->zero_point()->size() : 0;
    if (zeros != count) {
      refuse(ErrorKind::kMalformedFile, "{} scales but {} zero points", count, zeros);
    }
    Quantization& to = tensor.quantization;
    if (count > 1) {
      to.dimension = from->quantized_dimension();
      if (to.dimension < 0 || to.dimension >= static_cast<int64_t>(tensor.shape.size())) {
        refuse(ErrorKind::kMalformedFile, "quantised along dimension {}; it has {}", to.dimension,
               tensor.shape.size());
      }
      const int extent = tensor.shape[static_cast<size_t>(to.dimension)];
      if (count != static_cast<size_t>(extent)) {
        refuse(ErrorKind::kMalformedFile, "{} scales for the {} slices of dimension {}", count,
               extent, to.dimension);
      }
    }
    for (flatbuffers::uoffset_t i = 0; i < count; ++i) {
      const float scale = from->scale()->Get(i);
      // The verifier vouches for the vector's length, not for its elements' alignment.
      int64_t zero = 0;
      std::memcpy(&zero, from->zero_point()->Data() + sizeof zero * i, sizeof zero);
      zero = flatbuffers::EndianScalar(zero);
      if (!std::isnormal(scale) || scale < 0) {
        refuse(ErrorKind::kMalformedFile, "scale {} is {}; it must be a positive, normal number", i,
               scale);
      }
      if (zero < type.zero_min || zero > type.zero_max) {
        refuse(ErrorKind::kMalformedFile, "zero point {} is {}; its type allows {}..{}", i, zero,
               type.zero_min, type.zero_max);
      }
      to.scales.push_back(scale);
      to.zero_points.push_back(static_cast<int32_t>(zero));
    }
  }

  void read_data(Tensor& tensor, int64_t bytes) {
    const size_t buffers = model_.buffers() ? model_.buffers()->size() : 0;
    if (source_.external_buffer() != 0) {
      refuse(ErrorKind::kUnsupported, "its data are in another file");
    }
    if (source_.buffer() >= buffers) {
      refuse(ErrorKind::kMalformedFile, "buffer {} is out of range; the model has {}",
             source_.buffer(), buffers);
    }
    const fb::Buffer& buffer = *model_.buffers()->Get(source_.buffer());
    if (buffer.offset() > 1 || buffer.size() > 1) {
      refuse(ErrorKind::kUnsupported, "its data lie behind the FlatBuffer (a model over 2 GiB)");
    }
    if (!buffer.data() || buffer.data()->size() == 0) return;  // an activation
    if (buffer.data()->size() != static_cast<size_t>(bytes)) {
      refuse(ErrorKind::kMalformedFile, "buffer {} has {} bytes; its shape and type take {}",
             source_.buffer(), buffer.data()->size(), bytes);
    }
    tensor.data.assign(buffer.data()->begin(), buffer.data()->end());
  }

  const fb::Model& model_;
  const fb::Tensor& source_;
  std::string place_;
};

}  // namespace

std::vector<std::string> tensor_names(const fb::SubGraph& subgraph) {
  std::vector<std::string> names;
  std::set<std::string> taken{""};
  for (const fb::Tensor* tensor : *subgraph.tensors()) {
    const std::string own = printable(tensor->name());
    std::string name = own;
    if (taken.contains(name)) {
      name = fmt::format("{}tensor{}", own.empty() ? "" : own + "#", names.size());
    }
    while (taken.contains(name)) name += "_";
    taken.insert(name);
    names.push_back(name);
  }
  return names;
}

std::vector<Tensor> read_tensors(const fb::Model& model, const fb::SubGraph& subgraph,
                                 const std::vector<std::string>& names, size_t file_bytes) {
  std::vector<Tensor> tensors;
  size_t copied = 0;
  for (const fb::Tensor* source : *subgraph.tensors()) {
    const std::string& name = names[tensors.size()];
    std::string place = fmt::format("tensor {} '{}'", tensors.size(), name);
    tensors.push_back(TensorReader(model, *source, place).read(name));
    copied += tensors.back().data.size();
    if (copied > kSharing * file_bytes) {
      fail(ErrorKind::kUnsupported, "{}: the constants up to here are more than {} times the file",
           place, kSharing);
    }
  }
  return tensors;
}

}  // namespace weft::model::tflite_import
