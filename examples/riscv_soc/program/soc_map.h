/* Where things lie for the processor; the host of the simulation includes it, too. */
#ifndef WEFT_SOC_MAP_H
#define WEFT_SOC_MAP_H

#define SOC_TIMER_BASE 0x02000000u       /* as a CLINT: cycles since the start, and an alarm */
#define SOC_TIMER_COMPARE_OFFSET 0x4000u /* u64: the interrupt is pending from that cycle on */
#define SOC_TIMER_TIME_OFFSET 0xbff8u    /* u64 */
#define SOC_UART_BASE 0x10000000u        /* a byte written is printed */
#define SOC_BOARD_BASE 0x10010000u
#define SOC_BOARD_EXIT_OFFSET 0x00u       /* u32, write: the program ends with this code */
#define SOC_BOARD_BUS_OFFSET_OFFSET 0x08u /* u64: what the device's bus adds to addresses here */
#define SOC_BOARD_DRAM_BYTES_OFFSET 0x10u /* u64 */
#define SOC_BOARD_PICTURES_OFFSET 0x18u   /* u32: pictures at the end of the DRAM */
#define SOC_WEFT_BASE 0x40000000u         /* the accelerator's registers */
#define SOC_RAM_BASE 0x80000000u          /* the program: code, constants, stack */
#define SOC_RAM_BYTES 0x00200000u
#define SOC_DRAM_BASE 0xc0000000u /* shared with the accelerator */

/* A picture: the network's input as it takes it, and what it shows. */
#define SOC_PICTURE_BYTES 1024u
#define SOC_PICTURE_LABEL_BYTE 1023u

#endif
