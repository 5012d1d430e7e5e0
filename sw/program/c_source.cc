#include "program/c_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace weft::program {
namespace {

constexpr size_t kBytesALine = 24;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void check_name(const std::string& name) {
  const bool well =
      !name.empty() && is_letter(name[0]) &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
  if (!well) {
    fail(ErrorKind::kInvalidArgument,
         "'{}' cannot be a name in C; give the file a name of letters, digits and _ that begins "
         "with a letter",
         name);
  }
}

// Whatever a model calls its tensors; octal, for it ends after three digits.
std::string c_string(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= ' ' && byte < 0x7f && c != '"' && c != '\\' && c != '?';
    out += plain ? std::string(1, c) : fmt::format("\\{:03o}", byte);
  }
  return out + "\"";
}

void append_image(std::string& out, const std::vector<uint8_t>& image, size_t region) {
  out +=
      fmt::format("WEFT_ALIGNED(64) static const uint8_t image{}[{}] = {{", region, image.size());
  for (size_t i = 0; i < image.size(); ++i) {
    if (i % kBytesALine == 0) out += "\n  ";
    fmt::format_to(std::back_inserter(out), "{},", image[i]);
  }
  out += "\n};\n\n";
}

std::string regions_of(const Program& program) {
  std::string images;
  std::string table = "static const struct weft_core_region regions[] = {\n";
  for (size_t r = 0; r < program.regions.size(); ++r) {
    const Region& region = program.regions[r];
    if (!region.image.empty()) append_image(images, region.image, r);
    table += fmt::format("  {{{}u, {}, {}u, {}, {}}}, /* {} */\n", region.bytes,
                         region.image.empty() ? "NULL" : fmt::format("image{}", r),
                         region.image.size(), region.readable, region.writable, region.name);
  }
  return images + table + "};\n\n";
}

constexpr const char* type_name(ElementType type) {
  switch (type) {
    case ElementType::kInt8: return "WEFT_CORE_INT8";
    case ElementType::kUInt8: return "WEFT_CORE_UINT8";
    case ElementType::kInt32: return "WEFT_CORE_INT32";
    case ElementType::kFloat32: return "WEFT_CORE_FLOAT32";
  }
  return "WEFT_CORE_INT8";
}

std::string tensors_of(const std::vector<const Tensor*>& tensors) {
  std::string shapes;
  std::string table = "static const struct weft_core_tensor tensors[] = {\n";
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& t = *tensors[i];
    // No array is empty in C: a scalar has one dimension more than it says.
    shapes += fmt::format("static const int32_t shape{}[] = {{{}}};\n", i,
                          t.shape.empty() ? "1" : fmt::format("{}", fmt::join(t.shape, ", ")));
    table += fmt::format(
        "  {{{}, shape{}, {}u, {}u, {}, {}, {}, {:.9e}F, {}, {}}},\n", c_string(t.name), i,
        t.offset, t.bytes, t.shape.size(), t.region, t.zero_point, t.scale,
        t.role == TensorRole::kInput ? "WEFT_CORE_INPUT" : "WEFT_CORE_OUTPUT", type_name(t.type));
  }
  return shapes + table + "};\n\n";
}

std::string steps_of(const Program& program) {
  std::string out = "static const struct weft_core_step steps[] = {\n";
  for (const Step& step : program.steps)
    out += fmt::format("  {{{}u, {}u}},\n", step.first, step.count);
  return out + "};\n\n";
}

std::vector<const Tensor*> ends_of(const Program& program) {
  std::vector<const Tensor*> ends;
  for (const TensorRole role : {TensorRole::kInput, TensorRole::kOutput}) {
    for (const Tensor& t : program.tensors) {
      if (t.role == role) ends.push_back(&t);
    }
  }
  return ends;
}

void check_steps(const Program& program) {
  for (const Step& step : program.steps) {
    if (!step.host) continue;
    fail(ErrorKind::kUnsupported,
         "layer {} ({}) runs on the host, and C source has jobs of the device only: compile the "
         "network without it, or run it with the C or C++ library",
         program.layers.at(step.host->layer).name, step.host->kind);
  }
}

}  // namespace

CSource to_c(const Program& program, const std::string& name) {
  check_name(name);
  check_steps(program);
  const std::vector<const Tensor*> tensors = ends_of(program);
  const std::string about = fmt::format(
      "/* Written by weft compile for configuration {}. Do not edit. */\n", program.config);
  std::string guard = name + "_H";
  std::transform(guard.begin(), guard.end(), guard.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  });
  CSource c;
  c.header = about +
             fmt::format("#ifndef {0}\n#define {0}\n\n#include <weft/core_program.h>\n\n", guard) +
             "#ifdef __cplusplus\nextern \"C\" {\n#endif\n" +
             fmt::format("extern const struct weft_core_program {};\n", name) +
             "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
  c.source = about + fmt::format("#include \"{}.h\"\n\n", name) +
             "#if defined(__GNUC__)\n#define WEFT_ALIGNED(n) __attribute__((aligned(n)))\n"
             "#else\n#define WEFT_ALIGNED(n)\n#endif\n\n" +
             regions_of(program) + tensors_of(tensors) + steps_of(program);
  c.source += fmt::format(
      "const struct weft_core_program {} = {{\n  {}, {},\n  UINT64_C({:#x}), {}u, {},\n"
      "  {}, {}, {},\n  regions, tensors, steps,\n}};\n",
      name, c_string(program.model), c_string(program.config), program.config_hash,
      program.descriptor_offset, program.descriptor_region, program.regions.size(), tensors.size(),
      program.steps.size());
  return c;
}

}  // namespace weft::program
