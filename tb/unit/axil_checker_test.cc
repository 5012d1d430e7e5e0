// Each rule of the AXI4-Lite checker fires at a planted breach, alone, and none at legal traffic.
#include <algorithm>
#include <functional>
#include <vector>

#include "Vdut.h"
#include "tb/catch_compat.h"

namespace {

// In the order of weft_axil_checker's rule_e.
enum Rule {
  kAwStable,
  kWStable,
  kBStable,
  kArStable,
  kRStable,
  kBExpected,
  kRExpected,
  kResp,
  kReset,
  kRules
};

class Bus {
 public:
  Bus() {
    dut.rst_ni = 0;
    tick();
    tick();
    dut.rst_ni = 1;
    dut.awready_i = dut.wready_i = dut.bready_i = dut.arready_i = dut.rready_i = 1;
    tick();
  }
  void tick() {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  }
  template <class Pin>
  void pulse(Pin& pin) {
    pin = 1;
    tick();
    pin = 0;
  }
  uint32_t violations() {
    tick();
    return dut.violation_o;
  }
  Vdut dut;
};

void legal_traffic(Bus& b) {
  b.pulse(b.dut.wvalid_i);
  b.pulse(b.dut.awvalid_i);
  b.pulse(b.dut.bvalid_i);
  b.pulse(b.dut.arvalid_i);
  b.dut.rready_i = 0;
  b.dut.rvalid_i = 1;
  b.tick();
  b.tick();
  b.dut.rready_i = 1;
  b.tick();
  b.dut.rvalid_i = 0;
}

struct Plant {
  const char* what;
  Rule rule;
  std::function<void(Bus&)> breach;
};

TEST_CASE("AXI4-Lite: each rule fires at its breach, and only it; legal traffic breaks none") {
  const std::vector<Plant> plants = {
      {"AW falls", kAwStable,
       [](Bus& b) {
         b.dut.awready_i = 0;
         b.pulse(b.dut.awvalid_i);
       }},
      {"AW changes", kAwStable,
       [](Bus& b) {
         b.dut.awready_i = 0;
         b.dut.awvalid_i = 1;
         b.tick();
         b.dut.awaddr_i = 8;
         b.dut.awready_i = 1;
         b.tick();
         b.dut.awvalid_i = 0;
       }},
      {"W falls", kWStable,
       [](Bus& b) {
         b.dut.wready_i = 0;
         b.pulse(b.dut.wvalid_i);
       }},
      {"B falls", kBStable,
       [](Bus& b) {
         b.pulse(b.dut.awvalid_i);
         b.pulse(b.dut.wvalid_i);
         b.dut.bready_i = 0;
         b.pulse(b.dut.bvalid_i);
       }},
      {"AR falls", kArStable,
       [](Bus& b) {
         b.dut.arready_i = 0;
         b.pulse(b.dut.arvalid_i);
       }},
      {"R changes", kRStable,
       [](Bus& b) {
         b.pulse(b.dut.arvalid_i);
         b.dut.rready_i = 0;
         b.dut.rvalid_i = 1;
         b.tick();
         b.dut.rdata_i = 1;
         b.dut.rready_i = 1;
         b.tick();
         b.dut.rvalid_i = 0;
       }},
      {"B without AW", kBExpected,
       [](Bus& b) {
         b.pulse(b.dut.wvalid_i);
         b.pulse(b.dut.bvalid_i);
       }},
      {"B without W", kBExpected,
       [](Bus& b) {
         b.pulse(b.dut.awvalid_i);
         b.pulse(b.dut.bvalid_i);
       }},
      {"R unasked", kRExpected, [](Bus& b) { b.pulse(b.dut.rvalid_i); }},
      {"EXOKAY", kResp,
       [](Bus& b) {
         b.pulse(b.dut.arvalid_i);
         b.dut.rresp_i = 1;
         b.pulse(b.dut.rvalid_i);
       }},
      {"valid in reset", kReset,
       [](Bus& b) {
         b.dut.rst_ni = 0;
         b.tick();
         b.pulse(b.dut.bvalid_i);
       }},
  };
  std::vector<bool> seen(kRules, false);
  for (const Plant& plant : plants) {
    INFO(plant.what);
    Bus bus;
    for (int i = 0; i < 3; ++i) legal_traffic(bus);
    REQUIRE(bus.violations() == 0);
    plant.breach(bus);
    CHECK(bus.violations() == 1U << plant.rule);
    seen[plant.rule] = true;
  }
  CHECK(std::count(seen.begin(), seen.end(), true) == kRules);
}

}  // namespace
