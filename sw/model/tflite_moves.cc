// Operators that move bytes and compute nothing: RESHAPE, SQUEEZE, EXPAND_DIMS, PAD, PADV2,
// CONCATENATION, TRANSPOSE, STRIDED_SLICE.
#include <algorithm>

#include "model/tflite_import.h"

namespace weft::model::tflite_import {
namespace {

// An int8 input and output of one scale and zero point.
void require_moved(const Site& site) {
  require_activation(site, "input", site.input_tensor(0));
  require_activation(site, "output", site.output_tensor());
  require_same_quantization(site, "input", site.input_tensor(0), site.output_tensor());
}

// `wanted` (which may have one -1 for "the rest") must describe the output.
void require_shape(const Site& site, const std::vector<int>& wanted) {
  const std::vector<int>& shape = site.output_tensor().shape;
  bool same = wanted.size() == shape.size() && std::count(wanted.begin(), wanted.end(), -1) <= 1;
  for (size_t i = 0; same && i < wanted.size(); ++i) {
    same = wanted[i] == -1 || wanted[i] == shape[i];
  }
  if (!same) {
    refuse_output(ErrorKind::kMalformedFile, site, "has shape {}; the operator asks for {}",
                  shape_text(shape), shape_text(wanted));
  }
}

// A dimension counted from either end; `rank` of them.
size_t dimension(const Site& site, int axis, size_t rank) {
  const auto count = static_cast<int>(rank);
  if (axis < -count || axis >= count) {
    refuse_output(ErrorKind::kMalformedFile, site, "dimension {} of {}", axis, rank);
  }
  return static_cast<size_t>(axis < 0 ? axis + count : axis);
}

// A constant list with a number for each of the input's dimensions.
std::vector<int> list_for_dimensions(const Site& site, const char* role, size_t input) {
  std::vector<int> list = constant_list(site, role, site.input_tensor(input));
  if (list.size() != site.input_tensor(0).shape.size()) {
    refuse(ErrorKind::kMalformedFile, site, role, site.input_tensor(input),
           "{} numbers for an input of {} dimensions", list.size(),
           site.input_tensor(0).shape.size());
  }
  return list;
}

// What STRIDED_SLICE's masks, negative indices and indices beyond the ends come to along one
// dimension: TFLite's rules, in its order.
class SliceRange {
 public:
  SliceRange(const fb::StridedSliceOptions& options, unsigned dimension, int64_t extent)
      : options_(options), bit_(1 << dimension), extent_(extent) {}

  bool shrinks() const { return options_.shrink_axis_mask() & bit_; }

  int64_t first(int64_t begin, int64_t stride) const {
    if (options_.begin_mask() & bit_) return stride > 0 ? 0 : extent_ - 1;
    return bounded(begin, stride);
  }
  // The first one beyond the slice.
  int64_t end(int64_t end, int64_t first, int64_t stride) const {
    if (shrinks()) return first + 1;
    if (options_.end_mask() & bit_) return stride > 0 ? extent_ : -1;
    return bounded(end + (options_.offset() ? first : 0), stride);
  }

 private:
  int64_t bounded(int64_t index, int64_t stride) const {
    if (index < 0) index += extent_;
    return stride > 0 ? std::clamp<int64_t>(index, 0, extent_)
                      : std::clamp<int64_t>(index, -1, extent_ - 1);
  }

  const fb::StridedSliceOptions& options_;
  const int bit_;
  const int64_t extent_;
};

}  // namespace

Reading read_reshape(const Site& site) {
  require_inputs(site, 1, 2);
  require_moved(site);
  const auto* options = site.op.builtin_options_as_ReshapeOptions();
  if (site.input(1) >= 0) {
    require_shape(site, constant_list(site, "shape", site.input_tensor(1)));
  } else if (options && options->new_shape()) {
    require_shape(site, {options->new_shape()->begin(), options->new_shape()->end()});
  }
  return {Reshape{}, {site.input(0)}};
}

Reading read_squeeze(const Site& site) {
  require_inputs(site, 1, 1);
  require_moved(site);
  const std::vector<int>& shape = site.input_tensor(0).shape;
  const auto* options = site.op.builtin_options_as_SqueezeOptions();
  const auto* named = options ? options->squeeze_dims() : nullptr;
  std::vector<bool> leaves(shape.size());
  if (named && named->size() > 0) {
    for (const int axis : *named) {
      const size_t d = dimension(site, axis, shape.size());
      if (shape[d] != 1) {
        refuse_output(ErrorKind::kMalformedFile, site, "dimension {} of the input is {}, not 1",
                      axis, shape[d]);
      }
      leaves[d] = true;
    }
  } else {
    for (size_t d = 0; d < shape.size(); ++d) leaves[d] = shape[d] == 1;
  }
  std::vector<int> wanted;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (!leaves[d]) wanted.push_back(shape[d]);
  }
  require_shape(site, wanted);
  return {Reshape{}, {site.input(0)}};
}

