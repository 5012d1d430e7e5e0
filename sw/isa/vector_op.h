// How each opcode of format vector uses its fields.
#pragma once

#include "isa/hardware_config.h"
#include "weft_gen/isa.h"

namespace weft::isa {

constexpr int kParamBlockWords = 9;
constexpr int kTableBytes = 256;

struct VectorOp {
  enum class Params { kNone, kBlock, kTable };
  bool from_acc = false;       // the source is acc memory, not act memory
  bool second_source = false;  // each output has a word of a second source
  bool window = true;          // may have more than one tap
  Params params = Params::kNone;
};

// `opcode` is one of format vector.
constexpr VectorOp vector_op(Opcode opcode) {
  using enum VectorOp::Params;
  switch (opcode) {
    case Opcode::kRequant: return {.from_acc = true, .params = kBlock};
    case Opcode::kMean:
    case Opcode::kAvgpool: return {.params = kBlock};
    case Opcode::kLut: return {.window = false, .params = kTable};
    case Opcode::kAdd:
    case Opcode::kMul: return {.second_source = true, .window = false, .params = kBlock};
    case Opcode::kMaximum:
    case Opcode::kMinimum: return {.second_source = true, .window = false};
    default: return {};  // maxpool
  }
}

// Words that a pass reads of parameter memory, from param_addr on.
constexpr int param_words(const VectorOp& op, const HardwareConfig& config) {
  if (op.params == VectorOp::Params::kBlock) return kParamBlockWords;
  return op.params == VectorOp::Params::kTable ? kTableBytes / config.word_bytes() : 0;
}

}  // namespace weft::isa
