// Convolutions: of the array, tile by tile, and of the depthwise engine, tap by tap.
#include <algorithm>
#include <cstring>

#include "emulator/address.h"
#include "emulator/machine.h"
#include "isa/depthwise.h"

namespace weft::emulator {
namespace {

using isa::ErrorCode;

// Outputs first .. last - 1 of a row whose tap lies inside the input: output o reads column
// o * stride + offset of `width`.
struct Inside {
  int first, last;
};

Inside inside_of(int offset, int stride, int width, int outputs) {
  const int first = offset < 0 ? (stride - 1 - offset) / stride : 0;
  const int last = offset < width ? (width - 1 - offset) / stride + 1 : 0;
  return {std::min(first, outputs), std::max(std::min(first, outputs), std::min(last, outputs))};
}

}  // namespace

// Runs that follow on one another become one: of pointwise layers a whole tile.
void Machine::add_run(const int8_t* first, ptrdiff_t step, int count) {
  if (count == 0) return;
  if (!runs_.empty()) {
    Run& before = runs_.back();
    if (before.step == step && before.first + before.count * step == first) {
      before.count += count;
      return;
    }
  }
  runs_.push_back({first, step, count});
}

// Where the activation words of one tap lie, output by output; `block`: words to the channel block.
template <typename Desc>
Fault Machine::find_window(const Desc& d, int ky, int kx, int64_t block) {
  const int lanes = config_.rows;
  const auto* act = reinterpret_cast<const int8_t*>(act_.data());
  const auto words = static_cast<int64_t>(act_.size()) / lanes;
  const int width = static_cast<int>(d.out_w), stride = static_cast<int>(d.stride_x);
  const int offset = kx * static_cast<int>(d.dil_x) + d.x0;
  const Inside inside = inside_of(offset, stride, static_cast<int>(d.in_w), width);
  const int64_t pitch = int64_t{d.in_col_pitch} * stride;
  std::fill(pad_.begin(), pad_.end(), static_cast<int8_t>(d.pad_value));
  runs_.clear();
  for (int oy = 0; oy < static_cast<int>(d.out_h); ++oy) {
    const int iy = oy * static_cast<int>(d.stride_y) + ky * static_cast<int>(d.dil_y) + d.y0;
    if (iy < 0 || iy >= static_cast<int>(d.in_h) || inside.first == inside.last) {
      add_run(pad_.data(), 0, width);
      continue;
    }
    add_run(pad_.data(), 0, inside.first);
    const int64_t start = int64_t{d.in_addr} + int64_t{iy} * d.in_row_pitch +
                          (int64_t{inside.first} * stride + offset) * d.in_col_pitch + block;
    const int count = inside.last - inside.first;
    if (start + (count - 1) * pitch < words) {
      add_run(act + start * lanes, pitch * lanes, count);
    } else {
      for (int i = 0; i < count; ++i) {
        const size_t word = wrap16(start + i * pitch);
        if (word >= static_cast<size_t>(words)) return {ErrorCode::kChipRange, 0, 0};
        add_run(act + word * static_cast<size_t>(lanes), lanes, 1);
      }
    }
    add_run(pad_.data(), 0, width - inside.last);
  }
  return {};
}

// The activation words of a shallow K tile, byte by byte where the descriptor's rows lie.
Fault Machine::pack_window(const isa::ArrayDesc& d, int tile) {
  const int lanes = config_.rows;
  const auto bytes = static_cast<int64_t>(act_.size());
  const int row_bytes = static_cast<int>(d.kw), in_w = static_cast<int>(d.in_w);
  const int taps = static_cast<int>(d.kh) * row_bytes;
  const int used = std::clamp(taps - tile * lanes, 0, lanes);
  int8_t* out = packed_.data();
  for (int oy = 0; oy < static_cast<int>(d.out_h); ++oy) {
    for (int ox = 0; ox < static_cast<int>(d.out_w); ++ox, out += lanes) {
      for (int lane = 0; lane < used;) {
        // The lanes of one kernel row are neighbours in their input row.
        const int k = tile * lanes + lane, column = k % row_bytes;
        const int run = std::min(row_bytes - column, used - lane);
        const int iy =
            oy * static_cast<int>(d.stride_y) + k / row_bytes * static_cast<int>(d.dil_y) + d.y0;
        const int b = ox * static_cast<int>(d.stride_x) + d.x0 + column;
        const bool row = iy >= 0 && iy < static_cast<int>(d.in_h);
        const int before = row ? std::clamp(-b, 0, run) : run;
        const int last = std::clamp(in_w - b, before, run);
        std::memset(out + lane, d.pad_value, static_cast<size_t>(before));
        const int64_t start = (int64_t{d.in_addr} + int64_t{iy} * d.in_row_pitch) * lanes + b;
        if (row && start + last <= bytes) {
          std::memcpy(out + lane + before, act_.data() + start + before,
                      static_cast<size_t>(last - before));
        } else {
          for (int i = before; i < last; ++i) {
            const size_t at = wrap16((start + i) / lanes) * static_cast<size_t>(lanes) +
                              static_cast<size_t>((start + i) % lanes);
            if (at >= act_.size()) return {ErrorCode::kChipRange, 0, 0};
            out[lane + i] = static_cast<int8_t>(act_[at]);
          }
        }
        std::memset(out + lane + last, d.pad_value, static_cast<size_t>(run - last));
        lane += run;
      }
      std::memset(out + used, 0, static_cast<size_t>(lanes - used));
    }
  }
  runs_.clear();
  add_run(packed_.data(), lanes, static_cast<int>(d.out_h * d.out_w));
  return {};
}

Fault Machine::convolve(const isa::ArrayDesc& d) {
  const int lanes = config_.rows;
  const int m = static_cast<int>(d.out_h * d.out_w);
  int32_t* acc = &acc_[static_cast<size_t>(d.acc_addr) * static_cast<size_t>(lanes)];
  if ((d.header.flags & isa::kArrayFlagAccumulate) == 0) {
    std::fill(acc, acc + int64_t{m} * lanes, 0);
  }
  const int8_t* wgt = reinterpret_cast<const int8_t*>(wgt_.data()) + int64_t{d.wgt_addr} * lanes;
  auto run_tile = [&] {
    kernels_.multiply(runs_, wgt, acc);
    wgt += int64_t{lanes} * lanes;
    busy(isa::Engine::kArray) += static_cast<uint64_t>(m);
  };
  if ((d.header.flags & isa::kArrayFlagShallow) != 0) {
    for (int t = 0; t < static_cast<int>(d.kc); ++t) {
      if (Fault f = pack_window(d, t); f.code != ErrorCode::kNone) return f;
      run_tile();
    }
    return {};
  }
  for (int ky = 0; ky < static_cast<int>(d.kh); ++ky) {
    for (int kx = 0; kx < static_cast<int>(d.kw); ++kx) {
      for (int kc = 0; kc < static_cast<int>(d.kc); ++kc) {
        const int64_t block = int64_t{kc} * d.in_blk_pitch;
        if (Fault f = find_window(d, ky, kx, block); f.code != ErrorCode::kNone) return f;
        run_tile();
      }
    }
  }
  return {};
}

Fault Machine::depthwise(const isa::DepthwiseDesc& d) {
  const auto lanes = static_cast<size_t>(config_.rows);
  const auto* tap =
      reinterpret_cast<const int8_t*>(&param_[static_cast<size_t>(d.param_addr) * lanes]);
  const auto outputs = size_t{d.out_h} * d.out_w;
  int32_t* acc = &acc_[static_cast<size_t>(d.acc_addr) * lanes];
  std::fill_n(acc, outputs * lanes, 0);
  for (int ky = 0; ky < static_cast<int>(d.kh); ++ky) {
    for (int kx = 0; kx < static_cast<int>(d.kw); ++kx, tap += lanes) {
      if (Fault f = find_window(d, ky, kx, 0); f.code != ErrorCode::kNone) return f;
      kernels_.weigh(runs_, tap, acc);
    }
  }
  busy(isa::Engine::kDepthwise) += outputs * isa::depthwise_steps(d.kh, d.kw);
  return {};
}

}  // namespace weft::emulator