Reading read_expand_dims(const Site& site) {
  require_inputs(site, 2, 2);
  require_moved(site);
  std::vector<int> wanted = site.input_tensor(0).shape;
  const std::vector<int> axes = constant_list(site, "axis", site.input_tensor(1));
  if (axes.size() != 1) {
    refuse(ErrorKind::kMalformedFile, site, "axis", site.input_tensor(1), "{} numbers; it is one",
           axes.size());
  }
  const size_t at = dimension(site, axes[0], wanted.size() + 1);
  wanted.insert(wanted.begin() + static_cast<std::ptrdiff_t>(at), 1);
  require_shape(site, wanted);
  return {Reshape{}, {site.input(0)}};
}

Reading read_pad(const Site& site) {
  const bool has_value = site.code == fb::BuiltinOperator::PADV2;
  require_inputs(site, has_value ? 3 : 2, has_value ? 3 : 2);
  require_moved(site);
  const Tensor& output = site.output_tensor();
  const Tensor& padding = site.input_tensor(1);
  const size_t rank = site.input_tensor(0).shape.size();
  if (padding.shape != std::vector<int>{static_cast<int>(rank), 2}) {
    refuse(ErrorKind::kMalformedFile, site, "padding", padding, "shape {}; it must be {}x2",
           shape_text(padding.shape), rank);
  }
  Tensor list = padding;
  list.shape = {static_cast<int>(2 * rank)};
  const std::vector<int> ends = constant_list(site, "padding", list);
  Pad pad;
  for (size_t d = 0; d < rank; ++d) {
    pad.before.push_back(ends[2 * d]);
    pad.after.push_back(ends[2 * d + 1]);
  }
  pad.value = static_cast<int8_t>(zero_point_of(output));
  if (has_value) {
    const Tensor& value = site.input_tensor(2);
    require_quantized(site, "value", value);
    require_same_quantization(site, "value", value, output);
    if (!value.is_constant() || value.elements() != 1) {
      refuse(ErrorKind::kUnsupported, site, "value", value, "must be one constant");
    }
    pad.value = static_cast<int8_t>(value.data[0]);
  }
  return {pad, {site.input(0)}};
}

Reading read_concatenation(const Site& site) {
  require_inputs(site, site.input_count() == 0 ? 1 : site.input_count(), site.input_count());
  const auto& options = options_of(site, site.op.builtin_options_as_ConcatenationOptions());
  const Tensor& output = site.output_tensor();
  require_activation(site, "output", output);
  if (options.fused_activation_function() != fb::ActivationFunctionType::NONE) {
    refuse_output(ErrorKind::kUnsupported, site, "a fused activation is not supported");
  }
  Reading reading;
  for (size_t i = 0; i < site.input_count(); ++i) {
    const std::string role = fmt::format("input {}", i);
    require_quantized(site, role.c_str(), site.input_tensor(i));
    require_same_quantization(site, role.c_str(), site.input_tensor(i), output);
    reading.inputs.push_back(site.input(i));
  }
  reading.attributes =
      Concat{static_cast<int>(dimension(site, options.axis(), output.shape.size()))};
  return reading;
}

Reading read_transpose(const Site& site) {
  require_inputs(site, 2, 2);
  require_moved(site);
  Transpose transpose;
  for (const int axis : list_for_dimensions(site, "order", 1)) {
    transpose.order.push_back(
        static_cast<int>(dimension(site, axis, site.input_tensor(0).shape.size())));
  }
  return {transpose, {site.input(0)}};
}

Reading read_strided_slice(const Site& site) {
  require_inputs(site, 4, 4);
  require_moved(site);
  const auto& options = options_of(site, site.op.builtin_options_as_StridedSliceOptions());
  if (options.ellipsis_mask() != 0 || options.new_axis_mask() != 0) {
    refuse_output(ErrorKind::kUnsupported, site, "an ellipsis or new axis is not supported");
  }
  const std::vector<int> begin = list_for_dimensions(site, "begin", 1);
  const std::vector<int> end = list_for_dimensions(site, "end", 2);
  const std::vector<int> stride = list_for_dimensions(site, "strides", 3);
  const std::vector<int>& shape = site.input_tensor(0).shape;
  StridedSlice slice;
  std::vector<int> wanted;
  for (unsigned d = 0; d < shape.size(); ++d) {
    if (stride[d] == 0) {
      refuse(ErrorKind::kMalformedFile, site, "strides", site.input_tensor(3), "stride {} is 0", d);
    }
    const SliceRange range(options, d, shape[d]);
    const int64_t step = stride[d];
    const int64_t first = range.first(begin[d], step);
    const int64_t beyond = range.end(end[d], first, step);
    const int64_t extent = (beyond - first + step + (step > 0 ? -1 : 1)) / step;
    if (extent < 1 || first < 0 || first >= shape[d]) {
      refuse_output(ErrorKind::kMalformedFile, site,
                    "nothing is left of dimension {} ({} elements)", d, shape[d]);
    }
    slice.begin.push_back(static_cast<int>(first));
    // One element needs no stride; a huge one would only have to be bounded elsewhere.
    slice.stride.push_back(extent == 1 ? 1 : stride[d]);
    slice.extent.push_back(static_cast<int>(extent));
    if (!range.shrinks()) wanted.push_back(static_cast<int>(extent));
  }
  require_shape(site, wanted);
  return {slice, {site.input(0)}};
}

}  // namespace weft::model::tflite_import
