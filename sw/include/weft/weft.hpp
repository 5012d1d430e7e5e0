/// @file
/// Weft for C++ programs: a model or program, a device, and inferences, one by one (Session) or many on
/// the way (InferQueue). Every error is a weft::Error. docs/driver.md leads through it.
///
/// Objects are handles: copies of Device, Program and InferRequest mean the same thing, and what a
/// Session or InferQueue stands on lives as long as it does.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weft/device.hpp"
#include "weft/error.hpp"
#include "weft/export.h"
#include "weft/tensor.hpp"
#include "weft/version.h"

namespace weft {

namespace sdk {
struct DeviceData;
struct ProgramData;
struct SessionData;
struct QueueData;
}  // namespace sdk

/// The library's version, "1.2.3".
WEFT_API std::string version();
/// The names of backends, "rtl" first.
WEFT_API std::vector<std::string> backends();
/// The names of hardware configurations, "base" among them.
WEFT_API std::vector<std::string> configs();

/// What simulated devices take.
using DeviceOptions = driver::DeviceOptions;

/// A device that is there to be used. It serves one Session or InferQueue at a time; functions may be
/// called from any thread.
class WEFT_API Device {
 public:
  /// A simulated device. Error(not_found) lists the backends or configurations there are, or says
  /// that a model is not built; Error(invalid_argument) tells an option that is not possible.
  static Device open(const std::string& backend, const std::string& config,
                     const DeviceOptions& options = {});
  /// A device of your own: see weft/device.hpp. It goes when nothing needs it any more.
  static Device adopt(std::unique_ptr<driver::Device> device);
  /// Copies mean the same device; a move is a copy, so that no handle is ever empty.
  Device(const Device&) = default;
  Device& operator=(const Device&) = default;  ///< the same

  std::string backend() const;    ///< "rtl", "emulator", or what your own says
  std::string config() const;     ///< "base"
  uint64_t memory_bytes() const;  ///< of its DRAM
  bool busy() const;              ///< a Session or InferQueue has it

  /// For the library.
  const std::shared_ptr<sdk::DeviceData>& data() const { return data_; }

 private:
  explicit Device(std::shared_ptr<sdk::DeviceData> data);
  std::shared_ptr<sdk::DeviceData> data_;
};

/// A network compiled for one configuration. It never changes, so that any number of threads and
/// devices may use it.
class WEFT_API Program {
 public:
  /// A program file of `weft compile` or save(). Error(io), Error(malformed_file).
  static Program load(const std::filesystem::path& path);
  /// The same from memory; `name` stands for it in errors.
  static Program load(std::span<const uint8_t> bytes, const std::string& name);
  /// Compiles a .tflite model. Error(io), Error(malformed_file), Error(unsupported) naming the layer,
  /// Error(not_found) listing the configurations.
  static Program compile(const std::filesystem::path& model, const std::string& config);
  /// The same from memory; `name` stands for it in errors.
  static Program compile(std::span<const uint8_t> model, const std::string& name,
                         const std::string& config);

  /// Copies mean the same program; a move is a copy, so that no handle is ever empty.
  Program(const Program&) = default;
  Program& operator=(const Program&) = default;  ///< the same

  /// Writes the program file, whole or not at all. Error(io).
  void save(const std::filesystem::path& path) const;

  const std::string& model() const;                ///< the network's name
  const std::string& config() const;               ///< what it was compiled for
  const std::vector<TensorInfo>& inputs() const;   ///< in the order that runs take
  const std::vector<TensorInfo>& outputs() const;  ///< in the order that results have
  /// Device memory that it takes, with 1..16 inferences on the way at a time;
  /// Error(invalid_argument) for others.
  uint64_t memory_bytes(size_t slots = 1) const;

  /// For the library.
  const std::shared_ptr<const sdk::ProgramData>& data() const { return data_; }

 private:
  explicit Program(std::shared_ptr<const sdk::ProgramData> data);
  std::shared_ptr<const sdk::ProgramData> data_;
};

/// A program on a device, run one inference after the other. Used by one thread at a time.
class WEFT_API Session {
 public:
  /// Takes the device and loads the program. Error(busy) where another has the device, Error(mismatch)
  /// where the program is for another configuration, Error(out_of_memory), Error(device) where there
  /// is no Weft that answers.
  Session(const Device& device, const Program& program);
  /// Gives the device back.
  ~Session();
  Session(Session&&) noexcept;  ///< the moved-from one can only be destroyed or assigned to
  Session& operator=(Session&&) noexcept;  ///< the same

