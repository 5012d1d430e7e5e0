#include "model/operators.h"

#include <fmt/format.h>

#include <iterator>

namespace weft::model {

std::string operators_markdown() {
  std::string text =
      "# Operators\n\n"
      "Generated from the importer's table (sw/model/tflite_operators.cc); `make docs` writes it "
      "anew.\n\n"
      "What the importer reads of TensorFlow Lite models, and the golden model computes bit for "
      "bit as\n"
      "the TFLite-Micro reference kernels do. Activations are int8 with one scale and zero point, "
      "but for\n"
      "what QUANTIZE and DEQUANTIZE convert. Every shape is known and every dimension at least 1; "
      "at most\n"
      "8 dimensions. Multipliers of 1 and more are taken where no sum, shifted left, can leave 32 "
      "bits.\n"
      "Whatever is outside these bounds is refused with the operator's and the tensor's name. "
      "Which of\n"
      "them run on the device the compiler says: what the device cannot run is the host's.\n\n"
      "| operator | layers | golden kernel | asks for |\n|---|---|---|---|\n";
  for (const SupportedOperator& op : supported_operators()) {
    fmt::format_to(std::back_inserter(text), "| {} | {}1, {}2, ... | {} | {} |\n", op.name,
                   op.layer, op.layer, op.kernel, op.constraints);
  }
  return text;
}

}  // namespace weft::model
