#include "emulator/machine.h"

#include <algorithm>
#include <cstring>

#include "emulator/array_kernel.h"
#include "isa/check.h"
#include "isa/depthwise.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;

Fault fault(ErrorCode code) { return {code, 0, 0}; }

// On-chip addresses are computed modulo 65536, as the descriptors' fields are.
size_t wrap16(int64_t value) { return static_cast<size_t>(value & 0xffff); }

// Calls visit(first word, bytes) for each run of the on-chip side.
template <typename Visit>
void for_chip_runs(const isa::TransferDesc& d, Visit visit) {
  for (uint32_t i2 = 0; i2 < d.chip_count2; ++i2) {
    for (uint32_t i1 = 0; i1 < d.chip_count1; ++i1) {
      const auto start = static_cast<int64_t>(d.chip_addr) +
                         static_cast<int64_t>(i2) * d.chip_stride2 +
                         static_cast<int64_t>(i1) * d.chip_stride1;
      if (!visit(start, static_cast<size_t>(d.chip_run))) return;
    }
  }
}

// Calls visit(region offset, bytes) for each run of the DRAM side.
template <typename Visit>
void for_dram_runs(const isa::TransferDesc& d, Visit visit) {
  for (uint32_t i2 = 0; i2 < d.dram_count2; ++i2) {
    for (uint32_t i1 = 0; i1 < d.dram_count1; ++i1) {
      const int64_t offset = static_cast<int64_t>(d.dram_offset) +
                             static_cast<int64_t>(i2) * d.dram_stride2 +
                             static_cast<int64_t>(i1) * d.dram_stride1;
      if (!visit(static_cast<uint64_t>(offset), static_cast<size_t>(d.dram_run))) return;
    }
  }
}

}  // namespace

Machine::Machine(const isa::HardwareConfig& config, DramAccess dram)
    : config_(config), dram_(std::move(dram)) {
  const auto word = static_cast<size_t>(config.rows);
  act_.resize(static_cast<size_t>(config.act_words) * word);
  wgt_.resize(static_cast<size_t>(config.wgt_words) * word);
  param_.resize(static_cast<size_t>(config.param_words) * word);
  acc_.resize(static_cast<size_t>(config.acc_entries()) * word);
  vectors_.resize(static_cast<size_t>(config.acc_entries()) * word);
}

void Machine::begin_job(const RegionTable& regions) {
  regions_ = regions;
  semaphores_.fill(0);
  counters_ = {};
}

Fault Machine::execute(std::span<const uint8_t, isa::kDescriptorBytes> descriptor) {
  ++counters_.descriptors;
  Fault result = fault(isa::check_descriptor(descriptor, config_));
  if (result.code != ErrorCode::kNone) return result;
  const isa::Header header = isa::decode_fields<isa::Header>(descriptor);
  result = take_semaphores(header);
  if (result.code != ErrorCode::kNone) return result;
  switch (static_cast<isa::Opcode>(header.opcode)) {
    case isa::Opcode::kLoad: result = load(isa::decode_transfer(descriptor)); break;
    case isa::Opcode::kStore: result = store(isa::decode_transfer(descriptor)); break;
    case isa::Opcode::kConv: result = convolve(isa::decode_array(descriptor)); break;
    case isa::Opcode::kDwconv: result = depthwise(isa::decode_depthwise(descriptor)); break;
    case isa::Opcode::kRequant:
    case isa::Opcode::kMaxpool:
    case isa::Opcode::kMean:
    case isa::Opcode::kAvgpool:
    case isa::Opcode::kLut:
    case isa::Opcode::kAdd:
    case isa::Opcode::kMul:
    case isa::Opcode::kMaximum:
    case isa::Opcode::kMinimum: result = vector_pass(isa::decode_vector(descriptor)); break;
  }
  if (result.code == ErrorCode::kNone) raise_semaphores(header);
  return result;
}

// In program order every wait of a legal program is met when its turn comes.
Fault Machine::take_semaphores(const isa::Header& header) {
  auto left = semaphores_;
  for (const auto& w : header.wait) {
    if (left[w.sem] < w.count) return fault(ErrorCode::kDeadlock);
    left[w.sem] -= w.count;
  }
  semaphores_ = left;
  return {};
}

void Machine::raise_semaphores(const isa::Header& header) {
  for (const auto& r : header.raise) semaphores_[r.sem] += r.count;
}

Fault Machine::reach(int region, uint64_t offset, uint64_t bytes, bool write, uint8_t*& memory) {
  const RegionWindow& window = regions_[static_cast<size_t>(region)];
  const uint64_t first = window.base + offset;
  const bool inside = first >= window.base && first < window.limit && bytes <= window.limit - first;
  if (!inside || !(write ? window.writable : window.readable)) {
    return {ErrorCode::kRegion, first, 0};
  }
  const DramAnswer answer = dram_(first, bytes);
  memory = answer.data;
  if (memory == nullptr) return {ErrorCode::kBus, first, answer.response};
  return {};
}

