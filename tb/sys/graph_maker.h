// What makers of random graphs share: numbers from a seed, and tensors, constants and operators
// added to a graph.
#pragma once

#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "model/graph.h"

namespace weft::tb {

class GraphMaker {
 public:
  explicit GraphMaker(uint64_t seed);

 protected:
  int range(int low, int high) { return std::uniform_int_distribution<int>(low, high)(rng_); }
  int pick(std::initializer_list<int> values) {
    return values.begin()[range(0, static_cast<int>(values.size()) - 1)];
  }
  // Once in `n` times.
  bool rarely(int n) { return range(1, n) == 1; }
  int zero_point() { return pick({-128, -128, 127, 0, -1, 1, range(-128, 127), range(-128, 127)}); }

  int tensor(const std::string& name, std::vector<int> shape, int zero);
  const std::vector<int>& shape_of(int t) const { return graph_.tensor(t).shape; }
  int zero_of(int t) const { return graph_.tensor(t).quantization.zero_points[0]; }
  int input(std::vector<int> shape);
  // Over the whole range of a byte, with or without -128.
  int weights(std::vector<int> shape);
  int bias(int channels);  // or none: -1
  // Of sums of k products: they spread over the byte range; seldom all round to 0.
  std::vector<model::Rescale> rescale(int channels, int k);
  model::Clamp clamp(int zero);

  // A convolution, or a depthwise one, whose stride, dilation, padding, groups or multiplier `a` says.
  int add_conv(int x, model::Conv2d a, int kh, int kw, int cout);
  int add_depthwise(int x, model::DepthwiseConv2d a, int kh, int kw);
  // A transposed one, of any output that its kernel, stride and padding could make.
  int add_transposed(int x, model::TransposeConv a, int kh, int kw, int cout);
  int add_dense(int x, int depth, int cout, std::vector<int> out);
  // Appends an operator; gives its output.
  int finish(const std::string& kind, model::Attributes attributes, std::vector<int> inputs,
             int output);
  // Of a window of reach `reach` over `extent` pixels and the padding on both sides.
  static int outputs(int extent, int before, int after, int reach, int stride) {
    return (extent + before + after - reach) / stride + 1;
  }

  std::mt19937_64 rng_;
  model::Graph graph_;

 private:
  std::string unique(const std::string& kind) const;
};

}  // namespace weft::tb
