#include "emulator/emulator_device.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/error.h"
#include "isa/activity.h"
#include "weft_gen/registers.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;

constexpr uint64_t kMemoryBase = uint64_t{1} << 36;
constexpr uint32_t kControl = 7;  // engine number of errors that control finds
constexpr uint32_t kSlaveError = 2, kDecodeError = 3;
constexpr uint64_t kLine = 64;
constexpr uint64_t kRecordByte = isa::kJobDoneJobIdByte;

uint64_t job_field(const uint8_t* entry, int byte, int bytes) {
  return load_le(entry + byte, static_cast<size_t>(bytes));
}

// The region table of a job entry; false: malformed.
bool parse_regions(const uint8_t* entry, RegionTable& table) {
  constexpr uint64_t kRights = 3, kMustBeZero = 0x3c;
  for (size_t r = 0; r < table.size(); ++r) {
    const uint64_t word = load_le64(entry + isa::kJobRegionsByte + 16 * r);
    const uint64_t limit = load_le64(entry + isa::kJobRegionsByte + 16 * r + 8);
    const uint64_t base = word & ~(kLine - 1);
    if ((word & kMustBeZero) != 0 || limit % kLine != 0 || limit < base) return false;
    table[r] = {base, limit, (word & 1) != 0, (word & kRights & 2) != 0};
  }
  return true;
}

}  // namespace

EmulatorDevice::EmulatorDevice(const isa::HardwareConfig& config,
                               const driver::DeviceOptions& options, const Kernels* kernels)
    : config_(config),
      memory_(options.memory_bytes),
      error_window_bytes_(options.error_window_bytes),
      machine_(
          config, [this](uint64_t address, uint64_t bytes) { return bus(address, bytes); },
          kernels),
      watchdog_(regs::kWatchdogReset) {}

uint64_t EmulatorDevice::memory_base() const { return kMemoryBase; }

DramAnswer EmulatorDevice::bus(uint64_t address, uint64_t bytes) {
  const uint64_t offset = address - kMemoryBase;
  if (address >= kMemoryBase && offset < memory_.size() && bytes <= memory_.size() - offset) {
    return {memory_.data() + offset, 0};
  }
  const bool window = address >= kMemoryBase && offset + bytes > memory_.size() &&
                      offset < memory_.size() + error_window_bytes_;
  return {nullptr, window ? kSlaveError : kDecodeError};
}

uint8_t* EmulatorDevice::host(uint64_t address, uint64_t bytes) {
  const uint64_t offset = address - kMemoryBase;
  if (address < kMemoryBase || offset > memory_.size() || bytes > memory_.size() - offset) {
    fail(ErrorKind::kInvalidArgument,
         "{} bytes at {:#x} are not in the device's memory ({} bytes at {:#x})", bytes, address,
         memory_.size(), kMemoryBase);
  }
  return memory_.data() + offset;
}

void EmulatorDevice::read_memory(uint64_t address, std::span<uint8_t> out) {
  if (!out.empty()) std::memcpy(out.data(), host(address, out.size()), out.size());
}

void EmulatorDevice::write_memory(uint64_t address, std::span<const uint8_t> data) {
  if (!data.empty()) std::memcpy(host(address, data.size()), data.data(), data.size());
}

std::span<uint8_t> EmulatorDevice::on_chip(driver::OnChip memory) {
  switch (memory) {
    case driver::OnChip::kAct: return machine_.act();
    case driver::OnChip::kWgt: return machine_.wgt();
    case driver::OnChip::kParam: return machine_.param();
    case driver::OnChip::kAcc: break;
  }
  const std::span<int32_t> acc = machine_.acc();
  return {reinterpret_cast<uint8_t*>(acc.data()), acc.size_bytes()};
}

std::vector<uint8_t> EmulatorDevice::read_on_chip(driver::OnChip memory) {
  const std::span<uint8_t> bytes = on_chip(memory);
  return {bytes.begin(), bytes.end()};
}

bool EmulatorDevice::write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) {
  const std::span<uint8_t> bytes = on_chip(memory);
  if (data.size() != bytes.size()) return false;
  std::copy(data.begin(), data.end(), bytes.begin());
  return true;
}

bool EmulatorDevice::wait_interrupt(uint64_t) { return (irq_status_ & irq_enable_) != 0; }

