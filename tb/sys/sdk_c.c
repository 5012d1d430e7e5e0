/* The checks of sdk_c_test.cc. */
#include "sdk_c.h"

#include <stdlib.h>
#include <string.h>
#include <weft/registers.h>
#include <weft/weft.h>

#define CHECK(condition)               \
  do {                                 \
    if (!(condition)) return __LINE__; \
  } while (0)
#define OK(call) CHECK((call) == WEFT_OK)
/* The status, and words of the sentence. */
#define REFUSED(call, status, words)                   \
  do {                                                 \
    CHECK((call) == (status));                         \
    CHECK(strstr(weft_last_error(), (words)) != NULL); \
  } while (0)


enum { kPicture = 28 * 28 };

static weft_input input_of(const void* data, size_t bytes) {
  weft_input input = {0};
  input.data = data;
  input.bytes = bytes;
  return input;
}

int sdk_c_facts(void) {
  size_t i = 0, emulators = 0;
  CHECK(strcmp(weft_version(), WEFT_VERSION) == 0);
  for (; weft_backend_name(i) != NULL; ++i)
    emulators += strcmp(weft_backend_name(i), "emulator") == 0;
  CHECK(emulators == 1 && weft_backend_name(i + 1000) == NULL);
  CHECK(weft_config_name(0) != NULL && weft_config_name(1000) == NULL);
  CHECK(strcmp(weft_status_text(WEFT_OK), "ok") == 0);
  for (i = 1; i <= WEFT_CANCELLED; ++i) CHECK(strlen(weft_status_text((weft_status)i)) > 1);
  CHECK(strcmp(weft_status_text(WEFT_TIMEOUT), "timeout") == 0);
  CHECK(strcmp(weft_status_text((weft_status)77), "unknown status") == 0);
  return 0;
}

int sdk_c_session(const char* model, const char* backend) {
  weft_program* program = NULL;
  weft_device* device = NULL;
  weft_session* session = NULL;
  weft_result *first = NULL, *second = NULL;
  weft_device_options options;
  weft_tensor_info info;
  const void *a = NULL, *b = NULL;
  size_t inputs = 0, outputs = 0, bytes = 0;
  uint64_t cycles = 1, descriptors = 0, memory = 0;
  signed char picture[kPicture] = {0};
  weft_input input = input_of(picture, sizeof(picture));

  OK(weft_program_compile(model, "tiny", &program));
  OK(weft_program_counts(program, &inputs, &outputs));
  CHECK(inputs == 1 && outputs == 1);
  OK(weft_program_input(program, 0, &info));
  CHECK(strcmp(info.name, "image") == 0 && info.dimensions == 4 && info.shape[1] == 28);
  CHECK(info.bytes == kPicture && info.type == WEFT_INT8 && info.scale > 0);
  OK(weft_program_output(program, 0, &info));
  CHECK(strcmp(info.name, "Identity") == 0);
  OK(weft_program_memory_bytes(program, 1, &memory));
  OK(weft_device_options_init(&options));
  options.memory_bytes = (memory + 63) / 64 * 64;
  OK(weft_device_open(backend, "tiny", &options, &device));
  OK(weft_session_create(device, program, &session));
  OK(weft_session_run(session, &input, 1, &first));
  picture[400] = 77;
  input.name = "image";
  OK(weft_session_run(session, &input, 1, &second));
  OK(weft_result_output(first, 0, &a, &bytes));
  OK(weft_result_output(second, 0, &b, NULL));
  CHECK(bytes == 10 && memcmp(a, b, bytes) != 0);
  OK(weft_result_cycles(first, &cycles));
  CHECK((cycles > 0) == (strcmp(backend, "rtl") == 0));
  OK(weft_result_counter(first, "descriptors", &descriptors));
  CHECK(descriptors > 0);
  REFUSED(weft_result_counter(first, "sheep", &descriptors), WEFT_NOT_FOUND, "array_busy");
  REFUSED(weft_result_output(first, 1, &a, &bytes), WEFT_INVALID_ARGUMENT, "no output 1");
  if (cycles > 0) {
    OK(weft_session_set_timeout(session, 50));
    weft_result_destroy(first);
    first = NULL;
    REFUSED(weft_session_run(session, &input, 1, &first), WEFT_TIMEOUT, "50 cycles");
    CHECK(first == NULL);
  }
  weft_result_destroy(first);
  weft_result_destroy(second);
  weft_session_destroy(session);
  weft_device_destroy(device);
  weft_program_destroy(program);
  return 0;
}

struct events {
  int queued, started, layers, ended;
};

