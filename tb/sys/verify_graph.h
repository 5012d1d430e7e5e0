// A graph on a backend, held against the golden model.
#pragma once

#include <string>
#include <vector>

#include "runtime/inputs.h"
#include "runtime/verify.h"

namespace weft::tb {

// The first of `targets` on one random input, made by `seed`.
inline runtime::Report verify_graph(const model::Graph& graph,
                                    const std::vector<runtime::Target>& targets, uint64_t seed,
                                    const runtime::VerifyOptions& options) {
  runtime::InputRequest request;
  request.kind = runtime::InputKind::kRandom;
  request.seed = seed;
  const runtime::InputSet set = runtime::make_inputs(graph, request);
  return runtime::verify(graph, targets, set.inputs, options).at(0);
}

// The same of `layer`, as runtime::make_targets has it.
inline runtime::Report verify_graph(const model::Graph& graph, const std::string& layer,
                                    uint64_t seed, const std::string& config,
                                    const std::string& backend) {
  runtime::VerifyOptions options;
  options.backend = backend;
  options.config = config;
  const auto targets = runtime::make_targets(graph, layer, isa::find_config(config));
  return verify_graph(graph, targets, seed, options);
}

}  // namespace weft::tb
