/** @file
 * The register-level driver of a Weft accelerator, for any host: C99, freestanding (of the C library
 * it needs nothing but memcpy and memset, which compilers call by themselves), no heap, no globals,
 * no recursion, under 1 KiB of stack. docs/c-core.md tells how to use it.
 *
 * The host gives functions that reach registers and memory; the caller gives all the storage.
 * A queue belongs to one thread (or one level of interrupts) at a time; two queues of two devices share
 * nothing.
 *
 * Results: 0 or more is well; below 0 is one of enum weft_core_error. Where a job failed, the device's
 * code (WEFT_JOB_ERROR_..., above 0) is in the job's end. weft_core_error_text knows both. */
#ifndef WEFT_CORE_H
#define WEFT_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <weft/registers.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What functions of this file return where they fail. */
enum weft_core_error {
  WEFT_CORE_ACCESS = -1,      /**< a function of the host refused an access */
  WEFT_CORE_ARGUMENT = -2,    /**< a value that is not allowed, or a call at the wrong time */
  WEFT_CORE_NO_DEVICE = -3,   /**< the id register does not read "WEFT" */
  WEFT_CORE_VERSION = -4,     /**< another version of the instruction set */
  WEFT_CORE_RESET = -5,       /**< the soft reset does not end */
  WEFT_CORE_FULL = -6,        /**< no entry of the ring is free */
  WEFT_CORE_RING = -7,        /**< the device counts jobs that it was not given */
  WEFT_CORE_NO_RECORD = -8,   /**< a job ended and left neither a record nor an error */
  WEFT_CORE_INTERRUPT = -9,   /**< interrupts come, but no job ends */
  WEFT_CORE_TIMEOUT = -10,    /**< a job did not end within its limit; it was abandoned */
  WEFT_CORE_CONFIG = -11,     /**< the program is for another configuration than the device's */
  WEFT_CORE_MEMORY = -12,     /**< a program, or a tensor, does not fit */
  WEFT_CORE_JOB_FAILED = -13, /**< the device ended a job of a program with an error */
  WEFT_CORE_STOPPED = -14     /**< the queue was stopped, or never opened */
};

/** A sentence for a result of this file (below 0) or for a job's code (above 0); never NULL. */
const char* weft_core_error_text(int code);
/** The short name of either: "timeout", "bad_job"; "unknown" for what is neither. */
const char* weft_core_error_name(int code);

/** How the host reaches the device. Every function gets `context`; it returns 0, or anything else
 * where the access was refused. Memory is addressed as the device's bus does. A host whose caches
 * the device does not see writes them back in write_memory and drops them in read_memory; a
 * host that reorders its accesses orders them in write_register. */
struct weft_core_host {
  void* context; /**< handed to each of them */
  /** Reads 32 bits at a byte offset (weft/registers.h). */
  int (*read_register)(void* context, uint32_t offset, uint32_t* value);
  /** Writes them. */
  int (*write_register)(void* context, uint32_t offset, uint32_t value);
  /** Copies device memory to the host. */
  int (*read_memory)(void* context, uint64_t address, void* out, size_t bytes);
  /** Copies to it. */
  int (*write_memory)(void* context, uint64_t address, const void* data, size_t bytes);
  /** Optional. Waits until the interrupt line is high (returns 1) or about `max_cycles` cycles of
   * the device have passed (0); below 0: refused. NULL: weft_core_wait asks the registers,
   * `max_cycles` times at most. */
  int (*wait_interrupt)(void* context, uint64_t max_cycles);
  /** Optional. Cycles since any moment; makes the limit of a wait hold across several interrupts. */
  uint64_t (*now)(void* context);
};

/** What the device is. */
struct weft_core_info {
  uint64_t config_hash; /**< that programs must have been compiled for */
  uint32_t array_rows;  /**< R */
  uint32_t array_cols;  /**< C */
  uint32_t engines;     /**< a bit an engine, 1 << WEFT_ENGINE_... */
};

/** Reads it. WEFT_CORE_NO_DEVICE or WEFT_CORE_VERSION where this driver does not fit; `info` has then
 * not been written. */
int weft_core_probe(const struct weft_core_host* host, struct weft_core_info* info);
/** A 64-bit counter (WEFT_COUNTER_...) of the job that runs or ended last. */
int weft_core_read_counter(const struct weft_core_host* host, uint32_t counter, uint64_t* value);