static void count_event(void* context, const weft_event* event) {
  struct events* events = context;
  events->queued += event->kind == WEFT_EVENT_QUEUED;
  events->started += event->kind == WEFT_EVENT_STARTED;
  events->layers += event->kind == WEFT_EVENT_LAYER && event->layer[0] != 0;
  events->ended += event->kind == WEFT_EVENT_ENDED && event->state == WEFT_REQUEST_DONE;
}

int sdk_c_queue(const char* model, const char* backend) {
  enum { kRequests = 6 };
  weft_program* program = NULL;
  weft_device* device = NULL;
  weft_queue* queue = NULL;
  weft_request* requests[kRequests];
  weft_request_state state = WEFT_REQUEST_QUEUED;
  weft_queue_options options;
  struct events events = {0, 0, 0, 0};
  signed char picture[kPicture] = {0};
  const weft_input input = input_of(picture, sizeof(picture));
  weft_status waited = WEFT_OK;
  int i = 0, cancelled = 7;

  OK(weft_program_compile(model, "tiny", &program));
  OK(weft_device_open(backend, "tiny", NULL, &device));
  OK(weft_queue_options_init(&options));
  options.on_event = count_event;
  options.context = &events;
  options.slots = 17;
  REFUSED(weft_queue_create(device, program, &options, &queue), WEFT_INVALID_ARGUMENT, "1 to 16");
  options.slots = 3;
  OK(weft_queue_create(device, program, &options, &queue));
  for (i = 0; i < kRequests; ++i) {
    picture[0] = (signed char)i;
    OK(weft_queue_submit(queue, &input, 1, &requests[i]));
    CHECK(weft_request_id(requests[i]) == (uint64_t)i + 1);
  }
  waited = weft_request_wait(requests[kRequests - 1], 0);
  CHECK(waited == WEFT_OK || waited == WEFT_TIMEOUT);
  OK(weft_request_wait(requests[0], -1));
  OK(weft_request_wait(requests[0], 0));
  for (i = 0; i < kRequests; ++i) {
    weft_result* result = NULL;
    OK(weft_request_result(requests[i], &result));
    OK(weft_request_state_of(requests[i], &state));
    CHECK(state == WEFT_REQUEST_DONE);
    OK(weft_request_cancel(requests[i], &cancelled));
    CHECK(cancelled == 0);
    weft_result_destroy(result);
  }
  OK(weft_queue_wait_all(queue));
  weft_request_destroy(requests[0]);
  OK(weft_queue_submit(queue, &input, 1, &requests[0]));
  weft_queue_destroy(queue);
  weft_device_destroy(device);
  weft_program_destroy(program);
  OK(weft_request_state_of(requests[0], &state));
  CHECK(state == WEFT_REQUEST_DONE || state == WEFT_REQUEST_CANCELLED);
  for (i = 0; i < kRequests; ++i) weft_request_destroy(requests[i]);
  CHECK(events.queued >= kRequests && events.started >= kRequests && events.ended >= kRequests);
  CHECK((events.layers > 0) == (strcmp(backend, "rtl") == 0));
  return 0;
}

