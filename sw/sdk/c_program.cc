#include "sdk/c_api.h"

using weft::sdk::guarded;
using weft::sdk::need;

namespace {

std::span<const uint8_t> bytes_of(const void* data, size_t bytes) {
  if (bytes > 0) need(data, "data");
  return {static_cast<const uint8_t*>(data), bytes};
}

void describe(const std::vector<weft::TensorInfo>& tensors, size_t index, const char* what,
              weft_tensor_info* info) {
  need(info, "info");
  if (index >= tensors.size()) {
    weft::fail(weft::ErrorKind::kInvalidArgument, "there is no {} {}; the program has {}", what,
               index, tensors.size());
  }
  const weft::TensorInfo& t = tensors[index];
  *info = {t.name.c_str(), static_cast<weft_type>(t.type),
           t.shape.data(), t.shape.size(),
           t.scale,        t.zero_point,
           t.bytes};
}

}  // namespace

extern "C" {

weft_status weft_program_load(const char* path, weft_program** program) {
  return guarded([&] {
    need(path, "path");
    need(program, "program");
    *program = new weft_program{weft::Program::load(std::filesystem::path(path))};
  });
}

weft_status weft_program_load_bytes(const void* data, size_t bytes, const char* name,
                                    weft_program** program) {
  return guarded([&] {
    need(name, "name");
    need(program, "program");
    *program = new weft_program{weft::Program::load(bytes_of(data, bytes), name)};
  });
}

weft_status weft_program_compile(const char* model, const char* config, weft_program** program) {
  return guarded([&] {
    need(model, "model");
    need(config, "config");
    need(program, "program");
    *program = new weft_program{weft::Program::compile(std::filesystem::path(model), config)};
  });
}

weft_status weft_program_compile_bytes(const void* data, size_t bytes, const char* name,
                                       const char* config, weft_program** program) {
  return guarded([&] {
    need(name, "name");
    need(config, "config");
    need(program, "program");
    *program = new weft_program{weft::Program::compile(bytes_of(data, bytes), name, config)};
  });
}

weft_status weft_program_save(const weft_program* program, const char* path) {
  return guarded([&] {
    need(program, "program");
    need(path, "path");
    program->program.save(path);
  });
}

void weft_program_destroy(weft_program* program) { delete program; }

weft_status weft_program_counts(const weft_program* program, size_t* inputs, size_t* outputs) {
  return guarded([&] {
    need(program, "program");
    need(inputs, "inputs");
    need(outputs, "outputs");
    *inputs = program->program.inputs().size();
    *outputs = program->program.outputs().size();
  });
}

weft_status weft_program_input(const weft_program* program, size_t index, weft_tensor_info* info) {
  return guarded([&] {
    need(program, "program");
    describe(program->program.inputs(), index, "input", info);
  });
}

weft_status weft_program_output(const weft_program* program, size_t index, weft_tensor_info* info) {
  return guarded([&] {
    need(program, "program");
    describe(program->program.outputs(), index, "output", info);
  });
}

weft_status weft_program_memory_bytes(const weft_program* program, size_t slots, uint64_t* bytes) {
  return guarded([&] {
    need(program, "program");
    need(bytes, "bytes");
    *bytes = program->program.memory_bytes(slots);
  });
}

}  // extern "C"