uint64_t EmulatorDevice::counter(uint32_t index) const {
  const WorkCounters& work = machine_.counters();
  const auto beats = [&](uint64_t bytes) {
    const auto beat = static_cast<uint64_t>(config_.bus_bytes());
    return (bytes + beat - 1) / beat;
  };
  switch (static_cast<regs::Counter>(index)) {
    case regs::Counter::kReadBeats: return beats(work.read_bytes + fetched_bytes_);
    case regs::Counter::kWriteBeats: return beats(work.write_bytes);
    case regs::Counter::kDescriptors: return work.descriptors;
    default: break;
  }
  for (size_t e = 0; e < work.busy.size(); ++e) {
    const auto engine = static_cast<isa::Engine>(e);
    if (static_cast<int>(index) == static_cast<int>(isa::counter_of(engine, isa::Activity::kBusy)))
      return work.busy[e];
  }
  return 0;  // it has no time
}

uint32_t EmulatorDevice::read_register(uint32_t offset) {
  const auto low = [](uint64_t v) { return static_cast<uint32_t>(v); };
  const auto high = [](uint64_t v) { return static_cast<uint32_t>(v >> 32); };
  if (offset % 4 == 0 && offset >= regs::kCounterBase &&
      offset < regs::kCounterBase + 8 * static_cast<uint32_t>(regs::kNumCounters)) {
    const uint32_t index = (offset - regs::kCounterBase) / 8;
    if (offset % 8 != 0) return latched_;
    latched_ = high(counter(index));
    return low(counter(index));
  }
  switch (offset) {
    case regs::kIdOffset: return regs::kIdReset;
    case regs::kVersionOffset: return isa::kIsaVersion;
    case regs::kConfigHashLoOffset: return low(config_.config_hash);
    case regs::kConfigHashHiOffset: return high(config_.config_hash);
    case regs::kCapabilityOffset:
      return static_cast<uint32_t>(config_.rows) << regs::kCapabilityArrayRowsShift |
             static_cast<uint32_t>(config_.cols) << regs::kCapabilityArrayColsShift |
             regs::kCapabilityEnginesMask;
    case regs::kControlOffset: return enabled_ ? regs::kControlEnableMask : 0;
    case regs::kStatusOffset: return halted_ ? regs::kStatusHaltedMask : 0;
    case regs::kIrqStatusOffset: return irq_status_;
    case regs::kIrqEnableOffset: return irq_enable_;
    case regs::kRingBaseLoOffset: return low(ring_base_);
    case regs::kRingBaseHiOffset: return high(ring_base_);
    case regs::kRingSizeOffset: return ring_log2_;
    case regs::kRingHeadOffset: return head_;
    case regs::kRingTailOffset: return tail_;
    case regs::kWatchdogOffset: return watchdog_;
    case regs::kErrorCodeOffset:
      return static_cast<uint32_t>(last_error_.fault.code) << regs::kErrorCodeCodeShift |
             last_error_.engine << regs::kErrorCodeEngineShift |
             last_error_.fault.response << regs::kErrorCodeRespShift;
    case regs::kErrorIndexOffset: return last_error_.index;
    case regs::kErrorAddrLoOffset: return low(last_error_.fault.address);
    case regs::kErrorAddrHiOffset: return high(last_error_.fault.address);
    default: break;
  }
  fail(ErrorKind::kDevice, "register {:#05x} cannot be read: the device refused the access",
       offset);
}

void EmulatorDevice::write_register(uint32_t offset, uint32_t value) {
  constexpr uint32_t kCauses = regs::kIrqEnableDoneMask | regs::kIrqEnableErrorMask;
  switch (offset) {
    case regs::kControlOffset:
      enabled_ = (value & regs::kControlEnableMask) != 0;
      if ((value & regs::kControlSoftResetMask) != 0) soft_reset();
      if ((value & regs::kControlResumeMask) != 0) halted_ = false;
      break;
    case regs::kIrqStatusOffset: irq_status_ &= ~value; break;
    case regs::kIrqEnableOffset: irq_enable_ = value & kCauses; break;
    case regs::kRingBaseLoOffset:
      ring_base_ =
          (ring_base_ & ~uint64_t{0xffffffff}) | (value & ~static_cast<uint32_t>(kLine - 1));
      break;
    case regs::kRingBaseHiOffset:
      ring_base_ = (ring_base_ & 0xffffffff) | uint64_t{value} << 32;
      break;
    case regs::kRingSizeOffset: ring_log2_ = value & regs::kRingSizeLog2Mask; break;
    case regs::kRingHeadOffset: head_ = static_cast<uint16_t>(value); break;
    case regs::kWatchdogOffset: watchdog_ = value; break;
    default:
      fail(ErrorKind::kDevice, "register {:#05x} cannot be written: the device refused the access",
           offset);
  }
  run_jobs();
}

