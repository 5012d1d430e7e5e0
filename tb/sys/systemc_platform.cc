#include "systemc_platform.h"

#include <algorithm>
#include <exception>

#include "base/error.h"
#include "sim/systemc/beats.h"
#include "weft_gen/configs.h"

namespace weft::tb {
namespace {

struct Mark final : tlm::tlm_extension<Mark> {
  explicit Mark(int& left) : gone(left) {}
  ~Mark() override { ++gone; }
  tlm_extension_base* clone() const override { return new Mark(gone); }
  void copy_from(const tlm_extension_base&) override {}
  int& gone;
};

}  // namespace

Watcher::Watcher(const sc_core::sc_module_name& name) : sc_module(name) {
  in.register_b_transport(this, &Watcher::b_transport);
  in.register_nb_transport_fw(this, &Watcher::forward);
  out.register_nb_transport_bw(this, &Watcher::backward);
  in.register_transport_dbg(this, &Watcher::debug);
  in.register_get_direct_mem_ptr(this, &Watcher::pointer);
  out.register_invalidate_direct_mem_ptr(this, &Watcher::invalidate);
}

unsigned Watcher::debug(tlm::tlm_generic_payload& trans) { return out->transport_dbg(trans); }

bool Watcher::pointer(tlm::tlm_generic_payload& trans, tlm::tlm_dmi& dmi) {
  ++pointers_asked;
  const bool given = !refuse_pointers && out->get_direct_mem_ptr(trans, dmi);
  if (given && only_reads) dmi.allow_read();
  pointers_given += given ? 1 : 0;
  return given;
}

void Watcher::invalidate(sc_dt::uint64 first, sc_dt::uint64 last) {
  in->invalidate_direct_mem_ptr(first, last);
}

void Watcher::b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
  if (adds_extensions && trans.has_mm()) {
    trans.set_auto_extension(new Mark(gone));
    ++added;
  }
  out->b_transport(trans, delay);
  transports.push_back({trans.is_write(), trans.get_address(), trans.get_data_length(),
                        trans.get_byte_enable_length(), trans.get_response_status()});
  if (!lets_time_pass) return;
  sc_core::wait(delay);
  delay = sc_core::SC_ZERO_TIME;
}

void Watcher::note(tlm::tlm_generic_payload& trans, const tlm::tlm_phase& phase) {
  Beats& beats = open_[&trans];
  beats.phases.push_back(phase.get_name());
  beats.write = trans.is_write();
  if (phase == tlm::BEGIN_REQ) {
    systemc::BurstExtension* extension = nullptr;
    trans.get_extension(extension);
    beats.address = trans.get_address();
    beats.bytes = trans.get_data_length();
    beats.id = extension->id;
    beats.beat_bytes = extension->beat_bytes;
  }
  const bool read_beat = trans.is_read() && phase == systemc::weft_beat_begin;
  if (read_beat || phase == tlm::BEGIN_RESP) {
    beats.responses.push_back(trans.get_response_status());
  }
  const bool ended =
      phase == tlm::END_RESP || (trans.is_read() && phase == systemc::weft_beat_end &&
                                 beats.responses.size() * beats.beat_bytes == beats.bytes);
  if (!ended) return;
  bursts.push_back(std::move(beats));
  open_.erase(&trans);
}

tlm::tlm_sync_enum Watcher::forward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                    sc_core::sc_time& delay) {
  note(trans, phase);
  const tlm::tlm_sync_enum answer = out->nb_transport_fw(trans, phase, delay);
  if (answer != tlm::TLM_UPDATED) return answer;
  if (!answers_within) {
    note(trans, phase);
    return answer;
  }
  backward(trans, phase, delay);
  return tlm::TLM_ACCEPTED;
}

tlm::tlm_sync_enum Watcher::backward(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
  note(trans, phase);
  return in->nb_transport_bw(trans, phase, delay);
}

SocketPlatform::SocketPlatform(const PlatformOptions& options) {
  const systemc::Simulation::Entry entry(simulation_);
  systemc::MemoryOptions of_memory;
  of_memory.timing = options.memory;
  of_memory.timing.bus_bytes = static_cast<unsigned>(isa::find_config(options.config).bus_bytes());
  of_memory.beats =
      options.memory_knows_beats && options.protocol == systemc::MemoryProtocol::kBeats;
  of_memory.grant_pointers = options.grant_pointers;
  of_memory.period = sc_core::sc_time(static_cast<double>(options.period_ns), sc_core::SC_NS);
  systemc::AcceleratorOptions of_accelerator;
  of_accelerator.protocol = options.protocol;
  of_accelerator.period = of_memory.period;
  of_accelerator.timing = {options.memory.read_latency, options.memory.beats_num,
                           options.memory.beats_den};
  systemc::SocketDeviceOptions of_device;
  of_device.config = options.config;
  of_device.memory_base = kBase;
  of_device.memory_bytes = options.memory_bytes;
  of_device.period = of_memory.period;

  interrupt_ = std::make_unique<sc_core::sc_signal<bool>>("interrupt");
  memory_ = std::make_unique<systemc::Memory>("memory", of_memory);
  memory_->add_range(kBase, options.memory_bytes);
  memory_->add_range(kBase + options.memory_bytes, options.error_bytes, sim::kSlvErr);
  watcher_ = std::make_unique<Watcher>("watcher");
  accelerator_ =
      systemc::make_accelerator("accelerator", options.body, options.config, of_accelerator);
  device_ = std::make_unique<systemc::SocketDevice>("device", of_device);
  accelerator_->memory.bind(watcher_->in);
  watcher_->out.bind(memory_->socket);
  device_->registers.bind(accelerator_->registers);
  device_->memory.bind(memory_->host);
  accelerator_->interrupt.bind(*interrupt_);
  device_->interrupt.bind(*interrupt_);
}

SocketPlatform::~SocketPlatform() {
  const systemc::Simulation::Entry entry(simulation_);
  simulation_.end();
  device_.reset();
  accelerator_.reset();
  watcher_.reset();
  memory_.reset();
  interrupt_.reset();
}

void SocketPlatform::run(const std::function<void()>& host) {
  const systemc::Simulation::Entry entry(simulation_);
  std::exception_ptr failure;
  bool done = false;
  sc_core::sc_spawn_options thread;
  thread.set_stack_size(1 << 20);
  sc_core::sc_spawn(
      [&] {
        try {
          host();
        } catch (const Error&) {
          failure = std::current_exception();
        }
        done = true;
        sc_core::sc_pause();
      },
      sc_core::sc_gen_unique_name("host"), &thread);
  sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_MS));
  if (failure) std::rethrow_exception(failure);
  if (!done) fail(ErrorKind::kTimeout, "the host of the platform did not come to its end");
}

}  // namespace weft::tb
