#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/error.h"
#include "isa/check.h"
#include "isa/disasm.h"
#include "isa/vector_op.h"
#include "program/program.h"

namespace weft::program {
namespace {

constexpr uint64_t kLine = 64;
constexpr uint64_t kMaxRegionBytes = uint64_t{1} << 48;  // what a descriptor's offset reaches
constexpr int kMaxRank = 8;

template <class... Args>
[[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ErrorKind::kMalformedFile,
              "program: " + fmt::format(format, std::forward<Args>(args)...));
}

void check_regions(const Program& p) {
  if (p.regions.size() > static_cast<size_t>(isa::kNumRegions)) {
    refuse("{} regions; the hardware has {}", p.regions.size(), isa::kNumRegions);
  }
  for (const Region& r : p.regions) {
    if (r.bytes % kLine != 0 || r.bytes > kMaxRegionBytes || r.image.size() > r.bytes) {
      refuse(
          "region '{}' has {} bytes and an image of {}; a multiple of {} that holds the image is "
          "needed",
          r.name, r.bytes, r.image.size(), kLine);
    }
  }
  if (p.descriptor_region < 0 || static_cast<size_t>(p.descriptor_region) >= p.regions.size()) {
    refuse("its descriptors lie in region {}, which it has not", p.descriptor_region);
  }
  const Region& r = p.regions[static_cast<size_t>(p.descriptor_region)];
  const uint64_t bytes = uint64_t{p.descriptor_count} * isa::kDescriptorBytes;
  if (p.descriptor_offset % isa::kDescriptorBytes != 0 || !r.readable ||
      p.descriptor_offset > r.image.size() || bytes > r.image.size() - p.descriptor_offset) {
    refuse("{} descriptors at offset {} do not lie in the image of region '{}' ({} bytes)",
           p.descriptor_count, p.descriptor_offset, r.name, r.image.size());
  }
}

void check_shape(const std::vector<int>& shape, const std::string& what) {
  bool good = !shape.empty() && shape.size() <= kMaxRank;
  for (const int extent : shape) good = good && extent >= 1;
  if (!good) refuse("{} has an impossible shape", what);
}

void check_tensors(const Program& p) {
  bool has_output = false;
  for (const Tensor& t : p.tensors) {
    const std::string what = fmt::format("tensor '{}'", t.name);
    check_shape(t.shape, what);
    uint64_t elements = 1;
    for (const int extent : t.shape) {
      if (elements > kMaxRegionBytes / static_cast<uint64_t>(extent))
        refuse("{} is too large", what);
      elements *= static_cast<uint64_t>(extent);
    }
    if (elements * static_cast<uint64_t>(bytes_of(t.type)) != t.bytes) {
      refuse("{} has {} elements in {} bytes", what, elements, t.bytes);
    }
    if (t.lanes != 0 &&
        (t.role != TensorRole::kSpill || t.type != ElementType::kInt8 || t.shape.size() != 4)) {
      refuse("{} lies in channel blocks; only spilled int8 images do", what);
    }
    if (t.transient && t.role != TensorRole::kSpill)
      refuse("{} is an input or output and lies where others do", what);
    if (t.region < 0 || static_cast<size_t>(t.region) >= p.regions.size()) {
      refuse("{} lies in region {}, which it has not", what, t.region);
    }
    const Region& r = p.regions[static_cast<size_t>(t.region)];
    if (t.offset > r.bytes || t.stored_bytes() > r.bytes - t.offset) {
      refuse("{} ({} bytes at {}) does not lie in region '{}' ({} bytes)", what, t.stored_bytes(),
             t.offset, r.name, r.bytes);
    }
    constexpr int kLowest = -128, kHighest = 127;
    // 0: the model has no scale for it.
    if (!std::isfinite(t.scale) || t.scale < 0 || t.zero_point < kLowest ||
        t.zero_point > kHighest) {
      refuse("{} has scale {} and zero point {}; int8 takes a finite scale and {} to {}", what,
             t.scale, t.zero_point, kLowest, kHighest);
    }
    if (t.layer < -1 || t.layer >= static_cast<int>(p.layers.size())) {
      refuse("{} is written by layer {}, which it has not", what, t.layer);
    }
    has_output = has_output || t.role == TensorRole::kOutput;
  }
  if (!has_output) refuse("it has no output");
  if (p.layers.empty()) refuse("it has no layers");
  for (const Layer& l : p.layers) check_shape(l.shape, fmt::format("layer '{}'", l.name));
}

// The shape and place of an operand; the operator itself is checked by who runs it.
void check_host_tensor(const Program& p, const HostTensor& t, const std::string& what) {
  if (t.absent) return;
  check_shape(t.shape, what);
  if (t.type > ElementType::kFloat32) refuse("{} has an unknown type", what);
  uint64_t bytes = static_cast<uint64_t>(bytes_of(t.type));
  for (const int extent : t.shape) {
    if (bytes > kMaxRegionBytes / static_cast<uint64_t>(extent)) refuse("{} is too large", what);
    bytes *= static_cast<uint64_t>(extent);
  }
  if (t.tensor < -1 || t.tensor >= static_cast<int>(p.tensors.size())) {
    refuse("{} is tensor {}, which it has not", what, t.tensor);
  }
  const uint64_t there =
      t.tensor >= 0 ? p.tensors[static_cast<size_t>(t.tensor)].bytes : t.data.size();
  if (t.tensor >= 0 && p.tensors[static_cast<size_t>(t.tensor)].lanes != 0)
    refuse("{} lies in channel blocks, which the host does not read", what);
  if (there != bytes) refuse("{} has {} bytes where {} are needed", what, there, bytes);
}

// In order, and every descriptor in exactly one job.
void check_steps(const Program& p) {
  uint32_t next = 0;
  for (size_t i = 0; i < p.steps.size(); ++i) {
    const Step& s = p.steps[i];
    if (s.host) {
      const std::string what = fmt::format("step {} ({})", i, s.host->kind);
      if (s.host->layer >= p.layers.size())
        refuse("{} belongs to layer {}, of {}", what, s.host->layer, p.layers.size());
      for (const HostTensor& t : s.host->inputs) check_host_tensor(p, t, "an input of " + what);
      check_host_tensor(p, s.host->output, "the output of " + what);
      if (s.host->output.tensor < 0) refuse("the output of {} is no tensor", what);
      const Tensor& output = p.tensors[static_cast<size_t>(s.host->output.tensor)];
      const Region& target = p.regions[static_cast<size_t>(output.region)];
      if (!target.writable) {
        refuse("the output of {}, tensor '{}', lies in region '{}', which may not be written", what,
               output.name, target.name);
      }
      continue;
    }
    if (s.first != next || s.count == 0 || s.count > p.descriptor_count - next) {
      refuse("step {} has descriptors {} to {}, of {}; {} is the next", i, s.first,
             uint64_t{s.first} + s.count, p.descriptor_count, next);
    }
    next += s.count;
  }
  if (p.steps.empty() || next != p.descriptor_count) {
    refuse("its steps run {} of {} descriptors", next, p.descriptor_count);
  }
}

// Lowest and highest value that base + i*step1 + j*step2 takes, i < count1, j < count2.
struct Extent {
  int64_t low, high;
};
Extent extent_of(int64_t base, int64_t count1, int64_t step1, int64_t count2, int64_t step2) {
  const int64_t end1 = (count1 - 1) * step1;
  const int64_t end2 = (count2 - 1) * step2;
  return {base + std::min<int64_t>(0, end1) + std::min<int64_t>(0, end2),
          base + std::max<int64_t>(0, end1) + std::max<int64_t>(0, end2)};
}

class Walk {
 public:
  Walk(const Program& program, const isa::HardwareConfig& config)
      : program_(program), config_(config) {}

