// How jobs fail: each kind of error ends with its record, alike on all backends, and the next job
// is exact.
#include "device_fixture.h"
#include "tb/catch_compat.h"

namespace {

using namespace weft;
using isa::ErrorCode;
using tb::DeviceBench;

constexpr uint32_t kControl = 7;

void check_failure(DeviceBench& bench, const driver::Completion& c, ErrorCode code, uint32_t engine,
                   uint32_t index) {
  INFO("code " << isa::to_string(c.code) << " engine " << c.engine << " index " << c.index);
  CHECK(isa::to_string(c.code) == isa::to_string(code));
  CHECK(c.engine == engine);
  CHECK(c.index == index);
  CHECK((bench.device().read_register(regs::kStatusOffset) & regs::kStatusHaltedMask) == 0);
  CHECK(bench.copies_exactly(static_cast<uint8_t>(code)));
}

isa::Bytes good_load() {
  return isa::encode(DeviceBench::transfer(isa::Opcode::kLoad, tb::kReadOnly, 0, 0, 64));
}

isa::ArrayDesc small_conv() {
  isa::ArrayDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kConv);
  d.in_h = d.in_w = 4;
  d.in_row_pitch = 4;
  d.in_col_pitch = 1;
  d.out_h = d.out_w = 4;
  d.stride_y = d.stride_x = d.dil_y = d.dil_x = 1;
  d.kh = d.kw = d.kc = 1;
  return d;
}

isa::DepthwiseDesc small_depthwise() {
  isa::DepthwiseDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kDwconv);
  d.in_h = d.in_w = 4;
  d.in_row_pitch = 4;
  d.in_col_pitch = 1;
  d.y0 = d.x0 = -1;
  d.out_h = d.out_w = 4;
  d.stride_y = d.stride_x = d.dil_y = d.dil_x = 1;
  d.kh = d.kw = 3;
  return d;
}

isa::VectorDesc small_pool() {
  isa::VectorDesc d;
  d.header.opcode = static_cast<uint8_t>(isa::Opcode::kMaxpool);
  d.src_h = d.src_w = 4;
  d.src_row_pitch = 4;
  d.src_col_pitch = 1;
  d.out_h = d.out_w = 2;
  d.win_h = d.win_w = d.win_stride_y = d.win_stride_x = 2;
  d.dst_addr = 64;
  d.dst_row_pitch = 2;
  d.dst_col_pitch = 1;
  d.clamp_min = -128;
  d.clamp_max = 127;
  d.valid_lanes = 4;
  return d;
}

struct Case {
  const char* name;
  isa::Bytes bytes;
  ErrorCode code;
  uint32_t engine;
};

constexpr uint32_t engine(isa::Engine e) { return static_cast<uint32_t>(e); }

