// The C interface, called from C (sdk_c.c), where every check has a line.
#include <string>
#include <vector>

#include <weft/weft.h>

#include "sdk_c.h"
#include "tb/catch_compat.h"

namespace {

constexpr const char* kModel = WEFT_SOURCE_DIR "/models/mnist_convnet.tflite";

// The line in sdk_c.c of the check that failed, or 0.
#define CHECK_C(call)                                      \
  do {                                                     \
    const int line = call;                                 \
    INFO("sdk_c.c:" << line << ": " << weft_last_error()); \
    CHECK(line == 0);                                      \
  } while (false)

TEST_CASE("C: what there is") { CHECK_C(sdk_c_facts()); }

TEST_CASE("C: sessions and queues") {
#ifdef WEFT_NO_RTL
  const std::vector<const char*> backends{"emulator"};
#else
  const std::vector<const char*> backends{"emulator", "rtl"};
#endif
  for (const char* backend : backends) {
    CHECK_C(sdk_c_session(kModel, backend));
    CHECK_C(sdk_c_queue(kModel, backend));
  }
}

TEST_CASE("C: null pointers") { CHECK_C(sdk_c_nulls(kModel)); }
TEST_CASE("C: inputs that do not fit") { CHECK_C(sdk_c_wrong_inputs(kModel)); }
TEST_CASE("C: handles given back in any order") { CHECK_C(sdk_c_orders(kModel)); }
TEST_CASE("C: a device of C functions") { CHECK_C(sdk_c_own_device(kModel)); }

}  // namespace
