// The Verilated accelerator with its memory, as a Device. Compiled once for each
// configuration; see sim/CMakeLists.txt for the macros.
#include <memory>
#include <utility>

#include "base/error.h"
#include "driver/backend.h"
#include "sim/axi_memory.h"
#include "sim/axi_pins.h"
#include "sim/rtl/activity_log.h"
#include "sim/rtl/holds.h"
#include "sim/rtl/ram_view.h"
#include "sim/rtl/waves.h"
#include "verilated.h"
#include "weft_gen/configs.h"
#include "weft_gen/isa.h"
#include WEFT_MODEL_HEADER

namespace weft::sim {
namespace {

// Not zero, and above 4 GiB: addresses must be carried in full.
constexpr uint64_t kMemoryBase = uint64_t{1} << 36;
constexpr int kResetCycles = 4;
// A register access that takes longer means a broken model.
constexpr int kRegisterCycles = 1000;

AxiMemoryConfig memory_config(const driver::DeviceOptions& options) {
  if (!(options.stall_probability >= 0 && options.stall_probability <= 0.95)) {
    fail(ErrorKind::kInvalidArgument, "a stall probability of {}; allowed is 0 to 0.95",
         options.stall_probability);
  }
  if (options.latency_cycles < 1 || options.latency_cycles > 1000000) {
    fail(ErrorKind::kInvalidArgument, "a memory latency of {} cycles; allowed is 1 to 1000000",
         options.latency_cycles);
  }
  if (options.bandwidth_num < 1 || options.bandwidth_num > options.bandwidth_den) {
    fail(ErrorKind::kInvalidArgument,
         "a bandwidth of {} beats in {} cycles; it must be above 0 and at most 1",
         options.bandwidth_num, options.bandwidth_den);
  }
  AxiMemoryConfig config;
  config.bus_bytes = static_cast<unsigned>(isa::find_config(WEFT_CONFIG).bus_bytes());
  config.read_latency = config.write_latency = options.latency_cycles;
  config.beats_num = options.bandwidth_num;
  config.beats_den = options.bandwidth_den;
  const auto chance = static_cast<unsigned>(options.stall_probability * 65536);
  config.stall_ar = config.stall_r = config.stall_aw = config.stall_w = config.stall_b = chance;
  config.seed = options.seed;
  return config;
}

uint32_t queue_limit(const driver::DeviceOptions& options) {
  const auto depth = static_cast<uint32_t>(isa::find_config(WEFT_CONFIG).queue_depth);
  if (options.queue_limit > depth) {
    fail(ErrorKind::kInvalidArgument, "a queue limit of {} descriptors; a queue of {} holds {}",
         options.queue_limit, WEFT_CONFIG, depth);
  }
  return options.queue_limit;
}

class RtlDevice final : public driver::Device {
 public:
  explicit RtlDevice(const driver::DeviceOptions& options)
      : waves_(context_, options),
        top_(&context_, "weft"),
        memory_(memory_config(options)),
        holds_(options.hold_probability, options.seed),
        memory_bytes_(options.memory_bytes) {
    memory_.add_range(kMemoryBase, memory_bytes_);
    if (options.error_window_bytes > 0) {
      memory_.add_range(kMemoryBase + memory_bytes_, options.error_window_bytes, kSlvErr);
    }
    // An assertion that fails ends the run with an error, not the program.
    context_.fatalOnError(false);
    top_.hold_i = 0;
    top_.queue_limit_i = queue_limit(options);
    top_.rst_ni = 0;
    for (int i = 0; i < kResetCycles; ++i) {
      top_.clk_i = 0;
      top_.eval();
      memory_.reset(outputs_);
      top_.clk_i = 1;
      top_.eval();
    }
    top_.rst_ni = 1;
  }

  ~RtlDevice() override {
    // Verilator's run-time library asks the thread's context, whichever model made it.
    Verilated::threadContextp(&context_);
    top_.final();
    waves_.close();
  }

  std::string backend() const override { return "rtl"; }
  std::string config() const override { return WEFT_CONFIG; }

  uint32_t read_register(uint32_t offset) override {
    top_.s_axil_arvalid_i = 1;
    top_.s_axil_araddr_i = static_cast<uint16_t>(offset);
    handshake(top_.s_axil_arready_o, "AR", offset);
    top_.s_axil_arvalid_i = 0;
    top_.s_axil_rready_i = 1;
    uint32_t value = 0;
    uint8_t response = 0;
    tick_until("R", offset, [&] {
      value = top_.s_axil_rdata_o;
      response = top_.s_axil_rresp_o;
      return top_.s_axil_rvalid_o != 0;
    });
    top_.s_axil_rready_i = 0;
    check_response(response, offset, "read");
    return value;
  }

  void write_register(uint32_t offset, uint32_t value) override {
    top_.s_axil_awvalid_i = 1;
    top_.s_axil_awaddr_i = static_cast<uint16_t>(offset);
    top_.s_axil_wvalid_i = 1;
    top_.s_axil_wdata_i = value;
    top_.s_axil_wstrb_i = 0xf;
    // This slave takes address and data together.
    handshake(top_.s_axil_awready_o, "AW", offset);
    top_.s_axil_awvalid_i = 0;
    top_.s_axil_wvalid_i = 0;
    top_.s_axil_bready_i = 1;
    uint8_t response = 0;
    tick_until("B", offset, [&] {
      response = top_.s_axil_bresp_o;
      return top_.s_axil_bvalid_o != 0;
    });
    top_.s_axil_bready_i = 0;
    check_response(response, offset, "written");
  }

  uint64_t memory_base() const override { return kMemoryBase; }
  uint64_t memory_bytes() const override { return memory_bytes_; }