  void descriptor(uint32_t index) {
    const auto bytes = program_.descriptor(index);
    const isa::ErrorCode code = isa::check_descriptor(bytes, config_);
    if (code != isa::ErrorCode::kNone) {
      refuse_descriptor(index, std::string(isa::doc_of(code)));
    }
    const isa::Header header = isa::decode_fields<isa::Header>(bytes);
    if (header.layer >= program_.layers.size()) {
      refuse_descriptor(index, fmt::format("it belongs to layer {}, of {}", header.layer,
                                           program_.layers.size()));
    }
    switch (isa::format_of(static_cast<isa::Opcode>(header.opcode))) {
      case isa::Format::kTransfer: transfer(index, isa::decode_transfer(bytes)); break;
      case isa::Format::kArray: array(index, isa::decode_array(bytes)); break;
      case isa::Format::kVector: vector(index, isa::decode_vector(bytes)); break;
      case isa::Format::kDepthwise: depthwise(index, isa::decode_depthwise(bytes)); break;
    }
    semaphores(index, header);
  }

 private:
  [[noreturn]] void refuse_descriptor(uint32_t index, const std::string& why) const {
    refuse("descriptor {} is refused: {} ({})", index, why,
           isa::disassemble(index, program_.descriptor(index)));
  }

  // Words low..high of a memory; the addresses must not wrap round either.
  void on_chip(uint32_t index, const Extent& words, int size, const char* memory) const {
    if (words.low < 0 || words.high >= size) {
      refuse_descriptor(index, fmt::format("it touches words {} to {} of {} memory, which has {}",
                                           words.low, words.high, memory, size));
    }
  }

