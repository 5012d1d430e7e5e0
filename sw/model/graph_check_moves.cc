// Operators that move bytes and compute nothing.
#include "model/graph_check.h"

namespace weft::model {
namespace {

constexpr int64_t kMaxExtent = 1 << 30;

void require_length(const OpSite& site, const char* what, const std::vector<int>& list) {
  if (list.size() != site.input(0).shape.size()) {
    site.refuse(
        "input", site.input(0),
        fmt::format("{} dimensions, but {} for {}", site.input(0).shape.size(), what, list.size()));
  }
}

}  // namespace

void check_op(const OpSite& site, const Reshape&) {
  site.require_int8();
  const Tensor& x = site.input(0);
  if (x.elements() != site.output().elements()) {
    site.refuse_output(fmt::format("shape {} has not the {} elements of its input",
                                   shape_words(site.output().shape), x.elements()));
  }
}

void check_op(const OpSite& site, const Pad& pad) {
  site.require_int8();
  const std::vector<int>& shape = site.input(0).shape;
  require_length(site, "padding", pad.before);
  require_length(site, "padding", pad.after);
  std::vector<int64_t> wanted;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (pad.before[d] < 0 || pad.after[d] < 0 || pad.before[d] > kMaxExtent ||
        pad.after[d] > kMaxExtent) {
      site.refuse_output(fmt::format("padding {} and {} of dimension {} is not in 0..{}",
                                     pad.before[d], pad.after[d], d, kMaxExtent));
    }
    wanted.push_back(int64_t{pad.before[d]} + shape[d] + pad.after[d]);
  }
  site.require_shape(wanted);
}

void check_op(const OpSite& site, const Concat& concat) {
  site.require_int8();
  const std::vector<int>& first = site.input(0).shape;
  if (concat.axis < 0 || concat.axis >= static_cast<int>(first.size())) {
    site.refuse_output(fmt::format("axis {} of {} dimensions", concat.axis, first.size()));
  }
  const auto axis = static_cast<size_t>(concat.axis);
  std::vector<int64_t> wanted(first.begin(), first.end());
  for (size_t i = 1; i < site.input_count(); ++i) {
    std::vector<int> shape = site.input(i).shape;
    if (shape.size() == first.size()) {
      wanted[axis] += shape[axis];
      shape[axis] = first[axis];
    }
    if (shape != first) {
      site.refuse(site.role(i), site.input(i),
                  fmt::format("shape {} does not continue {} along axis {}",
                              shape_words(site.input(i).shape), shape_words(first), axis));
    }
  }
  site.require_shape(wanted);
}

void check_op(const OpSite& site, const Transpose& transpose) {
  site.require_int8();
  const std::vector<int>& shape = site.input(0).shape;
  require_length(site, "an order", transpose.order);
  std::vector<bool> taken(shape.size());
  std::vector<int64_t> wanted;
  for (const int d : transpose.order) {
    const bool known = d >= 0 && d < static_cast<int>(shape.size());
    if (!known || taken[static_cast<size_t>(d)]) {
      site.refuse_output(fmt::format("{} is no order of {} dimensions",
                                     fmt::join(transpose.order, ", "), shape.size()));
    }
    taken[static_cast<size_t>(d)] = true;
    wanted.push_back(shape[static_cast<size_t>(d)]);
  }
  site.require_shape(wanted);
}

void check_op(const OpSite& site, const StridedSlice& slice) {
  site.require_int8();
  const std::vector<int>& shape = site.input(0).shape;
  require_length(site, "a begin", slice.begin);
  require_length(site, "a stride", slice.stride);
  require_length(site, "an extent", slice.extent);
  int64_t elements = 1;
  for (size_t d = 0; d < shape.size(); ++d) {
    const int64_t first = slice.begin[d];
    const int64_t last = first + int64_t{slice.stride[d]} * (int64_t{slice.extent[d]} - 1);
    const auto inside = [&](int64_t at) { return at >= 0 && at < shape[d]; };
    if (slice.stride[d] == 0 || slice.extent[d] < 1 || slice.extent[d] > shape[d] ||
        !inside(first) || !inside(last)) {
      site.refuse("input", site.input(0),
                  fmt::format("{} elements from {} by {} are not inside dimension {} of {}",
                              slice.extent[d], first, slice.stride[d], d, shape[d]));
    }
    elements *= slice.extent[d];
  }
  if (site.output().elements() != elements) {
    site.refuse_output(fmt::format("shape {} has not the {} elements of the slice",
                                   shape_words(site.output().shape), elements));
  }
}

}  // namespace weft::model
