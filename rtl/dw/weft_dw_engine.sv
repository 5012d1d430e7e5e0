// Depthwise engine: tiles of depthwise convolutions from act and param memory into acc memory.
//
//   set-up -> nest -> fetch (two ports, queue of pairs) -> lanes -> acc
//          -> taps (buffer in use, buffer being filled) --^
//          -> steps (which words, which taps) ------------^
//
// Contract
//   Engine front end. A descriptor overwrites acc[acc_addr + oy*out_w + ox][c] with its sums. An
//   output takes kh * ceil(kw / 3) cycles, or as many as its words need at two a cycle: sliding (kh
//   <= 4, kw <= 3, dil_x = 1, stride_x <= 2 and <= kw) stride_x * kh words, and kw * kh at a row's
//   start, else ceil(kw / 2) * kh pairs. Descriptors follow each other without a gap; they take
//   twelve cycles at least, and kh*kw + 3 for their taps. First sum about 20 cycles and the taps
//   after the descriptor is taken. done_o is the cycle after its last sum was written.
//   Errors: ERR_BAD_DESCRIPTOR (before any effect), ERR_CHIP_RANGE (acc entries and weight words
//   before any effect, act words when an output needs one).
module weft_dw_engine
  import weft_math_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic            clk_i,
  input  logic            rst_ni,
  // Engine front end.
  input  logic            desc_valid_i,
  output logic            desc_ready_o,
  input  depthwise_desc_t desc_i,
  output logic            done_o,
  output logic            err_valid_o,
  output err_t            err_o,
  output activity_e       activity_o,
  input  logic            clear_i,
  // Act memory: two readers; data in the cycle after the grant.
  output logic [1:0]      act_rd_valid_o,
  input  logic [1:0]      act_rd_ready_i,
  output act_addr_t       act_rd_addr_o [2],
  input  word_t           act_rd_data_i [2],
  // Parameter memory; data in the cycle after the grant.
  output logic            param_rd_valid_o,
  input  logic            param_rd_ready_i,
  output param_addr_t     param_rd_addr_o,
  input  word_t           param_rd_data_i,
  // Acc memory.
  output logic            acc_wr_valid_o,
  input  logic            acc_wr_ready_i,
  output acc_addr_t       acc_wr_addr_o,
  output acc_vec_t        acc_wr_data_o
);

  localparam int unsigned Descs = 8;  // taken, not done
  localparam int unsigned Dw    = cnt_width(Descs);
  localparam int unsigned Pairs = 8;  // of the queue

  // ---- Set-up, then to nest, taps and steps, each when it can ----
  typedef enum logic [1:0] {ToNest, ToTaps, ToSteps} part_e;
  localparam int unsigned Parts = 3;

  logic             setup_ready, plan_valid, plan_fire, room;
  dw_plan_t         plan;
  error_e           setup_fault;
  logic [Parts-1:0] part_ready, part_taken_q, part_valid;
  logic [Dw-1:0]    unfinished_q;  // descriptors taken, not done

  assign room         = (unfinished_q != Dw'(Descs));
  assign desc_ready_o = setup_ready && room;

  weft_dw_setup u_setup (
    .clk_i, .rst_ni, .clear_i,
    .desc_valid_i(desc_valid_i && room), .desc_ready_o(setup_ready), .desc_i,
    .plan_valid_o(plan_valid), .plan_ready_i(plan_fire), .plan_o(plan), .fault_o(setup_fault)
  );
  assign part_valid = {Parts{plan_valid}} & ~part_taken_q;
  assign plan_fire  = plan_valid && ((part_taken_q | part_ready) == '1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || plan_fire) part_taken_q <= '0;
    else if (plan_valid)                 part_taken_q <= part_taken_q | part_ready;
  end

  // ---- Input words ----
  logic                        pair_valid, pair_ready, pair_desc_last, nest_fault;
  dw_fetch_t                   pair;
  logic [cnt_width(Pairs)-1:0] pair_count;
  dw_pair_t [1:0]              pairs;
  logic [1:0]                  pop;

  weft_dw_nest u_nest (
    .clk_i, .rst_ni, .clear_i,
    .plan_valid_i(part_valid[ToNest]), .plan_ready_o(part_ready[ToNest]), .plan_i(plan),
    .fault_o(nest_fault),
    .pair_valid_o(pair_valid), .pair_ready_i(pair_ready), .pair_o(pair),
    .pair_desc_last_o(pair_desc_last)
  );

  weft_dw_fetch #(.Depth(Pairs)) u_fetch (
    .clk_i, .rst_ni, .clear_i,
    .pair_valid_i(pair_valid), .pair_ready_o(pair_ready), .pair_i(pair),
    .rd_valid_o(act_rd_valid_o), .rd_ready_i(act_rd_ready_i), .rd_addr_o(act_rd_addr_o),
    .rd_data_i(act_rd_data_i),
    .count_o(pair_count), .head_o(pairs), .pop_i(pop)
  );

  // ---- Taps ----
  logic     step_valid, step_ready, step_fire, taps_ready;
  dw_step_t step;
  dw_taps_t taps;

  weft_dw_taps u_taps (
    .clk_i, .rst_ni, .clear_i,
    .start_valid_i(part_valid[ToTaps]), .start_ready_o(part_ready[ToTaps]),
    .start_addr_i(param_addr_t'(plan.desc.param_addr)),
    .start_kh_i(plan.desc.kh), .start_kw_i(plan.desc.kw),
    .param_rd_valid_o, .param_rd_ready_i, .param_rd_addr_o, .param_rd_data_i,
    .ready_o(taps_ready), .read_i(step_fire), .row_i(step.row),
    .free_i(step_fire && step.desc_last), .taps_o(taps)
  );

  // ---- Steps ----
  logic wants_words, wants_taps, lanes_busy;

  weft_dw_steps u_steps (
    .clk_i, .rst_ni, .clear_i,
    .plan_valid_i(part_valid[ToSteps]), .plan_ready_o(part_ready[ToSteps]), .plan_i(plan),
    .pairs_i((32'(pair_count) > 32'd2) ? 2'd2 : 2'(pair_count)), .taps_ready_i(taps_ready),
    .step_valid_o(step_valid), .step_ready_i(step_ready), .step_o(step),
    .wants_words_o(wants_words), .wants_taps_o(wants_taps)
  );
  assign step_fire = step_valid && step_ready;
  assign pop       = step_fire ? step.pairs : '0;

  // ---- Sums ----
  logic out_valid, out_desc_last;

  weft_dw_lanes u_lanes (
    .clk_i, .rst_ni, .clear_i,
    .step_valid_i(step_valid), .step_ready_o(step_ready), .step_i(step),
    .pairs_i(pairs), .taps_i(taps),
    .out_valid_o(out_valid), .out_ready_i(acc_wr_valid_o && acc_wr_ready_i),
    .out_addr_o(acc_wr_addr_o), .out_sums_o(acc_wr_data_o), .out_desc_last_o(out_desc_last),
    .busy_o(lanes_busy)
  );
  assign acc_wr_valid_o = out_valid && !err_valid_o;  // no effect after an error

  // ---- Descriptors under way ----
  logic [Dw-1:0] fetched_q;  // all pairs on their way, not done
  logic          accept, fetched, done_q;
  error_e        fault;

  assign accept  = desc_valid_i && desc_ready_o;
  assign fetched = pair_valid && pair_ready && pair_desc_last;
  assign done_o  = done_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      unfinished_q <= '0;
      fetched_q    <= '0;
      done_q       <= 1'b0;
    end else begin
      done_q <= acc_wr_valid_o && acc_wr_ready_i && out_desc_last;
      if (accept != done_o)  unfinished_q <= accept ? unfinished_q + 1'b1 : unfinished_q - 1'b1;
      if (fetched != done_o) fetched_q    <= fetched ? fetched_q + 1'b1 : fetched_q - 1'b1;
    end
  end

  // ---- What it does ----
  always_comb begin
    if (unfinished_q == '0)                activity_o = ACTIVITY_IDLE;
    else if (step_fire)                    activity_o = ACTIVITY_BUSY;
    else if (wants_words)                  activity_o = ACTIVITY_SOURCE;
    else if (out_valid && !acc_wr_ready_i) activity_o = ACTIVITY_SINK;
    else if (wants_taps)                   activity_o = ACTIVITY_OPERAND;
    else                                   activity_o = ACTIVITY_LATENCY;
  end

  // ---- Errors wait until all older descriptors are done ----
  always_comb begin
    fault = ERR_NONE;
    if (nest_fault && fetched_q == '0)                          fault = ERR_CHIP_RANGE;
    else if (setup_fault != ERR_NONE && unfinished_q == Dw'(1)) fault = setup_fault;
  end
  assign err_valid_o = (fault != ERR_NONE);
  assign err_o       = '{code: fault, resp: '0, addr: '0};

  // ---- Assertions ----
  WaitsForOne: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !(wants_words && wants_taps) && !(step_fire && (wants_words || wants_taps)))
    else $error("weft_dw_engine: a step goes and waits");
  LanesOfADescriptor: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    lanes_busy |-> (unfinished_q != '0))
    else $error("weft_dw_engine: sums of no descriptor");
  DoneBeforeError: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !(done_o && err_valid_o))
    else $error("weft_dw_engine: done after an error");

endmodule
