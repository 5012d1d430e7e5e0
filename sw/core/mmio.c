#include <weft/core_mmio.h>

static void order(const struct weft_core_mmio* mmio) {
  if (mmio->order != NULL) mmio->order();
}

static volatile uint8_t* memory_at(const struct weft_core_mmio* mmio, uint64_t address) {
  return (volatile uint8_t*)(uintptr_t)(address - mmio->bus_offset);
}

static int read_register(void* context, uint32_t offset, uint32_t* value) {
  const struct weft_core_mmio* mmio = context;
  *value = mmio->registers[offset / 4];
  order(mmio);
  return 0;
}

static int write_register(void* context, uint32_t offset, uint32_t value) {
  const struct weft_core_mmio* mmio = context;
  order(mmio);
  mmio->registers[offset / 4] = value;
  return 0;
}

static int read_memory(void* context, uint64_t address, void* out, size_t bytes) {
  const struct weft_core_mmio* mmio = context;
  const volatile uint8_t* from = memory_at(mmio, address);
  uint8_t* to = out;
  if (mmio->invalidate != NULL) mmio->invalidate(from, bytes);
  for (size_t i = 0; i < bytes; ++i) to[i] = from[i];
  return 0;
}

static int write_memory(void* context, uint64_t address, const void* data, size_t bytes) {
  const struct weft_core_mmio* mmio = context;
  const uint8_t* from = data;
  volatile uint8_t* to = memory_at(mmio, address);
  for (size_t i = 0; i < bytes; ++i) to[i] = from[i];
  if (mmio->clean != NULL) mmio->clean(to, bytes);
  return 0;
}

void weft_core_mmio_host(struct weft_core_host* host, struct weft_core_mmio* mmio) {
  host->context = mmio;
  host->read_register = read_register;
  host->write_register = write_register;
  host->read_memory = read_memory;
  host->write_memory = write_memory;
  host->wait_interrupt = NULL;
  host->now = NULL;
}
