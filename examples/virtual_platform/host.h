// The host of the platform: a thread for each accelerator, which runs a compiled network on it through
// the driver, as on any other device.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include <systemc>

#include "base/error.h"
#include "driver/session.h"
#include "sim/systemc/socket_device.h"

class Host final : public sc_core::sc_module {
 public:
  using Inputs = std::vector<std::vector<int8_t>>;

  // All must outlive it. `inputs`: of the network's one input.
  Host(const sc_core::sc_module_name& name, const weft::program::Program& program,
       const Inputs& inputs, std::vector<weft::systemc::SocketDevice*> devices)
      : sc_module(name), program_(program), inputs_(inputs), devices_(std::move(devices)) {
    for (const weft::program::Tensor& t : program.tensors) {
      if (t.role == weft::program::TensorRole::kOutput) output_ = t.name;
    }
    for (size_t i = 0; i < devices_.size(); ++i) {
      sc_core::sc_spawn_options thread;
      thread.set_stack_size(1 << 20);
      sc_core::sc_spawn([this, i] { drive(i); }, sc_core::sc_gen_unique_name("drive"), &thread);
    }
  }

  // What the first alone, and then all together, made of the inputs, and how long it took.
  struct Round {
    std::vector<std::ptrdiff_t> classes;
    sc_core::sc_time time;
  };
  Round alone, together;
  std::exception_ptr failure;

 private:
  void drive(size_t i) {
    try {
      weft::driver::Session session(*devices_[i], program_);
      if (i == 0) {
        run(session, alone);
        next_ = 0;
        all_ = true;
        begin_.notify(sc_core::SC_ZERO_TIME);
      }
      while (!all_) sc_core::wait(begin_);
      run(session, together);
    } catch (const weft::Error&) {
      failure = std::current_exception();
      sc_core::sc_stop();
    }
    if (++ended_ == devices_.size()) sc_core::sc_stop();
  }

  // Takes inputs until none are left.
  void run(weft::driver::Session& session, Round& round) {
    const sc_core::sc_time begin = sc_core::sc_time_stamp();
    round.classes.resize(inputs_.size());
    while (next_ < inputs_.size()) {
      const size_t mine = next_++;
      session.run({inputs_[mine]});
      const std::vector<int8_t> scores = session.read_tensor(output_);
      round.classes[mine] = std::max_element(scores.begin(), scores.end()) - scores.begin();
    }
    round.time = std::max(round.time, sc_core::sc_time_stamp() - begin);
  }

  const weft::program::Program& program_;
  const Inputs& inputs_;
  const std::vector<weft::systemc::SocketDevice*> devices_;
  std::string output_;
  size_t next_ = 0, ended_ = 0;
  bool all_ = false;
  sc_core::sc_event begin_{"begin"};
};
