// What the compiler decided, for people: where each layer runs, how it is cut, where tensors lie.
#pragma once

#include <string>
#include <vector>

#include "compiler/compile.h"
#include "model/operators.h"
#include "weft_gen/configs.h"

namespace weft::compiler {

model::RunsOn runs_on(LayerKind kind);

// Where an operator of the graph runs.
struct OperatorPlace {
  model::RunsOn where = model::RunsOn::kNothing;  // kNothing: a reshape
  std::string layer;   // it runs as (a part of) this layer; empty: as one of its own name
  std::string reason;  // of the host's
};
// One an operator.
std::vector<OperatorPlace> places(const model::Graph& graph, const LayerGraph& lowered);

struct LayerPlace {
  std::string name, kind;
  model::RunsOn where = model::RunsOn::kHost;
  uint64_t macs = 0;
  double share = 0;  // of all MACs
  // Of the host's: why, and the activations that it reads and writes in DRAM.
  std::string reason;
  uint64_t read_bytes = 0, write_bytes = 0;
};

// How the device runs a layer. Heights and widths are of outputs.
struct LayerCut {
  std::string name;
  View out;
  int chunk_h = 0, chunk_w = 0, chunk_blocks = 0;
  int tile_h = 0, tile_w = 0;
  int k_tiles = 0;  // 0: it does not run on the array
  bool shallow = false;
  std::string weights;   // "held", "block", "stream"; empty: none on the array
  int weight_words = 0;  // loaded at a time; at most, where they are streamed
  int parameter_words = 0;
  std::vector<Staging> in;  // by operand; without addresses: on chip
  Staging out_staging;
};

// A part of act memory, in use from layer `first` to layer `last`.
struct ActBuffer {
  int addr = 0, words = 0;
  size_t first = 0, last = 0;
  std::string content;
};

struct DramTensor {
  std::string name, role, region;
  uint64_t offset = 0, bytes = 0;
};

struct DramRegion {
  std::string name;
  uint64_t bytes = 0;
};

struct CompileReport {
  std::string model, config;
  uint64_t macs = 0, host_macs = 0;
  size_t jobs = 0, host_steps = 0;
  std::vector<LayerPlace> layers;
  std::vector<LayerCut> cuts;
  int block_channels = 0, word_bytes = 0;
  int act_words = 0, act_peak_words = 0, wgt_words = 0, param_words = 0;
  size_t act_peak_layer = 0;   // the first with so many words in use
  std::vector<ActBuffer> act;  // by layer, then address
  uint64_t dram_bytes = 0;
  std::vector<DramRegion> regions;
  std::vector<DramTensor> tensors;
};

CompileReport make_report(const model::Graph& graph, const isa::HardwareConfig& config,
                          const Compilation& compiled);
std::string to_text(const CompileReport& report);
std::string to_json(const CompileReport& report);

}  // namespace weft::compiler
