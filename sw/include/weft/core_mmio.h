/** @file
 * A host of the C core whose processor sees the device directly: registers at an address, and the
 * device's memory among its own. */
#ifndef WEFT_CORE_MMIO_H
#define WEFT_CORE_MMIO_H

#include <weft/core.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the device is in the processor's addresses. */
struct weft_core_mmio {
  volatile uint32_t* registers; /**< WEFT_ADDRESS_BYTES, not cached */
  /** What the device's bus adds to the processor's addresses, modulo 2^64; 0: they are the same. */
  uint64_t bus_offset;
  /** May be NULL. Orders the processor's accesses of memory and of registers, both ways
   * (RISC-V: fence iorw, iorw). */
  void (*order)(void);
  /** May be NULL. For caches that the device does not see: writes back at least these bytes. */
  void (*clean)(const volatile void* at, size_t bytes);
  /** May be NULL. The same: drops them. */
  void (*invalidate)(const volatile void* at, size_t bytes);
};

/** Makes `host` one that works so; `mmio` must outlive it and is its context. Waiting asks the
 * registers; a processor that can sleep sets host->wait_interrupt afterwards. */
void weft_core_mmio_host(struct weft_core_host* host, struct weft_core_mmio* mmio);

#ifdef __cplusplus
}
#endif

#endif
