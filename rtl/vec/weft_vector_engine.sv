// Vector engine: what finishes sums, pools, and works element by element; acc or act memory to
// act memory.
//
// Contract
//   Engine front end; formulas of the passes in the instruction set (format vector). Opcodes are
//   those of that format; OP_REQUANT reads acc memory, all others act memory.
//   A source word a cycle while reads are granted, so two cycles an output of two sources; OP_ADD
//   three, as its three multiplications share one multiplier a lane. Passes follow each other
//   without a gap when the earlier one has 13 taps or more, but for four cycles after an OP_ADD
//   before another opcode. Short passes with a parameter block take nine cycles each. A table is
//   read (256 bytes) after the last pass with a table is done.
//   First read 7 cycles after the descriptor is taken (without parameters 6), write offered
//   7 cycles after the grant of an output's last tap (OP_ADD: 11), done_o the cycle after the
//   pass's last write.
//   At most Outputs results are under way, so that they fit the buffer if writes are refused.
//   Errors: those of weft_vec_check, ERR_BAD_DESCRIPTOR for an output whose window has no tap
//   inside the source, ERR_CHIP_RANGE for source or destination words. err_valid_o waits until
//   the writes of all earlier outputs are done.
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
  // ---- Acceptance ----
  logic       accept, good, closed_q, set_q, table_used_q, table_set_q;
  logic [1:0] set_used_q;
  logic       nest_ready, params_ready, params_soon;
  vec_kind_t  kind;
  error_e     fault_in, fault;

  weft_vec_check u_check (.valid_i(desc_valid_i), .desc_i, .kind_o(kind), .fault_o(fault_in));

  assign desc_ready_o = nest_ready && params_ready && !set_used_q[set_q]
    && !(table_used_q && desc_i.opcode == OP_LUT) && !closed_q && (fault == ERR_NONE);
  assign accept       = desc_valid_i && desc_ready_o;
  assign good         = accept && (fault_in == ERR_NONE);

  // ---- Taps ----
  logic          tap_valid, tap_issue, tap_ready, tap_grant;
  vec_tap_t      tap;
  logic [Ow-1:0] under_way_q;

  weft_vec_nest u_nest (
    .clk_i, .rst_ni, .clear_i,
    .start_valid_i(accept), .start_ready_o(nest_ready), .desc_i, .start_kind_i(kind),
    .start_set_i(set_q), .start_fault_i(fault_in), .params_soon_i(params_soon),
    .tap_valid_o(tap_valid), .tap_ready_i(tap_grant), .tap_o(tap), .fault_o(fault)
  );

  // The two terms of a sum go through the lanes as they are read; four cycles after the second
  // the sum goes through them itself. That cycle is kept free of taps, and no result of another
  // opcode may overtake it.
  localparam int unsigned PairDelay = 4;
  logic [PairDelay-1:0] pair_valid_q;
  vec_output_t          pair_q [PairDelay];
  logic                 each, pair_due, room;

  assign each     = (tap.kind.combine == COMBINE_EACH);
  assign pair_due = pair_valid_q[PairDelay-1];

  // The last tap of an output makes a result, and must find a place for it.
  assign room           = !tap.last || under_way_q != Ow'(Outputs);
  assign tap_issue      = tap_valid && room && !pair_due && (each || pair_valid_q == '0);
  assign acc_rd_valid_o = tap_issue && !tap.kind.from_act;
  assign act_rd_valid_o = tap_issue && tap.kind.from_act;
  assign acc_rd_addr_o  = acc_addr_t'(tap.addr);
  assign act_rd_addr_o  = act_addr_t'(tap.addr);
  assign tap_ready      = tap.kind.from_act ? act_rd_ready_i : acc_rd_ready_i;
  assign tap_grant      = tap_issue && tap_ready;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) pair_valid_q <= '0;
    else pair_valid_q <= {pair_valid_q[PairDelay-2:0], tap_grant && each && tap.second};
    if (tap_grant) pair_q[0] <= tap.result;
    if (pair_valid_q != '0) begin
      for (int unsigned i = 1; i < PairDelay; i++) pair_q[i] <= pair_q[i-1];
    end
  end

  // ---- Parameters ----
  localparam int unsigned TableRowW = idx_width(TABLE_WORDS);
  localparam int unsigned IndexW =
    idx_width((TABLE_WORDS > PARAM_BLOCK_WORDS) ? TABLE_WORDS : PARAM_BLOCK_WORDS);
  logic              block_valid, block_set, table_valid;
  logic [IndexW-1:0] param_index;
  word_t             param_data;

  weft_vec_params u_params (
    .clk_i, .rst_ni, .clear_i,
    .start_i(good && kind.params != PARAMS_NONE), .ready_o(params_ready),
    .start_addr_i(param_addr_t'(desc_i.param_addr)), .start_set_i(set_q),
    .start_table_i(kind.params == PARAMS_TABLE), .soon_o(params_soon),
    .param_rd_en_o, .param_rd_addr_o, .param_rd_data_i,
    .block_valid_o(block_valid), .block_set_o(block_set), .table_valid_o(table_valid),
    .index_o(param_index), .data_o(param_data)
  );

  // ---- Source word, what it becomes, lanes; beside them what belongs to each output ----
  localparam int unsigned Stages = 6;  // word, value, four of the lanes

  logic              word_valid_q, word_pair_q, value_pair_q;
  vec_kind_t         word_kind_q;
  logic              word_first_q, word_last_q, word_second_q;
  logic signed [7:0] source_zero_q [2][2];  // of a set, of a source
  logic signed [7:0] word_zero_q;
  vec_lane_op_e      value_op_q;
  vec_output_t       output_q [Stages];
  logic              value_valid, y_valid;
  acc_t              value [COLS];
  word_t             looked_up, y;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      word_valid_q <= 1'b0;
      word_pair_q  <= 1'b0;
      value_pair_q <= 1'b0;
    end else begin
      word_valid_q <= tap_grant;
      word_pair_q  <= pair_due;
      value_pair_q <= word_pair_q;
    end
    if (accept) source_zero_q[set_q] <= '{desc_i.src_zero_point, desc_i.src2_zero_point};
    if (tap_grant) begin
      word_kind_q   <= tap.kind;
      word_first_q  <= tap.first;
      word_last_q   <= tap.last;
      word_second_q <= tap.second;
      word_zero_q   <= source_zero_q[tap.result.param_set][tap.second];
    end
    if (word_pair_q)                                   value_op_q <= LANE_PAIR;
    else if (word_valid_q) begin
      if (word_kind_q.combine != COMBINE_EACH)         value_op_q <= word_kind_q.lane_op;
      else                                             value_op_q <= word_second_q ? LANE_SECOND
                                                                                   : LANE_FIRST;
    end
    // The lanes need the set of a sum's first term before the sum is under way.
    if (under_way_q != '0 || tap_grant || word_valid_q) begin
      output_q[0] <= pair_due ? pair_q[PairDelay-1] : tap.result;
      for (int unsigned i = 1; i < Stages; i++) output_q[i] <= output_q[i-1];
    end
  end

  weft_vec_combine u_combine (
    .clk_i, .rst_ni, .clear_i,
    .valid_i(word_valid_q), .kind_i(word_kind_q), .first_i(word_first_q), .last_i(word_last_q),
    .zero_i(word_zero_q), .acc_i(acc_rd_data_i), .act_i(act_rd_data_i),
    .valid_o(value_valid), .v_o(value)
  );

  weft_vec_table u_table (
    .clk_i, .rst_ni, .wr_valid_i(table_valid), .wr_row_i(TableRowW'(param_index)), .wr_data_i(param_data),
    .rd_valid_i(word_valid_q && word_kind_q.lane_op == LANE_LOOKUP), .index_i(act_rd_data_i),
    .byte_o(looked_up)
  );

  weft_requant_lanes u_lanes (
    .clk_i, .rst_ni, .clear_i,
    .start_i(good), .start_set_i(set_q), .start_identity_i(kind.params != PARAMS_BLOCK),
    .start_zero_point_i(desc_i.zero_point), .start_clamp_min_i(desc_i.clamp_min),
    .start_clamp_max_i(desc_i.clamp_max), .start_lanes_i(desc_i.valid_lanes),
    .start_subtract_i(desc_i.flags[VECTOR_FLAG_SUBTRACT_BIT]),
    .start_source_multiplier_i('{desc_i.src_multiplier[30:0], desc_i.src2_multiplier[30:0]}),
    .start_source_shift_i('{desc_i.src_right_shift, desc_i.src2_right_shift}),
    .param_valid_i(block_valid), .param_set_i(block_set), .param_index_i(param_index[3:0]),
    .param_data_i(param_data),
    .valid_i(value_valid || value_pair_q), .set_i(output_q[1].param_set), .op_i(value_op_q),
    .v_i(value), .byte_i(looked_up), .valid_o(y_valid), .y_o(y)
  );

  // ---- Writer ----
  vec_output_t y_output;
  logic        buffer_ready, write_last, written;

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
    else if ((tap_valid && !room) || (act_wr_valid_o && !act_wr_ready_i))
                                                      activity_o = ACTIVITY_SINK;
    else if (block_valid || table_valid)              activity_o = ACTIVITY_OPERAND;
    else                                              activity_o = ACTIVITY_LATENCY;
  end

  // ---- State ----
  logic made, done_q, err_valid_q;

  assign made = tap_grant && tap.last;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      closed_q     <= 1'b0;
      set_q        <= 1'b0;
      set_used_q   <= '0;
      table_used_q <= 1'b0;
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
      if (y_valid && y_output.pass_last) begin
        set_used_q[y_output.param_set] <= 1'b0;
        if (y_output.param_set == table_set_q) table_used_q <= 1'b0;
      end
      if (good && kind.params == PARAMS_TABLE) begin
        table_used_q <= 1'b1;
        table_set_q  <= set_q;
      end
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
    (tap_issue && !tap_grant) |=> ((tap_issue || pair_due) && $stable(tap)))
    else $error("weft_vector_engine: a read changed while it waited");
  SumInTurn: assert property (
    @(posedge clk_i) disable iff (!rst_ni) value_pair_q |-> !value_valid)
    else $error("weft_vector_engine: a sum and another value for the lanes");

endmodule