std::vector<Case> cases(const isa::HardwareConfig& config) {
  std::vector<Case> all;
  const auto add = [&](const char* name, isa::Bytes bytes, ErrorCode code, uint32_t e) {
    all.push_back({name, bytes, code, e});
  };
  const uint32_t load = engine(isa::Engine::kLoad), store = engine(isa::Engine::kStore);
  const uint32_t depthwise = engine(isa::Engine::kDepthwise);
  const uint32_t array = engine(isa::Engine::kArray), vector = engine(isa::Engine::kVector);
  const auto to = [](int region, uint64_t offset, int word, uint32_t bytes) {
    return DeviceBench::transfer(isa::Opcode::kLoad, region, offset, word, bytes);
  };
  const auto from = [](int region, uint64_t offset, int word, uint32_t bytes) {
    return DeviceBench::transfer(isa::Opcode::kStore, region, offset, word, bytes);
  };

  isa::Bytes bytes{};
  add("opcode 0", bytes, ErrorCode::kBadOpcode, kControl);
  bytes[0] = 0xff;
  add("opcode 0xff", bytes, ErrorCode::kBadOpcode, kControl);

  bytes = good_load();
  bytes[63] = 1;
  add("load, reserved byte", bytes, ErrorCode::kBadDescriptor, load);
  bytes = good_load();
  bytes[22] = bytes[23] = bytes[24] = 0;
  add("load, run of 0", bytes, ErrorCode::kBadDescriptor, load);
  isa::TransferDesc t = to(tb::kReadOnly, 0, 0, 64);
  t.dram_run = 65;
  add("load, lengths differ", isa::encode(t), ErrorCode::kTransferLength, load);
  add("load beyond act memory", isa::encode(to(tb::kReadOnly, 0, config.act_words - 1, 4096)),
      ErrorCode::kChipRange, load);
  add("load beyond its region", isa::encode(to(tb::kReadOnly, DeviceBench::kBytes - 32, 0, 64)),
      ErrorCode::kRegion, load);
  add("load from a region that may not be read", isa::encode(to(tb::kWriteOnly, 0, 0, 64)),
      ErrorCode::kRegion, load);
  add("load from a region that is not there", isa::encode(to(7, 0, 0, 64)), ErrorCode::kRegion,
      load);
  t = to(tb::kReadOnly, 64, 0, 64);
  t.dram_count1 = 2;
  t.chip_count1 = 2;
  t.dram_stride1 = -128;
  add("load before its region", isa::encode(t), ErrorCode::kRegion, load);

  add("store into a region that may not be written", isa::encode(from(tb::kReadOnly, 0, 0, 64)),
      ErrorCode::kRegion, store);
  add("store beyond its region", isa::encode(from(tb::kData, DeviceBench::kBytes - 32, 0, 64)),
      ErrorCode::kRegion, store);
  add("store beyond act memory", isa::encode(from(tb::kData, 0, config.act_words - 1, 4096)),
      ErrorCode::kChipRange, store);
  bytes = isa::encode(from(tb::kData, 0, 0, 64));
  bytes[12] |= 1;  // memory wgt
  add("store from weight memory", bytes, ErrorCode::kBadDescriptor, store);

  bytes = isa::encode(small_conv());
  bytes[36] = 0;
  add("conv, no kernel rows", bytes, ErrorCode::kBadDescriptor, array);
  isa::ArrayDesc c = small_conv();
  c.acc_addr = static_cast<decltype(c.acc_addr)>(config.acc_entries() - 15);
  add("conv beyond acc memory", isa::encode(c), ErrorCode::kChipRange, array);
  c = small_conv();
  c.wgt_addr = static_cast<decltype(c.wgt_addr)>(config.wgt_words - config.rows + 1);
  add("conv beyond weight memory", isa::encode(c), ErrorCode::kChipRange, array);
  if (config.act_words < 65536) {
    c = small_conv();
    c.in_addr = static_cast<decltype(c.in_addr)>(config.act_words - 8);
    add("conv beyond act memory", isa::encode(c), ErrorCode::kChipRange, array);
  }
  c = small_conv();
  c.header.flags = isa::kArrayFlagShallow;
  c.kc = 2;
  add("shallow conv with a K tile too many", isa::encode(c), ErrorCode::kBadDescriptor, array);

  bytes = isa::encode(small_depthwise());
  bytes[37] = 0;
  add("dwconv, no kernel columns", bytes, ErrorCode::kBadDescriptor, depthwise);
  bytes = isa::encode(small_depthwise());
  bytes[22] = 1;
  add("dwconv, reserved byte", bytes, ErrorCode::kBadDescriptor, depthwise);
  isa::DepthwiseDesc w = small_depthwise();
  w.kh = 11, w.kw = 7;
  add("dwconv of more taps than the engine holds", isa::encode(w), ErrorCode::kBadDescriptor,
      depthwise);
  w = small_depthwise();
  w.acc_addr = static_cast<decltype(w.acc_addr)>(config.acc_entries() - 15);
  add("dwconv beyond acc memory", isa::encode(w), ErrorCode::kChipRange, depthwise);
  w = small_depthwise();
  w.param_addr = static_cast<decltype(w.param_addr)>(config.param_words - 8);
  add("dwconv beyond param memory", isa::encode(w), ErrorCode::kChipRange, depthwise);
  if (config.act_words < 65536) {
    w = small_depthwise();
    w.in_addr = static_cast<decltype(w.in_addr)>(config.act_words - 8);
    add("dwconv beyond act memory", isa::encode(w), ErrorCode::kChipRange, depthwise);
  }

  bytes = isa::encode(small_pool());
  bytes[45] = 0;
  add("pool of no lanes", bytes, ErrorCode::kBadDescriptor, vector);
  isa::VectorDesc v = small_pool();
  v.y0 = 9;
  add("pool window outside its source", isa::encode(v), ErrorCode::kBadDescriptor, vector);
  v = small_pool();
  v.dst_addr = static_cast<decltype(v.dst_addr)>(config.act_words - 1);
  add("pool beyond act memory", isa::encode(v), ErrorCode::kChipRange, vector);
  v = small_pool();
  v.header.opcode = static_cast<uint8_t>(isa::Opcode::kRequant);
  v.param_addr = static_cast<decltype(v.param_addr)>(config.param_words - 8);
  add("requant beyond param memory", isa::encode(v), ErrorCode::kChipRange, vector);

  const auto of = [](isa::Opcode opcode) {
    isa::VectorDesc d = small_pool();
    d.header.opcode = static_cast<uint8_t>(opcode);
    d.src_h = d.src_w = d.out_h = d.out_w = d.win_h = d.win_w = 1;
    return d;
  };
  v = of(isa::Opcode::kAdd);
  v.src2_addr = static_cast<decltype(v.src2_addr)>(config.act_words);
  if (config.act_words < 65536)
    add("second source beyond act memory", isa::encode(v), ErrorCode::kChipRange, vector);
  v = of(isa::Opcode::kLut);
  v.param_addr = static_cast<decltype(v.param_addr)>(config.param_words - 256 / config.rows + 1);
  add("table beyond param memory", isa::encode(v), ErrorCode::kChipRange, vector);
  v = of(isa::Opcode::kMul);
  v.win_h = v.src_h = 2;
  add("product over a window", isa::encode(v), ErrorCode::kBadDescriptor, vector);
  bytes = isa::encode(of(isa::Opcode::kAdd));
  bytes[57] = 0x80;  // bit 31 of src_multiplier
  add("multiplier of 2^31", bytes, ErrorCode::kBadDescriptor, vector);

  t = to(tb::kReadOnly, 0, 0, 64);
  t.header.wait[0] = {9, 1};
  add("wait that nothing meets", isa::encode(t), ErrorCode::kDeadlock, kControl);
  return all;
}

