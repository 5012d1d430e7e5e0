#include "record/replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "record/settle.h"
#include "weft_gen/configs.h"
#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft::record {
namespace {

class Replay {
 public:
  Replay(driver::Device& device, const Places& places, bool same_time)
      : device_(device), places_(places), same_time_(same_time) {}

  // False: it ended differently; the result says how.
  bool perform(const Event& event);
  ReplayResult result;

 private:
  bool read_register(const Event& event);
  bool write_register(const Event& event);
  bool read_memory(const Event& event);
  bool wait(const Event& event);
  bool nothing_to_come();
  bool differs(const std::string& text);
  std::string job_text() const;
  // The access threw what devices throw.
  template <class Access>
  bool refused(Access access) {
    try {
      access();
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kIo || error.kind() == ErrorKind::kInvalidArgument) throw;
      refusal_ = error.what();
      return true;
    }
    return false;
  }

  driver::Device& device_;
  const Places& places_;
  const bool same_time_;
  JobRing ring_;
  std::string refusal_;
  uint32_t cleared_at_ = 0;  // ring_tail when causes of interrupts were cleared last
};

bool Replay::differs(const std::string& text) {
  result.divergence = {result.events, text + job_text()};
  return false;
}

std::string Replay::job_text() const {
  if (ring_.jobs() == 0) return "; before the first job";
  return fmt::format("; job {}", ring_.jobs());
}

bool Replay::perform(const Event& event) {
  bool same = true;
  switch (event.kind) {
    case EventKind::kReadRegister: same = read_register(event); break;
    case EventKind::kWriteRegister: same = write_register(event); break;
    case EventKind::kReadMemory: same = read_memory(event); break;
    case EventKind::kWriteMemory: device_.write_memory(event.address, event.data); break;
    case EventKind::kWait: same = wait(event); break;
    case EventKind::kName:
    case EventKind::kEnd: break;
  }
  result.jobs = ring_.jobs();
  result.cycles = device_.cycle();
  if (same && same_time_ && event.cycle != result.cycles) {
    same = differs(
        fmt::format("it ended in cycle {}; recorded was cycle {}", result.cycles, event.cycle));
  }
  if (same) ++result.events;
  return same;
}

bool Replay::read_register(const Event& event) {
  uint32_t value = 0;
  const bool was_refused = refused([&] {
    value = same_time_ || event.refused ? device_.read_register(event.offset)
                                        : read_settled(device_, ring_, event.offset, event.value);
  });
  const std::string name = register_name(event.offset);
  if (was_refused != event.refused) {
    return differs(was_refused
                       ? fmt::format("the read of {} failed ({}); recorded was {}", name, refusal_,
                                     register_value(event.offset, event.value))
                       : fmt::format("the read of {} gave {}; recorded was that it was refused",
                                     name, register_value(event.offset, value)));
  }
  const TimingBits bits = timing_bits(event.offset);
  uint32_t mask = ~uint32_t{0};
  if (!same_time_) mask = bits.exact | (ring_.overlapped() ? 0 : bits.jobs);
  if (((value ^ event.value) & mask) != 0) {
    return differs(fmt::format("{} read {}; recorded was {}{}", name,
                               register_value(event.offset, value),
                               register_value(event.offset, event.value),
                               field_difference(event.offset, event.value, value, mask)));
  }
  // It was let run for long: this is no matter of time any more.
  if (!same_time_ && !event.refused && is_behind(event.offset, value, event.value)) {
    return differs(fmt::format("{} went on reading {}; recorded was {}", name,
                               register_value(event.offset, value),
                               register_value(event.offset, event.value)));
  }
  if (!event.refused) ring_.register_read(event.offset, event.value);
  (mask == 0 ? result.of_time : result.registers) += 1;
  return true;
}

bool Replay::write_register(const Event& event) {
  const bool was_refused = refused([&] { device_.write_register(event.offset, event.value); });
  if (was_refused != event.refused) {
    return differs(fmt::format(
        "the write of {} to {} was {}; recorded was that it was {}",
        register_value(event.offset, event.value), register_name(event.offset),
        was_refused ? "refused (" + refusal_ + ")" : "taken", event.refused ? "refused" : "taken"));
  }
  ring_.register_written(event.offset, event.value);
  if (!same_time_ && ring_.overlapped() && event.offset == regs::kIrqStatusOffset)
    cleared_at_ = device_.read_register(regs::kRingTailOffset);
  return true;
}

