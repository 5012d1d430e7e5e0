// The Verilated accelerator with its memory, as a Device. Compiled once for each
// configuration; see sim/CMakeLists.txt for the macros.
#include <utility>

#include "base/error.h"
#include "driver/backend.h"
#include "sim/axi_memory.h"
#include "sim/axi_pins.h"
#include "sim/memory_options.h"
#include "sim/rtl/rtl_model.h"

namespace weft::sim {
namespace {

// A register access that takes longer means a broken model.
constexpr int kRegisterCycles = 1000;

class RtlDevice final : public driver::Device {
 public:
  explicit RtlDevice(const driver::DeviceOptions& options)
      : memory_(memory_config(options, isa::find_config(WEFT_CONFIG))),
        model_(options),
        memory_bytes_(options.memory_bytes) {
    add_ranges(memory_, options);
  }

  std::string backend() const override { return "rtl"; }
  std::string config() const override { return WEFT_CONFIG; }

  uint32_t read_register(uint32_t offset) override {
    check_offset(offset, "read");
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
    check_offset(offset, "written");
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

  uint64_t cycle() const override { return model_.cycle(); }

  void enable_trace(bool enable) override { model_.enable_trace(enable); }
  std::vector<driver::TraceEvent> take_trace() override { return model_.take_trace(); }

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

  void trace_activity(bool enable) override { model_.trace_activity(enable); }
  std::vector<driver::ActivityChange> take_activity() override { return model_.take_activity(); }

  void close_waves() override { model_.close_waves(); }

  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override {
    return model_.read_on_chip(memory);
  }
  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override {
    return model_.write_on_chip(memory, data);
  }

 private:
  void tick() {
    model_.begin();
    sample_axi(top_, inputs_);
    memory_.tick(inputs_, outputs_);
    if (!beats_.empty()) record_writes();
    model_.rise([&] { drive_axi(outputs_, top_); });
  }

  // Ticks until, and with, the first cycle in which `seen` holds of the settled outputs.
  template <class Seen>
  void tick_until(const char* channel, uint32_t offset, Seen seen) {
    for (int i = 0; i < kRegisterCycles; ++i) {
      model_.settle();
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

  // The port has no more address bits; above, there is no register.
  static void check_offset(uint32_t offset, const char* what) {
    if (offset > UINT16_MAX) check_response(kDecErr, offset, what);
  }

  static void check_response(uint8_t response, uint32_t offset, const char* what) {
    if (response != 0) {
      fail(ErrorKind::kDevice, "register {:#05x} cannot be {}: the device refused the access",
           offset, what);
    }
  }

  uint8_t* at(uint64_t address, uint64_t bytes) {
    return host_bytes(memory_, memory_bytes_, address, bytes);
  }

  void record_writes() {
    for (const AxiWrite& beat : beats_)
      writes_.push_back({model_.cycle(), beat.address, beat.strb});
    beats_.clear();
  }

  AxiMemory memory_;
  RtlModel model_;
  WEFT_MODEL& top_ = model_.top();
  AxiInputs inputs_;
  AxiOutputs outputs_;
  const uint64_t memory_bytes_;
  std::vector<AxiWrite> beats_;  // of this cycle
  std::vector<driver::MemoryWrite> writes_;
  std::vector<AxiBurst> bursts_;
};

}  // namespace
}  // namespace weft::sim

extern "C" __attribute__((visibility("default"))) weft::driver::Device* weft_make_device(
    const weft::driver::DeviceOptions* options) {
  return new weft::sim::RtlDevice(*options);
}
