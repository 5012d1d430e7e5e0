#include "sim/systemc/simulation.h"

namespace weft::systemc {
namespace {

std::recursive_mutex& kernel() {
  static std::recursive_mutex mutex;
  return mutex;
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

Simulation::~Simulation() {
  const Entry entry(*this);
  delete context_;
}

}  // namespace weft::systemc
