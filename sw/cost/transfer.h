// Loads and stores: rtl/dma/weft_load.sv, weft_store.sv and what they are made of.
#pragma once

#include "cost/bus.h"
#include "cost/parts.h"

namespace weft::cost {

// weft_dram_bursts.sv with weft_run_iter.sv and weft_burst_split.sv: a nest's runs, cut into bursts.
class DramBursts {
 public:
  struct Burst {
    uint32_t beats = 0, first_lane = 0, last_lane = 0;
    bool nest_last = false;
  };

  explicit DramBursts(uint32_t bus_bytes)
      : bus_bytes_(bus_bytes), window_(std::min<uint32_t>(256 * bus_bytes, 4096)) {}

  bool nest_ready() const { return !nests_.full(); }
  bool idle() const { return !valid_ && !running_ && nests_.empty(); }
  bool offered() const { return valid_; }
  const Burst& burst() const { return burst_; }
  void step(bool taken, Progress& progress);
  // In this cycle, after its step.
  void push(const isa::TransferDesc& desc, uint64_t region_base) {
    nests_.push({&desc, region_base + desc.dram_offset});
  }

 private:
  struct Nest {
    const isa::TransferDesc* desc = nullptr;
    uint64_t address = 0;
  };

  uint32_t bus_bytes_, window_;
  Fifo<Nest, 2> nests_;  // u_nests
  bool running_ = false;
  const isa::TransferDesc* desc_ = nullptr;
  uint64_t group_ = 0, run_ = 0;  // addresses
  uint32_t left1_ = 0, left2_ = 0;
  bool first_piece_ = true;
  uint64_t rest_address_ = 0;
  uint32_t rest_bytes_ = 0;
  bool valid_ = false;
  Burst burst_;
};

// weft_chip_words.sv: a nest's words.
template <size_t kDepth>
class ChipWords {
 public:
  explicit ChipWords(uint32_t word_bytes) : word_bytes_(word_bytes) {}

  bool nest_ready() const { return !nests_.full(); }
  bool idle() const { return !running_ && nests_.empty(); }
  bool valid() const { return running_; }
  isa::Memory memory() const { return static_cast<isa::Memory>(desc_->mem); }
  uint32_t address() const { return address_; }
  uint32_t bytes() const { return std::min(rest_, word_bytes_); }
  bool last() const { return rest_ <= word_bytes_ && left1_ == 1 && left2_ == 1; }

  void step(bool taken, Progress& progress) {
    bool ended = false;
    if (running_ && taken) {
      progress.moved = true;
      ended = last();
      if (rest_ > word_bytes_) {
        rest_ -= word_bytes_;
        address_ = (address_ + 1) & 0xffff;
      } else if (!ended) {
        next_run();
      }
    }
    if (running_ && !ended) return;
    running_ = !nests_.empty();
    if (!running_) return;
    progress.moved = true;
    desc_ = nests_.front();
    nests_.pop();
    address_ = run_ = group_ = desc_->chip_addr;
    rest_ = desc_->chip_run;
    left1_ = desc_->chip_count1;
    left2_ = desc_->chip_count2;
  }
  void push(const isa::TransferDesc& desc) { nests_.push(&desc); }

 private:
  void next_run() {
    if (left1_ == 1) {
      run_ = group_ = (group_ + desc_->chip_stride2) & 0xffff;
      left1_ = desc_->chip_count1;
      --left2_;
    } else {
      run_ = (run_ + desc_->chip_stride1) & 0xffff;
      --left1_;
    }
    address_ = run_;
    rest_ = desc_->chip_run;
  }

  uint32_t word_bytes_;
  Fifo<const isa::TransferDesc*, kDepth> nests_;
  bool running_ = false;
  const isa::TransferDesc* desc_ = nullptr;
  uint32_t group_ = 0, run_ = 0, address_ = 0, rest_ = 0;
  uint32_t left1_ = 0, left2_ = 0;
};

// weft_realign.sv: pieces of one size to pieces of another.
class Realign {
 public:
  struct Result {
    bool in_ready = false, out_valid = false;
  };
  // What it says to an input and a wanted output piece of so many bytes.
  Result look(bool in_valid, uint32_t in_bytes, bool want, uint32_t out_bytes,
              bool out_ready) const {
    const bool held = held_ >= out_bytes;
    const bool enough = held_ + in_bytes >= out_bytes;
    return {want && !held && (!enough || out_ready), want && (held || (in_valid && enough))};
  }
  void move(bool take, uint32_t in_bytes, bool give, uint32_t out_bytes) {
    held_ += take ? in_bytes : 0;
    held_ -= give ? out_bytes : 0;
  }

 private:
  uint32_t held_ = 0;
};

// What both engines have: bursts on one side, words on the other.
template <size_t kDescs>
class TransferEngine {
 public:
  explicit TransferEngine(const isa::HardwareConfig& config)
      : bus_bytes_(static_cast<uint32_t>(config.bus_bytes())),
        bursts_(bus_bytes_),
        words_(static_cast<uint32_t>(config.word_bytes())) {}

  bool ready() const { return ready_; }
  bool done(Cycle now) const { return done_at_ == now; }
  bool busy() const { return busy_; }
  void accept(const isa::TransferDesc& desc, uint64_t region_base) {
    bursts_.push(desc, region_base);
    words_.push(desc);
  }

 protected:
  static constexpr size_t kBursts = 64;  // weft_load.sv, weft_store.sv: Bursts

  uint32_t bus_bytes_;
  DramBursts bursts_;
  ChipWords<kDescs> words_;
  Realign realign_;
  Fifo<DramBursts::Burst, kBursts> infos_;  // u_infos
  bool ready_ = true, busy_ = false;
  Cycle done_at_ = kNever;
};

class LoadEngine : public TransferEngine<16> {  // weft_load.sv: Descs
 public:
  using TransferEngine::TransferEngine;

  bool beat_taken() const { return beat_taken_; }

  void request(ActMemory& act);
  void step(Cycle now, const ActMemory& act, ReadBus& bus, bool bus_free, Progress& progress);

 private:
  struct Write {
    bool act = false, last = false;
    uint32_t address = 0;
  };

  Fifo<Write, 2> writes_;  // u_writes
  bool first_beat_ = true, nest_read_ = false;
  bool beat_taken_ = false;
};

class StoreEngine : public TransferEngine<8> {  // weft_store.sv: Descs
 public:
  using TransferEngine::TransferEngine;

  void request(ActMemory& act);
  void step(Cycle now, const ActMemory& act, WriteBus& bus, Progress& progress);

 private:
  static constexpr size_t kWords = 4;  // weft_store_words.sv: Depth

  bool wants_word() const { return words_.valid() && used_ != kWords; }

  struct Piece {
    uint32_t bytes = 0;
    bool last = false;
  };

  Fifo<bool, kBursts> responses_;  // u_resps: the last of its nest
  Fifo<Piece, kWords> pieces_;     // u_fetched
  size_t used_ = 0;                // words asked for and not yet given on
  Piece fetched_;                  // read in the last cycle
  uint32_t beat_ = 0;
  bool nest_given_ = false;
};

}  // namespace weft::cost