  /// One inference. Error(invalid_argument) names the input that is missing, one too many, or of
  /// another type, shape or size; Error(device) says how the device's job failed; Error(timeout).
  /// The session can be used after each of them.
  Result run(std::span<const Input> inputs);
  /// The same for a list in braces.
  Result run(std::initializer_list<Input> inputs);

  /// Device cycles that a job may take; 1,000,000,000 unless set.
  void set_timeout(uint64_t cycles);

 private:
  std::unique_ptr<sdk::SessionData> data_;
};

/// How an inference stands.
enum class RequestState : uint8_t { kQueued, kRunning, kDone, kFailed, kCancelled };
/// The state's name, "queued".
WEFT_API const char* to_string(RequestState state);

/// An inference that was asked for. Every function may be called from any thread, also when the queue
/// is gone.
class WEFT_API InferRequest {
 public:
  /// Copies mean the same inference; a move is a copy, so that no handle is ever empty.
  InferRequest(const InferRequest&) = default;
  InferRequest& operator=(const InferRequest&) = default;  ///< the same

  uint64_t id() const;         ///< counts from 1 in a queue, in the order of submit()
  RequestState state() const;  ///< as of now
  /// Until it has ended, in whatever way. Error(invalid_argument) in a callback of its queue.
  void wait() const;
  /// At most so long; true: it has ended. 0 only looks, in a callback, too.
  bool wait_for(std::chrono::nanoseconds time) const;
  /// Waits, then gives the result or throws the inference's error: Error(device), Error(timeout),
  /// Error(cancelled).
  Result result() const;
  /// Gives it up. True: it ends as cancelled, and soon. False: it had ended before. Others of the queue
  /// are not harmed; those on the device start again.
  bool cancel() const;

  /// For the library.
  struct Data;
  /// Made by the library alone.
  explicit InferRequest(std::shared_ptr<const Data> data);

 private:
  std::shared_ptr<const Data> data_;
};

/// What happened to an inference.
struct InferEvent {
  /// In the order in which they come.
  enum class Kind : uint8_t {
    kQueued,   ///< the queue's thread has taken it
    kStarted,  ///< its inputs are on the device; again, where it started anew
    kLayer,    ///< a layer has ended; from backends that show it (rtl)
    kEnded,    ///< its result or error can be had
  };
  Kind kind = Kind::kQueued;                   ///< which of them
  uint64_t request = 0;                        ///< InferRequest::id()
  std::string layer;                           ///< of kLayer: its name
  RequestState state = RequestState::kQueued;  ///< of kEnded
};

/// How an InferQueue works.
struct InferOptions {
  size_t slots = 4;         ///< inferences on the device at a time, 1..16; each needs memory
  size_t max_queued = 256;  ///< that wait for a slot; more of them are refused (Error(busy))
  /// Device cycles that a job may take, from when it is the oldest on the device.
  uint64_t timeout_cycles = 1'000'000'000;
  /// Called on the queue's thread, with no lock held. It may submit and cancel, but neither wait nor
  /// destroy the queue; what it throws is dropped.
  std::function<void(const InferEvent&)> on_event;
};

/// A program on a device, with several inferences on the way: the device goes from one to the next
/// without waiting for the host. Every function may be called from any thread.
class WEFT_API InferQueue {
 public:
  /// As Session; Error(invalid_argument) for options that are not possible.
  InferQueue(const Device& device, const Program& program, InferOptions options = {});
  /// Cancels what has not ended, waits for none of it, and gives the device back.
  ~InferQueue();
  InferQueue(InferQueue&&) noexcept;  ///< the moved-from one can only be destroyed or assigned to
  InferQueue& operator=(InferQueue&&) noexcept;  ///< the same

  /// Asks for an inference; its inputs are copied. Errors of inputs as Session::run; Error(busy): too
  /// many are waiting; Error(cancelled): the listener asks while the queue is being destroyed.
  /// `timeout_cycles` stands for the options' where given.
  InferRequest submit(std::span<const Input> inputs, std::optional<uint64_t> timeout_cycles = {});
  /// The same for a list in braces.
  InferRequest submit(std::initializer_list<Input> inputs,
                      std::optional<uint64_t> timeout_cycles = {});

  /// Inferences that have not ended.
  size_t unfinished() const;
  /// Until there is none. Error(invalid_argument) in a callback of this queue. The listener may still
  /// be told of the last one's end; only when the queue is destroyed it is called no more.
  void wait_all() const;

 private:
  std::unique_ptr<sdk::QueueData> data_;
};

}  // namespace weft
