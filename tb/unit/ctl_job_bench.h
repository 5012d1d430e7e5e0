// Job control among models of what surrounds it: the host's ring, the fetch unit, engines that end
// or fail, the record's writer. Each job is followed to its end and compared with what was planned.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include "Vdut.h"
#include "ctl_bench.h"
#include "tb/catch_compat.h"
#include "weft_gen/configs.h"

namespace weft::tb {

enum JobCode : unsigned { kConfigMismatch = 8, kBadJob = 9 };
inline constexpr unsigned kControl = 7, kEntryBytes = 256, kRecordByte = 192;
inline constexpr uint64_t kMagic = 0x454e4f4454464557;
inline const uint64_t kHash = weft::isa::find_config(WEFT_CONFIG).config_hash;

struct Job {
  uint64_t desc_offset = 0, hash = kHash, id = 0;
  uint32_t desc_count = 1, desc_region = 0;
  std::array<uint64_t, 8> base{}, limit{};  // base with its rights, as in memory
  // What becomes of it.
  unsigned bad_line = ~0U;  // of the entry: cannot be read
  unsigned bad_resp = 2;
  bool fails = false;
  EngineError error;
  unsigned engine = 0;
  uint32_t index = 0;
  bool unwritable = false;
  unsigned refused = 0;  // code that the check of the entry gives

  uint64_t first() const { return (base[desc_region % 8] & ~uint64_t{63}) + desc_offset; }
};

template <class T>
void put(Line& line, unsigned byte, T value) {
  std::memcpy(&line[byte], &value, sizeof value);
}
template <class T>
T get(const Line& line, unsigned byte) {
  T value;
  std::memcpy(&value, &line[byte], sizeof value);
  return value;
}

inline Job random_job(Random& random) {
  Job job;
  job.id = random.bits();
  for (unsigned r = 0; r < 8; ++r) {
    const uint64_t a = random.bits() >> (random.bits() % 60),
                   b = random.bits() >> (random.bits() % 60);
    job.base[r] = (std::min(a, b) & ~uint64_t{63}) | random.bits() % 4;
    job.limit[r] = std::max(a, b) & ~uint64_t{63};
    if (random.one_in(6)) job.limit[r] = job.base[r] & ~uint64_t{63};  // empty
  }
  job.desc_region = static_cast<uint32_t>(random.bits() % 8);
  uint64_t& base = job.base[job.desc_region];
  uint64_t& limit = job.limit[job.desc_region];
  base |= 1;
  if (random.one_in(4)) base = (~uint64_t{0} << 13) | 1, limit = ~uint64_t{63};
  if (limit - (base & ~uint64_t{63}) < 64)
    base = (random.bits() >> 1 & ~uint64_t{63}) | 1, limit = (base & ~uint64_t{63}) + 4096;
  const uint64_t lines = (limit - (base & ~uint64_t{63})) / 64;
  const uint64_t skip = random.one_in(3) ? 0 : random.bits() % lines;
  job.desc_offset = 64 * skip;
  const uint64_t most = std::min<uint64_t>(lines - skip, 0xffffffff);
  job.desc_count = static_cast<uint32_t>(random.one_in(2) ? most : 1 + random.bits() % most);
  return job;
}

struct JobBench {
  explicit JobBench(uint64_t seed) : random(seed) {
    Vdut& t = *dut.top;
    t.enable_i = 1;
    t.ring_base_i = random.bits() & ~uint64_t{63};
    t.ring_log2_i = 3;
    dut.reset();
  }

  // ---- Host ----
  uint64_t entry_of(uint16_t number) {
    return dut->ring_base_i + kEntryBytes * (uint64_t{number} & ((1U << dut->ring_log2_i) - 1));
  }
  void ring(const Job& job) {
    jobs[dut->ring_head_i] = job;
    ++dut->ring_head_i;
  }
  Line entry_line(const Job& job, unsigned n) {
    Line line = random_line(random);  // what no field names does not count
    if (n == 0) {
      put(line, 0, job.desc_offset);
      put(line, 8, job.desc_count);
      put(line, 12, job.desc_region);
      put(line, 16, job.hash);
      put(line, 24, job.id);
    } else {
      for (unsigned r = 0; r < 4; ++r) {
        put(line, 16 * r, job.base[4 * (n - 1) + r]);
        put(line, 16 * r + 8, job.limit[4 * (n - 1) + r]);
      }
    }
    return line;
  }

