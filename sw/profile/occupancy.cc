#include "profile/occupancy.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "isa/vector_op.h"

namespace weft::profile {
namespace {

constexpr int kRows = 256;
constexpr uint64_t kTimeSteps = 1500;

// Words of act memory: runs of `run` words, a nest of three strides.
struct Words {
  bool write = false;
  int64_t first = 0;
  int64_t run = 1;
  std::array<int64_t, 3> count{1, 1, 1}, stride{};

  template <class Visit>
  void each(Visit visit) const {
    for (int64_t i = 0; i < count[0]; ++i)
      for (int64_t j = 0; j < count[1]; ++j)
        for (int64_t k = 0; k < count[2]; ++k)
          for (int64_t w = 0; w < run; ++w)
            visit(static_cast<uint64_t>(first + i * stride[0] + j * stride[1] + k * stride[2] + w) &
                  0xffff);
  }
};

int64_t words_of(int64_t bytes, const isa::HardwareConfig& config) {
  return (bytes + config.word_bytes() - 1) / config.word_bytes();
}

// Of act memory, as configs/isa.yaml has it; a reader's whole image, though a tile may read less.
std::vector<Words> act_words(isa::ByteSpan bytes, const isa::HardwareConfig& config) {
  const auto opcode = static_cast<isa::Opcode>(isa::decode_fields<isa::Header>(bytes).opcode);
  switch (isa::format_of(opcode)) {
    case isa::Format::kTransfer: {
      const isa::TransferDesc d = isa::decode_transfer(bytes);
      if (static_cast<isa::Memory>(d.mem) != isa::Memory::kAct) return {};
      return {{opcode == isa::Opcode::kLoad,
               d.chip_addr,
               words_of(d.chip_run, config),
               {d.chip_count2, d.chip_count1, 1},
               {static_cast<int16_t>(d.chip_stride2), static_cast<int16_t>(d.chip_stride1), 0}}};
    }
    case isa::Format::kArray: {
      const isa::ArrayDesc d = isa::decode_array(bytes);
      const bool shallow = (d.header.flags & isa::kArrayFlagShallow) != 0;
      if (shallow)
        return {
            {false, d.in_addr, words_of(d.in_w, config), {d.in_h, 1, 1}, {d.in_row_pitch, 0, 0}}};
      return {{false,
               d.in_addr,
               1,
               {d.in_h, d.in_w, d.kc},
               {d.in_row_pitch, d.in_col_pitch, d.in_blk_pitch}}};
    }
    case isa::Format::kDepthwise: {
      const isa::DepthwiseDesc d = isa::decode_depthwise(bytes);
      return {{false, d.in_addr, 1, {d.in_h, d.in_w, 1}, {d.in_row_pitch, d.in_col_pitch, 0}}};
    }
    case isa::Format::kVector: break;
  }
  const isa::VectorDesc d = isa::decode_vector(bytes);
  const isa::VectorOp op = isa::vector_op(opcode);
  std::vector<Words> words;
  if (!op.from_acc) {
    words.push_back(
        {false, d.src_addr, 1, {d.src_h, d.src_w, 1}, {d.src_row_pitch, d.src_col_pitch, 0}});
  }
  if (op.second_source) {
    words.push_back(
        {false, d.src2_addr, 1, {d.out_h, d.out_w, 1}, {d.src2_row_pitch, d.src2_col_pitch, 0}});
  }
  words.push_back(
      {true, d.dst_addr, 1, {d.out_h, d.out_w, 1}, {d.dst_row_pitch, d.dst_col_pitch, 0}});
  return words;
}

class ActMemory {
 public:
  ActMemory(const isa::HardwareConfig& config, uint64_t cycles)
      : words_(static_cast<size_t>(config.act_words)),
        row_words_(std::max<size_t>(1, words_.size() / kRows)),
        rows_(words_.size() / row_words_),
        step_(cycles / kTimeSteps) {}

  void access(const Slice& slice, const Words& words) {
    words.each([&](uint64_t at) {
      if (at >= words_.size()) return;
      Word& word = words_[at];
      if (words.write) {
        close(at);
        word = {true,     slice.engine == isa::Engine::kLoad, false, slice.layer, slice.begin,
                slice.end};
      } else if (word.live) {
        word.end = std::max(word.end, slice.end);
        word.stays |= slice.engine != isa::Engine::kStore && slice.layer != word.layer;
      }
    });
  }

  std::vector<Held> finish() {
    for (size_t at = 0; at < words_.size(); ++at) close(at);
    std::vector<Held> held;
    std::map<std::tuple<uint64_t, uint64_t, Key>, size_t> above;  // in the row before
    for (size_t r = 0; r < rows_.size(); ++r) {
      std::map<std::tuple<uint64_t, uint64_t, Key>, size_t> here;
      for (auto& [key, spans] : rows_[r]) {
        for (const Span& s : merge(spans)) {
          const std::tuple same{s.begin, s.end, key};
          if (const auto found = above.find(same); found != above.end()) {
            held[found->second].words += static_cast<uint32_t>(row_words_);
            here.emplace(same, found->second);
            continue;
          }
          here.emplace(same, held.size());
          held.push_back({static_cast<uint32_t>(r * row_words_), static_cast<uint32_t>(row_words_),
                          key.first, key.second, s.begin, s.end});
        }
      }
      above = std::move(here);
    }
    return held;
  }

 private:
  struct Word {
    bool live = false, loaded = false, stays = false;
    uint32_t layer = 0;
    uint64_t begin = 0, end = 0;
  };
  using Key = std::pair<uint32_t, Holding>;
  struct Span {
    uint64_t begin, end;
  };

  void close(size_t at) {
    Word& word = words_[at];
    if (!word.live) return;
    word.live = false;
    const Holding holding = word.loaded  ? Holding::kInput
                            : word.stays ? Holding::kTensor
                                         : Holding::kOutput;
    std::vector<Span>& spans =
        rows_[std::min(at / row_words_, rows_.size() - 1)][Key{word.layer, holding}];
    if (!spans.empty() && word.begin >= spans.back().begin &&
        word.begin <= spans.back().end + step_) {
      spans.back().end = std::max(spans.back().end, word.end);
    } else {
      spans.push_back({word.begin, word.end});
    }
  }

  std::vector<Span> merge(std::vector<Span>& spans) const {
    std::sort(spans.begin(), spans.end(),
              [](const Span& a, const Span& b) { return a.begin < b.begin; });
    std::vector<Span> merged;
    for (const Span& s : spans) {
      if (!merged.empty() && s.begin <= merged.back().end + step_) {
        merged.back().end = std::max(merged.back().end, s.end);
      } else {
        merged.push_back(s);
      }
    }
    return merged;
  }

  std::vector<Word> words_;
  size_t row_words_;
  std::vector<std::map<Key, std::vector<Span>>> rows_;
  uint64_t step_;
};

}  // namespace

std::vector<Held> act_occupancy(const program::Program& program, const Timeline& timeline) {
  const isa::HardwareConfig& config = isa::find_config(program.config);
  std::vector<const Slice*> in_order(program.descriptor_count);
  for (const Slice& slice : timeline.slices) in_order.at(slice.index) = &slice;
  ActMemory memory(config, timeline.cycles);
  // Program order is a legal order of execution: every reader finds what was written for it.
  for (const Slice* slice : in_order) {
    if (slice == nullptr) continue;
    for (const Words& words : act_words(program.descriptor(slice->index), config))
      memory.access(*slice, words);
  }
  return memory.finish();
}

}  // namespace weft::profile
