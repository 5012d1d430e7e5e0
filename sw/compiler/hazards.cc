#include "compiler/hazards.h"

#include <algorithm>

#include "base/error.h"

namespace weft::compiler {
namespace {

bool keeps_order(isa::Engine engine) {
  return engine == isa::Engine::kArray || engine == isa::Engine::kDepthwise;
}

size_t space_index(Space s) { return static_cast<size_t>(s); }

}  // namespace

Hazards::Hazards(const isa::HardwareConfig& config, int64_t dram_lines) {
  spaces_[space_index(Space::kAct)].resize(static_cast<size_t>(config.act_words));
  spaces_[space_index(Space::kWgt)].resize(static_cast<size_t>(config.wgt_words));
  spaces_[space_index(Space::kParam)].resize(static_cast<size_t>(config.param_words));
  spaces_[space_index(Space::kAcc)].resize(static_cast<size_t>(config.acc_entries()));
  spaces_[space_index(Space::kDram)].resize(static_cast<size_t>(dram_lines));
}

Hazards Hazards::of_sums(int64_t entries) {
  Hazards hazards;
  hazards.spaces_[space_index(Space::kAcc)].resize(static_cast<size_t>(entries));
  return hazards;
}

void Hazards::touch(isa::Engine engine, const Access& a, std::vector<Hazard>& found) {
  std::vector<Cell>& cells = spaces_[space_index(a.space)];
  const int me = static_cast<int>(engine_of_.size());
  const bool reads_own = !a.write && engine == isa::Engine::kVector && a.space == Space::kAct;
  auto need = [&](int index) {
    if (index < 0 || index == me) return;
    const bool own = reads_own && engine_of_[static_cast<size_t>(index)] == isa::Engine::kVector;
    // Neighbouring words mostly give the same one.
    if (!found.empty() && found.back().index == index && found.back().own_read == own) return;
    found.push_back({index, own});
  };
  for (int64_t i2 = 0; i2 < a.count2; ++i2) {
    for (int64_t i1 = 0; i1 < a.count1; ++i1) {
      const int64_t first = a.start + i2 * a.stride2 + i1 * a.stride1;
      if (first < 0 || first + a.run > static_cast<int64_t>(cells.size())) {
        fail(ErrorKind::kInternal, "descriptor {} touches {} .. {} of a memory of {}", me, first,
             first + a.run - 1, cells.size());
      }
      for (int64_t w = first; w < first + a.run; ++w) {
        Cell& cell = cells[static_cast<size_t>(w)];
        need(cell.writer);
        if (a.write) {
          for (const int reader : cell.readers) need(reader);
          cell.writer = me;
          cell.readers.clear();
          continue;
        }
        const auto before = std::find_if(cell.readers.begin(), cell.readers.end(), [&](int reader) {
          return reader == me ||
                 (keeps_order(engine) && engine_of_[static_cast<size_t>(reader)] == engine);
        });
        if (before == cell.readers.end()) {
          cell.readers.push_back(me);
        } else {
          *before = me;
        }
      }
    }
  }
}

std::vector<Hazard> Hazards::add(isa::Engine engine, const std::vector<Access>& accesses) {
  std::vector<Hazard> found;
  for (const Access& a : accesses) touch(engine, a, found);
  engine_of_.push_back(engine);
  std::sort(found.begin(), found.end(), [](const Hazard& x, const Hazard& y) {
    return x.index != y.index ? x.index < y.index : x.own_read > y.own_read;
  });
  found.erase(std::unique(found.begin(), found.end(),
                          [](const Hazard& x, const Hazard& y) { return x.index == y.index; }),
              found.end());
  return found;
}

}  // namespace weft::compiler