TEST_CASE("malformed descriptors end their job, the next is exact", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    DeviceBench bench(backend, config, 0.1);
    REQUIRE(bench.copies_exactly(1));
    for (const Case& bad : cases(bench.config())) {
      INFO(backend << " " << config << ": " << bad.name);
      // First, in the middle of good ones, and last behind many.
      check_failure(bench, bench.run({bad.bytes}), bad.code, bad.engine, 0);
      check_failure(bench,
                    bench.run({good_load(), bad.bytes, good_load(), isa::encode(small_conv())}),
                    bad.code, bad.engine, 1);
      std::vector<isa::Bytes> many(40, good_load());
      many.push_back(bad.bytes);
      check_failure(bench, bench.run(many), bad.code, bad.engine, 40);
    }
  }
}

TEST_CASE("of several errors the oldest descriptor's is reported", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config, 0.1);
    // The store fails late, after many loads; the opcode behind it is seen at once.
    std::vector<isa::Bytes> descriptors(12, good_load());
    isa::TransferDesc load = DeviceBench::transfer(isa::Opcode::kLoad, tb::kReadOnly, 0, 0, 4096);
    load.header.raise[0] = {3, 1};
    descriptors.push_back(isa::encode(load));
    isa::TransferDesc store = DeviceBench::transfer(isa::Opcode::kStore, tb::kReadOnly, 0, 0, 64);
    store.header.wait[0] = {3, 1};
    descriptors.push_back(isa::encode(store));  // 13: may not be written
    isa::VectorDesc pool = small_pool();
    pool.y0 = 9;
    descriptors.push_back(isa::encode(pool));  // 14: fails long before
    descriptors.push_back(isa::Bytes{});       // 15
    check_failure(bench, bench.run(descriptors), ErrorCode::kRegion, engine(isa::Engine::kStore),
                  13);
  }
}

TEST_CASE("bus errors", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config, 0.1);
    const driver::Job good = bench.job();
    for (const uint32_t response : {2U, 3U}) {  // SLVERR, DECERR
      const uint64_t where = bench.error_window() + (response == 3 ? DeviceBench::kBytes : 0);
      bench.job().regions[tb::kReadOnly].base = where;
      driver::Completion c = bench.run({isa::encode(small_conv()), good_load(), good_load()});
      CHECK(c.response == response);
      CHECK(c.address == where);
      bench.job() = good;
      check_failure(bench, c, ErrorCode::kBus, engine(isa::Engine::kLoad), 1);

      bench.job().regions[tb::kWriteOnly].base = where;
      c = bench.run({good_load(), isa::encode(DeviceBench::transfer(isa::Opcode::kStore,
                                                                    tb::kWriteOnly, 64, 0, 700))});
      CHECK(c.response == response);
      CHECK(c.address == where + 64);
      bench.job() = good;
      check_failure(bench, c, ErrorCode::kBus, engine(isa::Engine::kStore), 1);

      // Descriptors themselves.
      bench.job().regions[tb::kProgram].base = where;
      c = bench.run({good_load(), good_load()});
      CHECK(c.response == response);
      CHECK(c.address == where);
      bench.job() = good;
      check_failure(bench, c, ErrorCode::kBus, kControl, 0);
    }
    // The last descriptors lie behind the end of memory.
    std::vector<isa::Bytes> descriptors(4, good_load());
    bench.job().regions[tb::kProgram] = {bench.error_window() - 128, 512, true, false};
    for (size_t i = 0; i < 2; ++i)
      bench.device().write_memory(bench.error_window() - 128 + 64 * i, descriptors[i]);
    bench.job().descriptor_count = 4;
    const driver::Completion c = bench.queue().run(bench.job(), DeviceBench::kMaxCycles);
    CHECK(c.address == bench.error_window());
    bench.job() = good;
    check_failure(bench, c, ErrorCode::kBus, kControl, 2);
  }
}

