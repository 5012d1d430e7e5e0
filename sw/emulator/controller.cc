#include "emulator/controller.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/error.h"
#include "isa/activity.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;

constexpr uint32_t kControl = 7;  // engine number of errors that control finds
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

Controller::Controller(const isa::HardwareConfig& config, Dram& dram, const Kernels* kernels)
    : config_(config), dram_(dram), machine_(config, dram, kernels) {}

uint64_t Controller::counter(uint32_t index) const {
  const WorkCounters& work = machine_.counters();
  const auto beats = [&](uint64_t bytes) {
    const auto beat = static_cast<uint64_t>(config_.bus_bytes());
    return (bytes + beat - 1) / beat;
  };
  const uint64_t reckoned = index < reckoned_.size() ? reckoned_[index] : 0;
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
  return reckoned;
}

std::optional<uint32_t> Controller::peek_register(uint32_t offset) const {
  const auto low = [](uint64_t v) { return static_cast<uint32_t>(v); };
  const auto high = [](uint64_t v) { return static_cast<uint32_t>(v >> 32); };
  if (offset % 4 == 0 && offset >= regs::kCounterBase &&
      offset < regs::kCounterBase + 8 * static_cast<uint32_t>(regs::kNumCounters)) {
    const uint32_t index = (offset - regs::kCounterBase) / 8;
    return offset % 8 != 0 ? latched_ : low(counter(index));
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
    case regs::kStatusOffset:
      return (halted_ ? regs::kStatusHaltedMask : 0) | (running_ ? regs::kStatusBusyMask : 0);
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
  return std::nullopt;
}

uint32_t Controller::read_register(uint32_t offset) {
  const std::optional<uint32_t> value = peek_register(offset);
  if (!value) {
    fail(ErrorKind::kDevice, "register {:#05x} cannot be read: the device refused the access",
         offset);
  }
  if (offset >= regs::kCounterBase && offset % 8 == 0) {
    latched_ = static_cast<uint32_t>(counter((offset - regs::kCounterBase) / 8) >> 32);
  }
  return *value;
}

void Controller::write_register(uint32_t offset, uint32_t value) {
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
}

void Controller::soft_reset() {
  tail_ = head_;
  halted_ = false;
  running_ = false;
}

void Controller::begin_job(JobWork* work) {
  entry_ = ring_base_ + (tail_ & ((1U << ring_log2_) - 1)) * isa::kJobBytes;
  running_ = true;
  error_ = {};
  reckoned_.clear();
  recorded_ = run_job(entry_, work);
  if (work != nullptr) work->failed = error_.fault.code != ErrorCode::kNone;
}

void Controller::end_job(uint64_t cycles, std::vector<uint64_t> counters) {
  reckoned_ = std::move(counters);
  const uint32_t refused = recorded_ ? write_record(cycles) : 0;
  // The first error is the one that is kept.
  if (refused != 0 && error_.fault.code == ErrorCode::kNone) {
    error_ = {{ErrorCode::kBus, entry_ + kRecordByte, refused}, kControl, 0};
  }
  running_ = false;
  ++tail_;
  if (error_.fault.code == ErrorCode::kNone) {
    irq_status_ |= regs::kIrqStatusDoneMask;
    return;
  }
  last_error_ = error_;
  halted_ = true;
  irq_status_ |= regs::kIrqStatusErrorMask;
}

bool Controller::run_job(uint64_t entry, JobWork* work) {
  machine_.begin_job({});
  fetched_bytes_ = kRecordByte;
  const DramAnswer answer = dram_.read(entry, kRecordByte);
  if (answer.data == nullptr) {
    error_ = {{ErrorCode::kBus, entry, answer.response}, kControl, 0};
    return false;
  }
  std::array<uint8_t, kRecordByte> line;  // its own copy: see DramAnswer
  std::copy_n(answer.data, line.size(), line.begin());
  const uint8_t* bytes = line.data();
  id_ = job_field(bytes, isa::kJobJobIdByte, isa::kJobJobIdBytes);
  if (job_field(bytes, isa::kJobConfigHashByte, isa::kJobConfigHashBytes) != config_.config_hash) {
    error_ = {{ErrorCode::kConfigMismatch, 0, 0}, kControl, 0};
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
    error_ = {{ErrorCode::kBadJob, 0, 0}, kControl, 0};
    return true;
  }
  machine_.begin_job(regions);
  if (work != nullptr) work->regions = regions;
  run_descriptors(first, static_cast<uint32_t>(count), work);
  return true;
}

void Controller::run_descriptors(uint64_t first, uint32_t count, JobWork* work) {
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t address = first + uint64_t{i} * isa::kDescriptorBytes;
    const DramAnswer answer = dram_.read(address, isa::kDescriptorBytes);
    fetched_bytes_ += isa::kDescriptorBytes;
    if (answer.data == nullptr) {
      error_ = {{ErrorCode::kBus, address, answer.response}, kControl, i};
      return;
    }
    isa::Bytes descriptor;  // its own copy: a store may write where it lies
    std::copy_n(answer.data, descriptor.size(), descriptor.begin());
    const Fault fault = machine_.execute(descriptor);
    if (fault.code == ErrorCode::kNone) {
      if (work != nullptr) work->descriptors.push_back(descriptor);
      continue;
    }
    const isa::OpcodeInfo* opcode = isa::find_opcode(descriptor[0]);
    const bool of_engine = opcode != nullptr && fault.code != ErrorCode::kDeadlock;
    error_ = {fault, of_engine ? static_cast<uint32_t>(opcode->engine) : kControl, i};
    return;
  }
}

std::span<uint8_t> Controller::on_chip(driver::OnChip memory) {
  switch (memory) {
    case driver::OnChip::kAct: return machine_.act();
    case driver::OnChip::kWgt: return machine_.wgt();
    case driver::OnChip::kParam: return machine_.param();
    case driver::OnChip::kAcc: break;
  }
  const std::span<int32_t> acc = machine_.acc();
  return {reinterpret_cast<uint8_t*>(acc.data()), acc.size_bytes()};
}

uint32_t Controller::write_record(uint64_t cycles) {
  std::array<uint8_t, kLine> line{};
  const auto put = [&](int byte, int bytes, uint64_t value) {
    store_le(line.data() + byte - kRecordByte, value, static_cast<size_t>(bytes));
  };
  put(isa::kJobDoneJobIdByte, isa::kJobDoneJobIdBytes, id_);
  put(isa::kJobDoneCyclesByte, isa::kJobDoneCyclesBytes, cycles);
  put(isa::kJobDoneCodeByte, isa::kJobDoneCodeBytes, static_cast<uint64_t>(error_.fault.code));
  put(isa::kJobDoneEngineByte, isa::kJobDoneEngineBytes, error_.engine);
  put(isa::kJobDoneIndexByte, isa::kJobDoneIndexBytes, error_.index);
  put(isa::kJobDoneRespByte, isa::kJobDoneRespBytes, error_.fault.response);
  put(isa::kJobDoneAddressByte, isa::kJobDoneAddressBytes, error_.fault.address);
  put(isa::kJobDoneMagicByte, isa::kJobDoneMagicBytes, isa::kJobDoneMagic);
  return dram_.write(entry_ + kRecordByte, line);
}

}  // namespace weft::emulator
