// A compiled network in memory, and its file. Compiler and emulator, driver and tools
// meet here and nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weft_gen/configs.h"
#include "weft_gen/isa.h"

namespace weft::program {

struct Region {
  std::string name;
  uint64_t bytes = 0;  // a multiple of 64; 0: not used
  bool readable = false;
  bool writable = false;
  std::vector<uint8_t> image;  // initial contents, at most `bytes`
};

enum class TensorRole : uint8_t { kInput, kOutput, kSpill };

enum class ElementType : uint8_t { kInt8, kUInt8, kInt32, kFloat32 };
int bytes_of(ElementType type);

// An activation tensor in DRAM: NHWC, or with `lanes` in channel blocks of so many bytes a pixel, channels
// filled up with zeros: (image, block, row, column, lane).
struct Tensor {
  std::string name;
  TensorRole role = TensorRole::kInput;
  std::vector<int> shape;
  int region = 0;
  uint64_t offset = 0;  // bytes from the region's base
  uint64_t bytes = 0;   // of its elements
  float scale = 0.0F;
  int32_t zero_point = 0;
  int layer = -1;  // layer that writes it; -1: whoever uses the program
  ElementType type = ElementType::kInt8;
  int lanes = 0;
  bool transient = false;  // later tensors lie in the same memory

  // What it takes in its region, and where element `index` of NHWC (int8 if with lanes) lies in that.
  uint64_t stored_bytes() const;
  uint64_t place_of(uint64_t index) const;
};

struct Layer {
  std::string name;
  std::string output;
  std::string kind;
  std::vector<int> shape;
  uint64_t macs = 0;
  uint64_t floor_array = 0;  // cycles
  uint64_t floor_vector = 0;
  uint64_t floor_bus = 0;
  uint64_t floor_bus_alone = 0;
  uint64_t floor_depthwise = 0;

  std::string host;  // why the host runs it; empty: the device does
  const char* where() const { return host.empty() ? "device" : "host"; }

  // Least cycles inside a network, and of a program that is this layer alone.
  uint64_t floor() const;
  uint64_t floor_alone() const;
};

// An operand of an operator that the host runs.
struct HostTensor {
  int tensor = -1;  // of Program::tensors; -1: a constant
  std::vector<int> shape;
  ElementType type = ElementType::kInt8;
  std::vector<uint8_t> data;  // of a constant, little-endian
  bool absent = false;        // an optional operand that is not given
};

struct HostOp {
  uint32_t layer = 0;
  std::string kind;                 // "softmax"
  std::vector<int32_t> attributes;  // model/attributes.h
  std::vector<HostTensor> inputs;
  HostTensor output;
};

// A job of `count` descriptors from `first` on, or an operator on the host.
struct Step {
  uint32_t first = 0, count = 0;
  std::optional<HostOp> host;
};

using Descriptor = std::array<uint8_t, isa::kDescriptorBytes>;

struct Program {
  std::string model;
  std::string config;
  uint64_t config_hash = 0;
  std::vector<Region> regions;  // at most isa::kNumRegions
  std::vector<Tensor> tensors;
  std::vector<Layer> layers;
  int descriptor_region = 0;
  uint64_t descriptor_offset = 0;
  uint32_t descriptor_count = 0;
  std::vector<Step> steps;      // in order; their jobs have all descriptors, in order
  uint32_t act_peak_words = 0;  // most words of act memory in use at a time, for people

  // Descriptor `index` as it lies in its region's image.
  std::span<const uint8_t, isa::kDescriptorBytes> descriptor(uint32_t index) const;
  // Several layers: the largest of the three sums, for the engines overlap across layers; one
  // layer: its own floor, alone.
  uint64_t floor_cycles() const;
  uint64_t macs() const;
  uint64_t host_macs() const;   // of those, the host's
  uint64_t dram_bytes() const;  // of all regions
};

// What the hardware relies on and a file could get wrong: hash, regions, tensors inside
// them, descriptors whose opcodes, fields, on-chip and region ranges are of `config`,
// equal byte totals on both sides of transfers, and the sequential-order check: walked
// in program order every wait is met and no semaphore passes its maximum, so the
// program ends for any delays and any queue depth. Throws Error naming the descriptor.
void verify(const Program& program, const isa::HardwareConfig& config);

// Serialised program file (FlatBuffers, identifier WEFT).
std::vector<uint8_t> serialize(const Program& program);
// Throws Error(malformed_file) for anything that is not a well-formed program;
// `name` stands for the file in messages. Does not compare with any hardware.
Program deserialize(std::span<const uint8_t> bytes, const std::string& name);

// Writes through a temporary file beside `path`: on failure nothing is left behind.
void save(const Program& program, const std::filesystem::path& path);
Program load(const std::filesystem::path& path);
// By its identifier, whatever its name; false where it cannot be read.
bool is_program(const std::filesystem::path& path);

}  // namespace weft::program
