// What a classifier is worth: confusion matrix, and what follows from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::runtime {

class Confusion {
 public:
  explicit Confusion(int classes)
      : classes_(classes),
        counts_(static_cast<size_t>(classes) * static_cast<size_t>(classes), 0) {}

  // `label`, `predicted`: 0 .. classes - 1; Error(invalid_argument) otherwise.
  void add(int label, int predicted);

  int classes() const { return classes_; }
  uint64_t at(int label, int predicted) const { return counts_[index(label, predicted)]; }
  uint64_t total() const;
  uint64_t right() const;
  uint64_t labelled(int label) const;       // row sum
  uint64_t predicted(int predicted) const;  // column sum

 private:
  size_t index(int label, int predicted) const {
    return static_cast<size_t>(label) * static_cast<size_t>(classes_) +
           static_cast<size_t>(predicted);
  }
  int classes_;
  std::vector<uint64_t> counts_;
};

// Of one class c: precision = right / predicted as c, recall = right / labelled c, f1 their harmonic
// mean. A quotient by zero is 0, as scikit-learn's default has it.
struct ClassMetrics {
  double precision = 0, recall = 0, f1 = 0;
  uint64_t support = 0;  // labelled c
};

struct Metrics {
  double accuracy = 0;
  ClassMetrics macro;  // plain means over the classes; support: all
  std::vector<ClassMetrics> classes;
};

Metrics metrics_of(const Confusion& confusion);

}  // namespace weft::runtime
