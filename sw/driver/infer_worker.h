// The thread behind an InferQueue: the one that touches the device.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driver/host_worker.h"
#include "driver/infer_queue.h"
#include "driver/job_queue.h"

namespace weft::driver {

// What the queue hands over; under InferShared::mutex.
struct InferInbox {
  std::deque<std::shared_ptr<RequestData>> submitted;
  uint64_t next_id = 1;
  size_t queued = 0;  // submitted ones without a slot
  size_t unfinished = 0;
  bool stop = false;
};

class InferWorker {
 public:
  InferWorker(Device& device, const program::Program& program, HostRunner host,
              const InferOptions& options, InferShared& shared, InferInbox& inbox);

  // Until the inbox says stop; everything has ended then.
  void loop();

 private:
  enum class At : uint8_t { kReady, kRing, kHost };

  // An inference with a slot.
  struct Run {
    std::shared_ptr<RequestData> data;
    size_t slot = 0;
    size_t step = 0;
    At at = At::kReady;
    uint64_t job = 0;                  // in the ring
    uint64_t waited = 0;               // cycles, as the oldest in the ring
    uint32_t events_left = 0;          // of the job's descriptors
    std::vector<uint32_t> layer_left;  // descriptors, by layer
    InferResult result;
  };

  bool take_work();
  bool has_work() const;
  void drop_cancelled();
  void start_runs();
  void collect_host();
  void advance();
  void next_step(Run& run);
  void submit_job(Run& run, const program::Step& step);
  void step_device();
  void take_events();
  void end_job(const JobQueue::Ended& ended, bool alone);

  void take_over();
  void start(Run& run);
  void empty_ring(bool device_in_doubt);
  void end(Run& run, RequestState state, std::optional<Error> error);
  void end(RequestData& data, RequestState state, InferResult result, std::optional<Error> error);
  void emit(const InferEvent& event) const;

  Device& device_;
  const program::Program& program_;
  const HostRunner runner_;
  const InferOptions& options_;
  InferShared& shared_;
  InferInbox& inbox_;

  MemoryPool pool_;
  // None: what the device does is not known. It is taken over anew before anything is put into its
  // memory, for a job that runs on writes there, too.
  std::optional<JobQueue> queue_;
  LoadedProgram loaded_;
  std::vector<uint32_t> layer_descriptors_;  // of the whole program, by layer
  std::deque<std::shared_ptr<RequestData>> queued_;
  std::vector<size_t> free_slots_;
  std::list<Run> runs_;    // in the order of their requests
  std::deque<Run*> ring_;  // oldest first
  std::optional<HostWorker> host_;
};

}  // namespace weft::driver