  void transfer(uint32_t index, const isa::TransferDesc& d) const {
    const bool store = static_cast<isa::Opcode>(d.header.opcode) == isa::Opcode::kStore;
    const auto memory = static_cast<isa::Memory>(d.mem);
    const int size = memory == isa::Memory::kAct   ? config_.act_words
                     : memory == isa::Memory::kWgt ? config_.wgt_words
                                                   : config_.param_words;
    Extent words = extent_of(d.chip_addr, d.chip_count1, static_cast<int16_t>(d.chip_stride1),
                             d.chip_count2, static_cast<int16_t>(d.chip_stride2));
    words.high += (static_cast<int64_t>(d.chip_run) - 1) / config_.word_bytes();
    on_chip(index, words, size, isa::to_string(memory).data());

    if (d.region >= program_.regions.size()) {
      refuse_descriptor(index,
                        fmt::format("it names region {}, which the program has not", d.region));
    }
    const Region& region = program_.regions[d.region];
    if (!(store ? region.writable : region.readable)) {
      refuse_descriptor(
          index, fmt::format("region '{}' may not be {}", region.name, store ? "written" : "read"));
    }
    Extent bytes = extent_of(static_cast<int64_t>(d.dram_offset), d.dram_count1, d.dram_stride1,
                             d.dram_count2, d.dram_stride2);
    bytes.high += d.dram_run;
    if (bytes.low < 0 || static_cast<uint64_t>(bytes.high) > region.bytes) {
      refuse_descriptor(index, fmt::format("it touches bytes {} to {} of region '{}', which has {}",
                                           bytes.low, bytes.high - 1, region.name, region.bytes));
    }
  }

  // Positions of an input axis that output and tap loops reach inside 0..size-1.
  static Extent reached(int64_t origin, int64_t outputs, int64_t stride, int64_t taps,
                        int64_t dilation, int64_t size) {
    const int64_t last = origin + (outputs - 1) * stride + (taps - 1) * dilation;
    return {std::clamp<int64_t>(origin, 0, size - 1), std::clamp<int64_t>(last, 0, size - 1)};
  }

  // Words from base on that positions y and x reach at these pitches.
  static Extent words_of(int64_t base, const Extent& y, int64_t row_pitch, const Extent& x,
                         int64_t col_pitch) {
    const int64_t row = static_cast<int16_t>(row_pitch), column = static_cast<int16_t>(col_pitch);
    return {base + std::min(y.low * row, y.high * row) + std::min(x.low * column, x.high * column),
            base + std::max(y.low * row, y.high * row) + std::max(x.low * column, x.high * column)};
  }

  void array(uint32_t index, const isa::ArrayDesc& d) const {
    const bool shallow = (d.header.flags & isa::kArrayFlagShallow) != 0;
    const Extent y = reached(d.y0, d.out_h, d.stride_y, d.kh, d.dil_y, d.in_h);
    Extent x = reached(d.x0, d.out_w, d.stride_x, d.kw, shallow ? 1 : d.dil_x, d.in_w);
    if (shallow) x = {x.low / config_.word_bytes(), x.high / config_.word_bytes()};
    Extent words = words_of(d.in_addr, y, d.in_row_pitch, x, shallow ? 1 : d.in_col_pitch);
    const int64_t block =
        shallow ? 0 : int64_t{static_cast<int16_t>(d.in_blk_pitch)} * (int64_t{d.kc} - 1);
    words.low += std::min<int64_t>(0, block);
    words.high += std::max<int64_t>(0, block);
    on_chip(index, words, config_.act_words, "act");
  }