TEST_CASE("malformed jobs", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config);
    const driver::Job good = bench.job();
    const auto refused = [&](ErrorCode code) {
      const driver::Completion c = bench.run({good_load()});
      bench.job() = good;
      CHECK(c.recorded);
      check_failure(bench, c, code, kControl, 0);
    };
    bench.job().config_hash ^= 1;
    refused(ErrorCode::kConfigMismatch);
    bench.job().descriptor_region = 8;
    refused(ErrorCode::kBadJob);
    bench.job().descriptor_region = tb::kWriteOnly;
    refused(ErrorCode::kBadJob);
    bench.job().descriptor_offset = 32;
    refused(ErrorCode::kBadJob);
    bench.job().descriptor_offset = DeviceBench::kBytes;
    refused(ErrorCode::kBadJob);
    bench.job().descriptor_offset = ~uint64_t{63};
    refused(ErrorCode::kBadJob);
    bench.job().regions[6].base = 8;  // a bit that must be zero
    refused(ErrorCode::kBadJob);
    bench.job().regions[2].bytes += 32;  // the limit is no multiple of 64
    refused(ErrorCode::kBadJob);
    bench.job().regions[5] = {128, ~uint64_t{0} - 127, true, true};  // the limit is below the base
    refused(ErrorCode::kBadJob);
    bench.job().descriptor_count = 0;
    const driver::Completion c = bench.queue().run(bench.job(), DeviceBench::kMaxCycles);
    bench.job() = good;
    check_failure(bench, c, ErrorCode::kBadJob, kControl, 0);
  }
}

// Rings a job at `entry`, by hand; the device must stop with a bus error in its registers.
void check_entry_error(DeviceBench& bench, uint64_t entry, uint64_t address) {
  driver::Device& device = bench.device();
  device.write_register(regs::kRingBaseLoOffset, static_cast<uint32_t>(entry));
  device.write_register(regs::kRingBaseHiOffset, static_cast<uint32_t>(entry >> 32));
  device.write_register(regs::kRingSizeOffset, 0);
  const uint32_t tail = device.read_register(regs::kRingTailOffset);
  device.write_register(regs::kRingHeadOffset, tail + 1);
  REQUIRE(device.wait_interrupt(DeviceBench::kMaxCycles));
  CHECK(device.read_register(regs::kIrqStatusOffset) == regs::kIrqStatusErrorMask);
  CHECK((device.read_register(regs::kStatusOffset) & regs::kStatusHaltedMask) != 0);
  const uint32_t code = device.read_register(regs::kErrorCodeOffset);
  CHECK((code & regs::kErrorCodeCodeMask) == static_cast<uint32_t>(ErrorCode::kBus));
  CHECK((code & regs::kErrorCodeEngineMask) >> regs::kErrorCodeEngineShift == kControl);
  CHECK((code & regs::kErrorCodeRespMask) >> regs::kErrorCodeRespShift == 2);
  CHECK(device.read_register(regs::kErrorAddrLoOffset) == static_cast<uint32_t>(address));
  CHECK(device.read_register(regs::kErrorAddrHiOffset) == static_cast<uint32_t>(address >> 32));
  CHECK(device.read_register(regs::kRingTailOffset) == ((tail + 1) & 0xffff));
  bench.reopen();
  CHECK(bench.copies_exactly(77));
}

TEST_CASE("a job entry that cannot be read, or whose record cannot be written", "[config]") {
  for (const auto& [backend, config] : tb::backends()) {
    INFO(backend << " " << config);
    DeviceBench bench(backend, config);
    check_entry_error(bench, bench.error_window(), bench.error_window());
    // A good job whose first three lines are the last of the memory.
    REQUIRE(bench.copies_exactly(5));
    std::vector<uint8_t> entry(192);
    bench.device().read_memory(bench.last_entry(), entry);
    const uint64_t where = bench.error_window() - entry.size();
    bench.device().write_memory(where, entry);
    check_entry_error(bench, where, bench.error_window());
  }
}

}  // namespace
