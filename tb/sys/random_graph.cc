#include "random_graph.h"

#include <algorithm>

#include "graph_maker.h"

namespace weft::tb {
namespace {

class LayerMaker : public GraphMaker {
 public:
  using GraphMaker::GraphMaker;

  model::Graph make() {
    const int kind = pick({0, 0, 0, 1, 2, 3, 3, 4});
    const int batch = kind == 1 ? pick({1, 1, 2, 5, 17}) : pick({1, 1, 1, 2});
    int out = -1;
    if (kind == 1) {
      const int depth = pick({1, 3, 4, 5, 15, 16, 17, 31, 33, 64, 100, 129, 300});
      const int cout = pick({1, 3, 4, 5, 10, 15, 16, 17, 33, 64});
      out = add_dense(input({batch, depth}), depth, cout, {batch, cout});
    } else {
      const int channels = pick({1, 2, 3, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33});
      const int limit = channels > 16 ? 9 : channels > 4 ? 13 : 20;
      const int x = input({batch, range(1, limit), range(1, limit), channels});
      if (kind == 2) {
        out = pool(x);
      } else if (kind == 4) {
        out = transposed(x);
        if (rarely(4)) out = pool(out);
      } else {
        out = conv(x);
        if (kind == 3) out = pool(out);
      }
    }
    graph_.outputs = {out};
    return std::move(graph_);
  }

 private:
  int conv(int x) {
    const std::vector<int> in = shape_of(x);
    model::Conv2d conv;
    const int kh = std::min(range(1, pick({1, 3, 5, 7})), 2 * in[1] + 1);
    const int kw = std::min(range(1, pick({1, 3, 5, 7})), 2 * in[2] + 1);
    conv.stride_h = pick({1, 1, 2, 3});
    conv.stride_w = pick({1, 1, 2, 3});
    conv.dilation_h = kh > 1 ? pick({1, 1, 1, 2}) : 1;
    conv.dilation_w = kw > 1 ? pick({1, 1, 1, 2}) : 1;
    const int reach_h = (kh - 1) * conv.dilation_h + 1;
    const int reach_w = (kw - 1) * conv.dilation_w + 1;
    // Padding of less than the kernel, so that every window touches the image.
    conv.padding = {range(0, reach_h - 1), range(0, reach_h - 1), range(0, reach_w - 1),
                    range(0, reach_w - 1)};
    while (in[1] + conv.padding.top + conv.padding.bottom < reach_h) ++conv.padding.bottom;
    while (in[2] + conv.padding.left + conv.padding.right < reach_w) ++conv.padding.right;
    int cout = pick({1, 3, 4, 5, 7, 8, 15, 16, 17, 32, 33});
    if (in[3] > 1 && rarely(6)) {
      for (int g : {2, 4, 3}) {
        if (in[3] % g == 0) conv.groups = g;
      }
      cout = (cout + conv.groups - 1) / conv.groups * conv.groups;
    }
    return add_conv(x, conv, kh, kw, cout);
  }

  int transposed(int x) {
    model::TransposeConv conv;
    const int kh = range(1, pick({1, 2, 4, 5})), kw = range(1, pick({1, 2, 4, 5}));
    conv.stride_h = pick({1, 2, 2, 3, 4});
    conv.stride_w = pick({1, 2, 2, 3, 4});
    conv.padding_top = range(0, kh - 1);
    conv.padding_left = range(0, kw - 1);
    return add_transposed(x, conv, kh, kw, pick({1, 3, 4, 5, 8, 16, 17, 33}));
  }

  int pool(int x) {
    const std::vector<int> in = shape_of(x);
    model::MaxPool2d pool;
    pool.filter_h = range(1, std::min(3, in[1]));
    pool.filter_w = range(1, std::min(3, in[2]));
    pool.stride_h = range(1, 3);
    pool.stride_w = range(1, 3);
    pool.padding = {range(0, pool.filter_h - 1), range(0, pool.filter_h - 1),
                    range(0, pool.filter_w - 1), range(0, pool.filter_w - 1)};
    pool.clamp = clamp(zero_of(x));
    const int oh =
        outputs(in[1], pool.padding.top, pool.padding.bottom, pool.filter_h, pool.stride_h);
    const int ow =
        outputs(in[2], pool.padding.left, pool.padding.right, pool.filter_w, pool.stride_w);
    const int y = tensor("pool", {in[0], oh, ow, in[3]}, zero_of(x));
    return finish("pool", pool, {x}, y);
  }
};

}  // namespace

model::Graph random_graph(uint64_t seed) { return LayerMaker(seed).make(); }

}  // namespace weft::tb
