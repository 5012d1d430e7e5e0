// Each rule of the AXI4 checker fires at a planted breach, alone, and none at legal traffic.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "Vdut.h"
#include "tb/catch_compat.h"

namespace {

// In the order of weft_axi4_checker's rule_e.
enum Rule {
  kArStable,
  kRStable,
  kAwStable,
  kWStable,
  kBStable,
  kArForm,
  kAwForm,
  kRExpected,
  kRLast,
  kWLast,
  kBExpected,
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
    dut.arsize_i = dut.awsize_i = 2;  // 32 bits
    dut.arburst_i = dut.awburst_i = 1;
    dut.arready_i = dut.rready_i = dut.awready_i = dut.wready_i = dut.bready_i = 1;
    tick();
  }
  void tick() {
    dut.clk_i = 0;
    dut.eval();
    dut.clk_i = 1;
    dut.eval();
  }
  void read(int id, uint64_t address, int len) {
    dut.arvalid_i = 1;
    dut.arid_i = static_cast<uint8_t>(id);
    dut.araddr_i = address;
    dut.arlen_i = static_cast<uint8_t>(len);
    tick();
    dut.arvalid_i = 0;
  }
  void read_beat(int id, bool last, int response = 0) {
    dut.rvalid_i = 1;
    dut.rid_i = static_cast<uint8_t>(id);
    dut.rlast_i = last;
    dut.rresp_i = static_cast<uint8_t>(response);
    tick();
    dut.rvalid_i = 0;
  }
  void write(int id, uint64_t address, int len) {
    dut.awvalid_i = 1;
    dut.awid_i = static_cast<uint8_t>(id);
    dut.awaddr_i = address;
    dut.awlen_i = static_cast<uint8_t>(len);
    tick();
    dut.awvalid_i = 0;
  }
  void write_beat(bool last) {
    dut.wvalid_i = 1;
    dut.wlast_i = last;
    tick();
    dut.wvalid_i = 0;
  }
  void response(int id, int code = 0) {
    dut.bvalid_i = 1;
    dut.bid_i = static_cast<uint8_t>(id);
    dut.bresp_i = static_cast<uint8_t>(code);
    tick();
    dut.bvalid_i = 0;
  }
  uint32_t violations() {
    tick();
    return dut.violation_o;
  }
  Vdut dut;
};

void legal_traffic(Bus& bus) {
  bus.read(0, 0x1000, 3);
  bus.read(1, 0x1ffc, 0);
  bus.read(1, 0x1c00, 255);
  bus.read_beat(0, false);
  bus.read_beat(1, true, 2);
  bus.read_beat(0, false);
  for (int i = 0; i < 255; ++i) bus.read_beat(1, false);
  bus.read_beat(0, false);
  bus.read_beat(0, true);
  bus.read_beat(1, true, 3);
  bus.write(1, 0x80, 1);
  bus.write_beat(false);
  bus.write_beat(true);
  bus.write_beat(true);  // before its AW
  bus.write(0, 0x84, 0);
  bus.tick();
  bus.response(0, 2);
  bus.response(1);
}

TEST_CASE("legal traffic breaks no rule") {
  Bus bus;
  for (int i = 0; i < 3; ++i) legal_traffic(bus);
  // Each channel waits, unchanged, for its ready.
  bus.dut.arready_i = bus.dut.awready_i = bus.dut.wready_i = 0;
  bus.dut.arvalid_i = bus.dut.awvalid_i = bus.dut.wvalid_i = 1;
  bus.dut.arlen_i = bus.dut.awlen_i = 0;
  bus.dut.wlast_i = 1;
  for (int i = 0; i < 3; ++i) bus.tick();
  bus.dut.arready_i = bus.dut.awready_i = bus.dut.wready_i = 1;
  bus.tick();
  bus.dut.arvalid_i = bus.dut.awvalid_i = bus.dut.wvalid_i = 0;
  bus.tick();
  CHECK(bus.violations() == 0);
}

struct Plant {
  const char* what;
  Rule rule;
  std::function<void(Bus&)> breach;
};

