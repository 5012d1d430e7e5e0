#include "axi_memory.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace weft::sim {

namespace {

constexpr size_t kViolationsKept = 20;

std::string hex(uint64_t value) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

bool is_beat_size(unsigned bytes) {
  return bytes >= 1 && bytes <= kMaxBeatBytes && (bytes & (bytes - 1)) == 0;
}

}  // namespace

AxiMemory::AxiMemory(const AxiMemoryConfig& config) : config_(config) {
  if (!is_beat_size(config.bus_bytes)) {
    throw std::invalid_argument("AxiMemory: bus_bytes must be a power of two up to 64, not " +
                                std::to_string(config.bus_bytes));
  }
  if (config.beats_num == 0 || config.beats_den < config.beats_num) {
    throw std::invalid_argument("AxiMemory: beats_num / beats_den must be in (0, 1]");
  }
  if (config.max_outstanding == 0 || config.max_outstanding > kRing) {
    throw std::invalid_argument("AxiMemory: max_outstanding must be 1 to " + std::to_string(kRing));
  }
  if (config.read_latency == 0 || config.write_latency == 0) {
    throw std::invalid_argument("AxiMemory: a latency is at least 1 cycle");
  }
  random_ = config.seed * 0x9e3779b97f4a7c15ull + 0x1234567u;
  if (random_ == 0) random_ = 1;
}

void AxiMemory::add_range(uint64_t base, uint64_t size, AxiResponse response) {
  if (base % 64 != 0 || size % 64 != 0 || size == 0 || base + size - 1 < base) {
    throw std::invalid_argument("AxiMemory: range " + hex(base) + " + " + hex(size) +
                                " must be whole 64-byte lines");
  }
  for (const Range& r : ranges_) {
    if (base <= r.base + (r.size - 1) && r.base <= base + (size - 1)) {
      throw std::invalid_argument("AxiMemory: range " + hex(base) + " overlaps " + hex(r.base));
    }
  }
  ranges_.push_back({base, size, response, std::vector<uint8_t>(size)});
  read_hit_ = write_hit_ = nullptr;
}

uint8_t* AxiMemory::data(uint64_t address, uint64_t size) {
  for (Range& r : ranges_) {
    if (address - r.base < r.size && size <= r.size - (address - r.base)) {
      return r.bytes.data() + (address - r.base);
    }
  }
  return nullptr;
}

AxiMemory::Range* AxiMemory::find(uint64_t address, Range*& last_hit) {
  if (last_hit != nullptr && address - last_hit->base < last_hit->size) return last_hit;
  for (Range& r : ranges_) {
    if (address - r.base < r.size) return last_hit = &r;
  }
  return nullptr;
}

void AxiMemory::set_stalls(unsigned per_65536) {
  config_.stall_ar = config_.stall_r = config_.stall_aw = config_.stall_w = config_.stall_b =
      per_65536;
}

void AxiMemory::reset(AxiOutputs& outputs) {
  outputs = {};
  for (unsigned id = 0; id < kIds; ++id) {
    reads_[id].head = reads_[id].count = 0;
    responses_[id].head = responses_[id].count = 0;
    read_beat_[id] = 0;
  }
  writes_.head = writes_.count = early_.head = early_.count = 0;
  reads_open_ = writes_open_ = write_beat_ = 0;
  in_burst_ = ar_waits_ = aw_waits_ = w_waits_ = false;
}

bool AxiMemory::idle() const { return reads_open_ == 0 && writes_open_ == 0 && early_.empty(); }

bool AxiMemory::stalled(unsigned chance) {
  if (chance == 0) return false;
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return ((random_ >> 24) & 0xffff) < chance;
}

// A bucket that fills by beats_num a cycle, holds one beat and pays beats_den for it.
bool AxiMemory::may_move(unsigned& credit) {
  if (config_.beats_num == config_.beats_den) return true;
  return credit >= config_.beats_den;
}

void AxiMemory::violation(const std::string& what) {
  ++violation_count_;
  if (violations_.size() < kViolationsKept) {
    violations_.push_back("cycle " + std::to_string(cycle_) + ": " + what);
  }
}

void AxiMemory::check_burst(const char* channel, uint64_t addr, uint8_t len, uint8_t size,
                            uint8_t burst) {
  const std::string where = std::string(channel) + " at " + hex(addr);
  if (burst != 1) violation(where + ": burst type " + std::to_string(burst) + " is not INCR");
  if (size > 6 || (1u << size) != config_.bus_bytes) {
    violation(where + ": size " + std::to_string(size) + " is not the full bus");
  }
  if (addr % config_.bus_bytes != 0) violation(where + ": not aligned to the beat");
  if ((addr & 0xfff) + (uint64_t{len} + 1) * config_.bus_bytes > 0x1000) {
    violation(where + ": " + std::to_string(len + 1) + " beats cross 4 KiB");
  }
}

