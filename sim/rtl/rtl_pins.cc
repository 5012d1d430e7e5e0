// The Verilated accelerator as a PinModel.
#include "sim/axi_pins.h"
#include "sim/pin_model.h"
#include "sim/rtl/rtl_model.h"

namespace weft::sim {
namespace {

class RtlPins final : public PinModel {
 public:
  explicit RtlPins(const driver::DeviceOptions& options) : model_(options) {}

  void settle(const AxiOutputs& memory, const RegisterInputs& registers, PinOutputs& out) override {
    drive_axi(memory, top_);
    drive(registers);
    if (begun_) {
      model_.settle();
    } else {
      model_.begin();
    }
    begun_ = true;
    sample_axi(top_, out.memory);
    sample(out.registers);
  }

  bool rise() override {
    model_.rise([] {});
    begun_ = false;
    return top_.irq_o != 0;
  }

  uint64_t cycle() const override { return model_.cycle(); }
  void enable_trace(bool enable) override { model_.enable_trace(enable); }
  std::vector<driver::TraceEvent> take_trace() override { return model_.take_trace(); }
  void trace_activity(bool enable) override { model_.trace_activity(enable); }
  std::vector<driver::ActivityChange> take_activity() override { return model_.take_activity(); }
  std::vector<uint8_t> read_on_chip(driver::OnChip memory) override {
    return model_.read_on_chip(memory);
  }
  bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) override {
    return model_.write_on_chip(memory, data);
  }

 private:
  void drive(const RegisterInputs& in) {
    top_.s_axil_arvalid_i = in.arvalid;
    top_.s_axil_araddr_i = in.araddr;
    top_.s_axil_rready_i = in.rready;
    top_.s_axil_awvalid_i = in.awvalid;
    top_.s_axil_awaddr_i = in.awaddr;
    top_.s_axil_wvalid_i = in.wvalid;
    top_.s_axil_wdata_i = in.wdata;
    top_.s_axil_wstrb_i = in.wstrb;
    top_.s_axil_bready_i = in.bready;
  }

  void sample(RegisterOutputs& out) const {
    out.arready = top_.s_axil_arready_o;
    out.rvalid = top_.s_axil_rvalid_o;
    out.rresp = top_.s_axil_rresp_o;
    out.rdata = top_.s_axil_rdata_o;
    out.awready = top_.s_axil_awready_o;
    out.bvalid = top_.s_axil_bvalid_o;
    out.bresp = top_.s_axil_bresp_o;
  }

  RtlModel model_;
  WEFT_MODEL& top_ = model_.top();
  bool begun_ = false;
};

}  // namespace
}  // namespace weft::sim

extern "C" __attribute__((visibility("default"))) weft::sim::PinModel* weft_make_pin_model(
    const weft::driver::DeviceOptions* options) {
  return new weft::sim::RtlPins(*options);
}
