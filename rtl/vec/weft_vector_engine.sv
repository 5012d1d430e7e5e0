// Vector engine: window maximum, bias, requantisation, clamp; acc or act memory to act memory.
//
// Contract
//   Engine front end; formulas of the passes in the instruction set (format vector). OP_MAXPOOL
//   reads act memory, any other opcode is OP_REQUANT and reads acc memory and parameters.
//   A source word a cycle while reads are granted; passes follow each other without a gap when
//   the earlier one has 13 taps or more. Short passes take nine cycles each, the time of a
//   parameter block. First read 7 cycles after the descriptor is taken (maxpool: 6), write offered
//   7 cycles after the grant of an output's last tap, done_o the cycle after the pass's last write.
//   At most Outputs results are under way, so that they fit the buffer if writes are refused.
//   Errors: ERR_BAD_DESCRIPTOR (reserved bits, a zero minimum, more than 64 lanes; an output
//   whose window has no tap inside the source), ERR_CHIP_RANGE (source, destination, parameter
//   block). err_valid_o waits until the writes of all earlier outputs are done.
module weft_vector_engine
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Outputs = 8
) (
  input  logic         clk_i,
  input  logic         rst_ni,
  // Engine front end.
  input  logic         desc_valid_i,
  output logic         desc_ready_o,
  input  vector_desc_t desc_i,
  output logic         done_o,
  output logic         err_valid_o,
  output err_t         err_o,
  output activity_e    activity_o,
  input  logic         clear_i,
  // Acc memory; data in the cycle after the grant.
  output logic         acc_rd_valid_o,
  input  logic         acc_rd_ready_i,
  output acc_addr_t    acc_rd_addr_o,
  input  acc_vec_t     acc_rd_data_i,
  // Act memory; data in the cycle after the grant.
  output logic         act_rd_valid_o,
  input  logic         act_rd_ready_i,
  output act_addr_t    act_rd_addr_o,
  input  word_t        act_rd_data_i,
  output logic         act_wr_valid_o,
  input  logic         act_wr_ready_i,
  output act_addr_t    act_wr_addr_o,
  output word_t        act_wr_data_o,
  // Parameter memory; always granted, data in the next cycle.
  output logic         param_rd_en_o,
  output param_addr_t  param_rd_addr_o,
  input  word_t        param_rd_data_i
);

  localparam int unsigned Ow = cnt_width(Outputs);
  // Descriptors held: one waits, one runs, the others have results under way, one is reported.
  localparam int unsigned Uw = cnt_width(Outputs + 3);
  localparam int unsigned MaxLanes = 64;

  typedef struct packed {
    logic      pass_last;
    logic      param_set;
    act_addr_t dst;
  } output_t;

  // ---- Acceptance ----
  logic       accept, requant, closed_q, set_q;
  logic [1:0] set_used_q;
  logic       nest_ready, params_ready, params_soon;
  error_e     fault_in, fault;

  assign requant      = (desc_i.opcode != OP_MAXPOOL);
  assign desc_ready_o = nest_ready && params_ready && !set_used_q[set_q]
    && !closed_q && (fault == ERR_NONE);
  assign accept       = desc_valid_i && desc_ready_o;

  always_comb begin
    fault_in = ERR_NONE;
    if (desc_valid_i) begin
      if ((desc_i & VECTOR_RESERVED) != '0
          || desc_i.src_h == '0 || desc_i.src_w == '0 || desc_i.out_h == '0 || desc_i.out_w == '0
          || desc_i.win_h == '0 || desc_i.win_w == '0
          || desc_i.win_stride_y == '0 || desc_i.win_stride_x == '0
          || desc_i.valid_lanes == '0 || 32'(desc_i.valid_lanes) > MaxLanes) begin
        fault_in = ERR_BAD_DESCRIPTOR;
      end else if (requant && 32'(desc_i.param_addr) + PARAM_BLOCK_WORDS > PARAM_WORDS) begin
        fault_in = ERR_CHIP_RANGE;
      end
    end
  end

  // ---- Taps ----
  logic               tap_valid, tap_issue, tap_ready, tap_grant;
  logic               tap_from_act, tap_first, tap_last, tap_pass_last, tap_set;
  logic [DESC_AW-1:0] tap_addr;
  act_addr_t          tap_dst;
  logic [Ow-1:0]      under_way_q;

  weft_vec_nest u_nest (
    .clk_i, .rst_ni, .clear_i,
    .start_valid_i(accept), .start_ready_o(nest_ready), .desc_i,
    .start_set_i(set_q), .start_fault_i(fault_in), .params_soon_i(params_soon),
    .tap_valid_o(tap_valid), .tap_ready_i(tap_grant), .tap_addr_o(tap_addr),
    .tap_from_act_o(tap_from_act), .tap_first_o(tap_first), .tap_last_o(tap_last),
    .tap_pass_last_o(tap_pass_last), .tap_set_o(tap_set), .tap_dst_o(tap_dst), .fault_o(fault)
  );

  // The last tap of a window makes a result, and must find a place for it.
  assign tap_issue      = tap_valid && (!tap_last || under_way_q != Ow'(Outputs));
  assign acc_rd_valid_o = tap_issue && !tap_from_act;
  assign act_rd_valid_o = tap_issue && tap_from_act;
  assign acc_rd_addr_o  = acc_addr_t'(tap_addr);
  assign act_rd_addr_o  = act_addr_t'(tap_addr);
  assign tap_ready      = tap_from_act ? act_rd_ready_i : acc_rd_ready_i;
  assign tap_grant      = tap_issue && tap_ready;

  // ---- Parameters ----
  logic       param_valid, param_set;
  logic [3:0] param_index;
  word_t      param_data;

  weft_vec_params u_params (
    .clk_i, .rst_ni, .clear_i,
    .start_i(accept && requant && fault_in == ERR_NONE), .ready_o(params_ready),
    .start_addr_i(param_addr_t'(desc_i.param_addr)), .start_set_i(set_q), .soon_o(params_soon),
    .param_rd_en_o, .param_rd_addr_o, .param_rd_data_i,
    .param_valid_o(param_valid), .param_set_o(param_set), .param_index_o(param_index),
    .param_data_o(param_data)
  );

  // ---- Source word, maximum, requantisation; beside them what belongs to each output ----
  localparam int unsigned Stages = 6;  // word, maximum, four of the lanes

  logic    word_valid_q, word_from_act_q, word_first_q, word_last_q;
  output_t output_q [Stages];
  logic    max_valid, y_valid;
  acc_t    max [COLS];
  word_t   y;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) word_valid_q <= 1'b0;
    else                    word_valid_q <= tap_grant;
    if (tap_grant) begin
      word_from_act_q <= tap_from_act;
      word_first_q    <= tap_first;
      word_last_q     <= tap_last;
    end
    if (under_way_q != '0 || tap_grant) begin
      output_q[0] <= '{pass_last: tap_pass_last, param_set: tap_set, dst: tap_dst};
      for (int unsigned i = 1; i < Stages; i++) output_q[i] <= output_q[i-1];
    end
  end

  weft_vec_max u_max (
    .clk_i, .rst_ni, .clear_i,
    .valid_i(word_valid_q), .from_act_i(word_from_act_q), .first_i(word_first_q),
    .last_i(word_last_q), .acc_i(acc_rd_data_i), .act_i(act_rd_data_i),
    .valid_o(max_valid), .max_o(max)
  );

  weft_requant_lanes u_lanes (
    .clk_i, .rst_ni, .clear_i,
    .start_i(accept && fault_in == ERR_NONE), .start_set_i(set_q), .start_identity_i(!requant),
    .start_zero_point_i(desc_i.zero_point), .start_clamp_min_i(desc_i.clamp_min),
    .start_clamp_max_i(desc_i.clamp_max), .start_lanes_i(desc_i.valid_lanes),
    .param_valid_i(param_valid), .param_set_i(param_set), .param_index_i(param_index),
    .param_data_i(param_data),
    .valid_i(max_valid), .set_i(output_q[1].param_set), .v_i(max),
    .valid_o(y_valid), .y_o(y)
  );

  // ---- Writer ----
  output_t y_output;
  logic    buffer_ready, write_last, written;

  assign y_output = output_q[Stages-1];
  weft_fifo #(.Depth(Outputs), .Width(1 + ACT_AW + $bits(word_t))) u_results (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(y_valid), .in_ready_o(buffer_ready),
    .in_data_i({y_output.pass_last, y_output.dst, y}),
    .out_valid_o(act_wr_valid_o), .out_ready_i(act_wr_ready_i),
    .out_data_o({write_last, act_wr_addr_o, act_wr_data_o}),
    .count_o()
  );
  assign written = act_wr_valid_o && act_wr_ready_i;

  // ---- What it does ----
  logic [Uw-1:0] unfinished_q;

  always_comb begin
    if (unfinished_q == '0)                           activity_o = ACTIVITY_IDLE;
    else if (tap_grant)                               activity_o = ACTIVITY_BUSY;
    else if (tap_issue)                               activity_o = ACTIVITY_SOURCE;
    else if (tap_valid || (act_wr_valid_o && !act_wr_ready_i)) activity_o = ACTIVITY_SINK;
    else if (param_valid)                             activity_o = ACTIVITY_OPERAND;
    else                                              activity_o = ACTIVITY_LATENCY;
  end

  // ---- State ----
  logic made, done_q, err_valid_q;

  assign made = tap_grant && tap_last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      closed_q     <= 1'b0;
      set_q        <= 1'b0;
      set_used_q   <= '0;
      under_way_q  <= '0;
      unfinished_q <= '0;
      done_q       <= 1'b0;
      err_valid_q  <= 1'b0;
    end else begin
      if (accept) begin
        closed_q          <= (fault_in != ERR_NONE);
        set_q             <= !set_q;
        set_used_q[set_q] <= 1'b1;
      end
      if (y_valid && y_output.pass_last) set_used_q[y_output.param_set] <= 1'b0;
      if (made != written) under_way_q <= made ? under_way_q + 1'b1 : under_way_q - 1'b1;
      if (accept != done_q) unfinished_q <= accept ? unfinished_q + 1'b1 : unfinished_q - 1'b1;
      done_q      <= written && write_last;
      err_valid_q <= (fault != ERR_NONE) && (under_way_q == '0);
    end
  end

  assign done_o      = done_q;
  assign err_valid_o = err_valid_q;
  assign err_o       = '{code: fault, resp: '0, addr: '0};

  // ---- Assertions ----
  if (Outputs < 1) begin : g_bad_size
    $fatal(1, "weft_vector_engine: Outputs %0d must be positive", Outputs);
  end

  ResultFindsPlace: assert property (
    @(posedge clk_i) disable iff (!rst_ni) y_valid |-> buffer_ready)
    else $error("weft_vector_engine: a result finds the buffer full");
  WriteStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (act_wr_valid_o && !act_wr_ready_i) |=>
    (act_wr_valid_o && $stable(act_wr_addr_o) && $stable(act_wr_data_o)))
    else $error("weft_vector_engine: a write changed while it waited");
  ReadStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (tap_issue && !tap_grant) |=> (tap_issue && $stable(tap_addr)))
    else $error("weft_vector_engine: a read changed while it waited");

endmodule
