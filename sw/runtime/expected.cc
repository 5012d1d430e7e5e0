#include "runtime/expected.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/bytes.h"
#include "base/error.h"
#include "runtime/waves.h"

namespace weft::runtime {
namespace {

using model::DataType;

bool is_integer(DataType type) { return type != DataType::kFloat32; }

double value_at(DataType type, const uint8_t* data, size_t i) {
  switch (type) {
    case DataType::kInt8: return static_cast<int8_t>(data[i]);
    case DataType::kUInt8: return data[i];
    case DataType::kInt32: return static_cast<int32_t>(load_le32(data + 4 * i));
    case DataType::kFloat32: return std::bit_cast<float>(load_le32(data + 4 * i));
    default:
      fail(ErrorKind::kUnsupported, "elements of type {} are not compared", model::to_string(type));
  }
}

double distance(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double d = std::abs(a - b);
  return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
}

std::string names_of(const std::vector<Array>& arrays) {
  std::vector<std::string> names;
  for (const Array& a : arrays) names.push_back(a.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

bool shape_fits(const Array& array, const model::Tensor& output, size_t inputs) {
  const std::vector<int64_t> one(output.shape.begin(), output.shape.end());
  const auto count = static_cast<int64_t>(inputs);
  std::vector<int64_t> stacked{count};
  stacked.insert(stacked.end(), one.begin(), one.end());
  if (array.shape == stacked || (inputs == 1 && array.shape == one)) return true;
  if (one.empty() || one[0] != 1) return false;
  std::vector<int64_t> batch = one;
  batch[0] = count;
  return array.shape == batch;
}

void check(const Array& array, const model::Tensor& output, size_t inputs,
           const std::string& file) {
  if (array.type != output.type && !(is_integer(output.type) && array.type == DataType::kInt32)) {
    fail(ErrorKind::kMismatch,
         "{}: the results for output '{}' are {}, the network's are {}; results are compared as "
         "the network gives them, not converted",
         file, output.name, model::to_string(array.type), model::to_string(output.type));
  }
  if (!shape_fits(array, output, inputs)) {
    fail(ErrorKind::kMismatch,
         "{}: the results for output '{}' have shape ({}); {} input{} of shape ({}) {} run, so "
         "({}, {}) is needed",
         file, output.name, fmt::join(array.shape, ", "), inputs, inputs == 1 ? "" : "s",
         fmt::join(output.shape, ", "), inputs == 1 ? "is" : "are", inputs,
         fmt::join(output.shape, ", "));
  }
}

}  // namespace

ExpectedOutputs::ExpectedOutputs(const model::Graph& graph, const std::filesystem::path& file,
                                 size_t inputs)
    : file_(file.string()) {
  std::vector<Array> arrays = read_arrays(file);
  const size_t wanted = graph.outputs.size();
  std::vector<std::string> names;
  for (int t : graph.outputs) names.push_back(graph.tensor(t).name);
  if (arrays.size() != wanted) {
    fail(ErrorKind::kMismatch,
         "{} has {} array{}, model '{}' {} output{} ({}); give an .npz with one for each", file_,
         arrays.size(), arrays.size() == 1 ? "" : "s", graph.name, wanted, wanted == 1 ? "" : "s",
         fmt::join(names, ", "));
  }
  for (size_t o = 0; o < wanted; ++o) {
    const model::Tensor& output = graph.tensor(graph.outputs[o]);
    Array* found = nullptr;
    for (Array& a : arrays) {
      if (a.name == output.name || (found == nullptr && a.name == fmt::format("arr_{}", o)) ||
          (wanted == 1 && a.name.empty())) {
        found = &a;
      }
    }
    if (found == nullptr) {
      fail(ErrorKind::kMismatch, "{}: no member is named after output '{}' or arr_{}; there are {}",
           file_, output.name, o, names_of(arrays));
    }
    check(*found, output, inputs, file_);
    outputs_.push_back({output, *found});
  }
}

std::vector<ExpectedReport> ExpectedOutputs::compare(const std::vector<NetworkOutput>& outputs,
                                                     double tolerance) const {
  std::vector<ExpectedReport> reports;
  for (size_t o = 0; o < outputs_.size(); ++o) {
    const auto& [tensor, array] = outputs_[o];
    ExpectedReport r;
    r.file = file_;
    r.output = tensor.name;
    r.tolerance = tolerance;
    bool others = false;
    const auto elements = static_cast<size_t>(tensor.elements());
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto* ours = reinterpret_cast<const uint8_t*>(outputs[i].at(o).data());
      for (size_t e = 0; e < elements; ++e, ++r.values) {
        const double a = value_at(tensor.type, ours, e),
                     b = value_at(array.type, array.data.data(), i * elements + e);
        const double d = distance(a, b);
        if (d == 0) continue;
        if (r.differing++ == 0) {
          r.input = static_cast<int>(i);
          r.coordinate = coordinate_of(e, tensor.shape);
          r.ours = a;
          r.theirs = b;
        }
        r.beyond += d > tolerance ? 1 : 0;
        r.largest = std::max(r.largest, d);
        others = others || d != 1;
      }
    }
    r.off_by_one = r.differing > 0 && !others && is_integer(tensor.type);
    reports.push_back(std::move(r));
  }
  return reports;
}

}  // namespace weft::runtime
