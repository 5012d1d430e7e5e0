#include "board.h"

#include "soc_map.h"

#define MSTATUS_MIE 0x8u
#define MIE_TIMER 0x80u
#define MIE_EXTERNAL 0x800u
#define CAUSE_INTERRUPT (UINT64_C(1) << 63)
#define CAUSE_TIMER (CAUSE_INTERRUPT | 7)
#define CAUSE_EXTERNAL (CAUSE_INTERRUPT | 11)
#define EXIT_TRAPPED 100

#define SET_CSR(name, bits) __asm__ volatile("csrs " #name ", %0" ::"r"(bits) : "memory")
#define CLEAR_CSR(name, bits) __asm__ volatile("csrc " #name ", %0" ::"r"(bits) : "memory")

static volatile uint32_t external_interrupts;
static volatile bool external_seen, alarm_seen;

static volatile uint64_t* word64(uint32_t address) {
  return (volatile uint64_t*)(uintptr_t)address;
}
static volatile uint32_t* word32(uint32_t address) {
  return (volatile uint32_t*)(uintptr_t)address;
}

void print(const char* text) {
  for (; *text != '\0'; ++text) *(volatile uint8_t*)(uintptr_t)SOC_UART_BASE = (uint8_t)*text;
}

void print_number(int64_t value) {
  char digits[24];
  char* at = digits + sizeof digits - 1;
  uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
  *at = '\0';
  do {
    *--at = (char)('0' + left % 10);
    left /= 10;
  } while (left != 0);
  if (value < 0) *--at = '-';
  print(at);
}

void print_hex(uint64_t value) {
  char text[2] = {0, 0};
  for (int shift = 60; shift >= 0; shift -= 4) {
    text[0] = "0123456789abcdef"[value >> shift & 15];
    print(text);
  }
}

uint64_t board_time(void) { return *word64(SOC_TIMER_BASE + SOC_TIMER_TIME_OFFSET); }
uint64_t board_dram_bytes(void) { return *word64(SOC_BOARD_BASE + SOC_BOARD_DRAM_BYTES_OFFSET); }
uint32_t board_pictures(void) { return *word32(SOC_BOARD_BASE + SOC_BOARD_PICTURES_OFFSET); }
volatile uint8_t* board_dram(uint64_t offset) {
  return (volatile uint8_t*)(uintptr_t)(SOC_DRAM_BASE + offset);
}
uint32_t board_interrupts(void) { return external_interrupts; }

void board_exit(int code) {
  *word32(SOC_BOARD_BASE + SOC_BOARD_EXIT_OFFSET) = (uint32_t)code;
  for (;;) {
  }
}

/* From crt0. The accelerator's line stays high until its cause is cleared, which whoever waits does:
 * until then its interrupt is masked. Whatever else comes here was not meant. */
void trap(uint64_t cause, uint64_t pc) {
  if (cause == CAUSE_EXTERNAL) {
    ++external_interrupts;
    external_seen = true;
    CLEAR_CSR(mie, MIE_EXTERNAL);
  } else if (cause == CAUSE_TIMER) {
    alarm_seen = true;
    CLEAR_CSR(mie, MIE_TIMER);
  } else {
    print("trapped: cause ");
    print_hex(cause);
    print(" at ");
    print_hex(pc);
    print("\n");
    board_exit(EXIT_TRAPPED);
  }
}

static int wait_interrupt(void* context, uint64_t max_cycles) {
  (void)context;
  const uint64_t now = board_time();
  const uint64_t until = max_cycles > UINT64_MAX - now ? UINT64_MAX : now + max_cycles;
  external_seen = alarm_seen = false;
  *word64(SOC_TIMER_BASE + SOC_TIMER_COMPARE_OFFSET) = until;
  SET_CSR(mie, MIE_TIMER | MIE_EXTERNAL);
  while (!external_seen && !alarm_seen) {
    /* wfi wakes for an interrupt that may not be taken yet: none is missed between test and sleep. */
    __asm__ volatile("wfi" ::: "memory");
    SET_CSR(mstatus, MSTATUS_MIE);
    CLEAR_CSR(mstatus, MSTATUS_MIE);
  }
  CLEAR_CSR(mie, MIE_TIMER | MIE_EXTERNAL);
  *word64(SOC_TIMER_BASE + SOC_TIMER_COMPARE_OFFSET) = UINT64_MAX;
  return external_seen ? 1 : 0;
}

static uint64_t now(void* context) {
  (void)context;
  return board_time();
}

static void order(void) { __asm__ volatile("fence iorw, iorw" ::: "memory"); }

void board_weft_host(struct weft_core_host* host, struct weft_core_mmio* mmio) {
  mmio->registers = word32(SOC_WEFT_BASE);
  mmio->bus_offset = *word64(SOC_BOARD_BASE + SOC_BOARD_BUS_OFFSET_OFFSET);
  mmio->order = order;
  mmio->clean = NULL;
  mmio->invalidate = NULL;
  weft_core_mmio_host(host, mmio);
  host->wait_interrupt = wait_interrupt;
  host->now = now;
}

/* What compilers call by themselves. */
void* memset(void* at, int value, size_t bytes) {
  volatile uint8_t* to = at;
  for (size_t i = 0; i < bytes; ++i) to[i] = (uint8_t)value;
  return at;
}

void* memcpy(void* restrict at, const void* restrict from, size_t bytes) {
  volatile uint8_t* to = at;
  for (size_t i = 0; i < bytes; ++i) to[i] = ((const uint8_t*)from)[i];
  return at;
}
