#include "driver/session.h"

#include "runtime/host_ops.h"
#include "sdk/data.h"

namespace weft {

sdk::SessionData::SessionData(const Device& device, const Program& p)
    : program(p.data()),
      lease(device.data()),
      session(lease.device(), program->program, runtime::run_host_op) {}

Session::Session(const Device& device, const Program& program)
    : data_(std::make_unique<sdk::SessionData>(device, program)) {}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Result Session::run(std::span<const Input> inputs) {
  sdk::SessionData& d = sdk::used(data_, "session");
  d.session.run(sdk::arrange(*d.program, inputs));
  auto result = std::make_shared<sdk::ResultData>();
  result->program = d.program;
  for (const program::Tensor& t : d.program->program.tensors) {
    if (t.role == program::TensorRole::kOutput)
      result->outputs.push_back(d.session.read_tensor(t.name));
  }
  const driver::RunStatistics& cost = d.session.statistics();
  result->cycles = cost.cycles;
  result->host_seconds = cost.host_seconds;
  result->counters = cost.counters;
  result->layer_cycles = cost.layer_cycles;
  return Result(std::move(result));
}

Result Session::run(std::initializer_list<Input> inputs) {
  return run(std::span<const Input>(inputs.begin(), inputs.size()));
}

void Session::set_timeout(uint64_t cycles) {
  sdk::used(data_, "session").session.set_timeout(cycles);
}

}  // namespace weft
