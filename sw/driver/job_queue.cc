#include "driver/job_queue.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "weft_gen/registers.h"

namespace weft::driver {
namespace {

constexpr uint32_t kRingLog2 = 2;
constexpr uint64_t kDrainCycles = 100'000;  // far above what outstanding bursts take

void put(std::vector<uint8_t>& entry, int byte, uint64_t value, int bytes) {
  store_le(entry.data() + byte, value, static_cast<size_t>(bytes));
}

std::vector<uint8_t> encode(const Job& job, uint64_t id) {
  std::vector<uint8_t> entry(isa::kJobBytes, 0);
  put(entry, isa::kJobDescOffsetByte, job.descriptor_offset, isa::kJobDescOffsetBytes);
  put(entry, isa::kJobDescCountByte, job.descriptor_count, isa::kJobDescCountBytes);
  put(entry, isa::kJobDescRegionByte, job.descriptor_region, isa::kJobDescRegionBytes);
  put(entry, isa::kJobConfigHashByte, job.config_hash, isa::kJobConfigHashBytes);
  put(entry, isa::kJobJobIdByte, id, isa::kJobJobIdBytes);
  for (size_t r = 0; r < job.regions.size(); ++r) {
    const RegionGrant& region = job.regions[r];
    const int at = isa::kJobRegionsByte + 16 * static_cast<int>(r);
    put(entry, at, region.base | (region.readable ? 1 : 0) | (region.writable ? 2 : 0), 8);
    put(entry, at + 8, region.base + region.bytes, 8);
  }
  return entry;
}

}  // namespace

JobQueue::JobQueue(Device& device, MemoryPool& pool)
    : device_(device), ring_(pool.allocate(isa::kJobBytes << kRingLog2)) {
  const uint32_t id = device.read_register(regs::kIdOffset);
  if (id != regs::kIdReset) {
    fail(ErrorKind::kDevice,
         "there is no Weft accelerator here: its id register reads {:#010x}, not {:#010x}", id,
         regs::kIdReset);
  }
  const uint32_t version = device.read_register(regs::kVersionOffset);
  if (version != static_cast<uint32_t>(isa::kIsaVersion)) {
    fail(ErrorKind::kMismatch, "the device has instruction set version {}, this driver speaks {}",
         version, isa::kIsaVersion);
  }
  device.write_register(regs::kControlOffset, 0);
  soft_reset();
  device.write_register(regs::kRingBaseLoOffset, static_cast<uint32_t>(ring_.address()));
  device.write_register(regs::kRingBaseHiOffset, static_cast<uint32_t>(ring_.address() >> 32));
  device.write_register(regs::kRingSizeOffset, kRingLog2);
  head_ = static_cast<uint16_t>(device.read_register(regs::kRingTailOffset));
  const uint32_t causes = regs::kIrqEnableDoneMask | regs::kIrqEnableErrorMask;
  device.write_register(regs::kIrqStatusOffset, causes);
  device.write_register(regs::kIrqEnableOffset, causes);
  device.write_register(regs::kControlOffset, regs::kControlEnableMask);
}

JobQueue::~JobQueue() {
  try {
    device_.write_register(regs::kControlOffset, 0);
  } catch (...) {
    // A device that no longer answers takes no jobs either.
  }
}

void JobQueue::set_watchdog(uint32_t cycles) {
  device_.write_register(regs::kWatchdogOffset, cycles);
}

void JobQueue::soft_reset() {
  const uint32_t enabled = device_.read_register(regs::kControlOffset) & regs::kControlEnableMask;
  device_.write_register(regs::kControlOffset, enabled | regs::kControlSoftResetMask);
  // Each register read costs the device some cycles: it goes on while it is asked.
  for (uint64_t i = 0; i < kDrainCycles; ++i) {
    if ((device_.read_register(regs::kControlOffset) & regs::kControlSoftResetMask) == 0) return;
  }
  fail(ErrorKind::kTimeout,
       "the device does not end its soft reset: the memory bus does not answer");
}

Completion JobQueue::run(const Job& job, uint64_t max_cycles) {
  const uint64_t id = next_id_++;
  const uint64_t entry = uint64_t{head_ & ((1U << kRingLog2) - 1)} * isa::kJobBytes;
  ring_.write(entry, encode(job, id));
  ++head_;
  device_.write_register(regs::kRingHeadOffset, head_);
  if (!device_.wait_interrupt(max_cycles)) {
    soft_reset();
    // It may have ended after all before the reset reached it.
    device_.write_register(regs::kIrqStatusOffset,
                           regs::kIrqStatusDoneMask | regs::kIrqStatusErrorMask);
    fail(ErrorKind::kTimeout, "the job did not end within {} cycles and was abandoned", max_cycles);
  }
  const uint32_t causes = device_.read_register(regs::kIrqStatusOffset);
  device_.write_register(regs::kIrqStatusOffset, causes);
  const Completion completion = read_completion(entry, id);
  if ((causes & regs::kIrqStatusErrorMask) != 0) {
    device_.write_register(regs::kControlOffset,
                           regs::kControlEnableMask | regs::kControlResumeMask);
  }
  return completion;
}

Completion JobQueue::read_completion(uint64_t entry, uint64_t id) {
  std::vector<uint8_t> bytes(isa::kJobBytes);
  ring_.read(entry, bytes);
  const auto get = [&](int byte, int size) {
    return load_le(bytes.data() + byte, static_cast<size_t>(size));
  };
  Completion c;
  c.recorded = get(isa::kJobDoneMagicByte, isa::kJobDoneMagicBytes) == isa::kJobDoneMagic &&
               get(isa::kJobDoneJobIdByte, isa::kJobDoneJobIdBytes) == id;
  if (c.recorded) {
    c.code = static_cast<isa::ErrorCode>(get(isa::kJobDoneCodeByte, isa::kJobDoneCodeBytes));
    c.engine = static_cast<uint32_t>(get(isa::kJobDoneEngineByte, isa::kJobDoneEngineBytes));
    c.index = static_cast<uint32_t>(get(isa::kJobDoneIndexByte, isa::kJobDoneIndexBytes));
    c.response = static_cast<uint32_t>(get(isa::kJobDoneRespByte, isa::kJobDoneRespBytes));
    c.address = get(isa::kJobDoneAddressByte, isa::kJobDoneAddressBytes);
    c.cycles = get(isa::kJobDoneCyclesByte, isa::kJobDoneCyclesBytes);
    return c;
  }
  const uint32_t code = device_.read_register(regs::kErrorCodeOffset);
  c.code =
      static_cast<isa::ErrorCode>((code & regs::kErrorCodeCodeMask) >> regs::kErrorCodeCodeShift);
  c.engine = (code & regs::kErrorCodeEngineMask) >> regs::kErrorCodeEngineShift;
  c.response = (code & regs::kErrorCodeRespMask) >> regs::kErrorCodeRespShift;
  c.index = device_.read_register(regs::kErrorIndexOffset);
  c.address = uint64_t{device_.read_register(regs::kErrorAddrHiOffset)} << 32 |
              device_.read_register(regs::kErrorAddrLoOffset);
  if (c.code == isa::ErrorCode::kNone) {
    fail(ErrorKind::kDevice,
         "the device says that the job ended, but left neither a record nor an error");
  }
  return c;
}

}  // namespace weft::driver
