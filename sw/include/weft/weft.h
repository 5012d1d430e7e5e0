/** @file
 * Weft for C programs: the same as weft.hpp with opaque handles and status codes. C99.
 *
 * Every function that can fail returns a weft_status; weft_last_error() then has the sentence. Results
 * are written through pointers, and only where the function succeeds; no function takes a null pointer
 * but where it says so (WEFT_INVALID_ARGUMENT, nothing happens).
 *
 * Handles are made by functions that end in _open, _load, _compile, _create or _submit, and each is
 * given back once to its _destroy, in any order: what a session stands on lives as long as it does. A
 * destroy takes a null pointer and does nothing; a handle that was destroyed must not be used again, nor
 * destroyed a second time, as with free().
 *
 * Threads: a session is used by one thread at a time; all else from any thread. */
#ifndef WEFT_H
#define WEFT_H

#include <stddef.h>
#include <stdint.h>

#include "weft/export.h"
#include "weft/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a call ended. Later versions may add codes. */
typedef enum weft_status {
  WEFT_OK = 0,
  WEFT_INVALID_ARGUMENT = 1, /**< a value is not allowed: null, wrong type, shape, size */
  WEFT_NOT_FOUND = 2,        /**< a name or file that is not there */
  WEFT_IO = 3,               /**< the operating system refused a read or write */
  WEFT_MALFORMED_FILE = 4,   /**< a file is not what it claims to be */
  WEFT_UNSUPPORTED = 5,      /**< well-formed, but outside what Weft can do */
  WEFT_MISMATCH = 6,         /**< two things that must agree do not: program and device */
  WEFT_DEVICE = 7,           /**< the device reported an error, or does not answer */
  WEFT_TIMEOUT = 8,          /**< something did not end within its limit */
  WEFT_OUT_OF_MEMORY = 9,    /**< it does not fit */
  WEFT_INTERNAL = 10,        /**< a defect of Weft itself */
  WEFT_BUSY = 11,            /**< another holds what is needed, or a queue is full */
  WEFT_CANCELLED = 12        /**< given up because the caller asked for it */
} weft_status;

/** The status in words: "timeout". */
WEFT_API const char* weft_status_text(weft_status status);
/** The sentence of this thread's last call that failed; "" before the first one. Valid until the
 * thread's next call that fails. */
WEFT_API const char* weft_last_error(void);

/** The library's version, "1.2.3". */
WEFT_API const char* weft_version(void);
/** The name of backend `index`, counted from 0; NULL behind the last one. */
WEFT_API const char* weft_backend_name(size_t index);
/** The name of hardware configuration `index`; NULL behind the last one. */
WEFT_API const char* weft_config_name(size_t index);

/** @name Devices
 * @{ */

typedef struct weft_device weft_device; /**< a device; it serves one session or queue at a time */

/** What simulated devices take; weft_device_options_init() first, then what is to differ. */
typedef struct weft_device_options {
  size_t struct_bytes;      /**< set by init: which version of this the program was built with */
  uint64_t memory_bytes;    /**< DRAM, a multiple of 64 up to 2^40 */
  uint32_t latency_cycles;  /**< from a burst to its first beat or response */
  uint32_t bandwidth_num;   /**< at most num beats in den cycles a direction */
  uint32_t bandwidth_den;   /**< see bandwidth_num */
  double stall_probability; /**< a bus channel stands still in a cycle, 0..0.95 */
  uint64_t seed;            /**< of the stalls */
} weft_device_options;

/** Sets the usual values. */
WEFT_API weft_status weft_device_options_init(weft_device_options* options);

/** Opens a simulated device. `options` may be NULL: the usual ones. WEFT_NOT_FOUND lists the backends
 * or configurations that there are, or says that a model is not built. */
WEFT_API weft_status weft_device_open(const char* backend, const char* config,
                                      const weft_device_options* options, weft_device** device);

/** A device of your own: registers, memory, interrupt. Functions return WEFT_OK or what went wrong, which
 * ends the inference with it. They are called from one thread at a time. */
typedef struct weft_device_functions {
  size_t struct_bytes; /**< sizeof(weft_device_functions) */
  const char* backend; /**< what to call it; copied */
  const char* config;  /**< its configuration, "base"; copied */
  uint64_t
      memory_base; /**< the first address of its DRAM, as the device sees it; a multiple of 64 */
  uint64_t memory_bytes; /**< of it, a multiple of 64 */
  void* context;         /**< handed to the functions */
  /** Reads the 32-bit register at a byte offset (weft/registers.h). */
  weft_status (*read_register)(void* context, uint32_t offset, uint32_t* value);
  /** Writes it. */
  weft_status (*write_register)(void* context, uint32_t offset, uint32_t value);
  /** Copies device memory to the host. */
  weft_status (*read_memory)(void* context, uint64_t address, void* to, size_t bytes);
  /** Copies the host's bytes to device memory. */
  weft_status (*write_memory)(void* context, uint64_t address, const void* from, size_t bytes);
  /** Waits until the interrupt line is high (*interrupt = 1), or about as long as so many device
   * cycles take (*interrupt = 0). */
  weft_status (*wait_interrupt)(void* context, uint64_t max_cycles, int* interrupt);
  /** Called once, when nothing needs the device any more. May be NULL. */
  void (*close)(void* context);
} weft_device_functions;

