// Where a verification run's inputs come from.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/graph.h"
#include "runtime/verify.h"

namespace weft::runtime {

struct InputSet {
  std::vector<NetworkInput> inputs;
  std::string source;  // for people: "MNIST test digits 0..19 (...)"
  // For digits and pictures only.
  std::vector<int> labels;
  // For digits only: to be drawn.
  int rows = 0, cols = 0;
  std::vector<std::vector<uint8_t>> pictures;
};

enum class InputKind {
  kAuto,  // digits where the network takes 1x28x28x1; CIFAR-10's pictures where it takes
          // 1x32x32x3 and they are found; files, where some are given; else random
  kDigits,
  kCifar,
  kFiles,      // raw samples
  kRandom,     // over the type's full range
  kFullRange,  // of each input a fifth at the least value, the largest, the zero point, extremes in
               // turn, random; which fifth changes from sample to sample
};

// "auto", "digits", "cifar", "files", "random", "full-range"; Error(invalid_argument) lists them.
InputKind input_kind(const std::string& name);

// Of the labelled pictures that the network takes: kDigits or kCifar. Error(invalid_argument).
InputKind labelled_kind(const model::Graph& graph);

struct InputRequest {
  InputKind kind = InputKind::kAuto;
  int count = 1;      // of digits, CIFAR-10 and files, asked for by kind: 0 takes all
  uint64_t seed = 0;  // 0: the first digits in order; else a seeded choice
  std::string data;   // file or directory of digits or pictures; empty: searched for
  // Raw files, the tensor's bytes sample after sample (int8, uint8; float32 little-endian), NHWC. A
  // network of one input runs the samples of all; one of several takes one file for each, in order.
  std::vector<std::filesystem::path> files;
  std::string weft_data;       // $WEFT_DATA, may be empty
  std::filesystem::path root;  // of the repository, for ../shared/data and data/
};

// Inputs of a network of batches (model::batched): `batch` neighbouring ones joined, image after image.
// Throws Error(invalid_argument) if some are left over.
std::vector<NetworkInput> batches_of(const std::vector<NetworkInput>& images, int batch);
// The other way, of outputs: those of image i of batch b become those of input b * batch + i.
std::map<int, NetworkOutput> images_of(const std::map<int, NetworkOutput>& outputs, int batch);

InputSet make_inputs(const model::Graph& graph, const InputRequest& request);

}  // namespace weft::runtime
