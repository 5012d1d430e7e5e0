// The backends systemc and systemc_lt: an accelerator with its memory in a simulation of their own, as
// a Device. Between calls time stands a quarter of a cycle behind a cycle's beginning, when the
// memory has driven its pins and the accelerator has not yet looked at them.
#include <cstring>

#include "base/bytes.h"
#include "base/error.h"
#include "driver/backend.h"
#include "sim/memory_options.h"
#include "sim/systemc/accelerator.h"
#include "sim/systemc/memory.h"
#include "sim/systemc/simulation.h"
#include "weft_gen/configs.h"

namespace weft::systemc {
namespace {

using sc_core::sc_time;

// The host's side of the sockets: it stops the simulation when what is waited for has come.
class Host final : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<Host> registers{"registers"};
  sc_core::sc_in<bool> interrupt{"interrupt"};

  explicit Host(const sc_core::sc_module_name& name) : sc_module(name) {
    registers.register_nb_transport_bw(this, &Host::nb_transport_bw);
    sc_core::sc_spawn_options method;
    method.spawn_method();
    method.dont_initialize();
    method.set_sensitivity(&interrupt.pos());
    sc_core::sc_spawn([this] { interrupted(); }, "interrupted", &method);
  }

  bool waits_interrupt = false;  // stop at the next
  bool answered = false;
  sc_time answer_delay;

 private:
  void interrupted() {
    if (waits_interrupt) sc_core::sc_pause();
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_time& delay) {
    answered = true;
    answer_delay = delay;
    sc_core::sc_pause();
    return tlm::TLM_COMPLETED;
  }
};

struct Platform {
  Platform(Body body, const std::string& config, const driver::DeviceOptions& options,
           const sc_time& period)
      : memory("memory", memory_options(body, config, options, period)),
        accelerator(
            make_accelerator("accelerator", body, config, accelerator_options(options, period))),
        host("host") {
    memory.add_range(sim::kMemoryBase, options.memory_bytes);
    if (options.error_window_bytes > 0) {
      memory.add_range(sim::kMemoryBase + options.memory_bytes, options.error_window_bytes,
                       sim::kSlvErr);
    }
    host.registers.bind(accelerator->registers);
    accelerator->memory.bind(memory.socket);
    accelerator->interrupt.bind(interrupt);
    host.interrupt.bind(interrupt);
  }

  static MemoryOptions memory_options(Body body, const std::string& config,
                                      const driver::DeviceOptions& options, const sc_time& period) {
    MemoryOptions of_memory;
    of_memory.timing = sim::memory_config(options, isa::find_config(config));
    of_memory.period = period;
    of_memory.beats = body == Body::kAccurate;
    return of_memory;
  }

  static AcceleratorOptions accelerator_options(const driver::DeviceOptions& options,
                                                const sc_time& period) {
    AcceleratorOptions of_accelerator;
    of_accelerator.period = period;
    of_accelerator.protocol = MemoryProtocol::kBeats;
    of_accelerator.timing = {options.latency_cycles, options.bandwidth_num, options.bandwidth_den};
    of_accelerator.hold_probability = options.hold_probability;
    of_accelerator.queue_limit = options.queue_limit;
    of_accelerator.seed = options.seed;
    return of_accelerator;
  }

  sc_core::sc_signal<bool> interrupt{"interrupt"};
  Memory memory;
  std::unique_ptr<Accelerator> accelerator;
  Host host;
};

class SystemcDevice final : public driver::Device {
 public:
  SystemcDevice(const std::string& backend, const std::string& config,
                const driver::DeviceOptions& options)
      : backend_(backend), memory_bytes_(options.memory_bytes) {
    const Simulation::Entry entry(simulation_);
    const Body body = backend == "systemc" ? Body::kAccurate : Body::kLooselyTimed;
    period_ = sc_time(1, sc_core::SC_NS);
    platform_ = std::make_unique<Platform>(body, config, options, period_);
    advance(period_ / 4);
  }

  ~SystemcDevice() override {
    const Simulation::Entry entry(simulation_);
    simulation_.end();
    platform_.reset();
  }

  std::string backend() const override { return backend_; }
  std::string config() const override { return platform_->accelerator->config(); }

  uint32_t read_register(uint32_t offset) override {
    uint8_t bytes[4] = {};
    access(tlm::TLM_READ_COMMAND, offset, bytes, "read");
    return load_le32(bytes);
  }

  void write_register(uint32_t offset, uint32_t value) override {
    uint8_t bytes[4];
    store_le32(bytes, value);
    access(tlm::TLM_WRITE_COMMAND, offset, bytes, "written");
  }

