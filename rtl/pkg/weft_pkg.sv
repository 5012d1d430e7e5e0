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

  localparam int unsigned QUEUE_CW = cnt_width(QUEUE_DEPTH);  // a count of a queue's descriptors

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

  // What an engine does in a cycle; the first that holds. One counter each (weft_counters).
  typedef enum logic [2:0] {
    ACTIVITY_BUSY,     // a unit of its stream moves
    ACTIVITY_SOURCE,   // waits for what it reads
    ACTIVITY_SINK,     // waits for where it writes
    ACTIVITY_OPERAND,  // waits for weights, parameters, the bus' address channel
    ACTIVITY_LATENCY,  // holds a descriptor, none of the above
    ACTIVITY_WAIT,     // empty, the next descriptor waits for semaphores: told by control
    ACTIVITY_IDLE      // empty
  } activity_e;
  localparam int unsigned NUM_ACTIVITIES = 7;

  // A convolution descriptor with what its loop nest needs precomputed: steps of the act address
  // (modulo 2^16), the address of tap (0, 0) at output (0, 0), and the number of K tiles.
  typedef struct packed {
    array_desc_t        desc;
    logic [DESC_AW-1:0] start;       // blocked: in_addr + y0*row pitch + x0*column pitch; shallow: without x0
    logic [DESC_AW-1:0] out_y_step;  // stride_y * row pitch
    logic [DESC_AW-1:0] tap_y_step;  // dil_y * row pitch
    logic [DESC_AW-1:0] out_x_step;  // blocked: stride_x * column pitch
    logic [DESC_AW-1:0] tap_x_step;  // blocked: dil_x * column pitch
    logic [31:0]        out_x_span;  // shallow: (out_w - 1) * stride_x bytes
    logic [DESC_AW-1:0] k_tiles;
  } array_plan_t;

  // ---- Depthwise engine ----
  localparam int unsigned DW_TAPS = 3;  // of one kernel row, multiplied in one step
  localparam int unsigned DW_TAP_ROWS = 32;  // steps of one output: kernel rows x ceil(kw / DW_TAPS)
  localparam int unsigned DW_WINDOWS = 4;  // kernel rows whose last input words are kept

  // A depthwise descriptor with what its nests need precomputed. Sliding: the words of an input row
  // are fetched once, in pairs, and slide through a window of their kernel row; else the taps of
  // each output are fetched for themselves, in pairs too.
  typedef struct packed {
    logic               sliding;
    logic [7:0]         groups;       // ceil(kw / DW_TAPS)
    logic [DESC_AW-1:0] start;        // in_addr + y0*row pitch + x0*column pitch
    logic [DESC_AW-1:0] out_y_step;   // stride_y * row pitch
    logic [DESC_AW-1:0] tap_y_step;   // dil_y * row pitch
    logic [DESC_AW-1:0] out_x_step;   // stride_x * column pitch
    logic [DESC_AW-1:0] tap_x_step;   // dil_x * column pitch
    depthwise_desc_t    desc;         // last, where a simulation finds its fields word by word
  } dw_plan_t;

  // Two input words of one kernel row, side by side in the order of the taps.
  typedef struct packed {
    act_addr_t [1:0] addr;
    logic [1:0]      read;       // else pad_value, or a word that no tap uses
    byte_t           pad_value;
  } dw_fetch_t;
  typedef word_t [1:0] dw_pair_t;
  typedef word_t [DW_TAPS-1:0] dw_taps_t;

  // What the products of one step need.
  typedef struct packed {
    logic [1:0]                        pairs;    // 0 .. 2 to be shifted into the window first
    logic [1:0]                        offset;   // of the first tap in the window's four words
    logic [idx_width(DW_WINDOWS)-1:0]  window;
    logic [idx_width(DW_TAP_ROWS)-1:0] row;      // of the tap buffer
    logic                              first;    // step of its output
    logic                              last;
    logic                              desc_last;
    acc_addr_t                         acc_addr;
  } dw_step_t;

  // ---- Shallow packer: a K tile is at most four segments, each a piece of one kernel row ----
  localparam int unsigned PACK_SEGS = 4;
  localparam int unsigned LANE_CW = cnt_width(WORD_BYTES);  // a count of lanes
  // A row or byte position: 16-bit origins, 255 taps and outputs of stride 255 away; may be negative.
  typedef logic signed [20:0] pos_t;

  typedef struct packed {
    logic               valid;
    logic [LANE_CW-1:0] dst;         // first lane
    logic [LANE_CW-1:0] len;         // lanes
    pos_t               iy;          // input row at output row 0
    logic [DESC_AW-1:0] row_addr;    // its first word
    pos_t               first_byte;  // byte of lane dst at output (0, 0)
    logic               in_x;        // any byte of the row is used by any output
    logic [DESC_AW-1:0] first_word;  // words of the row that outputs use, if in_x
    logic [DESC_AW-1:0] last_word;
  } pack_seg_t;

  typedef struct packed {
    pack_seg_t [PACK_SEGS-1:0] seg;
    logic [LANE_CW-1:0]        lanes;  // filled; the others are zero
    logic                      last;   // of its descriptor
    logic [15:0]               out_h;
    logic [15:0]               out_w;
    logic [7:0]                stride_y;
    logic [7:0]                stride_x;
    logic [DESC_AW-1:0]        out_y_step;
    logic [15:0]               in_h;
    logic [15:0]               in_w;
    byte_t                     pad_value;
  } pack_tile_t;

  // ---- Vector engine: what its blocks say to each other, how each opcode uses them ----
  localparam int unsigned TABLE_BYTES = 256;
  localparam int unsigned TABLE_WORDS = TABLE_BYTES / WORD_BYTES;

  // What becomes of an output's source words before the lanes.
  typedef enum logic [2:0] {
    COMBINE_MAX,      // their maximum
    COMBINE_MIN,      // their minimum
    COMBINE_SUM,      // their sum
    COMBINE_PRODUCT,  // the product of two
    COMBINE_EACH      // each goes on by itself
  } vec_combine_e;

  // What the lanes make of a value.
  typedef enum logic [2:0] {
    LANE_PLAIN,    // requantise it
    LANE_AVERAGE,  // multiply its magnitude, cut off what is below one
    LANE_LOOKUP,   // take the table's byte instead
    LANE_FIRST,    // rescale it and keep it
    LANE_SECOND,   // rescale it and add it to what is kept, or subtract it
    LANE_PAIR      // requantise what is kept
  } vec_lane_op_e;

  typedef enum logic [1:0] {PARAMS_NONE, PARAMS_BLOCK, PARAMS_TABLE} vec_params_e;

  // How an opcode uses the engine.
  typedef struct packed {
    logic         from_act;  // the source is act memory, not acc memory
    logic         pair;      // each output has a word of a second source
    logic         window;    // may have more than one tap
    logic         doubled;   // bytes are doubled: see weft_requant_lanes, identity and average
    vec_combine_e combine;
    vec_lane_op_e lane_op;   // of what the combiner gives
    vec_params_e  params;
  } vec_kind_t;

  function automatic vec_kind_t vec_kind(opcode_e opcode);
    vec_kind_t kind;
    kind = '{from_act: 1'b1, pair: 1'b0, window: 1'b1, doubled: 1'b0, combine: COMBINE_MAX,
             lane_op: LANE_PLAIN, params: PARAMS_BLOCK};
    unique case (opcode)
      OP_MAXPOOL: begin
        kind.doubled = 1'b1;
        kind.params  = PARAMS_NONE;
      end
      OP_MEAN: kind.combine = COMBINE_SUM;
      OP_AVGPOOL: begin
        kind.doubled = 1'b1;
        kind.combine = COMBINE_SUM;
        kind.lane_op = LANE_AVERAGE;
      end
      OP_LUT: begin
        kind.window  = 1'b0;
        kind.lane_op = LANE_LOOKUP;
        kind.params  = PARAMS_TABLE;
      end
      OP_ADD: begin
        kind.pair    = 1'b1;
        kind.window  = 1'b0;
        kind.combine = COMBINE_EACH;
      end
      OP_MUL: begin
        kind.pair    = 1'b1;
        kind.window  = 1'b0;
        kind.combine = COMBINE_PRODUCT;
      end
      OP_MAXIMUM, OP_MINIMUM: begin
        kind.pair    = 1'b1;
        kind.window  = 1'b0;
        kind.doubled = 1'b1;
        kind.combine = (opcode == OP_MINIMUM) ? COMBINE_MIN : COMBINE_MAX;
        kind.params  = PARAMS_NONE;
      end
      default: kind.from_act = 1'b0;  // OP_REQUANT
    endcase
    return kind;
  endfunction

  // What is known of an output from its last tap on.
  typedef struct packed {
    logic      pass_last;
    logic      param_set;
    act_addr_t dst;
  } vec_output_t;

  // A source word asked for.
  typedef struct packed {
    logic [DESC_AW-1:0] addr;
    vec_kind_t          kind;
    logic               first;   // of its output
    logic               second;  // of the second source
    logic               last;    // of its output
    vec_output_t        result;
  } vec_tap_t;

endpackage
