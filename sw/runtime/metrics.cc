#include "runtime/metrics.h"

#include <numeric>

#include "base/error.h"

namespace weft::runtime {
namespace {

double quotient(double a, double b) { return b > 0 ? a / b : 0.0; }

}  // namespace

void Confusion::add(int label, int predicted) {
  if (label < 0 || label >= classes_ || predicted < 0 || predicted >= classes_) {
    fail(ErrorKind::kInvalidArgument, "label {} predicted as {}: the network has classes 0 to {}",
         label, predicted, classes_ - 1);
  }
  ++counts_[index(label, predicted)];
}

uint64_t Confusion::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

uint64_t Confusion::right() const {
  uint64_t sum = 0;
  for (int c = 0; c < classes_; ++c) sum += at(c, c);
  return sum;
}

uint64_t Confusion::labelled(int label) const {
  uint64_t sum = 0;
  for (int c = 0; c < classes_; ++c) sum += at(label, c);
  return sum;
}

uint64_t Confusion::predicted(int predicted) const {
  uint64_t sum = 0;
  for (int c = 0; c < classes_; ++c) sum += at(c, predicted);
  return sum;
}

Metrics metrics_of(const Confusion& confusion) {
  Metrics metrics;
  metrics.accuracy =
      quotient(static_cast<double>(confusion.right()), static_cast<double>(confusion.total()));
  for (int c = 0; c < confusion.classes(); ++c) {
    const auto right = static_cast<double>(confusion.at(c, c));
    ClassMetrics m;
    m.support = confusion.labelled(c);
    m.precision = quotient(right, static_cast<double>(confusion.predicted(c)));
    m.recall = quotient(right, static_cast<double>(m.support));
    m.f1 = quotient(2 * m.precision * m.recall, m.precision + m.recall);
    metrics.macro.precision += m.precision / confusion.classes();
    metrics.macro.recall += m.recall / confusion.classes();
    metrics.macro.f1 += m.f1 / confusion.classes();
    metrics.macro.support += m.support;
    metrics.classes.push_back(m);
  }
  return metrics;
}

}  // namespace weft::runtime
