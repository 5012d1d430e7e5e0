#include "program/program.h"

#include <algorithm>

#include "base/error.h"

namespace weft::program {

int bytes_of(ElementType type) {
  return type == ElementType::kInt32 || type == ElementType::kFloat32 ? 4 : 1;
}

uint64_t Tensor::stored_bytes() const {
  if (lanes == 0) return bytes;
  const auto channels = static_cast<uint64_t>(shape.back());
  const auto word = static_cast<uint64_t>(lanes);
  return bytes / channels * ((channels + word - 1) / word * word);
}

uint64_t Tensor::place_of(uint64_t index) const {
  if (lanes == 0) return index * static_cast<uint64_t>(bytes_of(type));
  const auto channels = static_cast<uint64_t>(shape.back());
  const auto word = static_cast<uint64_t>(lanes);
  const auto plane = static_cast<uint64_t>(shape[1]) * static_cast<uint64_t>(shape[2]);
  const uint64_t pixel = index / channels, channel = index % channels;
  const uint64_t blocks = (channels + word - 1) / word;
  const uint64_t block = pixel / plane * blocks + channel / word;
  return (block * plane + pixel % plane) * word + channel % word;
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
