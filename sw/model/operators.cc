#include "model/operators.h"

#include <fmt/format.h>

#include <iterator>

namespace weft::model {

namespace {

std::string placing_text(const Placing& p) {
  if (p.on == RunsOn::kNothing) return "nothing to run";
  const std::string note = p.note;
  if (p.on == RunsOn::kHost) return "host: " + note;
  return fmt::format("device: {}", to_string(p.on)) +
         (note.empty() ? "" : fmt::format("; {} where {}", to_string(p.otherwise), note));
}

}  // namespace

const char* to_string(RunsOn where) {
  switch (where) {
    case RunsOn::kNothing: return "-";
    case RunsOn::kArray: return "array";
    case RunsOn::kDepthwise: return "depthwise engine";
    case RunsOn::kVector: return "vector engine";
    case RunsOn::kHost: return "host";
  }
  return "?";
}

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
      "Whatever is outside these bounds is refused with the operator's and the tensor's name.\n\n"
      "An operator runs where the table says, and in the cases that it names elsewhere. Any of "
      "them is the\n"
      "host's, too, with an activation of more than four dimensions, or of another type than int8 "
      "(QUANTIZE\n"
      "from uint8 and to it is the device's); where it rescales by 1 or more (the device shifts "
      "right only;\n"
      "what is a table has no such bound); with a window, stride or dilation above 255, or an "
      "image above\n"
      "32,767 each way. `weft info MODEL` and `weft compile MODEL --report` say it of each layer "
      "of a model,\n"
      "with the reason. A max-pool, or a pad with the zero point, becomes part of the convolution "
      "beside "
      "it where\n"
      "nothing else reads what is between them.\n\n"
      "| operator | layers | golden kernel | runs on | asks for |\n|---|---|---|---|---|\n";
  for (const SupportedOperator& op : supported_operators()) {
    fmt::format_to(std::back_inserter(text), "| {} | {}1, {}2, ... | {} | {} | {} |\n", op.name,
                   op.layer, op.layer, op.kernel, placing_text(op.placing), op.constraints);
  }
  return text;
}

}  // namespace weft::model
