#include "shrink.h"

#include <algorithm>

namespace weft::tb {
namespace {

bool keep_if_failing(Program& program, Program smaller, const Fails& fails) {
  if (!fails(smaller)) return false;
  program = std::move(smaller);
  return true;
}

// True: something was dropped.
bool drop_ranges(Program& program, const Fails& fails) {
  bool any = false;
  for (size_t length = program.instructions.size() / 2; length > 0; length /= 2) {
    // From the end: what follows the fault goes first.
    for (size_t end = program.instructions.size(); end > 0;) {
      const size_t first = end - std::min(end, length);
      Program smaller = program;
      const auto begin = smaller.instructions.begin();
      smaller.instructions.erase(begin + static_cast<ptrdiff_t>(first),
                                 begin + static_cast<ptrdiff_t>(end));
      if (!smaller.instructions.empty() && keep_if_failing(program, std::move(smaller), fails))
        any = true;
      end = first;
    }
  }
  return any;
}

// All ways to make one field of the instruction smaller that leave it legal.
std::vector<Instruction> smaller_instructions(const Program& program,
                                              const Instruction& instruction) {
  std::vector<Instruction> candidates;
  const auto consider = [&](const Instruction& candidate) {
    if (candidate != instruction && footprint(program, candidate)) candidates.push_back(candidate);
  };
  // A transfer in one run of half, or all, its bytes.
  if (const auto* t = std::get_if<isa::TransferDesc>(&instruction)) {
    const uint64_t total = uint64_t{t->dram_run} * t->dram_count1 * t->dram_count2;
    for (const uint64_t bytes : {total / 2, total - 1, total}) {
      isa::TransferDesc d = *t;
      d.dram_run = d.chip_run = static_cast<uint32_t>(bytes);
      d.dram_count1 = d.dram_count2 = d.chip_count1 = d.chip_count2 = 1;
      d.dram_stride1 = d.dram_stride2 = 0;
      d.chip_stride1 = d.chip_stride2 = 0;
      if (bytes > 0) consider(d);
    }
  }
  size_t fields = 0;
  std::visit(
      [&](const auto& d) {
        visit_fields(d, [&](const isa::FieldInfo&, const auto&) { ++fields; });
      },
      instruction);
  constexpr size_t kOpcodeField = 0;
  for (size_t f = kOpcodeField + 1; f < fields; ++f) {
    for (const int attempt : {0, 1, 2}) {
      Instruction candidate = instruction;
      std::visit(
          [&](auto& d) {
            size_t at = 0;
            visit_fields(d, [&](const isa::FieldInfo& info, auto& value) {
              if (at++ != f) return;
              const auto old = static_cast<int64_t>(value);
              const int64_t least = std::max<int64_t>(info.min, 0);
              const int64_t now = attempt == 0   ? least
                                  : attempt == 1 ? old / 2
                                  : old > least  ? old - 1
                                                 : old;
              if (now >= info.min && std::abs(now) <= std::abs(old))
                value = static_cast<std::remove_reference_t<decltype(value)>>(now);
            });
          },
          candidate);
      consider(candidate);
    }
  }
  return candidates;
}

bool reduce_fields(Program& program, const Fails& fails) {
  bool any = false;
  for (size_t i = 0; i < program.instructions.size(); ++i) {
    for (bool again = true; again;) {
      again = false;
      for (const Instruction& candidate : smaller_instructions(program, program.instructions[i])) {
        Program smaller = program;
        smaller.instructions[i] = candidate;
        if (keep_if_failing(program, std::move(smaller), fails)) {
          any = again = true;
          break;
        }
      }
    }
  }
  return any;
}

}  // namespace

Program shrink(Program program, const Fails& fails) {
  Program plain = program;
  plain.extras = 0;
  keep_if_failing(program, std::move(plain), fails);
  while (drop_ranges(program, fails)) {
  }
  while (reduce_fields(program, fails) && drop_ranges(program, fails)) {
  }
  return program;
}

}  // namespace weft::tb
