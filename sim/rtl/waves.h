// An FST file of a window of cycles, where the model was Verilated with traces.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "driver/backend.h"
#include "verilated.h"
#if VM_TRACE
#include "verilated_fst_c.h"
#endif

namespace weft::sim {

// A cycle lasts kWaveCycle: cycle c begins with the rising edge at c * kWaveCycle, and everything but
// the register port's inputs changes there.
#if VM_TRACE
class Waves {
 public:
  // Before the first eval() of any model of `context`. An empty file name: no waves.
  Waves(VerilatedContext& context, const driver::DeviceOptions& options)
      : file_(options.wave_file),
        first_(options.wave_first),
        last_(options.wave_last),
        closed_(file_.empty()) {
    if (!closed_) context.traceEverOn(true);
  }

  // Behind the rising edge that `cycle` begins with, and what the memory drives from it.
  template <class Model>
  void rise(Model& model, uint64_t cycle) {
    if (!wanted(cycle)) return;
    model.eval();
    dump(model, cycle * driver::kWaveCycle);
  }

  // Behind the falling edge in its middle.
  template <class Model>
  void fall(Model& model, uint64_t cycle) {
    if (wanted(cycle)) dump(model, cycle * driver::kWaveCycle + driver::kWaveCycle / 2);
  }

  // While the model is still there. What happens later is not in the file.
  void close() {
    if (writer_) writer_->close();
    writer_.reset();
    closed_ = true;
  }

 private:
  bool wanted(uint64_t cycle) const { return cycle >= first_ && cycle <= last_ && !closed_; }

  template <class Model>
  void dump(Model& model, uint64_t time) {
    if (!writer_) {
      constexpr int kAllLevels = 99;
      writer_ = std::make_unique<VerilatedFstC>();
      model.trace(writer_.get(), kAllLevels);
      writer_->open(file_.c_str());
      if (!writer_->isOpen()) {
        fail(ErrorKind::kIo, "cannot write the waves to {}; is its directory there and writable?",
             file_);
      }
    }
    writer_->dump(time);
  }

  const std::string file_;
  const uint64_t first_, last_;
  bool closed_;
  std::unique_ptr<VerilatedFstC> writer_;
};
#else
class Waves {
 public:
  Waves(VerilatedContext&, const driver::DeviceOptions& options) {
    if (!options.wave_file.empty())
      fail(ErrorKind::kUnsupported, "this model was built without waves");
  }
  template <class Model>
  void rise(Model&, uint64_t) {}
  template <class Model>
  void fall(Model&, uint64_t) {}
  void close() {}
};
#endif

}  // namespace weft::sim
