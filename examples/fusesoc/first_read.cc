// The first steps with a Weft in a simulation: reset, then a register. Built by `fusesoc run --target sim`.
#include <cstdint>
#include <cstdio>

#include "Vweft_top.h"
#include "verilated.h"

namespace {

// Outputs settle while the clock is low; registers take their inputs when it rises.
void tick(Vweft_top& top) {
  top.clk_i = 1;
  top.eval();
  top.clk_i = 0;
  top.eval();
}

// One read on AXI4-Lite; false: refused, or no answer within 100 cycles.
bool read_register(Vweft_top& top, uint16_t offset, uint32_t& value) {
  top.s_axil_arvalid_i = 1;
  top.s_axil_araddr_i = offset;
  top.s_axil_rready_i = 1;
  top.eval();
  for (int cycle = 0; cycle < 100; ++cycle) {
    if (top.s_axil_rvalid_o) {
      value = top.s_axil_rdata_o;
      const bool okay = top.s_axil_rresp_o == 0;
      tick(top);  // takes the answer
      return okay;
    }
    const bool taken = top.s_axil_arvalid_i && top.s_axil_arready_o;
    tick(top);
    if (taken) top.s_axil_arvalid_i = 0;
    top.eval();
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr uint16_t kId = 0x000, kHashLow = 0x008, kHashHigh = 0x00c;
  constexpr uint32_t kWeft = 0x54464557;
  VerilatedContext context;
  context.commandArgs(argc, argv);
  // No memory answers, and all inputs are 0: nothing asks for it before a job is given.
  Vweft_top top(&context);
  top.rst_ni = 0;
  top.clk_i = 0;
  top.eval();
  for (int cycle = 0; cycle < 4; ++cycle) tick(top);
  top.rst_ni = 1;
  top.eval();
  uint32_t id = 0, low = 0, high = 0;
  const bool answered = read_register(top, kId, id) && read_register(top, kHashLow, low) &&
                        read_register(top, kHashHigh, high);
  top.final();
  if (!answered || id != kWeft) {
    std::printf("FAIL  there is no Weft: id reads %08x\n", id);
    return 1;
  }
  std::printf("PASS  id reads WEFT; configuration %08x%08x\n", high, low);
  return 0;
}
