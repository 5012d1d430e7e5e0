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

// Time in the file is two units a cycle: 2c is the settled low phase of cycle c, 2c + 1 what
// its rising edge made.
class Waves {
 public:
  // Before the first eval() of any model of `context`. An empty file name: no waves.
  Waves(VerilatedContext& context, const driver::DeviceOptions& options)
      : file_(options.wave_file), first_(options.wave_first), last_(options.wave_last) {
    if (file_.empty()) return;
#if VM_TRACE
    context.traceEverOn(true);
#else
    static_cast<void>(context);
    fail(ErrorKind::kUnsupported, "this model was built without waves; `make sim WAVES=1` builds one that has them");
#endif
  }

#if VM_TRACE
  // While the model is still there.
  void close() {
    if (writer_) writer_->close();
    writer_.reset();
  }

  template <class Model>
  void dump(Model& model, uint64_t cycle, int phase) {
    if (file_.empty() || cycle < first_ || cycle > last_) return;
    if (!writer_) {
      constexpr int kAllLevels = 99;
      writer_ = std::make_unique<VerilatedFstC>();
      model.trace(writer_.get(), kAllLevels);
      writer_->open(file_.c_str());
      if (!writer_->isOpen()) {
        fail(ErrorKind::kIo, "cannot write the waves to {}; is its directory there and writable?", file_);
      }
    }
    writer_->dump(2 * cycle + static_cast<uint64_t>(phase));
  }
  void flush() {
    if (writer_) writer_->flush();
  }
#else
  template <class Model>
  void dump(Model&, uint64_t, int) {}
  void flush() {}
  void close() {}
#endif

 private:
  const std::string file_;
  const uint64_t first_, last_;
#if VM_TRACE
  std::unique_ptr<VerilatedFstC> writer_;
#endif
};

}  // namespace weft::sim
