// What the engine refuses of a vector descriptor before it does anything.
//
// Contract
//   kind_o says how desc_i's opcode uses the engine; fault_o, ERR_BAD_DESCRIPTOR: reserved bits, a
//   zero minimum, more than 64 lanes, a multiplier of 2^31 or more, a window of several taps where
//   one is required; ERR_CHIP_RANGE: a parameter block or table that does not lie in its memory.
//   Combinational.
module weft_vec_check
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic         valid_i,  // else kind and fault are zero
  input  vector_desc_t desc_i,
  output vec_kind_t    kind_o,
  output error_e       fault_o
);

  localparam int unsigned MaxLanes = 64;

  always_comb begin
    int unsigned words;
    words   = 0;
    kind_o  = '0;
    fault_o = ERR_NONE;
    if (valid_i) begin
      kind_o = vec_kind(opcode_e'(desc_i.opcode));
      if (kind_o.params == PARAMS_BLOCK) words = PARAM_BLOCK_WORDS;
      if (kind_o.params == PARAMS_TABLE) words = TABLE_WORDS;
      if ((desc_i & VECTOR_RESERVED) != '0
          || desc_i.src_h == '0 || desc_i.src_w == '0 || desc_i.out_h == '0 || desc_i.out_w == '0
          || desc_i.win_h == '0 || desc_i.win_w == '0
          || desc_i.win_stride_y == '0 || desc_i.win_stride_x == '0
          || desc_i.valid_lanes == '0 || 32'(desc_i.valid_lanes) > MaxLanes
          || desc_i.src_multiplier[31] || desc_i.src2_multiplier[31]
          || (!kind_o.window && (desc_i.win_h != 8'd1 || desc_i.win_w != 8'd1))) begin
        fault_o = ERR_BAD_DESCRIPTOR;
      end else if (words != 0 && 32'(desc_i.param_addr) + words > PARAM_WORDS) begin
        fault_o = ERR_CHIP_RANGE;
      end
    end
  end

endmodule
