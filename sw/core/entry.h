/* A job's entry in the ring, and how the job ended. */
#ifndef WEFT_CORE_ENTRY_H
#define WEFT_CORE_ENTRY_H

#include <weft/core.h>

/* The whole entry; its record reads as none. */
void weft_core_encode_job(uint8_t entry[WEFT_JOB_BYTES], const struct weft_core_job* job,
                          uint64_t id);
/* The record of job `id` in the entry at `address`: 1, or 0 where it has none; below 0: refused. */
int weft_core_read_record(const struct weft_core_host* host, uint64_t address, uint64_t id,
                          struct weft_core_ended* ended);
/* The error registers of a device that has halted: 1, or 0 where it has not. */
int weft_core_read_halt(const struct weft_core_host* host, struct weft_core_ended* ended);

#endif