  // ---- The rest of control ----
  void cycle() {
    Vdut& t = *dut.top;
    // Lines of the entry.
    const bool some = !lines.empty();
    if (!line_shown) line_shown = some && (fast || !random.one_in(4));
    line_shown = line_shown && some;
    t.line_valid_i = line_shown;
    if (line_shown) {
      t.line_error_i = lines.front().error;
      t.line_resp_i =
          lines.front().error ? current.bad_resp : static_cast<unsigned>(random.bits() % 2);
      t.line_addr_i = lines.front().addr;
      put_line(t.line_i, lines.front().data);
    } else {
      t.line_error_i = static_cast<unsigned>(random.bits() % 2);
    }
    // Engines.
    const bool over = running && run_left == 0;
    t.finished_i = running ? over && !current.fails : random.bits() % 2;
    t.failed_i = over && current.fails;
    put_error(t.fail_error_i, 0, current.error);
    t.fail_engine_i = current.engine;
    t.fail_index_i = current.index;
    t.quiet_i = outstanding == 0;
    t.cycles_i = cycles;
    // Record.
    const bool record_done = recording && record_left == 0;
    t.record_done_i = record_done;
    t.record_resp_i = record_done ? (current.unwritable ? current.bad_resp
                                                        : static_cast<unsigned>(random.bits() % 2))
                                  : static_cast<unsigned>(random.bits() % 4);
    dut.settle();

    const bool abort = t.abort_o;
    if (t.clear_o) ++clears, wrong += !abort || outstanding != 0;
    if (t.begin_o) {
      begin();
    } else if (t.start_o) {
      start();
    } else {
      wrong += t.fetch_start_o;
    }
    if (abort) {
      lines.clear();
      line_shown = false;
      running = false;
      if (outstanding != 0) --outstanding;
    } else if (line_shown && t.line_ready_o) {
      lines.pop_front();
      line_shown = false;
    }
    if (running && !t.start_o) {
      wrong += !t.run_o;
      for (unsigned r = 0; r < 8; ++r) {
        wrong += get_bits(t.regions_o, 130 * r, 64) != current.limit[r];
        wrong += get_bits(t.regions_o, 130 * r + 64, 64) != (current.base[r] & ~uint64_t{63});
        wrong += get_bits(t.regions_o, 130 * r + 128, 1) != (current.base[r] >> 1 & 1);
        wrong += get_bits(t.regions_o, 130 * r + 129, 1) != (current.base[r] & 1);
      }
      if (run_left != 0) --run_left;
    } else if (!running) {
      wrong += t.run_o;
    }
    if (t.record_valid_o) {
      if (!recording) {
        recording = true;
        record_left = delay(12);
        ++records;
        std::memcpy(&record, &t.record_o, sizeof record);
        record_addr = t.record_addr_o;
      } else {
        wrong += t.record_addr_o != record_addr ||
                 !same_line(t.record_o, record);  // until it is written
      }
      if (record_done)
        recording = false, ++records_done;
      else if (record_left != 0)
        --record_left;
    } else {
      wrong += recording;
    }
    dones += t.job_done_o, errors += t.job_error_o;
    starts += t.start_o;
    dut.edge();
    dut.settle();
  }

  unsigned delay(int64_t most) { return fast ? 1 : static_cast<unsigned>(random.in(0, most)); }

  void begin() {
    Vdut& t = *dut.top;
    ++begins;
    current = jobs.at(t.ring_tail_o);
    entry = entry_of(t.ring_tail_o);
    wrong += !t.fetch_start_o || t.fetch_addr_o != entry || t.fetch_count_o != 3;
    wrong += !t.enable_i || t.halted_o;
    cycles = random.bits();
    for (unsigned n = 0; n < 3; ++n) {
      lines.push_back({entry_line(current, n), n == current.bad_line, entry + kLineBytes * n});
      if (n == current.bad_line) break;
    }
    outstanding = delay(6);
  }
  void start() {
    Vdut& t = *dut.top;
    wrong += !t.fetch_start_o || t.fetch_addr_o != current.first() ||
             t.fetch_count_o != current.desc_count;
    running = true;
    run_left = delay(20);
    outstanding = delay(15);
  }

