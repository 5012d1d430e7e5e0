// Traffic for the tests of recordings, and recordings with something changed in them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "record/recording_device.h"
#include "tb/sys/device_fixture.h"

namespace weft::tb {

inline std::unique_ptr<driver::Device> recorded_device(const std::string& backend,
                                                       const driver::DeviceOptions& options,
                                                       const std::filesystem::path& path) {
  return std::make_unique<record::RecordingDevice>(runtime::make_device(backend, "tiny", options),
                                                   options, path);
}

// What `traffic` does with a fresh device of tiny becomes the recording `path`.
inline void record_bench(const std::string& backend, const std::filesystem::path& path,
                         const std::function<void(DeviceBench&)>& traffic) {
  DeviceBench bench(recorded_device(backend, DeviceBench::options(), path));
  traffic(bench);
}

// Copies a recording; `change` is given each event with its number.
inline void change_log(const std::filesystem::path& from, const std::filesystem::path& to,
                       const std::function<void(record::Event&, uint64_t)>& change) {
  record::LogReader reader(from);
  record::LogWriter writer(to, reader.header());
  while (std::optional<record::Event> event = reader.next()) {
    change(*event, reader.events() - 1);
    writer.write(*event);
  }
}

}  // namespace weft::tb