// A master must keep what it offers until it is taken.
void AxiMemory::check_stable(const AxiInputs& in, const AxiOutputs& out) {
  if (ar_waits_ && !(in.arvalid && in.araddr == before_.araddr && in.arlen == before_.arlen &&
                     in.arid == before_.arid)) {
    violation("AR changed while it waited");
  }
  if (aw_waits_ && !(in.awvalid && in.awaddr == before_.awaddr && in.awlen == before_.awlen &&
                     in.awid == before_.awid)) {
    violation("AW changed while it waited");
  }
  if (w_waits_ && !(in.wvalid && in.wstrb == before_.wstrb && in.wlast == before_.wlast &&
                    std::memcmp(in.wdata, before_.wdata, config_.bus_bytes) == 0)) {
    violation("W changed while it waited");
  }
  ar_waits_ = in.arvalid && !out.arready;
  aw_waits_ = in.awvalid && !out.awready;
  w_waits_ = in.wvalid && !out.wready;
  if (ar_waits_ || aw_waits_ || w_waits_) before_ = in;
}

void AxiMemory::log_beat(Burst& burst, uint64_t cycle, unsigned beat, bool write) {
  if (burst.first == 0) burst.first = cycle;
  if (beat != burst.len) return;
  burst_log_->push_back({burst.issue, burst.first, cycle, burst.addr,
                         static_cast<uint16_t>(burst.len + 1), burst.id, write});
}

void AxiMemory::accept_read(const AxiInputs& in) {
  check_burst("AR", in.araddr, in.arlen, in.arsize, in.arburst);
  const unsigned id = in.arid % kIds;
  if (in.arid >= kIds) violation("AR with ID " + std::to_string(in.arid));
  const uint64_t addr = in.araddr - in.araddr % config_.bus_bytes;
  reads_[id].push(
      {addr, cycle_ + config_.read_latency, sequence_++, in.arid, in.arlen, kOkay, cycle_});
  ++reads_open_;
  ++stats_.read_bursts;
}

void AxiMemory::next_read_beat(AxiOutputs& out) {
  out.rvalid = false;
  if (reads_open_ == 0 || !may_move(read_credit_) || stalled(config_.stall_r)) return;
  const uint64_t next_cycle = cycle_ + 1;
  if (!in_burst_ || config_.mix_ids) {
    // The oldest burst that is due, or any ID's oldest that is due.
    const Burst* best = nullptr;
    unsigned best_id = 0;
    for (unsigned i = 0; i < kIds; ++i) {
      if (reads_[i].empty() || reads_[i].front().due > next_cycle) continue;
      const Burst* burst = &reads_[i].front();
      const bool take =
          best == nullptr || (config_.mix_ids ? stalled(0x8000) : burst->sequence < best->sequence);
      if (take) best = burst, best_id = i;
    }
    if (best == nullptr) return;
    read_id_ = best_id;
    in_burst_ = true;
  }
  Burst& burst = reads_[read_id_].front();
  unsigned& beat = read_beat_[read_id_];
  const uint64_t addr = burst.addr + uint64_t{beat} * config_.bus_bytes;
  Range* range = find(addr, read_hit_);
  out.rvalid = true;
  out.rid = burst.id;
  out.rresp = range == nullptr ? kDecErr : range->response;
  if (out.rresp == kOkay) {
    std::memcpy(out.rdata, range->bytes.data() + (addr - range->base), config_.bus_bytes);
  } else {
    std::memset(out.rdata, 0xee, config_.bus_bytes);  // visible if it is ever used
  }
  out.rlast = beat == burst.len;
  if (burst_log_ != nullptr) log_beat(burst, next_cycle, beat, false);
  ++beat;
  if (out.rlast) {
    reads_[read_id_].pop();
    --reads_open_;
    beat = 0;
    in_burst_ = false;
  }
  ++stats_.read_beats;
  if (config_.beats_num != config_.beats_den) read_credit_ -= config_.beats_den;
}

void AxiMemory::accept_write(const AxiInputs& in) {
  check_burst("AW", in.awaddr, in.awlen, in.awsize, in.awburst);
  if (in.awid >= kIds) violation("AW with ID " + std::to_string(in.awid));
  const uint64_t addr = in.awaddr - in.awaddr % config_.bus_bytes;
  writes_.push({addr, 0, sequence_++, in.awid, in.awlen, kOkay, cycle_});
  ++writes_open_;
  ++stats_.write_bursts;
}

