// A Verilated accelerator at its pins, for simulators that have a clock and a bus of their own. A
// model's library (sim/rtl/) exports the function that makes one.
//
// A cycle is settle(), again after each change of what is driven, and then rise().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "driver/backend.h"
#include "sim/axi_memory.h"

namespace weft::sim {

// The AXI4-Lite port, as its master drives it and as the accelerator answers.
struct RegisterInputs {
  bool arvalid = false, rready = false;
  bool awvalid = false, wvalid = false, bready = false;
  uint16_t araddr = 0, awaddr = 0;
  uint32_t wdata = 0;
  uint8_t wstrb = 0xf;
};
struct RegisterOutputs {
  bool arready = false, rvalid = false;
  bool awready = false, bvalid = false;  // this slave takes AW and W together
  uint8_t rresp = 0, bresp = 0;
  uint32_t rdata = 0;
};

// What the accelerator drives.
struct PinOutputs {
  AxiInputs memory;
  RegisterOutputs registers;
};

class PinModel {
 public:
  virtual ~PinModel() = default;

  // Drives this cycle's inputs and lets the outputs settle.
  virtual void settle(const AxiOutputs& memory, const RegisterInputs& registers,
                      PinOutputs& out) = 0;
  // The edge that ends the cycle; returns the interrupt line of the next. Error(internal) where an
  // assertion of the model fails.
  virtual bool rise() = 0;
  // Of complete cycles since reset.
  virtual uint64_t cycle() const = 0;

  // As driver::Device has them.
  virtual void enable_trace(bool enable) = 0;
  virtual std::vector<driver::TraceEvent> take_trace() = 0;
  virtual void trace_activity(bool enable) = 0;
  virtual std::vector<driver::ActivityChange> take_activity() = 0;
  virtual std::vector<uint8_t> read_on_chip(driver::OnChip memory) = 0;
  virtual bool write_on_chip(driver::OnChip memory, std::span<const uint8_t> data) = 0;
};

// What a model's library exports under the name in kMakePinModelSymbol; of the options only those of
// the accelerator itself count. May throw weft::Error.
using MakePinModel = PinModel*(const driver::DeviceOptions* options);
inline constexpr const char* kMakePinModelSymbol = "weft_make_pin_model";

}  // namespace weft::sim
