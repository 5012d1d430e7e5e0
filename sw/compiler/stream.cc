#include "compiler/stream.h"

#include "base/error.h"

namespace weft::compiler {

void Stream::add(AnyDesc desc, int layer, const std::vector<Access>& accesses) {
  const isa::Engine engine = std::visit(
      [&](auto& d) {
        d.header.layer = static_cast<decltype(d.header.layer)>(layer);
        return isa::engine_of(static_cast<isa::Opcode>(d.header.opcode));
      },
      desc);
  sync_.add(engine, accesses);
  descs_.push_back(std::move(desc));
}

std::vector<uint8_t> Stream::finish() && {
  const std::vector<SemaphoreUse> uses = std::move(sync_).finish();
  std::vector<uint8_t> bytes;
  bytes.reserve(descs_.size() * isa::kDescriptorBytes);
  for (size_t i = 0; i < descs_.size(); ++i) {
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
        descs_[i]);
  }
  return bytes;
}

}  // namespace weft::compiler