/** Makes a device of your functions, which are copied; `close` is also called where this fails for any
 * reason but a null pointer, a missing function or a wrong struct_bytes. */
WEFT_API weft_status weft_device_adopt(const weft_device_functions* functions,
                                       weft_device** device);
/** Gives the handle back. */
WEFT_API void weft_device_destroy(weft_device* device);

/** @} @name Programs
 * @{ */

typedef struct weft_program weft_program; /**< a network compiled for one configuration */

/** What an element is; bytes are little-endian. */
typedef enum weft_type {
  WEFT_INT8 = 0,
  WEFT_UINT8 = 1,
  WEFT_INT32 = 2,
  WEFT_FLOAT32 = 3
} weft_type;

/** What a program says of an input or output. Pointers are valid as long as the program's handle. */
typedef struct weft_tensor_info {
  const char* name;   /**< as the model has it */
  weft_type type;     /**< of its elements */
  const int* shape;   /**< NHWC where it is a picture: batch, rows, columns, channels */
  size_t dimensions;  /**< of the shape */
  float scale;        /**< real value = scale * (element - zero_point); 0: the tensor has none */
  int32_t zero_point; /**< the element that stands for 0.0 */
  uint64_t bytes;     /**< of all elements */
} weft_tensor_info;

/** Loads a program file of `weft compile`. */
WEFT_API weft_status weft_program_load(const char* path, weft_program** program);
/** The same from memory; `name` stands for it in errors. */
WEFT_API weft_status weft_program_load_bytes(const void* data, size_t bytes, const char* name,
                                             weft_program** program);
/** Compiles a .tflite model for a configuration. */
WEFT_API weft_status weft_program_compile(const char* model, const char* config,
                                          weft_program** program);
/** The same from memory; `name` stands for it in errors. */
WEFT_API weft_status weft_program_compile_bytes(const void* data, size_t bytes, const char* name,
                                                const char* config, weft_program** program);
/** Writes the program file, whole or not at all. */
WEFT_API weft_status weft_program_save(const weft_program* program, const char* path);
/** Gives the handle back. */
WEFT_API void weft_program_destroy(weft_program* program);

/** How many inputs and outputs a run has. */
WEFT_API weft_status weft_program_counts(const weft_program* program, size_t* inputs,
                                         size_t* outputs);
/** Input `index`, in the order that runs take. */
WEFT_API weft_status weft_program_input(const weft_program* program, size_t index,
                                        weft_tensor_info* info);
/** Output `index`. */
WEFT_API weft_status weft_program_output(const weft_program* program, size_t index,
                                         weft_tensor_info* info);
/** Device memory that it takes, with 1..16 inferences on the way at a time (1 for a session). */
WEFT_API weft_status weft_program_memory_bytes(const weft_program* program, size_t slots,
                                               uint64_t* bytes);

/** @} @name Results
 * @{ */

typedef struct weft_result weft_result; /**< what came of a run */

/** Output `index`: a pointer to its bytes, valid as long as the result's handle. `bytes` may be NULL. */
WEFT_API weft_status weft_result_output(const weft_result* result, size_t index, const void** data,
                                        size_t* bytes);
/** Device cycles of the run's jobs; 0 on a backend without time. */
WEFT_API weft_status weft_result_cycles(const weft_result* result, uint64_t* cycles);
/** A hardware counter by name (docs/registers.md). WEFT_NOT_FOUND where there is none of that name, or
 * counters could not be known: several inferences were on the device at a time. */
WEFT_API weft_status weft_result_counter(const weft_result* result, const char* name,
                                         uint64_t* value);
/** Gives the handle back. */
WEFT_API void weft_result_destroy(weft_result* result);

/** @} @name Sessions: one inference after the other
 * @{ */

/** An input's bytes, NHWC without gaps. Zero what is not set: `weft_input in = {0};`. */
typedef struct weft_input {
  const void* data;  /**< the caller's; read before the call returns */
  size_t bytes;      /**< how many */
  weft_type type;    /**< held against the tensor's */
  const char* name;  /**< the tensor's; NULL: inputs are taken in the program's order */
  const int* shape;  /**< held against the tensor's; NULL: not */
  size_t dimensions; /**< of the shape */
} weft_input;

typedef struct weft_session weft_session; /**< a program on a device */