/** A piece of memory that a job may use. */
struct weft_core_grant {
  uint64_t base;  /**< a multiple of 64 */
  uint64_t bytes; /**< a multiple of 64; 0: not used */
  bool readable;  /**< by the device */
  bool writable;  /**< by the device */
};

/** What the device is given to do. */
struct weft_core_job {
  uint64_t config_hash;       /**< of the program */
  uint32_t descriptor_region; /**< which of the regions has the descriptors */
  uint32_t descriptor_count;  /**< how many, 1 or more */
  uint64_t descriptor_offset; /**< bytes from the region's base, a multiple of 64 */
  struct weft_core_grant regions[WEFT_NUM_REGIONS]; /**< by the numbers that descriptors name */
};

/** How a job ended: its completion record, or the error registers where there is none. */
struct weft_core_ended {
  uint64_t id;       /**< what weft_core_submit gave */
  uint64_t address;  /**< of a bus or region error */
  uint64_t cycles;   /**< from its fetch to its last descriptor's end */
  uint32_t code;     /**< WEFT_JOB_ERROR_... */
  uint32_t engine;   /**< WEFT_ENGINE_..., or 7: control */
  uint32_t index;    /**< descriptor */
  uint32_t response; /**< AXI, of a bus error */
  bool recorded;     /**< false: from the registers */
  bool abandoned;    /**< it was given up before it ended; all else but `id` is 0 */
};

/** The job ring. The fields are the driver's own. */
struct weft_core_queue {
  const struct weft_core_host* host; /**< the caller's */
  uint64_t ring;                     /**< its address */
  uint64_t next_id;                  /**< of the next job */
  uint32_t entries;                  /**< of the ring */
  uint16_t head;                     /**< jobs submitted, modulo 65536 */
  uint16_t ended;                    /**< known to have ended */
  uint16_t taken;                    /**< reported */
  uint16_t given_up;                 /**< the value of `head` at the last abandon */
  bool giving_up;                    /**< jobs before `given_up` are still to be reported */
  bool open;                         /**< not stopped */
};

/** Takes the device over: whatever it did is abandoned by a soft reset. `ring`: device memory that the
 * queue has for itself until it is stopped, at a multiple of 64, 256 bytes an entry; the number of
 * entries is a power of two up to 32768. `host` and the ring must outlive the queue. */
int weft_core_open(struct weft_core_queue* queue, const struct weft_core_host* host, uint64_t ring,
                   uint64_t ring_bytes);

/** Jobs submitted and not yet reported by weft_core_poll or weft_core_wait. */
uint32_t weft_core_in_flight(const struct weft_core_queue* queue);
/** No entry of the ring is free. */
bool weft_core_full(const struct weft_core_queue* queue);

/** Puts a job into the ring; the device runs jobs in their order. `id` (may be NULL) is what its
 * end will name; ids count from 1. WEFT_CORE_FULL: poll first. WEFT_CORE_ARGUMENT: a region's base is
 * not even a multiple of 4; what else is wrong with a job its end tells. After WEFT_CORE_ACCESS it is
 * not known whether the device has it: open the queue anew. */
int weft_core_submit(struct weft_core_queue* queue, const struct weft_core_job* job, uint64_t* id);

/** The next job that has ended, in order, without waiting: 1 and `ended`, or 0. Every job is reported
 * once. After a job that failed the device has been told to go on with the next. */
int weft_core_poll(struct weft_core_queue* queue, struct weft_core_ended* ended);

/** The same, but waits for it: 0 when `max_cycles` have passed, or when nothing is in flight. */
int weft_core_wait(struct weft_core_queue* queue, uint64_t max_cycles,
                   struct weft_core_ended* ended);

/** Gives up all jobs that have not ended, by a soft reset. They are reported like the others, in order,
 * as `abandoned`; jobs that had ended keep their ends (but for one whose record could not be written).
 * The queue is ready for the next job at once, as far as entries are free. */
int weft_core_abandon(struct weft_core_queue* queue);

/** Cycles without progress after which the device ends a job; 0: never. */
int weft_core_set_watchdog(struct weft_core_queue* queue, uint32_t cycles);

/** The device takes no more jobs; the one that runs goes to its end. Nothing else can be done with
 * the queue until it is opened again. */
int weft_core_stop(struct weft_core_queue* queue);

#ifdef __cplusplus
}
#endif

#endif
