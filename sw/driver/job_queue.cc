#include "driver/job_queue.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace weft::driver {
namespace {

static_assert(isa::kNumRegions == WEFT_NUM_REGIONS && isa::kJobBytes == WEFT_JOB_BYTES);

constexpr uint64_t kRingBytes = uint64_t{JobQueue::kEntries} * WEFT_JOB_BYTES;

weft_core_job to_core(const Job& job) {
  weft_core_job c{};
  c.config_hash = job.config_hash;
  c.descriptor_region = job.descriptor_region;
  c.descriptor_count = job.descriptor_count;
  c.descriptor_offset = job.descriptor_offset;
  for (size_t r = 0; r < job.regions.size(); ++r) {
    const RegionGrant& grant = job.regions[r];
    c.regions[r] = {grant.base, grant.bytes, grant.readable, grant.writable};
  }
  return c;
}

Completion completion_of(const weft_core_ended& ended) {
  constexpr uint32_t kUnknown = 0xff;  // a code too large is no code, and not success
  Completion c;
  c.code = static_cast<isa::ErrorCode>(std::min(ended.code, kUnknown));
  c.engine = ended.engine;
  c.index = ended.index;
  c.response = ended.response;
  c.address = ended.address;
  c.cycles = ended.cycles;
  c.recorded = ended.recorded;
  return c;
}

}  // namespace

JobQueue::JobQueue(Device& device, MemoryPool& pool)
    : host_(device), ring_(pool.allocate(kMemoryBytes)) {
  host_.check(weft_core_open(&queue_, host_.get(), ring_.address(), kRingBytes));
}

JobQueue::~JobQueue() {
  // A device that no longer answers takes no jobs either.
  weft_core_stop(&queue_);
}

size_t JobQueue::in_flight() const { return weft_core_in_flight(&queue_) + kept_.size(); }

uint64_t JobQueue::submit(const Job& job) {
  if (full()) {
    fail(ErrorKind::kInvalidArgument,
         "{} jobs are in flight, as many as the queue holds; poll() or wait() for one to end",
         in_flight());
  }
  const weft_core_job c = to_core(job);
  uint64_t id = 0;
  host_.check(weft_core_submit(&queue_, &c, &id));
  return id;
}

void JobQueue::take(std::vector<Ended>& to, const weft_core_ended& ended) {
  if (ended.abandoned) {
    given_up_.push_back(ended.id);
  } else {
    to.push_back({ended.id, completion_of(ended)});
  }
}

void JobQueue::take_ended(std::vector<Ended>& to) {
  weft_core_ended ended{};
  while (host_.check(weft_core_poll(&queue_, &ended)) == 1) take(to, ended);
}

std::vector<JobQueue::Ended> JobQueue::poll() {
  if (postponed_) std::rethrow_exception(std::exchange(postponed_, nullptr));
  try {
    take_ended(kept_);
  } catch (...) {
    if (kept_.empty()) throw;
    postponed_ = std::current_exception();
  }
  return std::exchange(kept_, {});
}

std::vector<JobQueue::Ended> JobQueue::wait(uint64_t max_cycles) {
  if (kept_.empty() && !postponed_) {
    weft_core_ended ended{};
    if (host_.check(weft_core_wait(&queue_, max_cycles, &ended)) == 1) take(kept_, ended);
  }
  return kept_.empty() && !postponed_ ? std::vector<Ended>{} : poll();
}

std::vector<uint64_t> JobQueue::abandon() {
  postponed_ = nullptr;
  // With the error registers of one that has no record. What is wrong with the counts the reset mends.
  weft_core_ended ended{};
  int found = 1;
  while (found == 1 || found == WEFT_CORE_NO_RECORD) {
    found = weft_core_poll(&queue_, &ended);
    if (found == 1) take(kept_, ended);
    if (found == WEFT_CORE_NO_RECORD) given_up_.push_back(ended.id);
  }
  if (found == WEFT_CORE_ACCESS) host_.check(found);
  host_.check(weft_core_abandon(&queue_));
  take_ended(kept_);
  return std::exchange(given_up_, {});
}

Completion JobQueue::run(const Job& job, uint64_t max_cycles) {
  if (in_flight() != 0) {
    fail(ErrorKind::kInvalidArgument, "{} jobs are in flight; run() wants the queue to itself",
         in_flight());
  }
  submit(job);
  const std::vector<Ended> ended = wait(max_cycles);
  if (!ended.empty()) return ended.front().completion;
  abandon();
  // One that ended after all before the reset reached it was late, too.
  kept_.clear();
  fail(ErrorKind::kTimeout, "the job did not end within {} cycles and was abandoned", max_cycles);
}

void JobQueue::set_watchdog(uint32_t cycles) {
  host_.check(weft_core_set_watchdog(&queue_, cycles));
}

}  // namespace weft::driver
