#include "repeat.h"

#include <fmt/format.h>

namespace weft::tools {
namespace {

bool make_has_words_for(const VerifyArguments& a) {
  const runtime::DeviceOptions usual;
  return a.batch == 1 && a.inputs == "auto" && a.files.empty() && a.data.empty() &&
         a.expected.empty() && a.device.latency_cycles == usual.latency_cycles &&
         a.device.stall_probability == usual.stall_probability;
}

}  // namespace

std::string repeat_command(const VerifyArguments& a, const std::string& default_model,
                           const std::string& target) {
  if (!make_has_words_for(a)) {
    std::string command = fmt::format(
        "build/bin/weft verify {} --layer {} --config {} --backend {} --images {} --seed {} "
        "--inputs {} --latency {} "
        "--stalls {}",
        a.model, a.layer, a.config, a.backend, a.images, a.seed, a.inputs, a.device.latency_cycles,
        a.device.stall_probability);
    if (a.batch != 1) command += fmt::format(" --batch {}", a.batch);
    for (const std::string& file : a.files) command += " --input-file " + file;
    if (!a.data.empty()) command += " --data " + a.data;
    if (!a.expected.empty())
      command += fmt::format(" --expected {} --tolerance {}", a.expected, a.tolerance);
    return command;
  }
  std::string command = fmt::format("make {} LAYER={} CONFIG={} BACKEND={} IMAGES={}", target,
                                    a.layer, a.config, a.backend, a.images);
  if (a.model != default_model) command += " MODEL=" + a.model;
  if (a.seed != 0) command += fmt::format(" SEED={}", a.seed);
  return command;
}

std::string waves_command(const VerifyArguments& a, const std::string& default_model) {
  if (make_has_words_for(a)) return repeat_command(a, default_model, "waves");
  return repeat_command(a, default_model) +
         fmt::format(" --waves build/waves/{}-{}.fst --cycles auto", a.layer, a.config);
}

}  // namespace weft::tools
