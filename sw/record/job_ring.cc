#include "record/job_ring.h"

#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft::record {

void JobRing::register_written(uint32_t offset, uint32_t value) {
  switch (offset) {
    case regs::kControlOffset: resetting_ = (value & regs::kControlSoftResetMask) != 0; break;
    case regs::kIrqEnableOffset: irq_enable_ = value; break;
    case regs::kRingBaseLoOffset: base_ = (base_ & ~uint64_t{0xffffffff}) | value; break;
    case regs::kRingBaseHiOffset: base_ = (base_ & 0xffffffff) | uint64_t{value} << 32; break;
    case regs::kRingSizeOffset: log2_ = value & regs::kRingSizeLog2Mask; break;
    case regs::kRingHeadOffset:
      for (const auto head = static_cast<uint16_t>(value); head_ != head; ++head_)
        entries_[head_ & ((1U << log2_) - 1)] = ++jobs_;
      overlapped_ = overlapped_ || static_cast<uint16_t>(head_ - ended_) > 1;
      break;
    default: break;
  }
}

void JobRing::register_read(uint32_t offset, uint32_t value) {
  if (offset == regs::kRingTailOffset) {
    ended_ = static_cast<uint16_t>(value);
    if (jobs_ == 0) head_ = ended_;  // where the host begins
  }
  if (offset == regs::kControlOffset && resetting_ && (value & regs::kControlSoftResetMask) == 0) {
    resetting_ = overlapped_ = false;
    ended_ = head_;
  }
}

void JobRing::interrupt_seen() {
  if (!overlapped_) ended_ = head_;
}

std::optional<JobRing::Place> JobRing::find(uint64_t address) const {
  const uint64_t at = address - base_;
  if (address < base_ || at >= uint64_t{isa::kJobBytes} << log2_) return std::nullopt;
  const auto entry = entries_.find(static_cast<uint32_t>(at / isa::kJobBytes));
  return Place{entry == entries_.end() ? 0 : entry->second, static_cast<int>(at % isa::kJobBytes)};
}

}  // namespace weft::record