Fault Machine::load(const isa::TransferDesc& d) {
  staging_.clear();
  Fault result;
  for_dram_runs(d, [&](uint64_t offset, size_t bytes) {
    uint8_t* memory = nullptr;
    result = reach(static_cast<int>(d.region), offset, bytes, false, memory);
    if (result.code != ErrorCode::kNone) return false;
    staging_.insert(staging_.end(), memory, memory + bytes);
    return true;
  });
  if (result.code != ErrorCode::kNone) return result;
  counters_.read_bytes += staging_.size();

  const auto lanes = static_cast<size_t>(config_.rows);
  std::vector<uint8_t>& target = d.mem == static_cast<uint32_t>(isa::Memory::kAct)   ? act_
                                 : d.mem == static_cast<uint32_t>(isa::Memory::kWgt) ? wgt_
                                                                                     : param_;
  size_t from = 0;
  for_chip_runs(d, [&](int64_t start, size_t run) {
    for (size_t done = 0; done < run; done += lanes) {
      const size_t word = wrap16(start + static_cast<int64_t>(done / lanes));
      if ((word + 1) * lanes > target.size()) {
        result = fault(ErrorCode::kChipRange);
        return false;
      }
      ++busy(isa::Engine::kLoad);
      const size_t bytes = std::min(lanes, run - done);
      std::memcpy(&target[word * lanes], &staging_[from], bytes);
      std::memset(&target[word * lanes + bytes], 0, lanes - bytes);
      from += bytes;
    }
    return true;
  });
  return result;
}

Fault Machine::store(const isa::TransferDesc& d) {
  staging_.clear();
  Fault result;
  const auto lanes = static_cast<size_t>(config_.rows);
  for_chip_runs(d, [&](int64_t start, size_t run) {
    for (size_t done = 0; done < run; done += lanes) {
      const size_t word = wrap16(start + static_cast<int64_t>(done / lanes));
      if ((word + 1) * lanes > act_.size()) {
        result = fault(ErrorCode::kChipRange);
        return false;
      }
      ++busy(isa::Engine::kStore);
      const size_t bytes = std::min(lanes, run - done);
      staging_.insert(staging_.end(), &act_[word * lanes], &act_[word * lanes] + bytes);
    }
    return true;
  });
  if (result.code != ErrorCode::kNone) return result;
  size_t from = 0;
  for_dram_runs(d, [&](uint64_t offset, size_t bytes) {
    uint8_t* memory = nullptr;
    result = reach(static_cast<int>(d.region), offset, bytes, true, memory);
    if (result.code != ErrorCode::kNone) return false;
    std::memcpy(memory, &staging_[from], bytes);
    from += bytes;
    return true;
  });
  counters_.write_bytes += from;
  return result;
}

Fault Machine::gather_blocked(const isa::ArrayDesc& d, int ky, int kx, int kc) {
  const auto lanes = static_cast<size_t>(config_.rows);
  int8_t* out = vectors_.data();
  for (int oy = 0; oy < static_cast<int>(d.out_h); ++oy) {
    const int iy = oy * static_cast<int>(d.stride_y) + ky * static_cast<int>(d.dil_y) + d.y0;
    for (int ox = 0; ox < static_cast<int>(d.out_w); ++ox, out += lanes) {
      const int ix = ox * static_cast<int>(d.stride_x) + kx * static_cast<int>(d.dil_x) + d.x0;
      if (iy < 0 || iy >= static_cast<int>(d.in_h) || ix < 0 || ix >= static_cast<int>(d.in_w)) {
        std::memset(out, d.pad_value, lanes);
        continue;
      }
      const size_t word = wrap16(static_cast<int64_t>(d.in_addr) + int64_t{iy} * d.in_row_pitch +
                                 int64_t{ix} * d.in_col_pitch + int64_t{kc} * d.in_blk_pitch);
      if ((word + 1) * lanes > act_.size()) return fault(ErrorCode::kChipRange);
      std::memcpy(out, &act_[word * lanes], lanes);
    }
  }
  return {};
}

