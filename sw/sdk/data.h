// What stands behind the handles of weft.hpp.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/infer_queue.h"
#include "driver/session.h"
#include "program/program.h"
#include "weft/weft.hpp"

namespace weft::sdk {

struct DeviceData {
  explicit DeviceData(std::unique_ptr<driver::Device> d)
      : device(std::move(d)),
        backend(device->backend()),
        config(device->config()),
        memory_bytes(device->memory_bytes()) {}

  const std::unique_ptr<driver::Device> device;
  // Asked for from any thread, also while another one has the device.
  const std::string backend, config;
  const uint64_t memory_bytes;
  std::atomic<bool> busy = false;
};

// The use of a device, given back when it goes. Error(busy).
class Lease {
 public:
  explicit Lease(std::shared_ptr<DeviceData> device);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  driver::Device& device() const { return *device_->device; }

 private:
  const std::shared_ptr<DeviceData> device_;
};

struct ProgramData {
  explicit ProgramData(program::Program p);

  const program::Program program;
  std::vector<TensorInfo> inputs, outputs;
};

struct ResultData {
  std::shared_ptr<const ProgramData> program;
  std::vector<std::vector<int8_t>> outputs;
  uint64_t cycles = 0;
  double host_seconds = 0;
  std::optional<driver::Counters> counters;
  std::vector<uint64_t> layer_cycles;
};

struct SessionData {
  SessionData(const Device& device, const Program& p);

  const std::shared_ptr<const ProgramData> program;
  const Lease lease;
  driver::Session session;
};

struct QueueData {
  QueueData(const Device& device, const Program& p, InferOptions options);

  const std::shared_ptr<const ProgramData> program;
  const Lease lease;
  driver::InferQueue queue;
};

// The inputs' bytes in the order of the program's. Error(invalid_argument) names the tensor, what came
// and what it takes.
std::vector<std::span<const int8_t>> arrange(const ProgramData& program,
                                             std::span<const Input> inputs);

// A handle that was moved from has nothing behind it.
template <class Data>
Data& used(const std::unique_ptr<Data>& data, const char* what) {
  if (!data) {
    throw Error(ErrorKind::kInvalidArgument,
                std::string("this ") + what + " was moved from; it cannot be used any more");
  }
  return *data;
}

}  // namespace weft::sdk

namespace weft {

struct InferRequest::Data {
  std::shared_ptr<const sdk::ProgramData> program;
  driver::InferRequest request;
};

}  // namespace weft
