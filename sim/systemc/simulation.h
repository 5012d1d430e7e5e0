// SystemC simulations side by side: the kernel has one that is current, of which all its functions
// speak, and modules cannot be added to one that has begun. A Simulation is one of its own; who enters
// it has the kernel to itself, in the whole process, until it leaves.
//
// So simulations of several threads take turns. A program that runs a simulation of its own while it
// uses these must do so on the thread, and between the calls, that use them.
#pragma once

#include <mutex>

#include <systemc>

namespace weft::systemc {

class Simulation {
 public:
  // The kernel, with this simulation as the current one; then again what was.
  class Entry {
   public:
    explicit Entry(Simulation& simulation);
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    std::unique_lock<std::recursive_mutex> lock_;
    sc_core::sc_simcontext* before_;
  };

  Simulation();
  // Modules of it are gone by then, after end().
  ~Simulation();

  // Ends its threads, which the kernel does not do by itself: before modules go.
  void end();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

 private:
  sc_core::sc_simcontext* context_;
  bool ended_ = false;
};

}  // namespace weft::systemc
