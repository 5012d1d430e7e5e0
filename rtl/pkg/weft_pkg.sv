// Types that the blocks of one machine share. Sizes come from the configuration
// package, formats from the instruction set package; both are generated from configs/.
package weft_pkg;

  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;

  // Memory index widths.
  localparam int unsigned ACT_AW = idx_width(ACT_WORDS);
  localparam int unsigned WGT_AW = idx_width(WGT_WORDS);
  localparam int unsigned PARAM_AW = idx_width(PARAM_WORDS);
  localparam int unsigned ACC_ENTRIES = ACC_BANKS * ACC_DEPTH;
  localparam int unsigned ACC_AW = idx_width(ACC_ENTRIES);

  // Addresses as descriptors carry them: words (or acc entries) of any memory.
  localparam int unsigned DESC_AW = 16;

  localparam int unsigned WORD_BYTES = ROWS;
  localparam int unsigned BUS_BYTES = BUS_BITS / 8;
  localparam int unsigned PARAM_BLOCK_WORDS = 9;

  // A sum inside the array: ROWS products of two int8.
  localparam int unsigned SUM_W = 16 + $clog2(ROWS);
  localparam int unsigned ACC_W = 32;

  typedef logic [7:0] byte_t;
  typedef byte_t [WORD_BYTES-1:0] word_t;  // lane i is bits 8i+7 .. 8i
  typedef logic [ACT_AW-1:0] act_addr_t;
  typedef logic [WGT_AW-1:0] wgt_addr_t;
  typedef logic [PARAM_AW-1:0] param_addr_t;
  typedef logic [ACC_AW-1:0] acc_addr_t;
  typedef logic signed [SUM_W-1:0] sum_t;
  typedef logic signed [ACC_W-1:0] acc_t;

  typedef sum_t [COLS-1:0] sum_vec_t;
  typedef acc_t [COLS-1:0] acc_vec_t;

  // One AXI4 burst: INCR, full bus width a beat, addr aligned to the beat, len = beats - 1.
  typedef struct packed {
    logic [63:0] addr;
    logic [7:0]  len;
  } burst_t;

  // A DRAM window a job may touch. base and limit are multiples of 64; limit is exclusive.
  typedef struct packed {
    logic        readable;
    logic        writable;
    logic [63:0] base;
    logic [63:0] limit;
  } region_t;
  typedef region_t [NUM_REGIONS-1:0] region_table_t;

  // What an engine says of the descriptor that failed.
  typedef struct packed {
    error_e      code;
    logic [1:0]  resp;  // AXI response, for ERR_BUS
    logic [63:0] addr;  // bus address, for ERR_BUS and ERR_REGION
  } err_t;

endpackage
