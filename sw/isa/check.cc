#include "isa/check.h"

#include <algorithm>

#include "isa/depthwise.h"
#include "isa/vector_op.h"

namespace weft::isa {
namespace {

// Reserved bits that are set, or a field outside its range.
bool malformed(ByteSpan bytes, const FormatInfo& format) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if ((bytes[i] & format.reserved[i]) != 0) return true;
  }
  for (const FieldInfo& field : format.fields) {
    if (!in_range(field, get_field(field, bytes))) return true;
  }
  return false;
}

ErrorCode check_transfer(const TransferDesc& d) {
  const auto memory = static_cast<Memory>(d.mem);
  if (static_cast<Opcode>(d.header.opcode) == Opcode::kStore && memory != Memory::kAct) {
    return ErrorCode::kBadDescriptor;
  }
  const uint64_t runs_on_chip = uint64_t{d.chip_count1} * d.chip_count2;
  const uint64_t runs_in_dram = uint64_t{d.dram_count1} * d.dram_count2;
  // Below 2^56 each.
  if (runs_on_chip * d.chip_run != runs_in_dram * d.dram_run) return ErrorCode::kTransferLength;
  return ErrorCode::kNone;
}

// A shallow K tile of `rows` lanes may touch four kernel rows.
bool shallow_tiles_fit(const ArrayDesc& d, int rows) {
  const int taps = static_cast<int>(d.kh) * static_cast<int>(d.kw);
  if (static_cast<int>(d.kc) != (taps + rows - 1) / rows) return false;
  for (int first = 0; first < taps; first += rows) {
    const int last = std::min(first + rows, taps) - 1;
    constexpr int kSegments = 4;
    if (last / static_cast<int>(d.kw) - first / static_cast<int>(d.kw) >= kSegments) return false;
  }
  return true;
}

ErrorCode check_array(const ArrayDesc& d, const HardwareConfig& config) {
  const bool shallow = (d.header.flags & kArrayFlagShallow) != 0;
  if (shallow && !shallow_tiles_fit(d, config.rows)) return ErrorCode::kBadDescriptor;
  const uint64_t entries = uint64_t{d.out_h} * d.out_w;
  const uint64_t taps = shallow ? 1 : uint64_t{d.kh} * d.kw;
  const uint64_t words = taps * d.kc * static_cast<uint64_t>(config.rows);
  if (d.acc_addr + entries > static_cast<uint64_t>(config.acc_entries()) ||
      d.wgt_addr + words > static_cast<uint64_t>(config.wgt_words)) {
    return ErrorCode::kChipRange;
  }
  return ErrorCode::kNone;
}

ErrorCode check_depthwise(const DepthwiseDesc& d, const HardwareConfig& config) {
  if (depthwise_steps(d.kh, d.kw) > kMostDepthwiseSteps) return ErrorCode::kBadDescriptor;
  const uint64_t entries = uint64_t{d.out_h} * d.out_w;
  if (d.acc_addr + entries > static_cast<uint64_t>(config.acc_entries()) ||
      d.param_addr + uint64_t{d.kh} * d.kw > static_cast<uint64_t>(config.param_words)) {
    return ErrorCode::kChipRange;
  }
  return ErrorCode::kNone;
}

ErrorCode check_vector(const VectorDesc& d, const HardwareConfig& config) {
  const VectorOp op = vector_op(static_cast<Opcode>(d.header.opcode));
  if (!op.window && (d.win_h != 1 || d.win_w != 1)) return ErrorCode::kBadDescriptor;
  const int words = param_words(op, config);
  if (words > 0 && static_cast<int>(d.param_addr) + words > config.param_words)
    return ErrorCode::kChipRange;
  return ErrorCode::kNone;
}

}  // namespace

ErrorCode check_descriptor(ByteSpan bytes, const HardwareConfig& config) {
  const OpcodeInfo* opcode = find_opcode(bytes[0]);
  if (opcode == nullptr) return ErrorCode::kBadOpcode;
  if (malformed(bytes, format_info(opcode->format))) return ErrorCode::kBadDescriptor;
  switch (opcode->format) {
    case Format::kTransfer: return check_transfer(decode_transfer(bytes));
    case Format::kArray: return check_array(decode_array(bytes), config);
    case Format::kVector: return check_vector(decode_vector(bytes), config);
    case Format::kDepthwise: return check_depthwise(decode_depthwise(bytes), config);
  }
  return ErrorCode::kNone;
}

}  // namespace weft::isa
