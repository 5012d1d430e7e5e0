#include "compiler/stream.h"

#include <algorithm>
#include <map>
#include <utility>

#include "compiler/durations.h"
#include "compiler/sync.h"

namespace weft::compiler {
namespace {

void set_sums(isa::ArrayDesc& d, uint32_t addr) { d.acc_addr = addr; }
void set_sums(isa::DepthwiseDesc& d, uint32_t addr) { d.acc_addr = addr; }
void set_sums(isa::VectorDesc& d, uint32_t addr) { d.src_addr = addr; }
void set_sums(isa::TransferDesc&, uint32_t) {}

}  // namespace

void Stream::add(AnyDesc desc, int layer, const std::vector<Access>& accesses, Sums sums) {
  const isa::Engine engine = std::visit(
      [&](auto& d) {
        d.header.layer = static_cast<decltype(d.header.layer)>(layer);
        return isa::engine_of(static_cast<isa::Opcode>(d.header.opcode));
      },
      desc);
  entries_.push_back({std::move(desc), engine, hazards_.add(engine, accesses), sums});
}

Schedule Stream::ordered() const {
  std::vector<Task> tasks;
  std::map<std::pair<int, int>, int>
      makers;  // by bank and first entry: the last who made those sums
  for (const Entry& e : entries_) {
    Task task;
    task.engine = e.engine;
    const Duration duration =
        std::visit([&](const auto& d) { return duration_of(d, *config_); }, e.desc);
    task.busy = std::max<int64_t>(duration.busy, 1);
    task.latency = duration.latency;
    task.acc_bank = e.sums.bank;
    for (const Hazard& h : e.hazards) task.after.push_back(h.index);
    const std::pair sums{e.sums.bank, e.sums.first};
    if (e.sums.bank >= 0 && e.engine == isa::Engine::kVector) task.after.push_back(makers.at(sums));
    if (e.sums.bank >= 0) makers[sums] = static_cast<int>(tasks.size());
    tasks.push_back(std::move(task));
  }
  return schedule(tasks, *config_);
}

std::vector<uint8_t> Stream::finish() && {
  const Schedule plan = ordered();
  std::vector<int> place(entries_.size());  // in the program
  for (size_t i = 0; i < entries_.size(); ++i)
    place[static_cast<size_t>(plan.order[i])] = static_cast<int>(i);
  Synchroniser sync;
  Hazards sums = Hazards::of_sums(config_->acc_entries());
  for (const int index : plan.order) {
    Entry& e = entries_[static_cast<size_t>(index)];
    std::vector<Access> access;
    if (e.sums.bank >= 0) {
      const int addr =
          plan.acc_banks[static_cast<size_t>(e.sums.bank)] * config_->acc_depth + e.sums.first;
      std::visit([&](auto& d) { set_sums(d, static_cast<uint32_t>(addr)); }, e.desc);
      access.push_back({Space::kAcc, e.engine != isa::Engine::kVector, addr, e.sums.entries});
    }
    std::vector<Hazard> hazards = sums.add(e.engine, access);
    for (const Hazard& h : e.hazards)
      hazards.push_back({place[static_cast<size_t>(h.index)], h.own_read});
    sync.add(e.engine, hazards);
  }
  const std::vector<SemaphoreUse> uses = std::move(sync).finish();
  std::vector<uint8_t> bytes;
  bytes.reserve(entries_.size() * isa::kDescriptorBytes);
  for (size_t i = 0; i < entries_.size(); ++i) {
    std::visit(
        [&](auto& d) {
          for (size_t s = 0; s < uses[i].waits.size(); ++s) {
            d.header.wait[s].sem = static_cast<uint8_t>(uses[i].waits[s]);
            d.header.wait[s].count = 1;
          }
          for (size_t s = 0; s < uses[i].raises.size(); ++s) {
            d.header.raise[s].sem = static_cast<uint8_t>(uses[i].raises[s]);
            d.header.raise[s].count = 1;
          }
          const auto encoded = isa::encode(d);
          bytes.insert(bytes.end(), encoded.begin(), encoded.end());
        },
        entries_[static_cast<size_t>(plan.order[i])].desc);
  }
  return bytes;
}

}  // namespace weft::compiler
