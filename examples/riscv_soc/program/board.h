/* The board's small parts: console, clock, interrupts, and the end of the program. */
#ifndef WEFT_SOC_BOARD_H
#define WEFT_SOC_BOARD_H

#include <stdint.h>

#include <weft/core_mmio.h>

void print(const char* text);
void print_number(int64_t value);
void print_hex(uint64_t value);

uint64_t board_time(void); /* cycles since the start */
uint64_t board_dram_bytes(void);
uint32_t board_pictures(void);
/* The DRAM's byte `offset`, for the processor. */
volatile uint8_t* board_dram(uint64_t offset);

/* The accelerator for the C core: registers and DRAM directly; waiting sleeps until its interrupt, or
 * the alarm. */
void board_weft_host(struct weft_core_host* host, struct weft_core_mmio* mmio);
/* The accelerator's interrupts that were taken. */
uint32_t board_interrupts(void);

void board_exit(int code);

#endif
