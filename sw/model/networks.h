// Networks that the project builds itself, of random weights: for measurements, where no file can be
// shipped. The same seed gives the same graph everywhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "model/graph.h"

namespace weft::model {

// ResNet-50 v1 as it is measured everywhere, with the stride in the 3 x 3 convolutions: 224 x 224 x 3,
// 1000 classes, 4,089,184,256 MACs. Scales follow from the deviations of weights and activations, so
// that every layer's outputs spread over the bytes, for inputs that are random over a byte's range:
// a layer that vanishes, or saturates, would compare equal whatever the machine did.
Graph resnet50(uint64_t seed);

// A dense layer of `size` inputs, `size` outputs and batch `size`.
Graph matmul(int size, uint64_t seed);

struct BuiltNetwork {
  std::string_view name, about;
};

// resnet50 and matmul512.
std::span<const BuiltNetwork> built_networks();
bool is_built(const std::string& name);

// One of these by its name, or a .tflite file. A file in whose way a built network's name stands is
// ./NAME.
Graph open_network(const std::filesystem::path& network);

}  // namespace weft::model
