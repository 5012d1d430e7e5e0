#include "model/attributes.h"

#include <bit>
#include <type_traits>

#include "base/error.h"

namespace weft::model {
namespace {

template <class A>
constexpr const char* kKind = "";
template <>
constexpr const char* kKind<Conv2d> = "conv2d";
template <>
constexpr const char* kKind<DepthwiseConv2d> = "depthwise_conv2d";
template <>
constexpr const char* kKind<TransposeConv> = "transpose_conv";
template <>
constexpr const char* kKind<FullyConnected> = "fully_connected";
template <>
constexpr const char* kKind<BatchMatMul> = "batch_matmul";
template <>
constexpr const char* kKind<Add> = "add";
template <>
constexpr const char* kKind<Mul> = "mul";
template <>
constexpr const char* kKind<MaxMin> = "max_min";
template <>
constexpr const char* kKind<MaxPool2d> = "max_pool";
template <>
constexpr const char* kKind<AveragePool2d> = "average_pool";
template <>
constexpr const char* kKind<Mean> = "mean";
template <>
constexpr const char* kKind<Softmax> = "softmax";
template <>
constexpr const char* kKind<Lookup> = "lookup";
template <>
constexpr const char* kKind<Requantize> = "requantize";
template <>
constexpr const char* kKind<Quantize> = "quantize";
template <>
constexpr const char* kKind<Dequantize> = "dequantize";
template <>
constexpr const char* kKind<Reshape> = "reshape";
template <>
constexpr const char* kKind<Pad> = "pad";
template <>
constexpr const char* kKind<Concat> = "concat";
template <>
constexpr const char* kKind<Transpose> = "transpose";
template <>
constexpr const char* kKind<StridedSlice> = "strided_slice";

// The fields of each kind, handed to `visit` in their order.
template <class V>
void fields(Padding& p, V& visit) {
  visit(p.top, p.bottom, p.left, p.right);
}
template <class V>
void fields(Clamp& c, V& visit) {
  visit(c.min, c.max);
}
template <class V>
void fields(Rescale& r, V& visit) {
  visit(r.multiplier, r.shift);
}
template <class V>
void fields(Conv2d& a, V& visit) {
  visit(a.stride_h, a.stride_w, a.dilation_h, a.dilation_w, a.groups, a.padding, a.input_zero_point,
        a.output_zero_point, a.clamp, a.rescale);
}
template <class V>
void fields(DepthwiseConv2d& a, V& visit) {
  visit(a.stride_h, a.stride_w, a.dilation_h, a.dilation_w, a.multiplier, a.padding,
        a.input_zero_point, a.output_zero_point, a.clamp, a.rescale);
}
template <class V>
void fields(TransposeConv& a, V& visit) {
  visit(a.stride_h, a.stride_w, a.padding_top, a.padding_left, a.input_zero_point,
        a.output_zero_point, a.clamp, a.rescale);
}
template <class V>
void fields(FullyConnected& a, V& visit) {
  visit(a.input_zero_point, a.weights_zero_point, a.output_zero_point, a.clamp, a.rescale);
}
template <class V>
void fields(BatchMatMul& a, V& visit) {
  visit(a.swapped_x, a.swapped_y, a.input_zero_points, a.output_zero_point, a.clamp, a.rescale);
}
template <class V>
void fields(Add& a, V& visit) {
  visit(a.subtract, a.left_shift, a.input_zero_points, a.input_rescale, a.output_zero_point,
        a.output_rescale, a.clamp);
}
template <class V>
void fields(Mul& a, V& visit) {
  visit(a.input_zero_points, a.output_zero_point, a.rescale, a.clamp);
}
template <class V>
void fields(MaxMin& a, V& visit) {
  visit(a.maximum);
}
template <class V>
void fields(MaxPool2d& a, V& visit) {
  visit(a.filter_h, a.filter_w, a.stride_h, a.stride_w, a.padding, a.clamp);
}
template <class V>
void fields(AveragePool2d& a, V& visit) {
  visit(a.filter_h, a.filter_w, a.stride_h, a.stride_w, a.padding, a.clamp);
}
template <class V>
void fields(Mean& a, V& visit) {
  visit(a.axes, a.input_zero_point, a.output_zero_point, a.rescale);
}
template <class V>
void fields(Softmax& a, V& visit) {
  visit(a.multiplier, a.left_shift, a.diff_min);
}
template <class V>
void fields(Lookup& a, V& visit) {
  visit(a.table);
}
template <class V>
void fields(Requantize& a, V& visit) {
  visit(a.input_zero_point, a.output_zero_point, a.rescale, a.clamp);
}
template <class V>
void fields(Quantize& a, V& visit) {
  visit(a.scale, a.zero_point);
}
template <class V>
void fields(Dequantize& a, V& visit) {
  visit(a.scale, a.zero_point);
}
template <class V>
void fields(Reshape&, V&) {}
template <class V>
void fields(Pad& a, V& visit) {
  visit(a.before, a.after, a.value);
}
template <class V>
void fields(Concat& a, V& visit) {
  visit(a.axis);
}
template <class V>
void fields(Transpose& a, V& visit) {
  visit(a.order);
}
template <class V>
void fields(StridedSlice& a, V& visit) {
  visit(a.begin, a.stride, a.extent);
}

class Writer {
 public:
  template <class... T>
  void operator()(T&... values) {
    (one(values), ...);
  }
  std::vector<int32_t> integers;

