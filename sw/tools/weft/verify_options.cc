#include "verify_options.h"

namespace weft::tools {

void add_input_options(CLI::App& command, VerifyArguments& arguments) {
  command
      .add_option("-i,--inputs", arguments.inputs,
                  "auto, digits, cifar, files, random or full-range")
      ->capture_default_str();
  command.add_option("-f,--input-file", arguments.files,
                     "raw samples (int8 NHWC, as the tensor's bytes); of a model with several "
                     "inputs one file for each");
  command.add_option("-d,--data", arguments.data,
                     "of digits or CIFAR-10 pictures: directory or file");
  command.add_option("-s,--seed", arguments.seed,
                     "choose digits (or make random inputs) by this seed; 0: the first digits");
}

runtime::InputRequest input_request(const VerifyArguments& arguments,
                                    const Environment& environment) {
  runtime::InputRequest request;
  request.kind = runtime::input_kind(arguments.inputs);
  request.count = 1;
  request.seed = arguments.seed;
  request.data = arguments.data;
  request.files = {arguments.files.begin(), arguments.files.end()};
  request.weft_data = environment.weft_data;
  request.root = environment.root;
  return request;
}

void add_device_options(CLI::App& command, runtime::DeviceOptions& device) {
  command.add_option("--latency", device.latency_cycles, "DRAM latency in cycles (rtl)")
      ->capture_default_str();
  command
      .add_option("--stalls", device.stall_probability, "probability of a random bus stall (rtl)")
      ->capture_default_str();
}

}  // namespace weft::tools
