/* Reads digits with the accelerator, and sees to it that an error and a time-out leave no trace.
 * Lines "picture N: ..." have every output byte; the simulation's host holds them against the golden
 * model. Ends with 0, or with the number of what went wrong. */
#include <weft/core_program.h>

#include "board.h"
#include "network.h"
#include "soc_map.h"

enum { kEntries = 8, kJobsInFlight = 4, kBadJob = 2, kMaxOutput = 64 };
static const uint64_t kRingBytes = kEntries * WEFT_JOB_BYTES;
static const uint64_t kMaxCycles = 10 * 1000 * 1000;
static const uint64_t kTooFewCycles = 1000;

static struct weft_core_host host;
static struct weft_core_mmio mmio;
static struct weft_core_queue queue;
static struct weft_core_session session;
static int8_t input[SOC_PICTURE_BYTES];
static int8_t output[kMaxOutput];
static uint32_t input_tensor, output_tensor, input_bytes, output_bytes;

static uint64_t on_bus(volatile uint8_t* at) { return (uint64_t)(uintptr_t)at + mmio.bus_offset; }

/* `result` below 0: says what `what` ended with. */
static bool well(const char* what, int result) {
  if (result >= 0) return true;
  print(what);
  print(": ");
  print(weft_core_error_text(result));
  print("\n");
  return false;
}

static volatile uint8_t* picture(uint32_t index) {
  const uint64_t end = board_dram_bytes() - (uint64_t)board_pictures() * SOC_PICTURE_BYTES;
  return board_dram(end + (uint64_t)index * SOC_PICTURE_BYTES);
}

/* One inference; its output is printed whole. */
static bool read_picture(uint32_t index, bool* right) {
  struct weft_core_ended ended;
  volatile uint8_t* from = picture(index);
  for (uint32_t i = 0; i < input_bytes; ++i) input[i] = (int8_t)from[i];
  if (!well("input", weft_core_write_tensor(&session, input_tensor, input, input_bytes)) ||
      !well("run", weft_core_run(&session, kMaxCycles, &ended)) ||
      !well("output", weft_core_read_tensor(&session, output_tensor, output, output_bytes))) {
    return false;
  }
  uint32_t best = 0;
  for (uint32_t i = 1; i < output_bytes; ++i) {
    if (output[i] > output[best]) best = i;
  }
  const uint32_t label = from[SOC_PICTURE_LABEL_BYTE];
  *right = best == label;
  print("picture ");
  print_number(index);
  print(": read as ");
  print_number(best);
  print(", label ");
  print_number(label);
  print(", ");
  print_number((int64_t)ended.cycles);
  print(" cycles, output");
  for (uint32_t i = 0; i < output_bytes; ++i) {
    print(" ");
    print_number(output[i]);
  }
  print("\n");
  return true;
}

static bool start(void) {
  struct weft_core_info info;
  board_weft_host(&host, &mmio);
  if (!well("probe", weft_core_probe(&host, &info))) return false;
  print("weft ");
  print_number(info.array_rows);
  print(" x ");
  print_number(info.array_cols);
  print(", configuration ");
  print_hex(info.config_hash);
  print("\n");
  const uint64_t room = board_dram_bytes() - kRingBytes - board_pictures() * SOC_PICTURE_BYTES;
  if (!well("open", weft_core_open(&queue, &host, on_bus(board_dram(0)), kRingBytes)) ||
      !well("load",
            weft_core_load(&session, &queue, &network, on_bus(board_dram(kRingBytes)), room))) {
    return false;
  }
  for (uint32_t t = 0; t < network.tensor_count; ++t) {
    const struct weft_core_tensor* tensor = &network.tensors[t];
    if (tensor->role == WEFT_CORE_INPUT) {
      input_tensor = t;
      input_bytes = (uint32_t)tensor->bytes;
    } else {
      output_tensor = t;
      output_bytes = (uint32_t)tensor->bytes;
    }
  }
  print("network ");
  print(network.model);
  print(" for ");
  print(network.config);
  print(", ");
  print_number((int64_t)weft_core_memory_needed(&network));
  print(" bytes\n");
  return input_bytes <= SOC_PICTURE_LABEL_BYTE && output_bytes <= kMaxOutput;
}

/* Several jobs in flight, one of them bad: it alone fails, and says why. */
static bool survive_a_bad_job(void) {
  struct weft_core_job job;
  struct weft_core_ended ended;
  uint32_t failed = 0, done = 0;
  for (uint32_t j = 0; j < kJobsInFlight; ++j) {
    if (!well("job", weft_core_step_job(&session, 0, &job))) return false;
    if (j == kBadJob) job.descriptor_count = 0;
    if (!well("submit", weft_core_submit(&queue, &job, NULL))) return false;
  }
  while (weft_core_in_flight(&queue) > 0) {
    const int result = weft_core_wait(&queue, kMaxCycles, &ended);
    if (!well("wait", result) || result == 0) return false;
    if (ended.code == WEFT_JOB_ERROR_NONE) {
      ++done;
      continue;
    }
    ++failed;
    print("job ");
    print_number((int64_t)ended.id);
    print(" failed: ");
    print(weft_core_error_text((int)ended.code));
    print("\n");
  }
  return failed == 1 && done == kJobsInFlight - 1;
}

/* A job that does not end in time. It cannot, for the device may not begin; and one that may. */
static bool survive_time_outs(void) {
  struct weft_core_ended ended;
  if (!well("stop", host.write_register(host.context, WEFT_REG_CONTROL_OFFSET, 0))) return false;
  const int stopped = weft_core_run(&session, kTooFewCycles, &ended);
  print("not begun: ");
  print(weft_core_error_text(stopped));
  print("\n");
  const int cut = weft_core_run(&session, kTooFewCycles, &ended);
  if (cut == WEFT_CORE_TIMEOUT) {
    print("cut short: ");
    print(weft_core_error_text(cut));
    print("\n");
  } else if (!well("run", cut)) {
    return false; /* a device without time ends everything in time */
  }
  return stopped == WEFT_CORE_TIMEOUT && ended.abandoned == (cut == WEFT_CORE_TIMEOUT);
}

int main(void) {
  uint32_t right = 0;
  bool hit = false;
  const uint32_t pictures = board_pictures();
  if (!start()) return 1;
  for (uint32_t p = 0; p < pictures; ++p) {
    if (!read_picture(p, &hit)) return 2;
    right += hit;
  }
  if (!survive_a_bad_job()) return 3;
  if (!read_picture(0, &hit)) return 4;
  if (!survive_time_outs()) return 5;
  if (!read_picture(pictures - 1, &hit)) return 6;
  if (!well("stop", weft_core_stop(&queue))) return 7;
  print_number(right);
  print(" of ");
  print_number(pictures);
  print(" right, ");
  print_number(board_interrupts());
  print(" interrupts, ");
  print_number((int64_t)board_time());
  print(" cycles\n");
  return right == pictures && board_interrupts() > 0 ? 0 : 8;
}
