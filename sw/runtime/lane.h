// One device with one program on it, as verification uses it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driver/session.h"
#include "golden/golden.h"
#include "runtime/verify.h"

namespace weft::runtime {

class Lane {
 public:
  // `tensors`: indices in the network's graph by name; they and `target` must outlive the lane.
  // `trace_writes`: reports say when the first wrong byte was written.
  Lane(const Target& target, const std::map<std::string, int>& tensors,
       const VerifyOptions& options, bool trace_writes);

  // Runs an input and adds what came of it to the report. `golden`: every tensor of the whole
  // network for this input.
  void run(int input, const golden::Values& golden, Report& report);

  // After the last input: ends the wave file, if there is one, and writes its save file.
  void finish_waves(const Report& report);

 private:
  const std::vector<int8_t>& expected(const program::Tensor& t, const golden::Values& golden) const;
  void compare(const program::Tensor& t, const std::vector<int8_t>& got, int input,
               const golden::Values& golden, Report& report, std::vector<WrongByte>& wrong);
  bool made_by_host(const program::Tensor& t) const;
  std::string layer_name(const program::Tensor& t) const;

  const Target& target_;
  const std::map<std::string, int>& tensors_;
  const std::optional<WaveRequest> waves_;
  const int first_input_;
  std::unique_ptr<driver::Device> device_;
  driver::Session session_;
};

}  // namespace weft::runtime
