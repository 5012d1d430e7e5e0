#include "compiler/act_allocator.h"

#include "tb/catch_compat.h"

namespace weft::compiler {
namespace {

TEST_CASE("the peak is what was in use at a time, without what was given back") {
  ActAllocator allocator(isa::find_config("tiny"), false);
  REQUIRE(allocator.allocate(100, 0, 0));
  REQUIRE(allocator.allocate(50, 1, 0));
  CHECK(allocator.peak() == 150);
  const auto mark = allocator.mark();
  REQUIRE(allocator.allocate(1000, 1, 0));
  CHECK_FALSE(allocator.allocate(1000, 1, 0));
  allocator.rewind(mark);
  CHECK(allocator.peak() == 150);
  allocator.expire(1);
  REQUIRE(allocator.allocate(60, 1, 0));
  CHECK(allocator.peak() == 150);
  REQUIRE(allocator.allocate(41, 1, 0));
  CHECK(allocator.peak() == 151);
}

}  // namespace
}  // namespace weft::compiler
