// Operators on elements, windows and rows.
#include <cmath>

#include "model/graph_check.h"

namespace weft::model {
namespace {

void require_same_shape(const OpSite& site) {
  const std::vector<int>& shape = site.input(0).shape;
  site.require_shape({shape.begin(), shape.end()});
}

// Both inputs broadcast (numpy's rule) to exactly the output's shape.
void require_broadcast(const OpSite& site) {
  const std::vector<int>& a = site.input(0).shape;
  const std::vector<int>& b = site.input(1).shape;
  const auto extent = [](const std::vector<int>& shape, size_t from_last) {
    return from_last < shape.size() ? shape[shape.size() - 1 - from_last] : 1;
  };
  std::vector<int64_t> wanted(std::max(a.size(), b.size()));
  for (size_t i = 0; i < wanted.size(); ++i) {
    const int of_a = extent(a, i), of_b = extent(b, i);
    if (of_a != of_b && of_a != 1 && of_b != 1) {
      site.refuse(
          "second input", site.input(1),
          fmt::format("shape {} does not broadcast with {}", shape_words(b), shape_words(a)));
    }
    wanted[wanted.size() - 1 - i] = std::max(of_a, of_b);
  }
  site.require_shape(wanted);
}

template <class Pool>
void check_pool(const OpSite& site, const Pool& pool) {
  site.require_int8();
  const Tensor& x = site.input(0);
  const Padding& p = pool.padding;
  site.require_rank("input", x, 4);
  site.require_shape(
      {x.shape[0], site.window(x.shape[1], pool.filter_h, pool.stride_h, 1, p.top, p.bottom),
       site.window(x.shape[2], pool.filter_w, pool.stride_w, 1, p.left, p.right), x.shape[3]});
  site.require_clamp(pool.clamp);
}

void require_byte(const OpSite& site, const char* role, const Tensor& tensor) {
  if (tensor.type != DataType::kInt8 && tensor.type != DataType::kUInt8) {
    site.refuse(role, tensor,
                fmt::format("of type {}; int8 or uint8 is needed", to_string(tensor.type)));
  }
}

void require_scale(const OpSite& site, float scale) {
  if (!std::isnormal(scale) || scale < 0) site.refuse_output(fmt::format("scale {}", scale));
}

}  // namespace

void check_op(const OpSite& site, const Add& add) {
  site.require_int8();
  require_broadcast(site);
  if (add.left_shift < 0 || add.left_shift > 20) {
    site.refuse_output(fmt::format("left shift {} is not in 0..20", add.left_shift));
  }
  const int64_t bound = kMaxActivation << add.left_shift;
  for (size_t i = 0; i < 2; ++i) {
    site.require_zero_point("input zero point", add.input_zero_points[i]);
    site.require_rescale(add.input_rescale[i], bound, fmt::format("input {}", i));
  }
  site.require_rescale(add.output_rescale, 2 * bound, "the sum");
  for (const Rescale& r : {add.input_rescale[0], add.input_rescale[1], add.output_rescale}) {
    if (r.shift > 0) site.refuse_output("a rescale of 1 or more; addition needs them below 1");
  }
  site.require_zero_point("output zero point", add.output_zero_point);
  site.require_clamp(add.clamp);
}

void check_op(const OpSite& site, const Mul& mul) {
  site.require_int8();
  require_broadcast(site);
  for (const int32_t zero : mul.input_zero_points)
    site.require_zero_point("input zero point", zero);
  site.require_zero_point("output zero point", mul.output_zero_point);
  site.require_rescale(mul.rescale, kMaxActivation * kMaxActivation, "the product");
  site.require_clamp(mul.clamp);
}

void check_op(const OpSite& site, const MaxMin&) {
  site.require_int8();
  require_broadcast(site);
}

void check_op(const OpSite& site, const MaxPool2d& pool) { check_pool(site, pool); }

void check_op(const OpSite& site, const AveragePool2d& pool) { check_pool(site, pool); }

void check_op(const OpSite& site, const Mean& mean) {
  site.require_int8();
  const Tensor& x = site.input(0);
  int64_t count = 1;
  for (size_t i = 0; i < mean.axes.size(); ++i) {
    const int axis = mean.axes[i];
    if (axis < 0 || axis >= static_cast<int>(x.shape.size()) ||
        (i > 0 && axis <= mean.axes[i - 1])) {
      site.refuse("input", x,
                  fmt::format("axes {} are not ascending ones of {} dimensions",
                              fmt::join(mean.axes, ", "), x.shape.size()));
    }
    count *= x.shape[static_cast<size_t>(axis)];
  }
  const int64_t kept = x.elements() / count;
  if (site.output().elements() != kept) {
    site.refuse_output(
        fmt::format("shape {}; the mean has {} elements", shape_words(site.output().shape), kept));
  }
  site.require_zero_point("input zero point", mean.input_zero_point);
  site.require_zero_point("output zero point", mean.output_zero_point);
  site.require_rescale(mean.rescale, count * kMaxActivation,
                       fmt::format("the mean of {} elements", count), 0);
}

void check_op(const OpSite& site, const Softmax& softmax) {
  site.require_int8();
  require_same_shape(site);
  const Tensor& x = site.input(0);
  if (x.shape.empty() || x.shape.back() > kMaxSoftmaxDepth) {
    site.refuse("input", x,
                fmt::format("shape {}; rows of 1..{} are supported", shape_words(x.shape),
                            kMaxSoftmaxDepth));
  }
  const int64_t largest = softmax.diff_min < -kMaxActivation ? kMaxActivation : -softmax.diff_min;
  if (softmax.multiplier < 1 << 30 || softmax.left_shift < 0 || softmax.left_shift > 31 ||
      softmax.diff_min > 0 || largest << softmax.left_shift > int64_t{1} << 31) {
    site.refuse_output(
        fmt::format("multiplier {}, left shift {}, least difference {}: out of range",
                    softmax.multiplier, softmax.left_shift, softmax.diff_min));
  }
}

void check_op(const OpSite& site, const Lookup&) {
  site.require_int8();
  require_same_shape(site);
}

void check_op(const OpSite& site, const Requantize& requantize) {
  require_byte(site, "input", site.input(0));
  require_byte(site, "output", site.output());
  require_same_shape(site);
  site.require_zero_point("input zero point", requantize.input_zero_point, site.input(0).type);
  site.require_zero_point("output zero point", requantize.output_zero_point, site.output().type);
  site.require_rescale(requantize.rescale, kMaxActivation, "the rescaling");
  site.require_clamp(requantize.clamp, site.output().type);
}

void check_op(const OpSite& site, const Quantize& quantize) {
  site.require_type("input", site.input(0), DataType::kFloat32);
  site.require_type("output", site.output(), DataType::kInt8);
  require_same_shape(site);
  require_scale(site, quantize.scale);
  site.require_zero_point("zero point", quantize.zero_point);
}

void check_op(const OpSite& site, const Dequantize& dequantize) {
  require_byte(site, "input", site.input(0));
  site.require_type("output", site.output(), DataType::kFloat32);
  require_same_shape(site);
  require_scale(site, dequantize.scale);
  site.require_zero_point("zero point", dequantize.zero_point, site.input(0).type);
}

}  // namespace weft::model