Fault Machine::gather_shallow(const isa::ArrayDesc& d, int tile) {
  const int lanes = config_.rows;
  const int row_bytes = static_cast<int>(d.kw);
  int8_t* out = vectors_.data();
  for (int oy = 0; oy < static_cast<int>(d.out_h); ++oy) {
    for (int ox = 0; ox < static_cast<int>(d.out_w); ++ox, out += lanes) {
      for (int lane = 0; lane < lanes; ++lane) {
        const int k = tile * lanes + lane;
        const int ky = k / row_bytes;
        if (ky >= static_cast<int>(d.kh)) {
          out[lane] = 0;
          continue;
        }
        const int iy = oy * static_cast<int>(d.stride_y) + ky * static_cast<int>(d.dil_y) + d.y0;
        const int b = ox * static_cast<int>(d.stride_x) + d.x0 + k % row_bytes;
        if (iy < 0 || iy >= static_cast<int>(d.in_h) || b < 0 || b >= static_cast<int>(d.in_w)) {
          out[lane] = static_cast<int8_t>(d.pad_value);
          continue;
        }
        const size_t word =
            wrap16(static_cast<int64_t>(d.in_addr) + int64_t{iy} * d.in_row_pitch + b / lanes);
        if ((word + 1) * static_cast<size_t>(lanes) > act_.size())
          return fault(ErrorCode::kChipRange);
        out[lane] = static_cast<int8_t>(
            act_[word * static_cast<size_t>(lanes) + static_cast<size_t>(b % lanes)]);
      }
    }
  }
  return {};
}

Fault Machine::convolve(const isa::ArrayDesc& d) {
  const int lanes = config_.rows;
  const bool shallow = (d.header.flags & isa::kArrayFlagShallow) != 0;
  const int m = static_cast<int>(d.out_h * d.out_w);
  int32_t* acc = &acc_[static_cast<size_t>(d.acc_addr) * static_cast<size_t>(lanes)];
  if ((d.header.flags & isa::kArrayFlagAccumulate) == 0) {
    std::fill(acc, acc + int64_t{m} * lanes, 0);
  }
  const int8_t* wgt = reinterpret_cast<const int8_t*>(wgt_.data()) + int64_t{d.wgt_addr} * lanes;
  auto run_tile = [&] {
    multiply_tile(vectors_.data(), wgt, acc, m, lanes);
    wgt += int64_t{lanes} * lanes;
    busy(isa::Engine::kArray) += static_cast<uint64_t>(m);
  };
  if (shallow) {
    for (int t = 0; t < static_cast<int>(d.kc); ++t) {
      if (Fault f = gather_shallow(d, t); f.code != ErrorCode::kNone) return f;
      run_tile();
    }
    return {};
  }
  for (int ky = 0; ky < static_cast<int>(d.kh); ++ky) {
    for (int kx = 0; kx < static_cast<int>(d.kw); ++kx) {
      for (int kc = 0; kc < static_cast<int>(d.kc); ++kc) {
        if (Fault f = gather_blocked(d, ky, kx, kc); f.code != ErrorCode::kNone) return f;
        run_tile();
      }
    }
  }
  return {};
}

Fault Machine::depthwise(const isa::DepthwiseDesc& d) {
  const auto lanes = static_cast<size_t>(config_.rows);
  const auto* taps =
      reinterpret_cast<const int8_t*>(&param_[static_cast<size_t>(d.param_addr) * lanes]);
  int32_t* acc = &acc_[static_cast<size_t>(d.acc_addr) * lanes];
  const std::vector<int8_t> pad(lanes, static_cast<int8_t>(d.pad_value));
  const uint64_t steps = isa::depthwise_steps(d.kh, d.kw);
  for (int oy = 0; oy < static_cast<int>(d.out_h); ++oy) {
    for (int ox = 0; ox < static_cast<int>(d.out_w); ++ox, acc += lanes) {
      std::fill_n(acc, lanes, 0);
      const int8_t* tap = taps;
      for (int ky = 0; ky < static_cast<int>(d.kh); ++ky) {
        const int iy = oy * static_cast<int>(d.stride_y) + ky * static_cast<int>(d.dil_y) + d.y0;
        for (int kx = 0; kx < static_cast<int>(d.kw); ++kx, tap += lanes) {
          const int ix = ox * static_cast<int>(d.stride_x) + kx * static_cast<int>(d.dil_x) + d.x0;
          const int8_t* act = pad.data();
          if (iy >= 0 && iy < static_cast<int>(d.in_h) && ix >= 0 &&
              ix < static_cast<int>(d.in_w)) {
            const size_t word = wrap16(static_cast<int64_t>(d.in_addr) +
                                       int64_t{iy} * d.in_row_pitch + int64_t{ix} * d.in_col_pitch);
            if ((word + 1) * lanes > act_.size()) return fault(ErrorCode::kChipRange);
            act = reinterpret_cast<const int8_t*>(&act_[word * lanes]);
          }
          for (size_t c = 0; c < lanes; ++c) acc[c] += int32_t{act[c]} * tap[c];
        }
      }
      busy(isa::Engine::kDepthwise) += steps;
    }
  }
  return {};
}

}  // namespace weft::emulator
