// The Verilated accelerator at its pins, a clock cycle at a time, and what of its inside is shown.
// Compiled once for each configuration; see sim/CMakeLists.txt for the macros.
#pragma once

#include <utility>
#include <vector>

#include "base/error.h"
#include "driver/backend.h"
#include "sim/rtl/activity_log.h"
#include "sim/rtl/holds.h"
#include "sim/rtl/ram_view.h"
#include "sim/rtl/waves.h"
#include "verilated.h"
#include "weft_gen/configs.h"
#include "weft_gen/isa.h"
#include WEFT_MODEL_HEADER

namespace weft::sim {

class RtlModel {
 public:
  // Comes out of reset, before its first cycle.
  explicit RtlModel(const driver::DeviceOptions& options)
      : waves_(context_, options),
        top_(&context_, "weft"),
        holds_(options.hold_probability, options.seed) {
    constexpr int kResetCycles = 4;
    // An assertion that fails ends the run with an error, not the program.
    context_.fatalOnError(false);
    top_.hold_i = 0;
    top_.queue_limit_i = queue_limit(options);
    top_.rst_ni = 0;
    for (int i = 0; i < kResetCycles; ++i) {
      top_.clk_i = 0;
      top_.eval();
      top_.clk_i = 1;
      top_.eval();
    }
    top_.rst_ni = 1;
  }

  ~RtlModel() {
    Verilated::threadContextp(&context_);
    top_.final();
    waves_.close();
  }

  WEFT_MODEL& top() { return top_; }
  const WEFT_MODEL& top() const { return top_; }
  uint64_t cycle() const { return cycle_; }

  // The first half of a cycle: outputs settle. A cycle is settle() as often as inputs change, begin()
  // among them once, and rise().
  void settle() {
    top_.clk_i = 0;
    top_.eval();
  }
  void begin() {
    // Verilator's run-time library tells errors to the thread's context, whichever model made it.
    Verilated::threadContextp(&context_);
    if (holds_.any()) top_.hold_i = holds_.next();
    settle();
    waves_.fall(top_, cycle_);
  }

  // The edge that ends the cycle, and then `drive()`: what is driven in the next. Error(internal)
  // where an assertion fails.
  template <class Drive>
  void rise(Drive drive) {
    if (tracing_ && (top_.trace_start_o | top_.trace_done_o) != 0) record_trace();
    top_.clk_i = 1;
    top_.eval();
    drive();
    if (activity_.enabled()) activity_.sample(cycle_);
    ++cycle_;
    waves_.rise(top_, cycle_);
    if (context_.gotError()) {
      fail(ErrorKind::kInternal, "an assertion of the {} model failed in cycle {}", WEFT_CONFIG,
           cycle_);
    }
  }

  void enable_trace(bool enable) {
    tracing_ = enable;
    events_.clear();
  }
  std::vector<driver::TraceEvent> take_trace() { return std::exchange(events_, {}); }

  void trace_activity(bool enable) { activity_.enable(enable, context_); }
  std::vector<driver::ActivityChange> take_activity() { return activity_.take(); }

  void close_waves() { waves_.close(); }

  std::vector<uint8_t> read_on_chip(driver::OnChip memory) {
    const MemoryView view = on_chip(memory);
    std::vector<uint8_t> image(view.bytes());
    view.each([&](const RamView& ram, size_t at) { ram.read(image.data() + at, view.ways); });
    return image;
  }

  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) {
    const MemoryView view = on_chip(memory);
    if (view.rams.empty() || view.bytes() != data.size()) return false;
    view.each([&](const RamView& ram, size_t at) { ram.write(data.data() + at, view.ways); });
    return true;
  }

 private:
  static uint32_t queue_limit(const driver::DeviceOptions& options) {
    const auto depth = static_cast<uint32_t>(isa::find_config(WEFT_CONFIG).queue_depth);
    if (options.queue_limit > depth) {
      fail(ErrorKind::kInvalidArgument, "a queue limit of {} descriptors; a queue of {} holds {}",
           options.queue_limit, WEFT_CONFIG, depth);
    }
    return options.queue_limit;
  }

  MemoryView on_chip(driver::OnChip memory) {
    const isa::HardwareConfig& config = isa::find_config(WEFT_CONFIG);
    const auto word = static_cast<size_t>(config.word_bytes());
    switch (memory) {
      case driver::OnChip::kAct:
        // Two halves a bank: even words, odd words.
        return {find_rams(context_, "u_act_mem", 2 * config.act_banks, config.act_bank_words() / 2,
                          word),
                2, word};
      case driver::OnChip::kWgt:
        return {find_rams(context_, "u_wgt_mem", 1, config.wgt_words, word), 1, word};
      case driver::OnChip::kParam:
        return {find_rams(context_, "u_param_mem", 1, config.param_words, word), 1, word};
      case driver::OnChip::kAcc: break;
    }
    const size_t entry = word * sizeof(int32_t);
    return {find_rams(context_, "u_acc_mem", config.acc_banks, config.acc_depth, entry), 1, entry};
  }

  void record_trace() {
    for (unsigned e = 0; e < isa::kNumEngines; ++e) {
      const auto engine = static_cast<uint8_t>(e);
      if ((top_.trace_done_o >> e & 1) != 0) {
        events_.push_back({cycle_, top_.trace_done_index_o[e], engine, true});
      }
      if ((top_.trace_start_o >> e & 1) != 0) {
        events_.push_back({cycle_, top_.trace_start_index_o[e], engine, false});
      }
    }
  }

  VerilatedContext context_;
  Waves waves_;
  WEFT_MODEL top_;
  Holds holds_;
  uint64_t cycle_ = 0;
  bool tracing_ = false;
  std::vector<driver::TraceEvent> events_;
  ActivityLog activity_;
};

}  // namespace weft::sim
