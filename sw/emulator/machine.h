// The machine without time: on-chip memories and what each descriptor does to them and to
// DRAM, exactly as configs/isa.yaml defines it. One descriptor at a time, in order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "emulator/dram.h"
#include "emulator/kernels.h"
#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::emulator {

// How a descriptor failed, as the hardware's error record has it.
struct Fault {
  isa::ErrorCode code = isa::ErrorCode::kNone;
  uint64_t address = 0;   // bus address, for bus and region errors
  uint32_t response = 0;  // AXI response, for bus errors
};

struct RegionWindow {
  uint64_t base = 0, limit = 0;  // limit is exclusive
  bool readable = false, writable = false;
};
using RegionTable = std::array<RegionWindow, isa::kNumRegions>;

// Work done since the last reset, by the counters of configs/registers.yaml that do not need time.
struct WorkCounters {
  std::array<uint64_t, isa::kEngines.size()> busy{};  // units of each engine's stream
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  uint64_t descriptors = 0;
};

class Machine {
 public:
  // `dram` must outlive it. `kernels`: of kernels_of(config.rows), all of the same results; nullptr:
  // the fastest.
  Machine(const isa::HardwareConfig& config, Dram& dram, const Kernels* kernels = nullptr);

  // Semaphores and counters to zero, the job's regions; memories keep their contents.
  void begin_job(const RegionTable& regions);

  // Executes one descriptor. kNone: done, its semaphores taken and raised.
  Fault execute(std::span<const uint8_t, isa::kDescriptorBytes> descriptor);

  const WorkCounters& counters() const { return counters_; }

  // On-chip contents, for comparisons with the RTL's.
  std::span<const uint8_t> act() const { return act_; }
  std::span<const uint8_t> wgt() const { return wgt_; }
  std::span<const uint8_t> param() const { return param_; }
  std::span<const int32_t> acc() const { return acc_; }
  // The same, to be filled.
  std::span<uint8_t> act() { return act_; }
  std::span<uint8_t> wgt() { return wgt_; }
  std::span<uint8_t> param() { return param_; }
  std::span<int32_t> acc() { return acc_; }

 private:
  Fault take_semaphores(const isa::Header& header);
  void raise_semaphores(const isa::Header& header);
  Fault load(const isa::TransferDesc& d);
  Fault store(const isa::TransferDesc& d);
  Fault convolve(const isa::ArrayDesc& d);
  Fault depthwise(const isa::DepthwiseDesc& d);
  Fault vector_pass(const isa::VectorDesc& d);
  Fault window_value(const isa::VectorDesc& d, int oy, int ox, std::span<int32_t> storage,
                     const int32_t*& value);
  template <typename Desc>
  Fault find_window(const Desc& d, int ky, int kx, int64_t block);
  Fault pack_window(const isa::ArrayDesc& d, int tile);
  void add_run(const int8_t* first, ptrdiff_t step, int count);
  // The bus address of a region's bytes, if the job may access them.
  Fault reach(uint32_t region, uint64_t offset, uint64_t bytes, bool write,
              uint64_t& address) const;
  uint64_t& busy(isa::Engine engine) { return counters_.busy[static_cast<size_t>(engine)]; }

  const isa::HardwareConfig config_;
  const Kernels& kernels_;
  Dram& dram_;
  RegionTable regions_{};
  std::array<uint32_t, isa::kNumSemaphores> semaphores_{};
  std::vector<uint8_t> act_, wgt_, param_;
  std::vector<int32_t> acc_;
  std::vector<Run> runs_;         // where the activation vectors of one tap or K tile lie
  std::vector<int8_t> packed_;    // those of a shallow K tile, M x R
  std::vector<int8_t> pad_;       // the word that stands outside the input
  std::vector<uint8_t> staging_;  // bytes of one transfer
  WorkCounters counters_;
};

}  // namespace weft::emulator
