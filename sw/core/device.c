/* What can be asked of a device without a queue. */
#include "access.h"

int weft_core_probe(const struct weft_core_host* host, struct weft_core_info* info) {
  uint32_t id = 0, version = 0, capability = 0;
  uint64_t hash = 0;
  if (read_reg(host, WEFT_REG_ID_OFFSET, &id) != 0) return WEFT_CORE_ACCESS;
  if (id != WEFT_REG_ID_RESET) return WEFT_CORE_NO_DEVICE;
  if (read_reg(host, WEFT_REG_VERSION_OFFSET, &version) != 0) return WEFT_CORE_ACCESS;
  if (version != WEFT_ISA_VERSION) return WEFT_CORE_VERSION;
  if (read_pair(host, WEFT_REG_CONFIG_HASH_LO_OFFSET, WEFT_REG_CONFIG_HASH_HI_OFFSET, &hash) != 0 ||
      read_reg(host, WEFT_REG_CAPABILITY_OFFSET, &capability) != 0) {
    return WEFT_CORE_ACCESS;
  }
  info->config_hash = hash;
  info->array_rows =
      (capability & WEFT_REG_CAPABILITY_ARRAY_ROWS_MASK) >> WEFT_REG_CAPABILITY_ARRAY_ROWS_SHIFT;
  info->array_cols =
      (capability & WEFT_REG_CAPABILITY_ARRAY_COLS_MASK) >> WEFT_REG_CAPABILITY_ARRAY_COLS_SHIFT;
  info->engines =
      (capability & WEFT_REG_CAPABILITY_ENGINES_MASK) >> WEFT_REG_CAPABILITY_ENGINES_SHIFT;
  return 0;
}

int weft_core_read_counter(const struct weft_core_host* host, uint32_t counter, uint64_t* value) {
  if (counter >= WEFT_NUM_COUNTERS) return WEFT_CORE_ARGUMENT;
  const uint32_t low = WEFT_COUNTER_OFFSET(counter);
  return read_pair(host, low, low + 4, value);
}
