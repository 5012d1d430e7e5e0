#include "sim/systemc/loosely_timed.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "isa/activity.h"

namespace weft::systemc {
namespace {

// As the accurate body has them: a register access takes so many cycles; a job's first counted cycle
// is the second after the one in which the write of its doorbell began.
constexpr unsigned kAccessCycles = 2;
constexpr uint64_t kDoorbell = 1;
// From a job's last cycle to its interrupt, beside the memory's latency and the beats of its record.
constexpr uint64_t kRecord = 7;
constexpr size_t kEstimatesKept = 256;
constexpr size_t kStackBytes = 1 << 20;

std::vector<uint64_t> counters_of(const cost::Estimate& estimate) {
  std::vector<uint64_t> counters(regs::kNumCounters);
  counters[static_cast<size_t>(regs::Counter::kCycles)] = estimate.cycles;
  for (size_t e = 0; e < estimate.engines.size(); ++e) {
    const auto put = [&](isa::Activity activity, uint64_t cycles) {
      counters[static_cast<size_t>(isa::counter_of(static_cast<isa::Engine>(e), activity))] =
          cycles;
    };
    const cost::EngineCycles& did = estimate.engines[e];
    put(isa::Activity::kLatency, did.stalled);  // which the cost model does not split
    put(isa::Activity::kWait, did.waiting);
    put(isa::Activity::kIdle, did.idle);
  }
  return counters;
}

// Before there are processes of what is then not made.
const AcceleratorOptions& checked(const AcceleratorOptions& options) {
  cost::check_memory(options.timing);
  return options;
}

}  // namespace

LooselyTimed::LooselyTimed(const sc_core::sc_module_name& name, const std::string& config,
                           const AcceleratorOptions& options)
    : Accelerator(name, config, checked(options)),
      hardware_(isa::find_config(config)),
      dram_(memory),
      controller_(hardware_, dram_),
      later_(this, &LooselyTimed::answer) {
  sc_core::sc_spawn_options thread;
  thread.set_stack_size(kStackBytes);
  sc_core::sc_spawn([this] { run_jobs(); }, sc_core::sc_gen_unique_name("jobs"), &thread);
}

void LooselyTimed::access_now(tlm::tlm_generic_payload& trans) {
  const auto offset = static_cast<uint32_t>(trans.get_address());
  const bool ran = controller_.job_runs();
  try {
    if (trans.is_read()) {
      store_le32(trans.get_data_ptr(), controller_.read_register(offset));
    } else {
      controller_.write_register(offset, load_le32(trans.get_data_ptr()));
    }
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  } catch (const Error&) {
    trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  }
  if (ran && !controller_.job_runs()) {
    dram_.refuse(executing_);
    job_abandoned_.notify(sc_core::SC_ZERO_TIME);
  }
  if (controller_.job_waits()) job_waits_.notify(sc_core::SC_ZERO_TIME);
  drive_interrupt(controller_.interrupt(), sc_core::SC_ZERO_TIME);
}

// An initiator that is ahead of time waits here: what it reads depends on when.
void LooselyTimed::access(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  access_now(trans);
  delay = kAccessCycles * options_.period;
}

tlm::tlm_sync_enum LooselyTimed::begin_access(tlm::tlm_generic_payload& trans,
                                              tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (delay != sc_core::SC_ZERO_TIME) {
    later_.notify(trans, phase, delay);
    return tlm::TLM_ACCEPTED;
  }
  access_now(trans);
  delay = kAccessCycles * options_.period;
  return tlm::TLM_COMPLETED;
}

void LooselyTimed::answer(tlm::tlm_generic_payload& trans, const tlm::tlm_phase&) {
  access_now(trans);
  end_access(trans, kAccessCycles * options_.period);
}

unsigned LooselyTimed::peek(tlm::tlm_generic_payload& trans) {
  const auto value = controller_.peek_register(static_cast<uint32_t>(trans.get_address()));
  if (!trans.is_read() || !value) return 0;
  store_le32(trans.get_data_ptr(), *value);
  return trans.get_data_length();
}

tlm::tlm_sync_enum LooselyTimed::from_memory(tlm::tlm_generic_payload&, tlm::tlm_phase&,
                                             sc_core::sc_time&) {
  SC_REPORT_ERROR("/weft/memory", "the memory answers a b_transport with nb_transport_bw");
  return tlm::TLM_COMPLETED;
}

void LooselyTimed::run_jobs() {
  while (true) {
    while (!controller_.job_waits()) sc_core::wait(job_waits_);
    run_job();
  }
}

void LooselyTimed::run_job() {
  const uint64_t doorbell = cycle();
  emulator::Controller::JobWork work;
  executing_ = true;
  controller_.begin_job(&work);
  executing_ = false;
  dram_.refuse(false);
  if (!controller_.job_runs()) return;  // abandoned while the memory let time pass
  const Estimate estimate = reckon(work);
  if (tracing_) trace_job(work, *estimate, doorbell);
  const uint64_t cycles = kDoorbell + estimate->cycles + record_cycles();
  const auto end = sc_core::sc_time::from_value((doorbell + cycles) * options_.period.value());
  if (end > sc_core::sc_time_stamp()) sc_core::wait(end - sc_core::sc_time_stamp(), job_abandoned_);
  if (!controller_.job_runs()) return;
  controller_.end_job(estimate->cycles, counters_of(*estimate));
  drive_interrupt(controller_.interrupt(), sc_core::SC_ZERO_TIME);
}

uint64_t LooselyTimed::record_cycles() const {
  const cost::MemoryTiming& timing = options_.timing;
  const uint64_t beats = isa::kDescriptorBytes / static_cast<uint64_t>(hardware_.bus_bytes());
  return timing.latency + kRecord + (beats - 1) * timing.bandwidth_den / timing.bandwidth_num;
}

// A job that failed took what was executed of it takes, for want of anything better.
LooselyTimed::Estimate LooselyTimed::reckon(const emulator::Controller::JobWork& work) {
  constexpr uint64_t kPage = 4096;
  std::vector<uint64_t> bases;
  uint64_t key = kFnv1aSeed;
  for (const emulator::RegionWindow& region : work.regions) {
    bases.push_back(region.base % kPage);
    std::array<uint8_t, 8> bytes;
    store_le64(bytes.data(), bases.back());
    key = fnv1a(bytes, key);
  }
  for (const isa::Bytes& descriptor : work.descriptors) key = fnv1a(descriptor, key);
  const auto known = estimates_.find(key);
  if (known != estimates_.end()) return known->second;
  auto estimate = std::make_shared<cost::Estimate>();
  try {
    if (!work.descriptors.empty()) {
      *estimate = cost::estimate_job(work.descriptors, bases, hardware_, options_.timing);
    }
  } catch (const Error&) {
    // It could not come to its end on the machine either.
    estimate->cycles = controller_.read_register(regs::kWatchdogOffset);
  }
  if (estimates_.size() >= kEstimatesKept) estimates_.clear();
  return estimates_[key] = std::move(estimate);
}

void LooselyTimed::enable_trace(bool enable) {
  tracing_ = enable;
  events_.clear();
}

std::vector<driver::TraceEvent> LooselyTimed::take_trace() { return std::exchange(events_, {}); }

void LooselyTimed::trace_job(const emulator::Controller::JobWork& work,
                             const cost::Estimate& estimate, uint64_t doorbell) {
  const size_t first = events_.size();
  for (uint32_t i = 0; i < estimate.descriptors.size(); ++i) {
    const auto header = isa::decode_fields<isa::Header>(work.descriptors[i]);
    const auto engine =
        static_cast<uint8_t>(isa::engine_of(static_cast<isa::Opcode>(header.opcode)));
    const cost::DescriptorTiming& timing = estimate.descriptors[i];
    events_.push_back({doorbell + kDoorbell + timing.begin, i, engine, false});
    events_.push_back({doorbell + kDoorbell + timing.done, i, engine, true});
  }
  std::stable_sort(events_.begin() + static_cast<ptrdiff_t>(first), events_.end(),
                   [](const auto& a, const auto& b) { return a.cycle < b.cycle; });
}

std::vector<uint8_t> LooselyTimed::read_on_chip(driver::OnChip memory) {
  const std::span<const uint8_t> bytes = controller_.on_chip(memory);
  return {bytes.begin(), bytes.end()};
}

bool LooselyTimed::write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) {
  const std::span<uint8_t> bytes = controller_.on_chip(memory);
  if (data.size() != bytes.size()) return false;
  std::copy(data.begin(), data.end(), bytes.begin());
  return true;
}

}  // namespace weft::systemc
