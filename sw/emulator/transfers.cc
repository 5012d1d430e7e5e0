// Loads and stores.
#include <algorithm>
#include <cstring>

#include "emulator/address.h"
#include "emulator/machine.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;

// One side of a transfer: its runs, of `run` bytes each. On chip they begin at words, in DRAM at
// bytes of the region.
struct Runs {
  int64_t first, stride1, stride2;
  uint32_t count1, count2;
  size_t run;
};

Runs chip_runs(const isa::TransferDesc& d) {
  return {d.chip_addr, d.chip_stride1, d.chip_stride2, d.chip_count1, d.chip_count2, d.chip_run};
}

Runs dram_runs(const isa::TransferDesc& d) {
  const auto first = static_cast<int64_t>(d.dram_offset);
  return {first, d.dram_stride1, d.dram_stride2, d.dram_count1, d.dram_count2, d.dram_run};
}

// Calls visit(where it begins, bytes) for each run, until one says false.
template <typename Visit>
void for_runs(const Runs& runs, Visit visit) {
  for (uint32_t i2 = 0; i2 < runs.count2; ++i2) {
    for (uint32_t i1 = 0; i1 < runs.count1; ++i1) {
      const int64_t start = runs.first + i2 * runs.stride2 + i1 * runs.stride1;
      if (!visit(start, runs.run)) return;
    }
  }
}

// Splits a run of the on-chip side where its addresses wrap: visit(byte in the memory, bytes) for
// each piece. False: a word lies outside the memory, whose words before it were visited.
template <typename Visit>
bool for_pieces(int64_t start, size_t run, size_t lanes, size_t memory_bytes, Visit visit) {
  for (size_t done = 0; done < run;) {
    const size_t word = wrap16(start + static_cast<int64_t>(done / lanes));
    const size_t words = memory_bytes / lanes;
    if (word >= words) return false;
    const size_t bytes = std::min(run - done, (words - word) * lanes);
    visit(word * lanes, bytes);
    done += bytes;
  }
  return true;
}

}  // namespace

Fault Machine::load(const isa::TransferDesc& d) {
  staging_.clear();
  Fault result;
  for_runs(dram_runs(d), [&](int64_t offset, size_t bytes) {
    uint64_t address = 0;
    result = reach(d.region, static_cast<uint64_t>(offset), bytes, false, address);
    if (result.code != ErrorCode::kNone) return false;
    const DramAnswer answer = dram_.read(address, bytes);
    if (answer.data == nullptr) {
      result = {ErrorCode::kBus, address, answer.response};
      return false;
    }
    staging_.insert(staging_.end(), answer.data, answer.data + bytes);
    return true;
  });
  if (result.code != ErrorCode::kNone) return result;
  counters_.read_bytes += staging_.size();

  const auto lanes = static_cast<size_t>(config_.rows);
  std::vector<uint8_t>& target = d.mem == static_cast<uint32_t>(isa::Memory::kAct)   ? act_
                                 : d.mem == static_cast<uint32_t>(isa::Memory::kWgt) ? wgt_
                                                                                     : param_;
  const uint8_t* from = staging_.data();
  for_runs(chip_runs(d), [&](int64_t start, size_t run) {
    const bool inside = for_pieces(start, run, lanes, target.size(), [&](size_t at, size_t bytes) {
      const size_t words = (bytes + lanes - 1) / lanes;
      std::memcpy(&target[at], from, bytes);
      std::memset(target.data() + at + bytes, 0, words * lanes - bytes);
      busy(isa::Engine::kLoad) += words;
      from += bytes;
    });
    if (!inside) result.code = ErrorCode::kChipRange;
    return inside;
  });
  return result;
}

Fault Machine::store(const isa::TransferDesc& d) {
  staging_.clear();
  Fault result;
  const auto lanes = static_cast<size_t>(config_.rows);
  for_runs(chip_runs(d), [&](int64_t start, size_t run) {
    const bool inside = for_pieces(start, run, lanes, act_.size(), [&](size_t at, size_t bytes) {
      staging_.insert(staging_.end(), act_.data() + at, act_.data() + at + bytes);
      busy(isa::Engine::kStore) += (bytes + lanes - 1) / lanes;
    });
    if (!inside) result.code = ErrorCode::kChipRange;
    return inside;
  });
  if (result.code != ErrorCode::kNone) return result;
  const uint8_t* from = staging_.data();
  for_runs(dram_runs(d), [&](int64_t offset, size_t bytes) {
    uint64_t address = 0;
    result = reach(d.region, static_cast<uint64_t>(offset), bytes, true, address);
    if (result.code != ErrorCode::kNone) return false;
    const uint32_t refused = dram_.write(address, {from, bytes});
    if (refused != 0) {
      result = {ErrorCode::kBus, address, refused};
      return false;
    }
    from += bytes;
    counters_.write_bytes += bytes;
    return true;
  });
  return result;
}

}  // namespace weft::emulator