bool Replay::read_memory(const Event& event) {
  std::vector<uint8_t> got(event.data.size());
  device_.read_memory(event.address, got);
  uint64_t wrong = 0, first = 0, of_time = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    if (!same_time_) {
      const auto place = ring_.find(event.address + i);
      if (place && place->byte >= isa::kJobDoneCyclesByte &&
          place->byte < isa::kJobDoneCyclesByte + isa::kJobDoneCyclesBytes) {
        ++of_time;
        continue;
      }
    }
    if (got[i] == event.data[i]) continue;
    if (wrong++ == 0) first = i;
  }
  if (wrong > 0) {
    return differs(
        fmt::format("{} of {} bytes read from memory differ; the first is byte {} at {}: "
                    "{:#04x}, recorded was {:#04x}",
                    wrong, got.size(), first, places_.text(event.address + first, ring_),
                    got[first], event.data[first]));
  }
  result.bytes += got.size() - of_time;
  return true;
}

bool Replay::wait(const Event& event) {
  WaitEnd end = WaitEnd::kLate;
  const bool broke_down = refused([&] {
    if (!same_time_) {
      end = wait_settled(device_, event.max_cycles);
    } else if (device_.wait_interrupt(std::min(event.max_cycles, kMostCycles))) {
      end = WaitEnd::kInterrupt;
    }
  });
  const bool interrupt = end == WaitEnd::kInterrupt;
  if (broke_down != event.refused) {
    return differs(broke_down ? "the device broke down while it was waited for: " + refusal_
                              : "recorded was that the device broke down here; this one did not");
  }
  if (broke_down) return true;
  const bool must_agree = same_time_ || event.interrupt;
  if (must_agree && interrupt != event.interrupt && !(ring_.overlapped() && nothing_to_come())) {
    return differs(fmt::format("{} within {} cycles{}; recorded was {}",
                               interrupt ? "an interrupt came" : "no interrupt came",
                               std::min(event.max_cycles, kMostCycles),
                               end == WaitEnd::kStandsStill ? " (the device stands still)" : "",
                               event.interrupt ? "one" : "none"));
  }
  if (event.interrupt) ring_.interrupt_seen();
  result.waits += must_agree ? 1 : 0;
  return true;
}

// A faster device may have ended several jobs before their one cause was cleared, and now stand still
// for want of a job or behind an error; had one ended since, its interrupt would have to come.
bool Replay::nothing_to_come() {
  if (same_time_) return false;
  const uint32_t tail = device_.read_register(regs::kRingTailOffset);
  const bool halted = (device_.read_register(regs::kStatusOffset) & regs::kStatusHaltedMask) != 0;
  return tail == cleared_at_ && (tail == ring_.head() || halted);
}

void check_device(const Header& header, driver::Device& device) {
  if (device.config() != header.config) {
    fail(ErrorKind::kMismatch,
         "the recording is of a device of configuration {}; this one is {}, which has other "
         "memories and "
         "runs other programs. Replay it on {}",
         header.config, device.config(), header.config);
  }
  const uint64_t hash = isa::find_config(header.config).config_hash;
  if (hash != header.config_hash) {
    fail(
        ErrorKind::kMismatch,
        "the recording is of another configuration {} ({:016x}) than this one ({:016x}); record it "
        "again",
        header.config, header.config_hash, hash);
  }
  if (device.memory_base() != header.memory_base ||
      device.memory_bytes() != header.options.memory_bytes) {
    fail(ErrorKind::kMismatch,
         "the recorded device has {} bytes of memory at {:#x}; this one has {} at {:#x}",
         header.options.memory_bytes, header.memory_base, device.memory_bytes(),
         device.memory_base());
  }
}

}  // namespace

bool same_time(const Header& header, const std::string& backend,
               const driver::DeviceOptions& options) {
  // The same model, whose cycles are the same.
  const auto model = [](const std::string& name) { return name == "systemc" ? "rtl" : name; };
  const driver::DeviceOptions& o = header.options;
  return model(header.backend) == model(backend) && o.latency_cycles == options.latency_cycles &&
         o.bandwidth_num == options.bandwidth_num && o.bandwidth_den == options.bandwidth_den &&
         o.stall_probability == options.stall_probability &&
         o.hold_probability == options.hold_probability && o.queue_limit == options.queue_limit &&
         o.seed == options.seed;
}

ReplayResult replay(const std::filesystem::path& path, driver::Device& device, bool same_time) {
  const Places places = check_log(path);
  LogReader log(path);
  check_device(log.header(), device);
  Replay replay(device, places, same_time);
  while (const std::optional<Event> event = log.next()) {
    if (!replay.perform(*event)) return replay.result;
  }
  replay.result.broken_off = log.broken_off();
  return replay.result;
}

}  // namespace weft::record
