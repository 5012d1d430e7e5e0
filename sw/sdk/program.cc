#include "compiler/compile.h"
#include "model/tflite.h"
#include "sdk/data.h"

namespace weft {
namespace sdk {
namespace {

DataType type_of(program::ElementType type) {
  switch (type) {
    case program::ElementType::kInt8: return DataType::kInt8;
    case program::ElementType::kUInt8: return DataType::kUInt8;
    case program::ElementType::kInt32: return DataType::kInt32;
    case program::ElementType::kFloat32: break;
  }
  return DataType::kFloat32;
}

}  // namespace

ProgramData::ProgramData(program::Program p) : program(std::move(p)) {
  for (const program::Tensor& t : program.tensors) {
    if (t.role == program::TensorRole::kSpill) continue;
    (t.role == program::TensorRole::kInput ? inputs : outputs)
        .push_back({t.name, type_of(t.type), t.shape, t.scale, t.zero_point, t.bytes});
  }
}

}  // namespace sdk

namespace {

std::shared_ptr<const sdk::ProgramData> wrap(program::Program program) {
  return std::make_shared<const sdk::ProgramData>(std::move(program));
}

program::Program compiled(const model::Graph& graph, const isa::HardwareConfig& config) {
  return compiler::compile(graph, config, compiler::Scratch::kReused);
}

}  // namespace

Program::Program(std::shared_ptr<const sdk::ProgramData> data) : data_(std::move(data)) {}

Program Program::load(const std::filesystem::path& path) {
  return Program(wrap(program::load(path)));
}

Program Program::load(std::span<const uint8_t> bytes, const std::string& name) {
  return Program(wrap(program::deserialize(bytes, name)));
}

Program Program::compile(const std::filesystem::path& model, const std::string& config) {
  const isa::HardwareConfig& hardware = isa::find_config(config);
  return Program(wrap(compiled(model::import_tflite(model), hardware)));
}

Program Program::compile(std::span<const uint8_t> model, const std::string& name,
                         const std::string& config) {
  const isa::HardwareConfig& hardware = isa::find_config(config);
  return Program(wrap(compiled(model::import_tflite(model, name), hardware)));
}

void Program::save(const std::filesystem::path& path) const { program::save(data_->program, path); }

const std::string& Program::model() const { return data_->program.model; }
const std::string& Program::config() const { return data_->program.config; }
const std::vector<TensorInfo>& Program::inputs() const { return data_->inputs; }
const std::vector<TensorInfo>& Program::outputs() const { return data_->outputs; }

uint64_t Program::memory_bytes(size_t slots) const {
  return driver::InferQueue::memory_needed(data_->program, slots);
}

}  // namespace weft
