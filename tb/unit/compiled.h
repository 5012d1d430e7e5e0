// The MNIST network as compiled, and ways to change one descriptor of a program.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>

#include "compiler/compile.h"
#include "model/tflite.h"
#include "program/program.h"

namespace weft::tb {

inline model::Graph mnist_graph() {
  return model::import_tflite(std::filesystem::path(WEFT_SOURCE_DIR) /
                              "models/mnist_convnet.tflite");
}

inline program::Program mnist_program(const std::string& config) {
  return compiler::compile(mnist_graph(), isa::find_config(config));
}

inline uint64_t seed() {
  const char* given = std::getenv("WEFT_SEED");
  return given ? std::strtoull(given, nullptr, 0) : 1;
}

// Descriptor `index` of the image, to be written.
inline uint8_t* raw_descriptor(program::Program& p, uint32_t index) {
  return p.regions.at(static_cast<size_t>(p.descriptor_region)).image.data() + p.descriptor_offset +
         uint64_t{index} * isa::kDescriptorBytes;
}

// The first descriptor of `opcode` for which `holds`; Error when there is none.
inline uint32_t find_descriptor(const program::Program& p, isa::Opcode opcode,
                                const std::function<bool(isa::ByteSpan)>& holds = nullptr) {
  for (uint32_t i = 0; i < p.descriptor_count; ++i) {
    const auto bytes = p.descriptor(i);
    if (bytes[0] == static_cast<uint8_t>(opcode) && (!holds || holds(bytes))) return i;
  }
  fail(ErrorKind::kNotFound, "the program has no such {} descriptor", isa::to_string(opcode));
}

template <class Desc>
void edit(program::Program& p, uint32_t index, const std::function<void(Desc&)>& change) {
  Desc desc = isa::decode_fields<Desc>(p.descriptor(index));
  change(desc);
  const isa::Bytes bytes = isa::encode(desc);
  std::copy(bytes.begin(), bytes.end(), raw_descriptor(p, index));
}

}  // namespace weft::tb
