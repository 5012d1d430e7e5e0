// Array engine: convolution and matrix tiles from act and weight memory into acc memory.
//
// Contract
//   Engine front end. A descriptor's sums are acc[acc_addr + oy*out_w + ox][c], overwritten by its
//   first K tile (added to with flag accumulate) and added to by the others. K tiles follow each
//   other every max(M, R) cycles, M = out_h*out_w (shallow: M + 1), across descriptors too, which
//   take ten cycles at least; three more for one that adds and begins at another entry than the one
//   before, and a change between shallow and blocked waits for the feeder to be empty. done_o comes
//   when the last sum can be read. First vector R + 12 cycles after the descriptor is taken.
//   Errors: ERR_BAD_DESCRIPTOR (before any effect), ERR_CHIP_RANGE (acc entries and weight words
//   before any effect, act words when an output needs one).
module weft_array_engine
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  // Engine front end.
  input  logic        desc_valid_i,
  output logic        desc_ready_o,
  input  array_desc_t desc_i,
  output logic        done_o,
  output logic        err_valid_o,
  output err_t        err_o,
  output activity_e   activity_o,
  input  logic        clear_i,
  // Act memory: always granted, data in the next cycle.
  output logic        act_rd_valid_o,
  output act_addr_t   act_rd_addr_o,
  input  word_t       act_rd_data_i,
  // Weight memory: data in the next cycle.
  output logic        wgt_rd_en_o,
  output wgt_addr_t   wgt_rd_addr_o,
  input  word_t       wgt_rd_data_i,
  // Acc memory.
  output logic        acc_add_valid_o,
  output acc_addr_t   acc_add_addr_o,
  output logic        acc_add_overwrite_o,
  output sum_vec_t    acc_add_sums_o
);

  localparam int unsigned Latency = ROWS + COLS - 1;  // of weft_array
  // Descriptors whose vectors have all entered but not left, in an array of Latency cycles: one
  // every R cycles or more; and those before it: set-up, feeder and packer's prefetch.
  localparam int unsigned Descs = 8;
  localparam int unsigned Dw    = cnt_width(Descs);

  typedef struct packed {
    acc_addr_t addr;
    logic      accumulate;
  } target_t;

  // ---- Set-up, then to loader and feeder, each when it can; the loader is a tile ahead ----
  logic        setup_ready, plan_valid, plan_fire, room;
  array_plan_t plan;
  error_e      setup_fault;
  logic        feed_ready, load_ready, feed_fault;
  logic        fed_q, loaded_q;  // feeder, loader have taken the plan
  logic [Dw-1:0] unfinished_q;   // descriptors taken, not done

  assign room         = (unfinished_q != Dw'(Descs));
  assign desc_ready_o = setup_ready && room;

  weft_array_setup u_setup (
    .clk_i, .rst_ni, .clear_i,
    .desc_valid_i(desc_valid_i && room), .desc_ready_o(setup_ready), .desc_i,
    .plan_valid_o(plan_valid), .plan_ready_i(plan_fire), .plan_o(plan), .fault_o(setup_fault)
  );
  assign plan_fire = plan_valid && (fed_q || feed_ready) && (loaded_q || load_ready);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || plan_fire) begin
      fed_q    <= 1'b0;
      loaded_q <= 1'b0;
    end else if (plan_valid) begin
      if (feed_ready) fed_q    <= 1'b1;
      if (load_ready) loaded_q <= 1'b1;
    end
  end

  // ---- Activations ----
  logic  vec_valid, vec_ready, vec_enter, tile_first, tile_last, desc_last;
  word_t vec;

  weft_feeder u_feeder (
    .clk_i, .rst_ni, .clear_i,
    .plan_valid_i(plan_valid && !fed_q), .plan_ready_o(feed_ready), .plan_i(plan),
    .fault_o(feed_fault),
    .rd_valid_o(act_rd_valid_o), .rd_addr_o(act_rd_addr_o), .rd_data_i(act_rd_data_i),
    .vec_valid_o(vec_valid), .vec_ready_i(vec_ready), .vec_o(vec),
    .vec_tile_first_o(tile_first), .vec_tile_last_o(tile_last), .vec_desc_last_o(desc_last)
  );

  // ---- Weights; a tile waits for its own ----
  logic shift, tile_ready, keep_apart, sums_valid;

  weft_wgt_loader u_loader (
    .clk_i, .rst_ni, .clear_i,
    .start_valid_i(plan_valid && !loaded_q), .start_ready_o(load_ready),
    .start_addr_i(wgt_addr_t'(plan.desc.wgt_addr)), .start_tiles_i(plan.k_tiles),
    .wgt_rd_en_o, .wgt_rd_addr_o,
    .shift_o(shift), .tile_ready_o(tile_ready), .tile_first_i(vec_enter && tile_first)
  );
  assign vec_ready = !tile_first || (tile_ready && !keep_apart);
  assign vec_enter = vec_valid && vec_ready;

  weft_array u_array (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(vec_enter), .act_i(vec), .tile_first_i(tile_first),
    .shift_i(shift), .w_i(wgt_rd_data_i),
    .out_valid_o(sums_valid), .sums_o(acc_add_sums_o)
  );
  assign acc_add_valid_o = sums_valid && !err_valid_o;  // no effect after an error

  // ---- Where sums go: flags travel beside the array, addresses count at its end ----
  logic [Latency-1:0] first_flags_q, last_flags_q;
  logic               out_first, out_last, target_ready, target_valid, new_desc_q, k_first_q;
  target_t            target;
  acc_addr_t          addr_q;

  weft_fifo #(.Depth(Descs), .Width($bits(target_t))) u_targets (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(plan_fire), .in_ready_o(target_ready),
    .in_data_i({acc_addr_t'(plan.desc.acc_addr), plan.desc.flags[ARRAY_FLAG_ACCUMULATE_BIT]}),
    .out_valid_o(target_valid), .out_ready_i(acc_add_valid_o && out_last), .out_data_o(target),
    .count_o()
  );

  assign out_first           = first_flags_q[Latency-1];
  assign out_last            = last_flags_q[Latency-1];
  assign acc_add_addr_o      = out_first ? target.addr : addr_q;
  assign acc_add_overwrite_o = !target.accumulate && (out_first ? new_desc_q : k_first_q);

  // ---- An entry accumulated again needs four cycles. Inside a descriptor it comes once a K tile,
  // but one that may add where the last one ended waits for three. ----
  logic [1:0] since_q;      // cycles to go since the end of a descriptor
  logic       enter_new_q;  // the next vector begins a descriptor
  logic       adds_apart, adds_valid, adds_ready;
  acc_addr_t  plan_addr_q;

  weft_fifo #(.Depth(Descs), .Width(1)) u_adds (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(plan_fire), .in_ready_o(adds_ready),
    .in_data_i(plan.desc.flags[ARRAY_FLAG_ACCUMULATE_BIT]
               && acc_addr_t'(plan.desc.acc_addr) != plan_addr_q),
    .out_valid_o(adds_valid), .out_ready_i(vec_enter && enter_new_q), .out_data_o(adds_apart),
    .count_o()
  );
  assign keep_apart = enter_new_q && adds_apart && (since_q != '0);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      since_q     <= '0;
      enter_new_q <= 1'b1;
    end else begin
      if (vec_enter && desc_last) since_q <= '1;
      else if (since_q != '0)     since_q <= since_q - 1'b1;
      if (vec_enter) enter_new_q <= desc_last;
    end
    if (plan_fire) plan_addr_q <= acc_addr_t'(plan.desc.acc_addr);
  end

  // ---- Descriptors under way ----
  logic [Dw-1:0] entered_q;     // all vectors in the array, not done
  logic [1:0]    done_q;        // last sum added 1, 2 cycles ago
  logic          accept;
  error_e        fault;

  assign accept = desc_valid_i && desc_ready_o;
  assign done_o = done_q[1];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      first_flags_q <= '0;
      last_flags_q  <= '0;
      new_desc_q    <= 1'b1;
      k_first_q     <= 1'b1;
      unfinished_q  <= '0;
      entered_q     <= '0;
      done_q        <= '0;
    end else begin
      first_flags_q <= Latency'({first_flags_q, vec_enter && tile_first});
      last_flags_q  <= Latency'({last_flags_q, vec_enter && desc_last});
      if (acc_add_valid_o) begin
        if (out_first) k_first_q <= new_desc_q;
        new_desc_q <= out_last || (new_desc_q && !out_first);
      end
      if (accept != done_o) unfinished_q <= accept ? unfinished_q + 1'b1 : unfinished_q - 1'b1;
      if ((vec_enter && desc_last) != done_o) begin
        entered_q <= done_o ? entered_q - 1'b1 : entered_q + 1'b1;
      end
      done_q <= {done_q[0], acc_add_valid_o && out_last};
    end
    if (acc_add_valid_o) addr_q <= acc_add_addr_o + 1'b1;
  end

  // ---- What it does ----
  always_comb begin
    if (unfinished_q == '0)                           activity_o = ACTIVITY_IDLE;
    else if (vec_enter)                               activity_o = ACTIVITY_BUSY;
    else if (vec_valid && keep_apart)                 activity_o = ACTIVITY_SINK;
    else if (vec_valid)                               activity_o = ACTIVITY_OPERAND;
    else if (unfinished_q != entered_q)               activity_o = ACTIVITY_SOURCE;
    else                                              activity_o = ACTIVITY_LATENCY;
  end

  // ---- Errors wait until all older descriptors are done ----
  always_comb begin
    fault = ERR_NONE;
    if (feed_fault && entered_q == '0 && !(vec_valid && desc_last)) fault = ERR_CHIP_RANGE;
    else if (setup_fault != ERR_NONE && unfinished_q == Dw'(1))       fault = setup_fault;
  end
  assign err_valid_o = (fault != ERR_NONE);
  assign err_o       = '{code: fault, resp: '0, addr: '0};

  logic unused_tile_last;  // the end of a tile is the start of the next
  assign unused_tile_last = tile_last;

  // ---- Assertions ----
  QueuesFit: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    plan_fire |-> (target_ready && adds_ready))
    else $error("weft_array_engine: more descriptors than places");
  AddsThere: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (vec_enter && enter_new_q) |-> adds_valid)
    else $error("weft_array_engine: a vector without its plan");
  TargetThere: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    acc_add_valid_o |-> target_valid)
    else $error("weft_array_engine: sums without a target");
  DoneBeforeError: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !(done_o && err_valid_o))
    else $error("weft_array_engine: done after an error");

endmodule