int sdk_c_nulls(const char* model) {
  weft_program* program = NULL;
  weft_device* device = NULL;
  weft_session* session = NULL;
  weft_queue* queue = NULL;
  weft_result* result = NULL;
  weft_request* request = NULL;
  size_t n = 0;
  uint64_t v = 0;
  weft_tensor_info info;
  const void* data = NULL;
  const weft_status bad = WEFT_INVALID_ARGUMENT;
  REFUSED(weft_program_compile(NULL, "tiny", &program), bad, "`model` is NULL");
  REFUSED(weft_program_compile(model, NULL, &program), bad, "`config`");
  REFUSED(weft_program_compile(model, "tiny", NULL), bad, "`program`");
  REFUSED(weft_program_load(NULL, &program), bad, "`path`");
  REFUSED(weft_program_load_bytes(NULL, 3, "x", &program), bad, "`data`");
  REFUSED(weft_program_load_bytes(NULL, 0, "x", &program), WEFT_MALFORMED_FILE, "x");
  REFUSED(weft_program_compile_bytes("abc", 3, NULL, "tiny", &program), bad, "`name`");
  REFUSED(weft_program_save(NULL, "x"), bad, "`program`");
  REFUSED(weft_program_counts(NULL, &n, &n), bad, "`program`");
  REFUSED(weft_program_input(NULL, 0, &info), bad, "`program`");
  REFUSED(weft_program_memory_bytes(NULL, 1, &v), bad, "`program`");
  REFUSED(weft_device_options_init(NULL), bad, "`options`");
  REFUSED(weft_device_open(NULL, "tiny", NULL, &device), bad, "`backend`");
  REFUSED(weft_device_open("emulator", NULL, NULL, &device), bad, "`config`");
  REFUSED(weft_device_open("emulator", "tiny", NULL, NULL), bad, "`device`");
  REFUSED(weft_device_open("abacus", "tiny", NULL, &device), WEFT_NOT_FOUND, "rtl, emulator");
  REFUSED(weft_device_adopt(NULL, &device), bad, "`functions`");
  OK(weft_program_compile(model, "tiny", &program));
  OK(weft_device_open("emulator", "tiny", NULL, &device));
  REFUSED(weft_program_input(program, 0, NULL), bad, "`info`");
  REFUSED(weft_program_output(program, 9, &info), bad, "no output 9");
  REFUSED(weft_session_create(NULL, program, &session), bad, "`device`");
  REFUSED(weft_session_create(device, NULL, &session), bad, "`program`");
  REFUSED(weft_session_create(device, program, NULL), bad, "`session`");
  REFUSED(weft_queue_create(device, program, NULL, NULL), bad, "`queue`");
  OK(weft_session_create(device, program, &session));
  REFUSED(weft_session_run(session, NULL, 1, &result), bad, "`inputs`");
  REFUSED(weft_session_run(session, NULL, 0, NULL), bad, "`result`");
  REFUSED(weft_session_run(NULL, NULL, 0, &result), bad, "`session`");
  REFUSED(weft_session_set_timeout(NULL, 1), bad, "`session`");
  weft_session_destroy(session);
  REFUSED(weft_queue_submit(NULL, NULL, 0, &request), bad, "`queue`");
  REFUSED(weft_queue_wait_all(NULL), bad, "`queue`");
  OK(weft_queue_create(device, program, NULL, &queue));
  REFUSED(weft_queue_submit(queue, NULL, 1, &request), bad, "`inputs`");
  weft_queue_destroy(queue);
  CHECK(weft_request_id(NULL) == 0);
  REFUSED(weft_request_wait(NULL, 1), bad, "`request`");
  REFUSED(weft_request_result(NULL, &result), bad, "`request`");
  REFUSED(weft_request_cancel(NULL, NULL), bad, "`request`");
  REFUSED(weft_result_output(NULL, 0, &data, &n), bad, "`result`");
  REFUSED(weft_result_cycles(NULL, &v), bad, "`result`");
  REFUSED(weft_result_counter(NULL, "cycles", &v), bad, "`result`");
  weft_device_destroy(device);
  weft_program_destroy(program);
  weft_device_destroy(NULL);
  weft_program_destroy(NULL);
  weft_session_destroy(NULL);
  weft_queue_destroy(NULL);
  weft_request_destroy(NULL);
  weft_result_destroy(NULL);
  return 0;
}

int sdk_c_wrong_inputs(const char* model) {
  const int flat[] = {28, 28}, whole[] = {1, 28, 28, 1};
  weft_program* program = NULL;
  weft_device* device = NULL;
  weft_session* session = NULL;
  weft_session* second = NULL;
  weft_result* result = NULL;
  weft_device_options options;
  const weft_status bad = WEFT_INVALID_ARGUMENT;
  signed char picture[kPicture + 1] = {0};
  weft_input inputs[2];
  inputs[0] = inputs[1] = input_of(picture, kPicture);
  OK(weft_program_compile(model, "tiny", &program));
  OK(weft_device_options_init(&options));
  options.struct_bytes = 3;
  REFUSED(weft_device_open("emulator", "tiny", &options, &device), bad, "struct_bytes 3");
  options.struct_bytes = sizeof(options);
  options.memory_bytes = (uint64_t)1 << 63;
  REFUSED(weft_device_open("emulator", "tiny", &options, &device), bad, "up to 2^40");
  options.struct_bytes = sizeof(options) + 8;
  REFUSED(weft_device_open("emulator", "tiny", &options, &device), bad, "struct_bytes");
  OK(weft_device_open("emulator", "tiny", NULL, &device));
  OK(weft_session_create(device, program, &session));
  REFUSED(weft_session_create(device, program, &second), WEFT_BUSY, "in use");
  REFUSED(weft_session_run(session, inputs, 0, &result), bad,
          "'image' (1x28x28x1 of int8) is missing");
  REFUSED(weft_session_run(session, inputs, 2, &result), bad, "one too many");
  inputs[0].bytes = kPicture + 1;
  REFUSED(weft_session_run(session, inputs, 1, &result), bad, "785 were given");
  inputs[0].bytes = kPicture;
  inputs[0].type = WEFT_UINT8;
  REFUSED(weft_session_run(session, inputs, 1, &result), bad, "takes int8; uint8");
  inputs[0].type = (weft_type)9;
  REFUSED(weft_session_run(session, inputs, 1, &result), bad, "no type");
  inputs[0].type = WEFT_INT8;
  inputs[0].shape = flat;
  inputs[0].dimensions = 2;
  REFUSED(weft_session_run(session, inputs, 1, &result), bad, "28x28 was given");
  inputs[0].dimensions = 0;
  REFUSED(weft_session_run(session, inputs, 1, &result), bad, "a shape of 0 dimensions");
  inputs[0].dimensions = (size_t)-1;
  REFUSED(weft_session_run(session, inputs, 1, &result), bad, "1 to 16");
  inputs[0].shape = whole;
  inputs[0].dimensions = 4;
  inputs[0].data = NULL;
  REFUSED(weft_session_run(session, inputs, 1, &result), bad, "null pointer");
  CHECK(result == NULL);
  inputs[0].data = picture;
  OK(weft_session_run(session, inputs, 1, &result));
  weft_result_destroy(result);
  weft_session_destroy(session);
  weft_device_destroy(device);
  weft_program_destroy(program);
  return 0;
}