/** Takes the device and loads the program. WEFT_BUSY where another session or queue has the device,
 * WEFT_MISMATCH where the program is for another configuration, WEFT_OUT_OF_MEMORY, WEFT_DEVICE. */
WEFT_API weft_status weft_session_create(weft_device* device, const weft_program* program,
                                         weft_session** session);
/** Device cycles that a job may take; 1,000,000,000 unless set. */
WEFT_API weft_status weft_session_set_timeout(weft_session* session, uint64_t cycles);
/** One inference. The session can be used after any error of it. */
WEFT_API weft_status weft_session_run(weft_session* session, const weft_input* inputs, size_t count,
                                      weft_result** result);
/** Gives device and handle back. */
WEFT_API void weft_session_destroy(weft_session* session);

/** @} @name Queues: several inferences on the way
 * @{ */

typedef struct weft_queue weft_queue;     /**< a program on a device, for many inferences */
typedef struct weft_request weft_request; /**< an inference that was asked for */

/** How an inference stands. */
typedef enum weft_request_state {
  WEFT_REQUEST_QUEUED = 0,
  WEFT_REQUEST_RUNNING = 1,
  WEFT_REQUEST_DONE = 2,
  WEFT_REQUEST_FAILED = 3,
  WEFT_REQUEST_CANCELLED = 4
} weft_request_state;

/** What happened to an inference. */
typedef enum weft_event_kind {
  WEFT_EVENT_QUEUED = 0,  /**< the queue's thread has taken it */
  WEFT_EVENT_STARTED = 1, /**< its inputs are on the device; again, where it started anew */
  WEFT_EVENT_LAYER = 2,   /**< a layer has ended; from backends that show it (rtl) */
  WEFT_EVENT_ENDED = 3    /**< its result or error can be had */
} weft_event_kind;

/** An event, valid during the call. */
typedef struct weft_event {
  weft_event_kind kind;     /**< which */
  uint64_t request;         /**< weft_request_id() */
  const char* layer;        /**< of WEFT_EVENT_LAYER: its name, else "" */
  weft_request_state state; /**< of WEFT_EVENT_ENDED */
} weft_event;

/** How a queue works; weft_queue_options_init() first, then what is to differ. */
typedef struct weft_queue_options {
  size_t struct_bytes;     /**< set by init */
  size_t slots;            /**< inferences on the device at a time, 1..16; each needs memory */
  size_t max_queued;       /**< that wait for a slot; more are refused (WEFT_BUSY) */
  uint64_t timeout_cycles; /**< device cycles that a job may take */
  /** Called on the queue's thread, or NULL. It may submit and cancel, but neither wait nor destroy. */
  void (*on_event)(void* context, const weft_event* event);
  void* context; /**< handed to on_event */
} weft_queue_options;

/** Sets the usual values. */
WEFT_API weft_status weft_queue_options_init(weft_queue_options* options);
/** Takes the device and loads the program, as weft_session_create(). `options` may be NULL. */
WEFT_API weft_status weft_queue_create(weft_device* device, const weft_program* program,
                                       const weft_queue_options* options, weft_queue** queue);
/** Asks for an inference; its inputs are copied. WEFT_BUSY: too many are waiting. WEFT_CANCELLED: on_event
 * asks while the queue is being destroyed. */
WEFT_API weft_status weft_queue_submit(weft_queue* queue, const weft_input* inputs, size_t count,
                                       weft_request** request);
/** Until no inference of the queue is unfinished. on_event may still be told of the last one's end: its
 * context must stay until the queue is destroyed. */
WEFT_API weft_status weft_queue_wait_all(weft_queue* queue);
/** Cancels what has not ended, and gives device and handle back. Requests' handles stay good. */
WEFT_API void weft_queue_destroy(weft_queue* queue);

/** Counts from 1 in a queue; 0 for a null pointer. */
WEFT_API uint64_t weft_request_id(const weft_request* request);
/** As of now. */
WEFT_API weft_status weft_request_state_of(const weft_request* request, weft_request_state* state);
/** Waits at most so many milliseconds; WEFT_TIMEOUT: it has not ended. A negative number waits as long
 * as it takes. WEFT_OK says that it has ended, not how. */
WEFT_API weft_status weft_request_wait(const weft_request* request, int64_t milliseconds);
/** Waits, then gives the result, or the status and sentence of the inference's own error. */
WEFT_API weft_status weft_request_result(const weft_request* request, weft_result** result);
/** Gives it up: *cancelled = 1, it ends as cancelled; 0, it had ended before. May be NULL. */
WEFT_API weft_status weft_request_cancel(const weft_request* request, int* cancelled);
/** Gives the handle back; the inference goes on. */
WEFT_API void weft_request_destroy(weft_request* request);

/** @} */

#ifdef __cplusplus
}
#endif

#endif
