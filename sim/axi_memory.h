// An AXI4 slave memory in plain C++: the DRAM of every simulation.
//
// One object is one port. Once a clock cycle the owner calls tick() with what the master drove in
// that cycle; the answer is what the memory drives in the next. All of the memory's outputs are
// registered: a transfer of a channel happens in a cycle in which both sides' valid and ready
// of that cycle are high. With a Verilated master:
//
//   top.clk_i = 0; top.eval();            // the master's outputs settle
//   sample_axi(top, inputs);              // sim/axi_pins.h
//   memory.tick(inputs, outputs);
//   top.clk_i = 1; top.eval();            // the edge still sees this cycle's inputs
//   drive_axi(outputs, top);
//
// In cycles in which the master is in reset, reset() stands in the place of tick().
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace weft::sim {

inline constexpr unsigned kMaxBeatBytes = 64;

enum AxiResponse : uint8_t { kOkay = 0, kExOkay = 1, kSlvErr = 2, kDecErr = 3 };

// What a master drives. Bytes of wdata above the bus width do not count.
struct AxiInputs {
  bool arvalid = false;
  uint8_t arid = 0, arlen = 0, arsize = 0, arburst = 0;
  uint64_t araddr = 0;
  bool rready = false;
  bool awvalid = false;
  uint8_t awid = 0, awlen = 0, awsize = 0, awburst = 0;
  uint64_t awaddr = 0;
  bool wvalid = false, wlast = false;
  uint64_t wstrb = 0;
  uint8_t wdata[kMaxBeatBytes] = {};
  bool bready = false;
};

// What the memory drives. All low at reset.
struct AxiOutputs {
  bool arready = false;
  bool rvalid = false, rlast = false;
  uint8_t rid = 0, rresp = 0;
  uint8_t rdata[kMaxBeatBytes] = {};
  bool awready = false;
  bool wready = false;
  bool bvalid = false;
  uint8_t bid = 0, bresp = 0;
};

struct AxiMemoryConfig {
  unsigned bus_bytes = 16;
  // Cycles from the one in which AR is taken to the first in which its first beat can be: >= 1.
  unsigned read_latency = 100;
  // Cycles from the one in which the last W beat is taken to the first of its B: >= 1.
  unsigned write_latency = 100;
  // At most beats_num beats in beats_den cycles, each direction on its own.
  unsigned beats_num = 1, beats_den = 1;
  // Bursts taken and not yet answered, each direction.
  unsigned max_outstanding = 64;
  // Chance in 1/65536 that a channel stands still in a cycle.
  unsigned stall_ar = 0, stall_r = 0, stall_aw = 0, stall_w = 0, stall_b = 0;
  // Answers of different IDs are mixed at random, beat by beat (allowed by AXI4).
  bool mix_ids = false;
  uint64_t seed = 1;
};

struct AxiStats {
  uint64_t read_bursts = 0, read_beats = 0;
  uint64_t write_bursts = 0, write_beats = 0;
  uint64_t bytes_written = 0;  // bytes with their strobe set
  uint64_t bytes_read(unsigned bus_bytes) const { return read_beats * bus_bytes; }
};

// Bytes written by one beat: byte i at address + i where bit i of strb is set.
struct AxiWrite {
  uint64_t address, strb;
};

// A burst, in cycles as tick() counts them from 0: taken, and its first and last beat.
struct AxiBurst {
  uint64_t issue, first, last;
  uint64_t address;
  uint16_t beats;
  uint8_t id;
  bool write;
};

class AxiMemory {
 public:
  explicit AxiMemory(const AxiMemoryConfig& config);

  // Adds memory of size bytes at base, zeroed; base and size are multiples of 64. Ranges must
  // not overlap (throws std::invalid_argument). A range with a response other than kOkay gives
  // it to every beat and keeps its bytes. Addresses in no range answer kDecErr.
  void add_range(uint64_t base, uint64_t size, AxiResponse response = kOkay);

  // Pointer to size bytes at address, all in one range; nullptr if they are not.
  // Valid until the next add_range().
  uint8_t* data(uint64_t address, uint64_t size);

  // Drops all traffic (the bytes stay), as a reset of both sides does.
  void reset(AxiOutputs& outputs);
  void tick(const AxiInputs& inputs, AxiOutputs& outputs);

  // While not null, every beat that changes memory is added to `log`.
  void log_writes(std::vector<AxiWrite>* log) { write_log_ = log; }

  // While not null, every burst is added to `log` with its last beat. The first beat of one that had
  // begun before is not known: it is the first seen.
  void log_bursts(std::vector<AxiBurst>* log) { burst_log_ = log; }

  bool idle() const;  // nothing taken and unanswered
  const AxiStats& stats() const { return stats_; }
  const AxiMemoryConfig& config() const { return config_; }
  void set_stalls(unsigned per_65536);  // the same chance on all five channels

  // Breaches of the protocol by the master, in words; the first 20 are kept.
  uint64_t violation_count() const { return violation_count_; }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  static constexpr unsigned kIds = 4;
  static constexpr unsigned kRing = 256;     // bursts a ring holds; a power of two
  static constexpr unsigned kBeatRing = 64;  // W beats that came before their AW

  struct Range {
    uint64_t base, size;
    AxiResponse response;
    std::vector<uint8_t> bytes;
  };
  struct Burst {
    uint64_t addr;
    uint64_t due;       // first cycle of the answer
    uint64_t sequence;  // in order of acceptance
    uint8_t id, len, resp;
    uint64_t issue;      // cycle of acceptance
    uint64_t first = 0;  // of its first beat; kept only for the log
  };
  template <class T, unsigned N>
  struct Ring {
    std::array<T, N> items;
    unsigned head = 0, count = 0;
    bool empty() const { return count == 0; }
    bool full() const { return count == N; }
    T& front() { return items[head]; }
    void push(const T& item) { items[(head + count++) % N] = item; }
    void pop() { head = (head + 1) % N, --count; }
  };
  struct WriteBeat {
    uint8_t data[kMaxBeatBytes];
    uint64_t strb;
    bool last;
  };

  void accept_read(const AxiInputs& in);
  void next_read_beat(AxiOutputs& out);
  void accept_write(const AxiInputs& in);
  void write_beat(const uint8_t* data, uint64_t strb, bool last);
  void next_response(AxiOutputs& out);
  void check_stable(const AxiInputs& in, const AxiOutputs& out);
  void check_burst(const char* channel, uint64_t addr, uint8_t len, uint8_t size, uint8_t burst);
  void log_beat(Burst& burst, uint64_t cycle, unsigned beat, bool write);
  void violation(const std::string& what);
  Range* find(uint64_t address, Range*& last_hit);
  bool stalled(unsigned chance);
  bool may_move(unsigned& credit);

  AxiMemoryConfig config_;
  std::vector<Range> ranges_;
  Range* read_hit_ = nullptr;
  Range* write_hit_ = nullptr;
  uint64_t cycle_ = 0, sequence_ = 0, random_;

  std::array<Ring<Burst, kRing>, kIds> reads_;
  unsigned reads_open_ = 0;
  unsigned read_id_ = 0;  // the ID whose burst is under way
  bool in_burst_ = false;
  std::array<unsigned, kIds> read_beat_{};  // beats given of each ID's oldest burst
  unsigned read_credit_ = 0, write_credit_ = 0;

  Ring<Burst, kRing> writes_;  // AW taken, W beats not all in
  unsigned write_beat_ = 0;
  Ring<WriteBeat, kBeatRing> early_;
  std::array<Ring<Burst, kRing>, kIds> responses_;
  unsigned writes_open_ = 0;

  AxiInputs before_;  // for the stability checks
  bool ar_waits_ = false, aw_waits_ = false, w_waits_ = false;
  AxiStats stats_;
  std::vector<AxiWrite>* write_log_ = nullptr;
  std::vector<AxiBurst>* burst_log_ = nullptr;
  uint64_t violation_count_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace weft::sim