int sdk_c_orders(const char* model) {
  weft_program* program = NULL;
  weft_device* device = NULL;
  weft_queue* queue = NULL;
  weft_request* request = NULL;
  weft_result* result = NULL;
  const void* data = NULL;
  signed char picture[kPicture] = {0};
  const weft_input input = input_of(picture, sizeof(picture));
  OK(weft_program_compile(model, "tiny", &program));
  OK(weft_device_open("emulator", "tiny", NULL, &device));
  OK(weft_queue_create(device, program, NULL, &queue));
  /* First what the others stand on. */
  weft_program_destroy(program);
  weft_device_destroy(device);
  OK(weft_queue_submit(queue, &input, 1, &request));
  OK(weft_request_wait(request, -1));
  weft_queue_destroy(queue);
  OK(weft_request_result(request, &result));
  weft_request_destroy(request);
  OK(weft_result_output(result, 0, &data, NULL));
  CHECK(data != NULL);
  weft_result_destroy(result);
  return 0;
}

/* A card that fell out of its slot. */
struct card {
  int accesses, closed;
};

static weft_status card_read(void* context, uint32_t offset, uint32_t* value) {
  struct card* card = context;
  (void)offset;
  *value = 0xffffffffu;
  return ++card->accesses > 6 ? WEFT_DEVICE : WEFT_OK;
}
static weft_status card_write(void* context, uint32_t offset, uint32_t value) {
  (void)context, (void)offset, (void)value;
  return WEFT_DEVICE;
}
static weft_status card_read_memory(void* context, uint64_t address, void* to, size_t bytes) {
  (void)context, (void)address;
  memset(to, 0xff, bytes);
  return WEFT_OK;
}
static weft_status card_write_memory(void* context, uint64_t address, const void* from,
                                     size_t bytes) {
  (void)context, (void)address, (void)from, (void)bytes;
  return WEFT_OK;
}
static weft_status card_wait(void* context, uint64_t max_cycles, int* interrupt) {
  (void)context, (void)max_cycles;
  *interrupt = 0;
  return WEFT_OK;
}
static void card_close(void* context) { ((struct card*)context)->closed += 1; }

int sdk_c_own_device(const char* model) {
  struct card card = {0, 0};
  weft_program* program = NULL;
  weft_device* device = NULL;
  weft_session* session = NULL;
  weft_device_functions functions = {0};
  REFUSED(weft_device_adopt(&functions, &device), WEFT_INVALID_ARGUMENT, "struct_bytes 0");
  functions.struct_bytes = sizeof(functions);
  REFUSED(weft_device_adopt(&functions, &device), WEFT_INVALID_ARGUMENT, "backend is NULL");
  functions.backend = "card";
  functions.config = "tiny";
  functions.memory_bytes = 4 << 20;
  functions.context = &card;
  functions.read_register = card_read;
  functions.write_register = card_write;
  functions.read_memory = card_read_memory;
  functions.write_memory = card_write_memory;
  REFUSED(weft_device_adopt(&functions, &device), WEFT_INVALID_ARGUMENT, "wait_interrupt is NULL");
  functions.wait_interrupt = card_wait;
  functions.close = card_close;
  OK(weft_program_compile(model, "tiny", &program));
  OK(weft_device_adopt(&functions, &device));
  REFUSED(weft_session_create(device, program, &session), WEFT_DEVICE, "no Weft accelerator");
  REFUSED(weft_session_create(device, program, &session), WEFT_DEVICE, "");
  REFUSED(weft_session_create(device, program, &session), WEFT_DEVICE,
          "'card' could not read register");
  weft_device_destroy(device);
  CHECK(card.closed == 1);
  weft_program_destroy(program);
  return 0;
}
