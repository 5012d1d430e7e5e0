#include "python/progress.h"

#include "isa/codec.h"
#include "python/arguments.h"

namespace weft::python {

Listener::Listener(const py::object& callback)
    : callback_(callback), listens_(!callback.is_none()), next_(Clock::now() + kBreath) {
  check_callable(callback, "progress");
}

void Listener::tell(const std::string& name, double fraction) {
  if (!listens_) return breathe();
  const py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  callback_(name, fraction);
}

void Listener::breathe() {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kBreath;
  const py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
}

RunProgress::RunProgress(const program::Program& program, Listener& listener)
    : program_(program),
      listener_(listener),
      open_(program.layers.size(), 0),
      done_(program.descriptor_count, false) {
  for (const program::Step& step : program.steps) {
    if (step.host) {
      ++open_.at(step.host->layer);
      continue;
    }
    jobs_.push_back(&step);
    for (uint32_t i = 0; i < step.count; ++i) {
      const uint32_t layer = layer_of(step.first + i);
      if (layer < open_.size()) ++open_[layer];
    }
  }
}

uint32_t RunProgress::layer_of(uint32_t descriptor) const {
  return isa::decode_fields<isa::Header>(program_.descriptor(descriptor)).layer;
}

void RunProgress::count(uint32_t layer, uint32_t descriptors) {
  if (layer >= open_.size() || open_[layer] < descriptors) return;
  open_[layer] -= descriptors;
  if (open_[layer] == 0) ended_.push_back(layer);
}

// A backend without time has told nothing of the job; it has ended all the same.
void RunProgress::end_step() {
  if (begun_ == 0) return;
  const program::Step& step = *jobs_[begun_ - 1];
  for (uint32_t i = step.first; i < step.first + step.count; ++i) {
    if (done_[i]) continue;
    done_[i] = true;
    count(layer_of(i), 1);
  }
}

void RunProgress::job_begins() {
  end_step();
  if (begun_ < jobs_.size()) ++begun_;
}

void RunProgress::descriptors_end(const std::vector<driver::TraceEvent>& events) {
  if (begun_ == 0) return;
  const program::Step& step = *jobs_[begun_ - 1];
  for (const driver::TraceEvent& event : events) {
    if (!event.done || event.index >= step.count || done_[step.first + event.index]) continue;
    done_[step.first + event.index] = true;
    count(layer_of(step.first + event.index), 1);
  }
}

void RunProgress::host_ends(const program::HostOp& op) {
  end_step();
  count(op.layer, 1);
}

void RunProgress::run_ends() { end_step(); }

void RunProgress::tell() {
  if (told_ == ended_.size()) listener_.breathe();
  while (told_ < ended_.size()) {
    const uint32_t layer = ended_[told_++];
    listener_.tell(program_.layers[layer].name,
                   static_cast<double>(told_) / static_cast<double>(program_.layers.size()));
  }
}

}  // namespace weft::python
