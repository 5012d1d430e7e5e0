#include "cost/machine.h"

#include "base/error.h"

namespace weft::cost {
namespace {

constexpr auto kLoad = static_cast<size_t>(isa::Engine::kLoad);
constexpr auto kArray = static_cast<size_t>(isa::Engine::kArray);
constexpr auto kDepthwise = static_cast<size_t>(isa::Engine::kDepthwise);
constexpr auto kVector = static_cast<size_t>(isa::Engine::kVector);
constexpr auto kStore = static_cast<size_t>(isa::Engine::kStore);

}  // namespace

Machine::Machine(std::span<const Descriptor> job, std::span<const uint64_t> region_bases,
                 std::span<DescriptorTiming> timing, std::vector<LayerCost>& layers,
                 std::array<EngineCycles, isa::kNumEngines>& engines,
                 const isa::HardwareConfig& config, const MemoryTiming& memory, Cycle offset)
    : job_(job),
      region_bases_(region_bases),
      layers_(layers),
      engines_(engines),
      offset_(offset),
      control_(job, timing, config),
      read_bus_(memory),
      write_bus_(memory),
      act_(config),
      load_(config),
      array_(config),
      depthwise_(config),
      vector_(config),
      store_(config) {}

bool Machine::ready(size_t engine, const Descriptor& d) const {
  switch (engine) {
    case kLoad: return load_.ready();
    case kArray: return array_.ready();
    case kDepthwise: return depthwise_.ready();
    case kVector: return vector_.ready(now_, std::get<isa::VectorDesc>(d.fields));
    default: return store_.ready();
  }
}

void Machine::accept(size_t engine, const Descriptor& d, size_t index) {
  switch (engine) {
    case kArray: return array_.accept(now_, std::get<isa::ArrayDesc>(d.fields), index);
    case kDepthwise: return depthwise_.accept(now_, std::get<isa::DepthwiseDesc>(d.fields), index);
    case kVector: return vector_.accept(now_, std::get<isa::VectorDesc>(d.fields), index);
    default: break;
  }
  const auto& transfer = std::get<isa::TransferDesc>(d.fields);
  const uint64_t base = region_bases_[transfer.region];
  if (engine == kLoad) {
    load_.accept(transfer, base);
  } else {
    store_.accept(transfer, base);
  }
}

Progress Machine::cycle() {
  Progress progress;
  for (size_t e = 0; e < flying_.size(); ++e) flying_[e] = control_.flying(e);
  std::array<bool, isa::kNumEngines> done = {load_.done(now_), false, depthwise_.done(now_),
                                             vector_.done(now_), store_.done(now_)};
  act_.begin();
  array_.step(now_, act_, progress);
  done[kArray] = array_.done();
  vector_.request(now_, act_);
  depthwise_.request(act_);
  load_.request(act_);
  store_.request(act_);

  const bool params_free = !vector_.reads_params(now_);
  vector_.step(now_, act_, array_.add(now_), progress);
  depthwise_.step(now_, act_, params_free, array_.add(now_ - 1), progress);
  load_.step(now_, act_, read_bus_, !control_.wants_burst(), progress);
  store_.step(now_, act_, write_bus_, progress);
  control_.step(
      now_, offset_, read_bus_, [&](size_t e, const Descriptor& d) { return ready(e, d); },
      [&](size_t e, const Descriptor& d, size_t index) { accept(e, d, index); }, progress);
  account(1);
  for (size_t e = 0; e < done.size(); ++e) {
    if (!done[e]) continue;
    control_.done(now_, e, offset_);
    progress.moved = true;
  }
  const ReadBus::Beat beat = read_bus_.beat();
  read_bus_.tick(now_, beat.client == ReadBus::kControl || load_.beat_taken(), progress);
  write_bus_.tick(now_, progress);
  return progress;
}

// What each engine did in this cycle, and does in those that are passed over.
void Machine::account(Cycle cycles) {
  const std::array<bool, isa::kNumEngines> busy = {load_.busy(), array_.busy(), depthwise_.busy(),
                                                   vector_.busy(), store_.busy()};
  const std::array<bool, isa::kNumEngines> work = {busy[kLoad], busy[kArray] || array_.shifting(),
                                                   busy[kDepthwise], busy[kVector], busy[kStore]};
  for (size_t e = 0; e < busy.size(); ++e) {
    EngineCycles& engine = engines_[e];
    if (busy[e]) {
      engine.busy += cycles;
    } else if (flying_[e]) {
      engine.stalled += cycles;
    } else if (control_.waiting(e)) {
      engine.waiting += cycles;
    } else {
      engine.idle += cycles;
    }
    if (!work[e]) continue;
    const size_t index = e == kArray       ? array_.index()
                         : e == kDepthwise ? depthwise_.index()
                         : e == kVector    ? vector_.index()
                                           : control_.oldest(e);
    const size_t layer = job_[index].header.layer;  // for reports only: a program may name any
    if (layer < layers_.size()) layers_[layer].work[e] += cycles;
  }
}

Cycle Machine::run() {
  while (!control_.finished()) {
    const Progress progress = cycle();
    ++now_;
    if (progress.moved) continue;
    Cycle cycles = progress.wake - now_;
    if (progress.streamed) {
      cycles = std::min(cycles, array_.uniform());
    } else if (progress.wake == kNever) {
      fail(ErrorKind::kInternal, "cost model: nothing moves after cycle {}", now_);
    }
    if (cycles == 0) continue;
    account(cycles);
    read_bus_.skip(cycles);
    write_bus_.skip(cycles);
    if (progress.streamed) array_.skip(now_, cycles);
    now_ += cycles;
  }
  for (EngineCycles& engine : engines_) ++engine.idle;  // the cycle that sees the end
  return now_;
}

}  // namespace weft::cost