  // ---- Waits ----
  bool until(const std::function<bool()>& reached, unsigned limit = 2000) {
    for (unsigned i = 0; i < limit; ++i) {
      if (reached()) return true;
      cycle();
    }
    return reached();
  }
  void soft_reset_pulse() {
    dut->soft_reset_i = 1;
    cycle();
    dut->soft_reset_i = 0;
  }

  // Rings one job and follows it to its end.
  void run(const Job& job) {
    Vdut& t = *dut.top;
    const uint64_t dones_before = dones, errors_before = errors, records_before = records,
                   starts_before = starts;
    const uint16_t tail = t.ring_tail_o;
    const uint64_t address = entry_of(tail);
    ring(job);
    REQUIRE(until([&] { return t.ring_tail_o != tail; }));
    CHECK(t.ring_tail_o == static_cast<uint16_t>(tail + 1));
    cycle();
    const bool unreadable = job.bad_line < 3;
    EngineError first;  // as the registers and the record have it
    unsigned engine = kControl;
    uint32_t index = 0;
    if (unreadable) {
      first = {kBus, job.bad_resp, address + kLineBytes * job.bad_line};
    } else if (job.refused != 0) {
      first = {job.refused, 0, 0};
    } else if (job.fails) {
      first = job.error;
      engine = job.engine;
      index = job.index;
    }
    CHECK(starts - starts_before == (!unreadable && job.refused == 0));
    CHECK(records - records_before == !unreadable);
    if (!unreadable) {
      CHECK(record_addr == address + kRecordByte);
      CHECK(get<uint64_t>(record, 0) == job.id);
      CHECK(get<uint64_t>(record, 8) == cycles);
      CHECK(get<uint32_t>(record, 16) == first.code);
      CHECK(get<uint32_t>(record, 20) == (first.code != 0 ? engine : 0));
      CHECK(get<uint32_t>(record, 24) == index);
      CHECK(get<uint32_t>(record, 28) == first.resp);
      CHECK(get<uint64_t>(record, 32) == first.addr);
      for (unsigned i = 40; i < 56; ++i) CHECK(record[i] == 0);
      CHECK(get<uint64_t>(record, 56) == kMagic);
    }
    if (job.unwritable && first.code == 0) first = {kBus, job.bad_resp, address + kRecordByte};
    const bool failed = first.code != 0;
    CHECK(dones - dones_before == !failed);
    CHECK(errors - errors_before == failed);
    CHECK(t.halted_o == failed);
    if (failed) {
      CHECK(get_error(t.error_o) == first);
      CHECK(t.error_engine_o == engine);
      CHECK(t.error_index_o == index);
    }
    CHECK(!t.busy_o);
  }
  void resume() {
    dut->resume_i = 1;
    cycle();
    dut->resume_i = 0;
    CHECK(!dut->halted_o);
  }
  // The tail is where the ring is; from there on.
  void move_to(uint16_t number) {
    dut->ring_head_i = number;
    soft_reset_pulse();
    REQUIRE(until([&] { return !dut->resetting_o && !dut->busy_o; }));
    REQUIRE(dut->ring_tail_o == number);
  }

  struct EntryLine {
    Line data;
    bool error;
    uint64_t addr;
  };
  Clocked<Vdut> dut;
  Random random;
  bool fast = false;  // each delay is one cycle
  std::map<uint16_t, Job> jobs;
  Job current;
  uint64_t entry = 0, cycles = 0;
  std::deque<EntryLine> lines;
  bool line_shown = false, running = false, recording = false;
  unsigned run_left = 0, record_left = 0, outstanding = 0;
  Line record{};
  uint64_t record_addr = 0;
  uint64_t wrong = 0, begins = 0, starts = 0, clears = 0, records = 0, records_done = 0, dones = 0,
           errors = 0;
};

}  // namespace weft::tb
