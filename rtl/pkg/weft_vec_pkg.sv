// What the blocks of the vector engine say to each other: how each opcode uses them.
package weft_vec_pkg;

  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;

  localparam int unsigned TABLE_BYTES = 256;
  localparam int unsigned TABLE_WORDS = TABLE_BYTES / WORD_BYTES;

  // What becomes of an output's source words before the lanes.
  typedef enum logic [2:0] {
    COMBINE_MAX,      // their maximum
    COMBINE_MIN,      // their minimum
    COMBINE_SUM,      // their sum
    COMBINE_PRODUCT,  // the product of two
    COMBINE_EACH      // each goes on by itself
  } combine_e;

  // What the lanes make of a value.
  typedef enum logic [2:0] {
    LANE_PLAIN,    // requantise it
    LANE_AVERAGE,  // multiply its magnitude, cut off what is below one
    LANE_LOOKUP,   // take the table's byte instead
    LANE_FIRST,    // rescale it and keep it
    LANE_SECOND,   // rescale it and add it to what is kept, or subtract it
    LANE_PAIR      // requantise what is kept
  } lane_op_e;

  typedef enum logic [1:0] {PARAMS_NONE, PARAMS_BLOCK, PARAMS_TABLE} params_e;

  // How an opcode uses the engine.
  typedef struct packed {
    logic     from_act;  // the source is act memory, not acc memory
    logic     pair;      // each output has a word of a second source
    logic     window;    // may have more than one tap
    logic     doubled;   // bytes are doubled: see weft_requant_lanes, identity and average
    combine_e combine;
    lane_op_e lane_op;   // of single words and of results of the combiner
    params_e  params;
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
