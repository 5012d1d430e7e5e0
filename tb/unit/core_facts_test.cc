// <weft/registers.h> says what the C++ headers say: both come from configs/, by different writers.
#include <weft/core.h>

#include "tb/catch_compat.h"
#include "weft_gen/isa.h"
#include "weft_gen/registers.h"

namespace weft {
namespace {

struct Named {
  int64_t value;
  std::string name, doc;
};
#define WEFT_TEST_ITEM(NAME, value, name, doc) {value, name, doc},

TEST_CASE("counters, errors and engines have the names and numbers of the C++ tables") {
  const std::vector<Named> counters{WEFT_COUNTER_LIST(WEFT_TEST_ITEM)};
  REQUIRE(counters.size() == regs::kCounters.size());
  REQUIRE(WEFT_NUM_COUNTERS == regs::kNumCounters);
  for (size_t i = 0; i < counters.size(); ++i) {
    CHECK(counters[i].name == regs::kCounters[i].name);
    CHECK(counters[i].value == static_cast<int64_t>(i));
    CHECK(WEFT_COUNTER_OFFSET(counters[i].value) ==
          regs::counter_offset(static_cast<regs::Counter>(i)));
  }
  const std::vector<Named> errors{WEFT_JOB_ERROR_LIST(WEFT_TEST_ITEM)};
  CHECK(errors.size() == 11);
  for (const Named& e : errors) {
    CHECK(e.name == isa::to_string(static_cast<isa::ErrorCode>(e.value)));
    CHECK(e.doc == isa::doc_of(static_cast<isa::ErrorCode>(e.value)));
    CHECK(weft_core_error_name(static_cast<int>(e.value)) == e.name);
    CHECK(weft_core_error_text(static_cast<int>(e.value)) == e.doc);
  }
  const std::vector<Named> engines{WEFT_ENGINE_LIST(WEFT_TEST_ITEM)};
  CHECK(engines.size() == isa::kNumEngines);
  for (const Named& e : engines) CHECK(e.name == isa::to_string(static_cast<isa::Engine>(e.value)));
}

TEST_CASE("registers lie where the C++ header has them") {
#define SAME(C, CPP) CHECK(uint64_t{C} == uint64_t{CPP})
  SAME(WEFT_ISA_VERSION, isa::kIsaVersion);
  SAME(WEFT_ADDRESS_BYTES, regs::kAddressBytes);
  SAME(WEFT_NUM_REGIONS, isa::kNumRegions);
  SAME(WEFT_DESCRIPTOR_BYTES, isa::kDescriptorBytes);
  SAME(WEFT_REG_ID_OFFSET, regs::kIdOffset);
  SAME(WEFT_REG_ID_RESET, regs::kIdReset);
  SAME(WEFT_REG_CONFIG_HASH_HI_OFFSET, regs::kConfigHashHiOffset);
  SAME(WEFT_REG_CONTROL_OFFSET, regs::kControlOffset);
  SAME(WEFT_REG_CONTROL_RESUME_MASK, regs::kControlResumeMask);
  SAME(WEFT_REG_STATUS_HALTED_MASK, regs::kStatusHaltedMask);
  SAME(WEFT_REG_IRQ_STATUS_ERROR_MASK, regs::kIrqStatusErrorMask);
  SAME(WEFT_REG_RING_TAIL_OFFSET, regs::kRingTailOffset);
  SAME(WEFT_REG_WATCHDOG_RESET, regs::kWatchdogReset);
  SAME(WEFT_REG_ERROR_CODE_RESP_MASK, regs::kErrorCodeRespMask);
  SAME(WEFT_REG_ERROR_CODE_RESP_SHIFT, regs::kErrorCodeRespShift);
  SAME(WEFT_JOB_BYTES, isa::kJobBytes);
  SAME(WEFT_JOB_REGIONS_BYTE, isa::kJobRegionsByte);
  SAME(WEFT_JOB_DONE_ADDRESS_BYTE, isa::kJobDoneAddressByte);
  SAME(WEFT_JOB_DONE_ADDRESS_BYTES, isa::kJobDoneAddressBytes);
  SAME(WEFT_JOB_DONE_MAGIC_VALUE, isa::kJobDoneMagic);
#undef SAME
}

TEST_CASE("each of the core's errors has a name and a sentence of its own") {
  std::vector<std::string> names, texts;
  for (int code = WEFT_CORE_STOPPED; code <= WEFT_CORE_ACCESS; ++code) {
    names.emplace_back(weft_core_error_name(code));
    texts.emplace_back(weft_core_error_text(code));
    CHECK(names.back() != "unknown");
    CHECK(texts.back().size() > 20);
  }
  std::sort(texts.begin(), texts.end());
  CHECK(std::adjacent_find(texts.begin(), texts.end()) == texts.end());
  for (const int code : {WEFT_CORE_STOPPED - 1, 3, 12, 1 << 20, -(1 << 20)}) {
    CHECK(std::string(weft_core_error_name(code)) == "unknown");
    CHECK(std::string(weft_core_error_text(code)).find("does not know") != std::string::npos);
  }
}

}  // namespace
}  // namespace weft
