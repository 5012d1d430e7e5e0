#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "sdk/data.h"

namespace weft {
namespace sdk {
namespace {

std::string names_of(const std::vector<TensorInfo>& tensors) {
  std::vector<std::string> names;
  for (const TensorInfo& t : tensors) names.push_back(t.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void check(const TensorInfo& tensor, const Input& input) {
  if (input.type() != tensor.type) {
    fail(ErrorKind::kInvalidArgument, "input '{}' takes {}; {} was given", tensor.name,
         to_string(tensor.type), to_string(input.type()));
  }
  if (!input.shape().empty() && input.shape() != tensor.shape) {
    fail(ErrorKind::kInvalidArgument, "input '{}' has the shape {}; {} was given", tensor.name,
         fmt::join(tensor.shape, "x"), fmt::join(input.shape(), "x"));
  }
  if (input.bytes() != tensor.bytes) {
    fail(ErrorKind::kInvalidArgument, "input '{}' takes {} bytes ({} of {}); {} were given",
         tensor.name, tensor.bytes, fmt::join(tensor.shape, "x"), to_string(tensor.type),
         input.bytes());
  }
  if (input.data() == nullptr) {
    fail(ErrorKind::kInvalidArgument, "input '{}' has a null pointer for its {} bytes", tensor.name,
         tensor.bytes);
  }
}

// The tensor that input `index` is for.
size_t place_of(const std::vector<TensorInfo>& tensors, const Input& input, size_t index,
                bool named) {
  if (input.name().empty()) {
    if (named) {
      fail(ErrorKind::kInvalidArgument,
           "input {} has no name, and others have; name all of them or none", index);
    }
    if (index < tensors.size()) return index;
    fail(ErrorKind::kInvalidArgument, "input {} is one too many; the program takes {} ({})", index,
         tensors.size(), names_of(tensors));
  }
  for (size_t t = 0; t < tensors.size(); ++t) {
    if (tensors[t].name == input.name()) return t;
  }
  fail(ErrorKind::kInvalidArgument, "the program has no input '{}'; it takes {}", input.name(),
       names_of(tensors));
}

}  // namespace

std::vector<std::span<const int8_t>> arrange(const ProgramData& program,
                                             std::span<const Input> inputs) {
  const std::vector<TensorInfo>& tensors = program.inputs;
  const bool named =
      std::any_of(inputs.begin(), inputs.end(), [](const Input& i) { return !i.name().empty(); });
  std::vector<std::span<const int8_t>> arranged(tensors.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const size_t place = place_of(tensors, inputs[i], i, named);
    check(tensors[place], inputs[i]);
    if (arranged[place].data() != nullptr) {
      fail(ErrorKind::kInvalidArgument, "input '{}' is given twice", tensors[place].name);
    }
    arranged[place] = {static_cast<const int8_t*>(inputs[i].data()), inputs[i].bytes()};
  }
  for (size_t t = 0; t < tensors.size(); ++t) {
    if (arranged[t].data() != nullptr) continue;
    fail(ErrorKind::kInvalidArgument, "input '{}' ({} of {}) is missing; {} of {} were given",
         tensors[t].name, fmt::join(tensors[t].shape, "x"), to_string(tensors[t].type),
         inputs.size(), tensors.size());
  }
  return arranged;
}

}  // namespace sdk

const char* to_string(DataType type) {
  switch (type) {
    case DataType::kInt8: return "int8";
    case DataType::kUInt8: return "uint8";
    case DataType::kInt32: return "int32";
    case DataType::kFloat32: return "float32";
  }
  return "no type that there is";
}

size_t size_of(DataType type) {
  return type == DataType::kInt32 || type == DataType::kFloat32 ? 4 : 1;
}

Result::Result(std::shared_ptr<const sdk::ResultData> data) : data_(std::move(data)) {}

size_t Result::size() const { return data_->outputs.size(); }

const TensorInfo& Result::info(size_t index) const {
  if (index >= size()) {
    fail(ErrorKind::kInvalidArgument, "there is no output {}; the program has {}", index, size());
  }
  return data_->program->outputs[index];
}

std::span<const uint8_t> Result::bytes(size_t index) const {
  info(index);
  const std::vector<int8_t>& bytes = data_->outputs[index];
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

size_t Result::index_of(const std::string& name) const {
  for (size_t i = 0; i < size(); ++i) {
    if (info(i).name == name) return i;
  }
  fail(ErrorKind::kNotFound, "the program has no output '{}'; there are {}", name,
       sdk::names_of(data_->program->outputs));
}

void Result::check_type(size_t index, DataType type) const {
  const TensorInfo& tensor = info(index);
  if (tensor.type == type) return;
  fail(ErrorKind::kMismatch, "output '{}' has elements of {}; {} were asked for", tensor.name,
       to_string(tensor.type), to_string(type));
}

uint64_t Result::cycles() const { return data_->cycles; }
double Result::host_seconds() const { return data_->host_seconds; }

std::map<std::string, uint64_t> Result::counters() const {
  std::map<std::string, uint64_t> by_name;
  if (!data_->counters) return by_name;
  for (size_t c = 0; c < data_->counters->size(); ++c) {
    by_name.emplace(regs::kCounters.at(c).name, data_->counters->at(c));
  }
  return by_name;
}

std::vector<std::pair<std::string, uint64_t>> Result::layer_cycles() const {
  std::vector<std::pair<std::string, uint64_t>> layers;
  for (size_t l = 0; l < data_->layer_cycles.size(); ++l) {
    layers.emplace_back(data_->program->program.layers[l].name, data_->layer_cycles[l]);
  }
  return layers;
}

}  // namespace weft
