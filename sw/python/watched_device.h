// A device that can be asked to stop, and that tells how far it is.
#pragma once

#include <exception>
#include <vector>

#include "driver/forwarding_device.h"
#include "python/progress.h"

namespace weft::python {

class WatchedDevice : public driver::ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;

  // From now on waits are cut into slices, after each of which `progress` is told; nullptr: no more.
  void watch(RunProgress* progress);

  // What `progress` threw, after which every wait ended at once, as one does that takes too long: the
  // driver then abandons its job and all is as before it.
  std::exception_ptr take_stop() { return std::exchange(stop_, nullptr); }

  void write_register(uint32_t offset, uint32_t value) override;
  bool wait_interrupt(uint64_t max_cycles) override;
  void enable_trace(bool enable) override;
  std::vector<driver::TraceEvent> take_trace() override;

 private:
  void collect();

  RunProgress* progress_ = nullptr;
  std::exception_ptr stop_;
  std::vector<driver::TraceEvent> events_;  // taken from the device, not yet from here
};

}  // namespace weft::python
