// What the device tests share: a device of any backend under a job queue, with descriptors
// made by hand.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/job_queue.h"
#include "runtime/devices.h"
#include "tb/configs.h"
#include "weft_gen/configs.h"
#include "weft_gen/registers.h"

namespace weft::tb {

struct BackendConfig {
  std::string backend, config;
};
inline std::vector<BackendConfig> backends() {
  std::vector<BackendConfig> all;
  for (const std::string& backend : test_backends()) {
    for (const std::string& config : test_configs()) all.push_back({backend, config});
  }
  return all;
}

inline std::vector<BackendConfig> accurate() {
  std::vector<BackendConfig> all;
  for (const std::string& backend : accurate_backends()) {
    for (const std::string& config : test_configs()) all.push_back({backend, config});
  }
  return all;
}

// Regions of the bench's jobs.
enum BenchRegion : int { kProgram, kReadOnly, kData, kWriteOnly };

class DeviceBench {
 public:
  static constexpr uint64_t kBytes = 64 * 1024;  // of each region
  static constexpr uint64_t kMaxCycles = 200'000;

  DeviceBench(const std::string& backend, const std::string& config, double stalls = 0)
      : DeviceBench(runtime::make_device(backend, config, options(stalls))) {}
  // Of options().
  explicit DeviceBench(std::unique_ptr<driver::Device> device)
      : config_(isa::find_config(device->config())), device_(std::move(device)), pool_(*device_) {
    reopen();
    for (int r = 0; r < 4; ++r) buffers_.push_back(pool_.allocate(kBytes));
    job_.config_hash = config_.config_hash;
    const auto grant = [&](int r, bool readable, bool writable) {
      job_.regions[static_cast<size_t>(r)] = {buffers_[static_cast<size_t>(r)].address(), kBytes,
                                              readable, writable};
    };
    grant(kProgram, true, false);
    grant(kReadOnly, true, false);
    grant(kData, true, true);
    grant(kWriteOnly, false, true);
  }

  driver::Completion run(const std::vector<isa::Bytes>& descriptors) {
    for (size_t i = 0; i < descriptors.size(); ++i) {
      buffer(kProgram).write(i * isa::kDescriptorBytes, descriptors[i]);
    }
    job_.descriptor_count = static_cast<uint32_t>(descriptors.size());
    return queue_->run(job_, kMaxCycles);
  }

  // A transfer of `bytes` bytes in one run on both sides.
  static isa::TransferDesc transfer(isa::Opcode opcode, int region, uint64_t offset, int words_at,
                                    uint32_t bytes) {
    isa::TransferDesc d;
    d.header.opcode = static_cast<uint8_t>(opcode);
    d.region = static_cast<decltype(d.region)>(region);
    d.chip_addr = static_cast<decltype(d.chip_addr)>(words_at);
    d.dram_offset = offset;
    d.chip_run = d.dram_run = bytes;
    d.chip_count1 = d.chip_count2 = d.dram_count1 = d.dram_count2 = 1;
    return d;
  }

  // Copies `bytes` bytes of the data region through act memory and compares: the device is well.
  bool copies_exactly(uint8_t seed) {
    constexpr uint32_t kLength = 1000, kTo = 8192;
    std::vector<uint8_t> in(kLength), out(kLength);
    for (uint32_t i = 0; i < kLength; ++i) in[i] = static_cast<uint8_t>(i * 7 + seed);
    buffer(kData).write(3, in);
    buffer(kData).write(kTo, std::vector<uint8_t>(kLength, 0));
    isa::TransferDesc load = transfer(isa::Opcode::kLoad, kData, 3, 5, kLength);
    load.header.raise[0] = {4, 1};
    isa::TransferDesc store = transfer(isa::Opcode::kStore, kData, kTo, 5, kLength);
    store.header.wait[0] = {4, 1};
    const driver::Completion c = run({isa::encode(load), isa::encode(store)});
    buffer(kData).read(kTo, out);
    return c.code == isa::ErrorCode::kNone && c.recorded && out == in;
  }

  // Where the last job of copies_exactly() on a reopened queue lies.
  uint64_t last_entry() const {
    const uint64_t base = uint64_t{device_->read_register(regs::kRingBaseHiOffset)} << 32 |
                          device_->read_register(regs::kRingBaseLoOffset);
    const uint32_t entries = 1U << device_->read_register(regs::kRingSizeOffset);
    return base + (device_->read_register(regs::kRingTailOffset) - 1) % entries * isa::kJobBytes;
  }

  driver::Buffer& buffer(int region) { return buffers_[static_cast<size_t>(region)]; }
  driver::Device& device() { return *device_; }
  driver::JobQueue& queue() { return *queue_; }
  // As a host that starts anew.
  void reopen() {
    queue_.reset();
    queue_.emplace(*device_, pool_);
  }
  driver::Job& job() { return job_; }
  const isa::HardwareConfig& config() const { return config_; }
  // First address that answers with SLVERR; behind the window nothing answers.
  uint64_t error_window() const { return device_->memory_base() + device_->memory_bytes(); }

  static driver::DeviceOptions options(double stalls = 0) {
    driver::DeviceOptions o;
    o.memory_bytes = 1 << 20;
    o.error_window_bytes = kBytes;
    o.stall_probability = stalls;
    o.latency_cycles = 20;
    return o;
  }

 private:
  const isa::HardwareConfig& config_;
  std::unique_ptr<driver::Device> device_;
  driver::MemoryPool pool_;
  std::optional<driver::JobQueue> queue_;
  std::vector<driver::Buffer> buffers_;
  driver::Job job_;
};

}  // namespace weft::tb
