// weft: compile, run, verify and look into networks on the Weft accelerator.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "commands.h"

namespace {

constexpr const char* kExamples = R"(
Examples:
  weft verify --layer conv1                 conv1 of the MNIST network on the RTL against golden
  weft verify --layer all --images 20       twenty digits through the whole network
  weft profile                              where the cycles of the MNIST network go, as a page
  weft compile models/mnist_convnet.tflite -o mnist.weft --config tiny
  weft run mnist.weft --digit 7             classify one digit
  weft replay mnist.weftlog -b emulator     a recorded run again, on another backend
  weft estimate models/mnist_convnet.tflite  cycles, layer by layer, without simulating
  weft suite --backend emulator             every network of configs/suites.yaml that is there
  weft bench --net resnet50                 cycles, and the simulation's speed and memory
  weft eval                                 accuracy, precision, recall over the test digits
  weft host-speed                           how fast this host computes a network
  weft info models/mnist_convnet.tflite     its layers and tensors
  weft disasm mnist.weft                    its descriptors
)";

}  // namespace

int main(int argc, char** argv) {
  weft::tools::Environment environment;
  environment.root = WEFT_SOURCE_ROOT;
  // The one place that reads the environment; everything below gets it as a value.
  if (const char* data = std::getenv("WEFT_DATA")) environment.weft_data = data;

  CLI::App app{"Weft: an open neural-network accelerator, its compiler and its models"};
  app.footer(kExamples);
  app.require_subcommand(1);
  weft::tools::Action action;
  weft::tools::add_compile(app, environment, action);
  weft::tools::add_estimate(app, environment, action);
  weft::tools::add_run(app, environment, action);
  weft::tools::add_replay(app, environment, action);
  weft::tools::add_verify(app, environment, action);
  weft::tools::add_profile(app, environment, action);
  weft::tools::add_suite(app, environment, action);
  weft::tools::add_bench(app, environment, action);
  weft::tools::add_eval(app, environment, action);
  weft::tools::add_host_speed(app, environment, action);
  weft::tools::add_info(app, environment, action);
  weft::tools::add_disasm(app, environment, action);
  CLI11_PARSE(app, argc, argv);
  try {
    return action();
  } catch (const weft::Error& error) {
    fmt::print(stderr, "weft: {}\n", error.what());
    return 1;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "weft: out of memory\n");
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "weft: internal error: {}\n", error.what());
    return 1;
  }
}
