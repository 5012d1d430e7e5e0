#include "program/program.h"

#include <algorithm>

#include "base/error.h"

namespace weft::program {

int bytes_of(ElementType type) {
  return type == ElementType::kInt32 || type == ElementType::kFloat32 ? 4 : 1;
}

uint64_t Layer::floor() const {
  return std::max({floor_array, floor_depthwise, floor_vector, floor_bus});
}

uint64_t Layer::floor_alone() const {
  return std::max({floor_array, floor_depthwise, floor_vector, floor_bus_alone});
}

std::span<const uint8_t, isa::kDescriptorBytes> Program::descriptor(uint32_t index) const {
  const std::vector<uint8_t>& image = regions.at(static_cast<size_t>(descriptor_region)).image;
  const uint64_t first = descriptor_offset + uint64_t{index} * isa::kDescriptorBytes;
  if (index >= descriptor_count || first > image.size() ||
      image.size() - first < isa::kDescriptorBytes) {
    fail(ErrorKind::kInvalidArgument, "the program has no descriptor {}", index);
  }
  return std::span<const uint8_t, isa::kDescriptorBytes>(image.data() + first,
                                                         isa::kDescriptorBytes);
}

uint64_t Program::floor_cycles() const {
  if (layers.size() == 1) return layers[0].floor_alone();
  uint64_t array = 0, depthwise = 0, vector = 0, bus = 0;
  for (const Layer& layer : layers) {
    array += layer.floor_array;
    depthwise += layer.floor_depthwise;
    vector += layer.floor_vector;
    bus += layer.floor_bus;
  }
  return std::max({array, depthwise, vector, bus});
}

uint64_t Program::macs() const {
  uint64_t sum = 0;
  for (const Layer& layer : layers) sum += layer.macs;
  return sum;
}

uint64_t Program::host_macs() const {
  uint64_t sum = 0;
  for (const Layer& layer : layers) sum += layer.host.empty() ? 0 : layer.macs;
  return sum;
}

uint64_t Program::dram_bytes() const {
  uint64_t sum = 0;
  for (const Region& region : regions) sum += region.bytes;
  return sum;
}

}  // namespace weft::program
