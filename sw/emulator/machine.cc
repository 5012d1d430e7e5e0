#include "emulator/machine.h"

#include "isa/check.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;

Fault fault(ErrorCode code) { return {code, 0, 0}; }

}  // namespace

Machine::Machine(const isa::HardwareConfig& config, Dram& dram, const Kernels* kernels)
    : config_(config),
      kernels_(kernels != nullptr ? *kernels : kernels_of(config.rows).back()),
      dram_(dram) {
  const auto word = static_cast<size_t>(config.rows);
  act_.resize(static_cast<size_t>(config.act_words) * word);
  wgt_.resize(static_cast<size_t>(config.wgt_words) * word);
  param_.resize(static_cast<size_t>(config.param_words) * word);
  acc_.resize(static_cast<size_t>(config.acc_entries()) * word);
  packed_.resize(static_cast<size_t>(config.acc_entries()) * word);
  pad_.resize(word);
}

void Machine::begin_job(const RegionTable& regions) {
  regions_ = regions;
  semaphores_.fill(0);
  counters_ = {};
}

Fault Machine::execute(std::span<const uint8_t, isa::kDescriptorBytes> descriptor) {
  ++counters_.descriptors;
  Fault result = fault(isa::check_descriptor(descriptor, config_));
  if (result.code != ErrorCode::kNone) return result;
  const isa::Header header = isa::decode_fields<isa::Header>(descriptor);
  result = take_semaphores(header);
  if (result.code != ErrorCode::kNone) return result;
  switch (static_cast<isa::Opcode>(header.opcode)) {
    case isa::Opcode::kLoad: result = load(isa::decode_transfer(descriptor)); break;
    case isa::Opcode::kStore: result = store(isa::decode_transfer(descriptor)); break;
    case isa::Opcode::kConv: result = convolve(isa::decode_array(descriptor)); break;
    case isa::Opcode::kDwconv: result = depthwise(isa::decode_depthwise(descriptor)); break;
    case isa::Opcode::kRequant:
    case isa::Opcode::kMaxpool:
    case isa::Opcode::kMean:
    case isa::Opcode::kAvgpool:
    case isa::Opcode::kLut:
    case isa::Opcode::kAdd:
    case isa::Opcode::kMul:
    case isa::Opcode::kMaximum:
    case isa::Opcode::kMinimum: result = vector_pass(isa::decode_vector(descriptor)); break;
  }
  if (result.code == ErrorCode::kNone) raise_semaphores(header);
  return result;
}

// In program order every wait of a legal program is met when its turn comes.
Fault Machine::take_semaphores(const isa::Header& header) {
  auto left = semaphores_;
  for (const auto& w : header.wait) {
    if (left[w.sem] < w.count) return fault(ErrorCode::kDeadlock);
    left[w.sem] -= w.count;
  }
  semaphores_ = left;
  return {};
}

void Machine::raise_semaphores(const isa::Header& header) {
  for (const auto& r : header.raise) semaphores_[r.sem] += r.count;
}

Fault Machine::reach(uint32_t region, uint64_t offset, uint64_t bytes, bool write,
                     uint64_t& address) const {
  const RegionWindow& window = regions_[region];
  address = window.base + offset;
  const bool inside =
      address >= window.base && address < window.limit && bytes <= window.limit - address;
  if (inside && (write ? window.writable : window.readable)) return {};
  return {ErrorCode::kRegion, address, 0};
}

}  // namespace weft::emulator
