// Descriptors as text, and as a judgement: for `weft disasm`, traces and the program verifier.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "weft_gen/isa.h"

namespace weft::isa {

// One line: index, opcode, layer, semaphores ("wait 3, 5x2" takes one of 3 and two of 5),
// flags, then name=value of every field that is not zero. Never throws: an unknown opcode
// or a violation is shown in the line.
std::string disassemble(uint32_t index, ByteSpan bytes);

// What is wrong with a descriptor taken alone, as the hardware would refuse it or the
// encoder would have: opcode, reserved bits, field ranges. Nothing: it is well formed.
std::optional<std::string> find_violation(ByteSpan bytes);

}  // namespace weft::isa
