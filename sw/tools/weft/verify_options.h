// What the commands that hold a run against the golden model have in common on their command line.
#pragma once

#include "commands.h"
#include "repeat.h"
#include "runtime/inputs.h"

namespace weft::tools {

// --inputs, --input-file, --data, --seed: where inputs come from.
void add_input_options(CLI::App& command, VerifyArguments& arguments);
// As they were given; of one input.
runtime::InputRequest input_request(const VerifyArguments& arguments,
                                    const Environment& environment);

// --latency, --stalls of the simulated memory.
void add_device_options(CLI::App& command, runtime::DeviceOptions& device);

}  // namespace weft::tools