 private:
  template <class T>
  void one(T& v) {
    if constexpr (std::is_same_v<T, float>) {
      integers.push_back(std::bit_cast<int32_t>(v));
    } else if constexpr (std::is_integral_v<T>) {
      integers.push_back(static_cast<int32_t>(v));
    } else {
      fields(v, *this);
    }
  }
  template <class T>
  void one(std::vector<T>& list) {
    integers.push_back(static_cast<int32_t>(list.size()));
    for (T& v : list) one(v);
  }
  template <class T, size_t kN>
  void one(std::array<T, kN>& list) {
    for (T& v : list) one(v);
  }
};

class Reader {
 public:
  explicit Reader(std::span<const int32_t> integers) : left_(integers) {}
  template <class... T>
  void operator()(T&... values) {
    (one(values), ...);
  }
  bool finished() const { return left_.empty(); }

 private:
  int32_t next() {
    if (left_.empty()) fail(ErrorKind::kMalformedFile, "attributes of an operator are cut short");
    const int32_t value = left_.front();
    left_ = left_.subspan(1);
    return value;
  }
  template <class T>
  void one(T& v) {
    if constexpr (std::is_same_v<T, float>) {
      v = std::bit_cast<float>(next());
    } else if constexpr (std::is_integral_v<T>) {
      v = static_cast<T>(next());
    } else {
      fields(v, *this);
    }
  }
  template <class T>
  void one(std::vector<T>& list) {
    const int32_t size = next();
    if (size < 0 || static_cast<size_t>(size) > left_.size()) {
      fail(ErrorKind::kMalformedFile, "a list of {} in the attributes of an operator is cut short",
           size);
    }
    list.resize(static_cast<size_t>(size));
    for (T& v : list) one(v);
  }
  template <class T, size_t kN>
  void one(std::array<T, kN>& list) {
    for (T& v : list) one(v);
  }

  std::span<const int32_t> left_;
};

// The alternative of the variant that `kind` names.
template <size_t kI = 0>
bool make_kind(const std::string& kind, Attributes& out) {
  if constexpr (kI < std::variant_size_v<Attributes>) {
    using A = std::variant_alternative_t<kI, Attributes>;
    if (kind != kKind<A>) return make_kind<kI + 1>(kind, out);
    out = A{};
    return true;
  }
  return false;
}

}  // namespace

const char* kind_of(const Attributes& attributes) {
  return std::visit([](const auto& a) { return kKind<std::decay_t<decltype(a)>>; }, attributes);
}

std::vector<int32_t> to_integers(const Attributes& attributes) {
  Writer writer;
  Attributes copy = attributes;
  std::visit([&](auto& a) { fields(a, writer); }, copy);
  return std::move(writer.integers);
}

Attributes from_integers(const std::string& kind, std::span<const int32_t> integers) {
  Attributes attributes;
  if (!make_kind(kind, attributes))
    fail(ErrorKind::kMalformedFile, "no operator is called '{}'", kind);
  Reader reader(integers);
  std::visit([&](auto& a) { fields(a, reader); }, attributes);
  if (!reader.finished())
    fail(ErrorKind::kMalformedFile, "attributes of an operator '{}' are too many", kind);
  return attributes;
}

}  // namespace weft::model
