/** @file
 * A compiled network as constant data of a C program (`weft compile --emit-c`), and what runs it on a
 * queue of the C core. Storage is the caller's here as well. */
#ifndef WEFT_CORE_PROGRAM_H
#define WEFT_CORE_PROGRAM_H

#include <weft/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A region of a program. */
struct weft_core_region {
  uint64_t bytes;       /**< a multiple of 64; 0: not used */
  const uint8_t* image; /**< its first bytes; NULL: none */
  uint64_t image_bytes; /**< of the image */
  bool readable;        /**< by the device */
  bool writable;        /**< by the device */
};

/** What a tensor is to the network. */
enum weft_core_role { WEFT_CORE_INPUT = 0, WEFT_CORE_OUTPUT = 1 };
/** What its elements are. */
enum weft_core_type {
  WEFT_CORE_INT8 = 0,
  WEFT_CORE_UINT8 = 1,
  WEFT_CORE_INT32 = 2,
  WEFT_CORE_FLOAT32 = 3
};

/** An input or output: NHWC, little-endian. real = scale * (value - zero_point). */
struct weft_core_tensor {
  const char* name;         /**< as the model has it */
  const int32_t* shape;     /**< its extents */
  uint64_t offset;          /**< in its region */
  uint64_t bytes;           /**< of all elements */
  uint32_t rank;            /**< how many extents */
  uint32_t region;          /**< which region it lies in */
  int32_t zero_point;       /**< the value that stands for 0.0 */
  float scale;              /**< see above */
  enum weft_core_role role; /**< input or output */
  enum weft_core_type type; /**< of an element */
};

/** A job: `count` descriptors from `first` on. */
struct weft_core_step {
  uint32_t first; /**< descriptor */
  uint32_t count; /**< of descriptors */
};

/** A network, compiled. */
struct weft_core_program {
  const char* model;                      /**< the network's name */
  const char* config;                     /**< the configuration it was compiled for */
  uint64_t config_hash;                   /**< of that configuration */
  uint64_t descriptor_offset;             /**< of the first one, in its region */
  uint32_t descriptor_region;             /**< which region has them */
  uint32_t region_count;                  /**< of `regions` */
  uint32_t tensor_count;                  /**< of `tensors` */
  uint32_t step_count;                    /**< of `steps` */
  const struct weft_core_region* regions; /**< at most WEFT_NUM_REGIONS */
  const struct weft_core_tensor* tensors; /**< inputs and outputs, each in the network's order */
  const struct weft_core_step* steps;     /**< in their order */
};

/** A program on a device. The fields are the driver's own, for reading. */
struct weft_core_session {
  struct weft_core_queue* queue;             /**< the caller's */
  const struct weft_core_program* program;   /**< the caller's */
  uint64_t region_address[WEFT_NUM_REGIONS]; /**< in device memory */
};

/** Device memory that it takes, beside the ring. */
uint64_t weft_core_memory_needed(const struct weft_core_program* program);

/** Copies the program's images to `memory` (a multiple of 64), of which there are `memory_bytes`.
 * WEFT_CORE_CONFIG where the device is of another configuration, WEFT_CORE_MEMORY where it does not
 * fit. Queue, program and memory must outlive the session. */
int weft_core_load(struct weft_core_session* session, struct weft_core_queue* queue,
                   const struct weft_core_program* program, uint64_t memory, uint64_t memory_bytes);

/** The index of the tensor of that name; WEFT_CORE_ARGUMENT where there is none. */
int weft_core_find_tensor(const struct weft_core_program* program, const char* name);
/** Writes all bytes of a tensor; WEFT_CORE_ARGUMENT where `bytes` is another number, or there is no such
 * tensor. */
int weft_core_write_tensor(struct weft_core_session* session, uint32_t tensor, const void* data,
                           uint64_t bytes);
/** Reads them. */
int weft_core_read_tensor(struct weft_core_session* session, uint32_t tensor, void* data,
                          uint64_t bytes);

/** The job of a step, for who submits it himself. */
int weft_core_step_job(const struct weft_core_session* session, uint32_t step,
                       struct weft_core_job* job);

/** One inference: the program's jobs, one after the other; nothing else may be in flight. `max_cycles`:
 * for each. WEFT_CORE_TIMEOUT where one does not end in time (it has been abandoned),
 * WEFT_CORE_JOB_FAILED where one failed: `ended` says how, with the descriptor's index in the
 * program. Both leave the session usable. After any other error the job may still run and write to the
 * session's memory: open the queue anew (weft_core_open), then write the inputs; the session, and
 * what it has loaded, stay good. Of a run that went well `ended` has the sum of
 * the cycles. */
int weft_core_run(struct weft_core_session* session, uint64_t max_cycles,
                  struct weft_core_ended* ended);

#ifdef __cplusplus
}
#endif

#endif