void AxiMemory::write_beat(const uint8_t* data, uint64_t strb, bool last) {
  Burst& burst = writes_.front();
  const uint64_t addr = burst.addr + uint64_t{write_beat_} * config_.bus_bytes;
  const uint64_t all =
      config_.bus_bytes == 64 ? ~uint64_t{0} : (uint64_t{1} << config_.bus_bytes) - 1;
  Range* range = find(addr, write_hit_);
  const uint8_t resp = range == nullptr ? kDecErr : range->response;
  burst.resp = std::max(burst.resp, resp);
  strb &= all;
  if (resp == kOkay) {
    uint8_t* to = range->bytes.data() + (addr - range->base);
    if (strb == all) {
      std::memcpy(to, data, config_.bus_bytes);
    } else {
      for (unsigned i = 0; i < config_.bus_bytes; ++i) {
        if ((strb >> i) & 1) to[i] = data[i];
      }
    }
    if (write_log_ != nullptr && strb != 0) write_log_->push_back({addr, strb});
    stats_.bytes_written += static_cast<unsigned>(__builtin_popcountll(strb));
  }
  if (burst_log_ != nullptr) log_beat(burst, cycle_, write_beat_, true);
  const bool ends = write_beat_ == burst.len;
  if (last != ends) {
    violation("W beat " + std::to_string(write_beat_) + " of " + std::to_string(burst.len + 1) +
              " at " + hex(burst.addr) + (last ? " is marked last" : " is not marked last"));
  }
  ++write_beat_;
  if (ends) {
    burst.due = cycle_ + config_.write_latency;
    responses_[burst.id % kIds].push(burst);
    writes_.pop();
    write_beat_ = 0;
  }
}

void AxiMemory::next_response(AxiOutputs& out) {
  out.bvalid = false;
  if (writes_open_ == 0 || stalled(config_.stall_b)) return;
  const Burst* best = nullptr;
  unsigned best_id = 0;
  for (unsigned i = 0; i < kIds; ++i) {
    if (responses_[i].empty() || responses_[i].front().due > cycle_ + 1) continue;
    const Burst* burst = &responses_[i].front();
    const bool take =
        best == nullptr || (config_.mix_ids ? stalled(0x8000) : burst->sequence < best->sequence);
    if (take) best = burst, best_id = i;
  }
  if (best == nullptr) return;
  out.bvalid = true;
  out.bid = best->id;
  out.bresp = best->resp;
  responses_[best_id].pop();
  --writes_open_;
}

void AxiMemory::tick(const AxiInputs& in, AxiOutputs& out) {
  check_stable(in, out);
  if (config_.beats_num != config_.beats_den) {
    const unsigned full = config_.beats_den + config_.beats_num - 1;
    // A beat that wready had paid for and that did not come is given back.
    const unsigned back = out.wready && !in.wvalid ? config_.beats_den : 0;
    read_credit_ = std::min(read_credit_ + config_.beats_num, full);
    write_credit_ = std::min(write_credit_ + config_.beats_num + back, full);
  }

  if (in.arvalid && out.arready) accept_read(in);
  if (!out.rvalid || in.rready) next_read_beat(out);
  out.arready = reads_open_ < config_.max_outstanding && !stalled(config_.stall_ar);

  if (in.awvalid && out.awready) accept_write(in);
  while (!early_.empty() && !writes_.empty()) {
    const WriteBeat& beat = early_.front();
    write_beat(beat.data, beat.strb, beat.last);
    early_.pop();
  }
  if (in.wvalid && out.wready) {
    ++stats_.write_beats;
    if (!writes_.empty()) {
      write_beat(in.wdata, in.wstrb, in.wlast);
    } else {
      WriteBeat beat;
      std::memcpy(beat.data, in.wdata, config_.bus_bytes);
      beat.strb = in.wstrb;
      beat.last = in.wlast;
      early_.push(beat);
    }
  }
  if (!out.bvalid || in.bready) next_response(out);
  out.awready = writes_open_ < config_.max_outstanding && !stalled(config_.stall_aw);
  out.wready = !early_.full() && may_move(write_credit_) && !stalled(config_.stall_w);
  if (out.wready && config_.beats_num != config_.beats_den) write_credit_ -= config_.beats_den;
  ++cycle_;
}

}  // namespace weft::sim