void EmulatorDevice::soft_reset() {
  tail_ = head_;
  halted_ = false;
}

void EmulatorDevice::run_jobs() {
  while (enabled_ && !halted_ && head_ != tail_) {
    const uint64_t slot = tail_ & ((1U << ring_log2_) - 1);
    const uint64_t entry = ring_base_ + slot * isa::kJobBytes;
    JobError error;
    const bool record = run_job(entry, error);
    // The first error is the one that is kept.
    if (record && !write_record(entry, error) && error.fault.code == ErrorCode::kNone) {
      error = {{ErrorCode::kBus, entry + kRecordByte, bus(entry + kRecordByte, kLine).response},
               kControl,
               0};
    }
    ++tail_;
    if (error.fault.code == ErrorCode::kNone) {
      irq_status_ |= regs::kIrqStatusDoneMask;
      continue;
    }
    last_error_ = error;
    halted_ = true;
    irq_status_ |= regs::kIrqStatusErrorMask;
  }
}

bool EmulatorDevice::run_job(uint64_t entry, JobError& error) {
  machine_.begin_job({});
  fetched_bytes_ = kRecordByte;
  const DramAnswer answer = bus(entry, kRecordByte);
  if (answer.data == nullptr) {
    error = {{ErrorCode::kBus, entry, answer.response}, kControl, 0};
    return false;
  }
  const uint8_t* bytes = answer.data;
  if (job_field(bytes, isa::kJobConfigHashByte, isa::kJobConfigHashBytes) != config_.config_hash) {
    error = {{ErrorCode::kConfigMismatch, 0, 0}, kControl, 0};
    return true;
  }
  RegionTable regions;
  const bool regions_good = parse_regions(bytes, regions);
  const uint64_t offset = job_field(bytes, isa::kJobDescOffsetByte, isa::kJobDescOffsetBytes);
  const uint64_t count = job_field(bytes, isa::kJobDescCountByte, isa::kJobDescCountBytes);
  const uint64_t region = job_field(bytes, isa::kJobDescRegionByte, isa::kJobDescRegionBytes);
  bool good = regions_good && region < regions.size() && offset % kLine == 0 && count > 0;
  uint64_t first = 0;
  if (good) {
    const RegionWindow& window = regions[region];
    first = window.base + offset;
    good = window.readable && first >= window.base && first <= window.limit &&
           count * isa::kDescriptorBytes <= window.limit - first;
  }
  if (!good) {
    error = {{ErrorCode::kBadJob, 0, 0}, kControl, 0};
    return true;
  }
  machine_.begin_job(regions);
  run_descriptors(first, static_cast<uint32_t>(count), error);
  return true;
}

void EmulatorDevice::run_descriptors(uint64_t first, uint32_t count, JobError& error) {
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t address = first + uint64_t{i} * isa::kDescriptorBytes;
    const DramAnswer answer = bus(address, isa::kDescriptorBytes);
    fetched_bytes_ += isa::kDescriptorBytes;
    if (answer.data == nullptr) {
      error = {{ErrorCode::kBus, address, answer.response}, kControl, i};
      return;
    }
    isa::Bytes descriptor;  // its own copy: a store may write where it lies
    std::copy_n(answer.data, descriptor.size(), descriptor.begin());
    const Fault fault = machine_.execute(descriptor);
    if (fault.code == ErrorCode::kNone) continue;
    const isa::OpcodeInfo* opcode = isa::find_opcode(descriptor[0]);
    const bool of_engine = opcode != nullptr && fault.code != ErrorCode::kDeadlock;
    error = {fault, of_engine ? static_cast<uint32_t>(opcode->engine) : kControl, i};
    return;
  }
}

bool EmulatorDevice::write_record(uint64_t entry, const JobError& error) {
  uint8_t* bytes = bus(entry, isa::kJobBytes).data;
  if (bytes == nullptr) return false;
  std::memset(bytes + kRecordByte, 0, kLine);
  store_le64(bytes + isa::kJobDoneJobIdByte, load_le64(bytes + isa::kJobJobIdByte));
  store_le32(bytes + isa::kJobDoneCodeByte, static_cast<uint32_t>(error.fault.code));
  store_le32(bytes + isa::kJobDoneEngineByte, error.engine);
  store_le32(bytes + isa::kJobDoneIndexByte, error.index);
  store_le32(bytes + isa::kJobDoneRespByte, error.fault.response);
  store_le64(bytes + isa::kJobDoneAddressByte, error.fault.address);
  store_le64(bytes + isa::kJobDoneMagicByte, isa::kJobDoneMagic);
  return true;
}

}  // namespace weft::emulator
