/* What the files of the core share: registers by the host's functions, little-endian numbers. */
#ifndef WEFT_CORE_ACCESS_H
#define WEFT_CORE_ACCESS_H

#include <weft/core.h>

static inline int read_reg(const struct weft_core_host* host, uint32_t offset, uint32_t* value) {
  return host->read_register(host->context, offset, value) == 0 ? 0 : WEFT_CORE_ACCESS;
}

static inline int write_reg(const struct weft_core_host* host, uint32_t offset, uint32_t value) {
  return host->write_register(host->context, offset, value) == 0 ? 0 : WEFT_CORE_ACCESS;
}

/* Two registers, the low one first: reading it latches the high one of a counter. */
static inline int read_pair(const struct weft_core_host* host, uint32_t low, uint32_t high,
                            uint64_t* value) {
  uint32_t l = 0, h = 0;
  if (read_reg(host, low, &l) != 0 || read_reg(host, high, &h) != 0) return WEFT_CORE_ACCESS;
  *value = (uint64_t)h << 32 | l;
  return 0;
}

static inline void store_le(uint8_t* out, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) out[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t load_le(const uint8_t* in, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i) value |= (uint64_t)in[i] << (8 * i);
  return value;
}

#endif