  void read_memory(uint64_t address, std::span<uint8_t> out) override {
    if (!out.empty()) std::memcpy(out.data(), at(address, out.size()), out.size());
  }

  void write_memory(uint64_t address, std::span<const uint8_t> data) override {
    if (!data.empty()) std::memcpy(at(address, data.size()), data.data(), data.size());
  }

  bool wait_interrupt(uint64_t max_cycles) override {
    for (uint64_t i = 0; i < max_cycles && top_.irq_o == 0; ++i) tick();
    if (memory_.violation_count() > 0) {
      fail(ErrorKind::kInternal, "the accelerator broke the AXI protocol: {}",
           memory_.violations()[0]);
    }
    return top_.irq_o != 0;
  }

  uint64_t cycle() const override { return cycle_; }

  void enable_trace(bool enable) override {
    tracing_ = enable;
    events_.clear();
  }
  std::vector<driver::TraceEvent> take_trace() override { return std::exchange(events_, {}); }

  void trace_writes(bool enable) override {
    memory_.log_writes(enable ? &beats_ : nullptr);
    beats_.clear();
    writes_.clear();
  }
  std::vector<driver::MemoryWrite> take_writes() override { return std::exchange(writes_, {}); }

  void trace_bus(bool enable) override {
    memory_.log_bursts(enable ? &bursts_ : nullptr);
    bursts_.clear();
  }
  std::vector<driver::MemoryBurst> take_bursts() override {
    std::vector<driver::MemoryBurst> taken;
    for (const AxiBurst& b : bursts_) {
      taken.push_back({b.issue, b.first, b.last, b.address, b.beats * memory_.config().bus_bytes,
                       b.id, b.write});
    }
    bursts_.clear();
    return taken;
  }

  void trace_activity(bool enable) override { activity_.enable(enable, context_); }
  std::vector<driver::ActivityChange> take_activity() override { return activity_.take(); }

  void close_waves() override { waves_.close(); }

  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override {
    const MemoryView view = on_chip(memory);
    std::vector<uint8_t> image(view.bytes());
    view.each([&](const RamView& ram, size_t at) { ram.read(image.data() + at, view.ways); });
    return image;
  }

  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override {
    const MemoryView view = on_chip(memory);
    if (view.rams.empty() || view.bytes() != data.size()) return false;
    view.each([&](const RamView& ram, size_t at) { ram.write(data.data() + at, view.ways); });
    return true;
  }

 private:
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

  void tick() {
    if (holds_.any()) top_.hold_i = holds_.next();
    top_.clk_i = 0;
    top_.eval();
    waves_.fall(top_, cycle_);
    sample_axi(top_, inputs_);
    if (tracing_ && (top_.trace_start_o | top_.trace_done_o) != 0) record_trace();
    memory_.tick(inputs_, outputs_);
    if (!beats_.empty()) record_writes();
    top_.clk_i = 1;
    top_.eval();
    drive_axi(outputs_, top_);
    if (activity_.enabled()) activity_.sample(cycle_);
    ++cycle_;
    waves_.rise(top_, cycle_);
    if (context_.gotError()) {
      fail(ErrorKind::kInternal, "an assertion of the {} model failed in cycle {}", WEFT_CONFIG,
           cycle_);
    }
  }

  // Ticks until, and with, the first cycle in which `seen` holds of the settled outputs.
  template <class Seen>
  void tick_until(const char* channel, uint32_t offset, Seen seen) {
    for (int i = 0; i < kRegisterCycles; ++i) {
      top_.clk_i = 0;
      top_.eval();
      const bool now = seen();
      tick();
      if (now) return;
    }
    fail(ErrorKind::kTimeout, "register {:#05x}: channel {} of the register port did not answer",
         offset, channel);
  }

  void handshake(const uint8_t& ready, const char* channel, uint32_t offset) {
    tick_until(channel, offset, [&] { return ready != 0; });
  }

  static void check_response(uint8_t response, uint32_t offset, const char* what) {
    if (response != 0) {
      fail(ErrorKind::kDevice, "register {:#05x} cannot be {}: the device refused the access",
           offset, what);
    }
  }

  uint8_t* at(uint64_t address, uint64_t bytes) {
    uint8_t* data = nullptr;
    if (address >= kMemoryBase && address - kMemoryBase <= memory_bytes_ &&
        bytes <= memory_bytes_ - (address - kMemoryBase)) {
      data = memory_.data(address, bytes);
    }
    if (data == nullptr) {
      fail(ErrorKind::kInvalidArgument,
           "{} bytes at {:#x} are not in the device's memory ({} bytes at {:#x})", bytes, address,
           memory_bytes_, kMemoryBase);
    }
    return data;
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

  void record_writes() {
    for (const AxiWrite& beat : beats_) writes_.push_back({cycle_, beat.address, beat.strb});
    beats_.clear();
  }

  VerilatedContext context_;
  Waves waves_;
  WEFT_MODEL top_;
  AxiMemory memory_;
  Holds holds_;
  AxiInputs inputs_;
  AxiOutputs outputs_;
  const uint64_t memory_bytes_;
  uint64_t cycle_ = 0;
  bool tracing_ = false;
  std::vector<driver::TraceEvent> events_;
  std::vector<AxiWrite> beats_;  // of this cycle
  std::vector<driver::MemoryWrite> writes_;
  std::vector<AxiBurst> bursts_;
  ActivityLog activity_;
};

}  // namespace
}  // namespace weft::sim

extern "C" __attribute__((visibility("default"))) weft::driver::Device* weft_make_device(
    const weft::driver::DeviceOptions* options) {
  return new weft::sim::RtlDevice(*options);
}