  void depthwise(uint32_t index, const isa::DepthwiseDesc& d) const {
    const Extent y = reached(d.y0, d.out_h, d.stride_y, d.kh, d.dil_y, d.in_h);
    const Extent x = reached(d.x0, d.out_w, d.stride_x, d.kw, d.dil_x, d.in_w);
    on_chip(index, words_of(d.in_addr, y, d.in_row_pitch, x, d.in_col_pitch), config_.act_words,
            "act");
  }

  void vector(uint32_t index, const isa::VectorDesc& d) const {
    const isa::VectorOp op = isa::vector_op(static_cast<isa::Opcode>(d.header.opcode));
    const Extent y = reached(d.y0, d.out_h, d.win_stride_y, d.win_h, 1, d.src_h);
    const Extent x = reached(d.x0, d.out_w, d.win_stride_x, d.win_w, 1, d.src_w);
    on_chip(index, words_of(d.src_addr, y, d.src_row_pitch, x, d.src_col_pitch),
            op.from_acc ? config_.acc_entries() : config_.act_words, op.from_acc ? "acc" : "act");
    const auto of_outputs = [&](uint32_t addr, uint32_t col_pitch, uint32_t row_pitch) {
      return extent_of(addr, d.out_w, static_cast<int16_t>(col_pitch), d.out_h,
                       static_cast<int16_t>(row_pitch));
    };
    on_chip(index, of_outputs(d.dst_addr, d.dst_col_pitch, d.dst_row_pitch), config_.act_words,
            "act");
    if (op.second_source) {
      on_chip(index, of_outputs(d.src2_addr, d.src2_col_pitch, d.src2_row_pitch), config_.act_words,
              "act");
    }
    // Every window needs a tap inside the source: the first and the last output are the extremes.
    const auto empty = [](int64_t origin, int64_t outputs, int64_t stride, int64_t taps,
                          int64_t size) {
      return origin + taps <= 0 || origin + (outputs - 1) * stride >= size;
    };
    if (empty(d.y0, d.out_h, d.win_stride_y, d.win_h, d.src_h) ||
        empty(d.x0, d.out_w, d.win_stride_x, d.win_w, d.src_w)) {
      refuse_descriptor(index, "a window lies wholly outside the source");
    }
  }

  void semaphores(uint32_t index, const isa::Header& header) {
    for (const auto& wait : header.wait) {
      if (counts_[wait.sem] < wait.count) {
        refuse_descriptor(
            index,
            fmt::format("in program order it waits for {} of semaphore {}, which then has {}",
                        wait.count, wait.sem, counts_[wait.sem]));
      }
      counts_[wait.sem] -= wait.count;
    }
    for (const auto& raise : header.raise) {
      counts_[raise.sem] += raise.count;
      if (counts_[raise.sem] > static_cast<uint32_t>(isa::kSemaphoreMax)) {
        refuse_descriptor(index, fmt::format("it raises semaphore {} to {}; the most is {}",
                                             raise.sem, counts_[raise.sem], isa::kSemaphoreMax));
      }
    }
  }

  const Program& program_;
  const isa::HardwareConfig& config_;
  std::array<uint32_t, isa::kNumSemaphores> counts_{};
};

}  // namespace

void verify(const Program& program, const isa::HardwareConfig& config) {
  if (program.config != config.name || program.config_hash != config.config_hash) {
    fail(ErrorKind::kMismatch,
         "the program is for configuration {} ({:016x}), this is {} ({:016x}); compile the model "
         "again",
         program.config, program.config_hash, config.name, config.config_hash);
  }
  if (program.act_peak_words > static_cast<uint32_t>(config.act_words)) {
    fail(ErrorKind::kMalformedFile,
         "the program says that it uses {} words of act memory at a time; configuration {} has {}",
         program.act_peak_words, config.name, config.act_words);
  }
  check_regions(program);
  check_tensors(program);
  check_steps(program);
  for (const Step& step : program.steps) {
    Walk walk(program, config);  // semaphores are zero at the start of each job
    for (uint32_t i = 0; i < step.count; ++i) walk.descriptor(step.first + i);
  }
}

}  // namespace weft::program
