#include "record/recording_device.h"

#include <limits>
#include <utility>

#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::record {
namespace {

Header header_of(const driver::Device& device, const driver::DeviceOptions& options) {
  Header h;
  h.backend = device.backend();
  h.config = device.config();
  h.config_hash = isa::find_config(h.config).config_hash;
  h.isa_version = static_cast<uint32_t>(isa::kIsaVersion);
  h.memory_base = device.memory_base();
  h.options = options;
  h.options.memory_bytes = device.memory_bytes();
  return h;
}

Event register_event(EventKind kind, uint32_t offset, uint32_t value) {
  Event event;
  event.kind = kind;
  event.offset = offset;
  event.value = value;
  return event;
}

Event memory_event(EventKind kind, uint64_t address, std::span<const uint8_t> data) {
  Event event;
  event.kind = kind;
  event.address = address;
  event.data.assign(data.begin(), data.end());
  return event;
}

}  // namespace

RecordingDevice::RecordingDevice(std::unique_ptr<driver::Device> device,
                                 const driver::DeviceOptions& options,
                                 const std::filesystem::path& path)
    : ForwardingDevice(std::move(device)), log_(path, header_of(inner(), options)) {}

RecordingDevice::~RecordingDevice() {
  try {
    write({});
  } catch (...) {
    // A log without its end says so when it is read.
  }
}

void RecordingDevice::write(Event event) {
  event.cycle = inner().cycle();
  log_.write(event);
}

void RecordingDevice::name(uint64_t address, uint64_t bytes, const std::string& text) {
  Event event;
  event.kind = EventKind::kName;
  event.address = address;
  event.bytes = bytes;
  event.text = text.substr(0, std::numeric_limits<uint16_t>::max());
  write(std::move(event));
}

uint32_t RecordingDevice::read_register(uint32_t offset) {
  Event event = register_event(EventKind::kReadRegister, offset, 0);
  try {
    event.value = inner().read_register(offset);
  } catch (...) {
    event.refused = true;
    write(event);
    throw;
  }
  write(event);
  return event.value;
}

void RecordingDevice::write_register(uint32_t offset, uint32_t value) {
  Event event = register_event(EventKind::kWriteRegister, offset, value);
  try {
    inner().write_register(offset, value);
  } catch (...) {
    event.refused = true;
    write(event);
    throw;
  }
  write(event);
}

void RecordingDevice::read_memory(uint64_t address, std::span<uint8_t> out) {
  inner().read_memory(address, out);
  write(memory_event(EventKind::kReadMemory, address, out));
}

void RecordingDevice::write_memory(uint64_t address, std::span<const uint8_t> data) {
  inner().write_memory(address, data);
  write(memory_event(EventKind::kWriteMemory, address, data));
}

bool RecordingDevice::wait_interrupt(uint64_t max_cycles) {
  Event event;
  event.kind = EventKind::kWait;
  event.max_cycles = max_cycles;
  try {
    event.interrupt = inner().wait_interrupt(max_cycles);
  } catch (...) {
    event.refused = true;
    write(event);
    throw;
  }
  write(event);
  return event.interrupt;
}

}  // namespace weft::record