TEST_CASE("each rule fires at its breach, and only it") {
  const std::vector<Plant> plants = {
      {"AR falls", kArStable,
       [](Bus& b) {
         b.dut.arready_i = 0;
         b.read(0, 0, 0);
       }},
      {"AR changes", kArStable,
       [](Bus& b) {
         b.dut.arready_i = 0;
         b.read(0, 0, 0);
         b.read(0, 4, 0);
         b.dut.arvalid_i = 1;
         b.dut.arready_i = 1;
       }},
      {"AW falls", kAwStable,
       [](Bus& b) {
         b.dut.awready_i = 0;
         b.write(0, 0, 0);
       }},
      {"W falls", kWStable,
       [](Bus& b) {
         b.dut.wready_i = 0;
         b.write_beat(true);
       }},
      {"R falls", kRStable,
       [](Bus& b) {
         b.read(0, 0, 0);
         b.dut.rready_i = 0;
         b.read_beat(0, true);
       }},
      {"B falls", kBStable,
       [](Bus& b) {
         b.write(0, 0, 0);
         b.write_beat(true);
         b.tick();
         b.dut.bready_i = 0;
         b.response(0);
       }},
      {"AR crosses 4 KiB", kArForm, [](Bus& b) { b.read(0, 0xffc, 1); }},
      {"AR unaligned", kArForm, [](Bus& b) { b.read(0, 2, 0); }},
      {"AR of an unknown ID", kArForm, [](Bus& b) { b.read(3, 0, 0); }},
      {"AR narrow", kArForm,
       [](Bus& b) {
         b.dut.arsize_i = 1;
         b.read(0, 0, 0);
       }},
      {"AR wrapping", kArForm,
       [](Bus& b) {
         b.dut.arburst_i = 2;
         b.read(0, 0, 0);
       }},
      {"AW crosses 4 KiB", kAwForm, [](Bus& b) { b.write(1, 0xff0, 4); }},
      {"AW fixed", kAwForm,
       [](Bus& b) {
         b.dut.awburst_i = 0;
         b.write(1, 0, 0);
       }},
      {"R unasked", kRExpected, [](Bus& b) { b.read_beat(1, true); }},
      {"R of another ID", kRExpected,
       [](Bus& b) {
         b.read(0, 0, 0);
         b.read_beat(1, true);
       }},
      {"RLAST early", kRLast,
       [](Bus& b) {
         b.read(0, 0, 1);
         b.read_beat(0, true);
       }},
      {"RLAST missing", kRLast,
       [](Bus& b) {
         b.read(0, 0, 0);
         b.read_beat(0, false);
       }},
      {"WLAST early", kWLast,
       [](Bus& b) {
         b.write(0, 0, 1);
         b.write_beat(true);
         b.tick();
       }},
      {"WLAST late", kWLast,
       [](Bus& b) {
         b.write(0, 0, 0);
         b.write_beat(false);
         b.write_beat(true);
         b.tick();
       }},
      {"B unasked", kBExpected, [](Bus& b) { b.response(0); }},
      {"B before the last W", kBExpected,
       [](Bus& b) {
         b.write(0, 0, 1);
         b.write_beat(false);
         b.response(0);
       }},
      {"EXOKAY", kResp,
       [](Bus& b) {
         b.read(0, 0, 0);
         b.read_beat(0, true, 1);
       }},
      {"EXOKAY of a write", kResp,
       [](Bus& b) {
         b.write(0, 0, 0);
         b.write_beat(true);
         b.tick();
         b.response(0, 1);
       }},
      {"valid in reset", kReset,
       [](Bus& b) {
         b.dut.rst_ni = 0;
         b.tick();
         b.dut.arvalid_i = 1;
         b.tick();
         b.dut.arvalid_i = 0;
       }},
  };
  std::vector<bool> seen(kRules, false);
  for (const Plant& plant : plants) {
    INFO(plant.what);
    Bus bus;
    legal_traffic(bus);
    REQUIRE(bus.violations() == 0);
    plant.breach(bus);
    CHECK(bus.violations() == 1U << plant.rule);
    seen[plant.rule] = true;
  }
  CHECK(std::count(seen.begin(), seen.end(), true) == kRules);
}

}  // namespace