  uint64_t memory_base() const override { return sim::kMemoryBase; }
  uint64_t memory_bytes() const override { return memory_bytes_; }

  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    if (!out.empty()) std::memcpy(out.data(), at(address, out.size()), out.size());
  }

  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    if (!data.empty()) std::memcpy(at(address, data.size()), data.data(), data.size());
  }

  bool wait_interrupt(uint64_t max_cycles) override {
    const Simulation::Entry entry(simulation_);
    // As much as simulated time can hold of it.
    constexpr uint64_t kMostCycles = uint64_t{1} << 50;
    const uint64_t until = now() + std::min(max_cycles, kMostCycles);
    platform_->host.waits_interrupt = true;
    while (!platform_->interrupt.read() && now() < until) advance_to(until);
    platform_->host.waits_interrupt = false;
    // A stop at the interrupt is not yet in its place in the cycle.
    advance_to(now());
    if (platform_->memory.array().violation_count() > 0) {
      fail(ErrorKind::kInternal, "the accelerator broke the AXI protocol: {}",
           platform_->memory.array().violations()[0]);
    }
    return platform_->interrupt.read();
  }

  uint64_t cycle() const override { return cycle_; }

  void enable_trace(bool enable) override { platform_->accelerator->enable_trace(enable); }
  std::vector<driver::TraceEvent> take_trace() override {
    return platform_->accelerator->take_trace();
  }

  void trace_writes(bool enable) override { platform_->memory.trace_writes(enable); }
  std::vector<driver::MemoryWrite> take_writes() override {
    return platform_->memory.take_writes();
  }

  void trace_bus(bool enable) override {
    platform_->memory.array().log_bursts(enable ? &bursts_ : nullptr);
    bursts_.clear();
  }
  std::vector<driver::MemoryBurst> take_bursts() override {
    std::vector<driver::MemoryBurst> taken;
    const unsigned beat_bytes = platform_->memory.array().config().bus_bytes;
    for (const sim::AxiBurst& b : bursts_) {
      taken.push_back({b.issue, b.first, b.last, b.address, b.beats * beat_bytes, b.id, b.write});
    }
    bursts_.clear();
    return taken;
  }

  void trace_activity(bool enable) override { platform_->accelerator->trace_activity(enable); }
  std::vector<driver::ActivityChange> take_activity() override {
    return platform_->accelerator->take_activity();
  }

  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override {
    return platform_->accelerator->read_on_chip(memory);
  }
  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override {
    return platform_->accelerator->write_on_chip(memory, data);
  }

 private:
  // Inside the simulation.
  uint64_t now() const { return platform_->accelerator->cycle(); }

  // Lets time pass; it may stop earlier.
  void advance(const sc_time& time) {
    // The kernel passes over a simulation that has failed, so nothing would ever come of it.
    if (failure_.empty()) {
      try {
        sc_core::sc_start(time);
      } catch (const sc_core::sc_report& report) {
        failure_ = report.get_msg();
      }
      cycle_ = now();
    }
    if (!failure_.empty()) fail(ErrorKind::kInternal, "{}", failure_);
  }
  void advance_to(uint64_t cycle) {
    const sc_time then = sc_time::from_value(cycle * period_.value() + period_.value() / 4);
    if (then > sc_core::sc_time_stamp()) advance(then - sc_core::sc_time_stamp());
  }

  void access(tlm::tlm_command command, uint32_t offset, uint8_t* bytes, const char* what) {
    const Simulation::Entry entry(simulation_);
    tlm::tlm_generic_payload trans;
    trans.set_command(command);
    trans.set_address(offset);
    trans.set_data_ptr(bytes);
    trans.set_data_length(sizeof(uint32_t));
    trans.set_streaming_width(sizeof(uint32_t));
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_time delay = sc_core::SC_ZERO_TIME;
    Host& host = platform_->host;
    host.answered = false;
    if (host.registers->nb_transport_fw(trans, phase, delay) == tlm::TLM_ACCEPTED) {
      while (!host.answered) advance(period_);
      delay = host.answer_delay;
    }
    const sc_time end = sc_core::sc_time_stamp() + delay;
    advance_to(end.value() / period_.value());
    if (trans.is_response_error()) {
      fail(ErrorKind::kDevice, "register {:#05x} cannot be {}: the device refused the access",
           offset, what);
    }
  }

  uint8_t* at(uint64_t address, uint64_t bytes) {
    return sim::host_bytes(platform_->memory.array(), memory_bytes_, address, bytes);
  }

  const std::string backend_;
  const uint64_t memory_bytes_;
  Simulation simulation_;
  sc_time period_;
  std::unique_ptr<Platform> platform_;
  uint64_t cycle_ = 0;
  std::string failure_;  // of the simulation, which it has ended
  std::vector<sim::AxiBurst> bursts_;
};

}  // namespace
}  // namespace weft::systemc

extern "C" __attribute__((visibility("default"))) weft::driver::Device* weft_make_systemc_device(
    const char* backend, const char* config, const weft::driver::DeviceOptions* options) {
  return new weft::systemc::SystemcDevice(backend, config, *options);
}
