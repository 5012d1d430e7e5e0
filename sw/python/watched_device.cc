#include "python/watched_device.h"

#include <algorithm>

#include "weft_gen/registers.h"

namespace weft::python {
namespace {

constexpr uint64_t kSlice = 5000;  // cycles: about 10 ms of a large configuration

}  // namespace

void WatchedDevice::watch(RunProgress* progress) {
  progress_ = progress;
  stop_ = nullptr;
}

void WatchedDevice::write_register(uint32_t offset, uint32_t value) {
  if (offset == regs::kRingHeadOffset && progress_ != nullptr) progress_->job_begins();
  ForwardingDevice::write_register(offset, value);
}

bool WatchedDevice::wait_interrupt(uint64_t max_cycles) {
  if (progress_ == nullptr) return ForwardingDevice::wait_interrupt(max_cycles);
  for (uint64_t waited = 0; !stop_;) {
    const uint64_t slice = std::min(kSlice, max_cycles - waited);
    const uint64_t start = cycle();
    const bool interrupt = ForwardingDevice::wait_interrupt(slice);
    collect();
    try {
      progress_->tell();
    } catch (...) {
      stop_ = std::current_exception();
      break;
    }
    if (interrupt) return true;
    waited += slice;
    // A backend without time has run to the end of its work.
    if (waited == max_cycles || cycle() == start) return false;
  }
  return false;
}

void WatchedDevice::collect() {
  const std::vector<driver::TraceEvent> events = ForwardingDevice::take_trace();
  progress_->descriptors_end(events);
  events_.insert(events_.end(), events.begin(), events.end());
}

void WatchedDevice::enable_trace(bool enable) {
  events_.clear();
  ForwardingDevice::enable_trace(enable);
}

std::vector<driver::TraceEvent> WatchedDevice::take_trace() {
  std::vector<driver::TraceEvent> events = std::exchange(events_, {});
  const std::vector<driver::TraceEvent> more = ForwardingDevice::take_trace();
  events.insert(events.end(), more.begin(), more.end());
  return events;
}

}  // namespace weft::python
