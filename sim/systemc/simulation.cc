#include "sim/systemc/simulation.h"

namespace weft::systemc {
namespace {

std::recursive_mutex& kernel() {
  static std::recursive_mutex mutex;
  return mutex;
}

void kill_threads(const std::vector<sc_core::sc_object*>& objects) {
  for (sc_core::sc_object* object : objects) {
    sc_core::sc_process_handle process(object);
    if (process.valid() && process.proc_kind() == sc_core::SC_THREAD_PROC_) {
      process.kill();
    } else {
      kill_threads(object->get_child_objects());
    }
  }
}

}  // namespace

Simulation::Entry::Entry(Simulation& simulation)
    : lock_(kernel()), before_(sc_core::sc_curr_simcontext) {
  sc_core::sc_curr_simcontext = simulation.context_;
}

Simulation::Entry::~Entry() { sc_core::sc_curr_simcontext = before_; }

Simulation::Simulation() {
  const std::lock_guard lock(kernel());
  // What the kernel makes with the first of its simulations is made with the default one, which stays.
  sc_core::sc_simcontext* before = sc_core::sc_get_curr_simcontext();
  context_ = new sc_core::sc_simcontext();
  sc_core::sc_curr_simcontext = before;
}

void Simulation::end() {
  const Entry entry(*this);
  // One that has failed runs nothing any more.
  if (context_->sim_status() != sc_core::SC_SIM_OK) return;
  sc_core::sc_spawn_options method;
  method.spawn_method();
  sc_core::sc_spawn([] { kill_threads(sc_core::sc_get_top_level_objects()); }, "end", &method);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  ended_ = true;
}

Simulation::~Simulation() {
  const Entry entry(*this);
  // The kernel cannot take down a simulation whose threads are left; it stays.
  if (ended_) delete context_;
}

}  // namespace weft::systemc
