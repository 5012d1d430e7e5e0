// Order of the multiplications of depthwise tiles: one step a cycle, up to three taps of one kernel
// row of one output.
//
// Contract
//   Takes up to Plans plans. For each output, row by row, for each kernel row, for each group of
//   DW_TAPS taps: a step. It comes when the pairs it shifts in (step_o.pairs) are in the queue and
//   the tile's taps are there, and goes with step_ready_i. A window shows the last two pairs that
//   were shifted into it, words 0 .. 3; step_o.offset is the word of the step's first tap.
//   No gap between outputs, rows and tiles.
//   wants_words_o, wants_taps_o: what the next step waits for.
module weft_dw_steps
  import weft_math_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Plans = 4
) (
  input  logic     clk_i,
  input  logic     rst_ni,
  input  logic     clear_i,
  input  logic     plan_valid_i,
  output logic     plan_ready_o,
  input  dw_plan_t plan_i,
  // Pairs in the queue: 0, 1, or 2 and more.
  input  logic [1:0] pairs_i,
  input  logic     taps_ready_i,
  output logic     step_valid_o,
  input  logic     step_ready_i,
  output dw_step_t step_o,
  output logic     wants_words_o,
  output logic     wants_taps_o
);

  localparam int unsigned Rw = idx_width(DW_TAP_ROWS);
  localparam int unsigned Ww = idx_width(DW_WINDOWS);
  localparam int unsigned Kw = cnt_width(DW_TAP_ROWS);

  typedef struct packed {
    logic            sliding;
    logic            by_two;     // sliding: stride 2
    logic [Kw-1:0]   kh, groups;
    logic [1:0]      last_taps;  // taps of a kernel row's last group, 1 .. 3
    logic [ACC_AW:0] out_w, out_h;
    acc_addr_t       acc_addr;
  } tile_t;

  // ---- Tiles to come ----
  tile_t new_tile, next_tile;
  logic  next_valid, take;

  always_comb begin
    new_tile = '0;
    if (plan_valid_i) new_tile = '{
      sliding: plan_i.sliding, by_two: plan_i.desc.stride_x[1],
      kh: Kw'(plan_i.desc.kh), groups: Kw'(plan_i.groups),
      // kw - 3 * (groups - 1), modulo 4, in which -3 is 1.
      last_taps: plan_i.desc.kw[1:0] + plan_i.groups[1:0] + 2'd3,
      out_w: (ACC_AW + 1)'(plan_i.desc.out_w), out_h: (ACC_AW + 1)'(plan_i.desc.out_h),
      acc_addr: acc_addr_t'(plan_i.desc.acc_addr)};
  end

  weft_fifo #(.Depth(Plans), .Width($bits(tile_t))) u_tiles (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(plan_valid_i), .in_ready_o(plan_ready_o), .in_data_i(new_tile),
    .out_valid_o(next_valid), .out_ready_i(take), .out_data_o(next_tile), .count_o()
  );

  // ---- Nest ----
  logic            active_q, fire, row_first_q;
  tile_t           tile_q;
  logic [Kw-1:0]   ky_q, group_q;
  logic [Rw-1:0]   row_q;
  logic [ACC_AW:0] x_left_q, y_left_q;
  logic            x_odd_q;
  acc_addr_t       acc_addr_q;
  logic            group_end, ky_end, x_end, out_end, tile_end;

  assign group_end = (group_q == tile_q.groups - 1'b1);
  assign ky_end    = (ky_q == tile_q.kh - 1'b1);
  assign out_end   = group_end && ky_end;
  assign x_end     = (x_left_q == (ACC_AW + 1)'(1));
  assign tile_end  = out_end && x_end && (y_left_q == (ACC_AW + 1)'(1));
  assign take      = next_valid && (!active_q || (fire && tile_end));

  // ---- Words of a step: taps, begin at word `odd` of the present pair ----
  logic       odd, both;  // they reach into the next pair
  logic [1:0] taps, pairs;

  always_comb begin
    taps  = '0;
    odd   = 1'b0;
    both  = 1'b0;
    pairs = '0;
    if (active_q) begin
      taps = group_end ? tile_q.last_taps : 2'(DW_TAPS);
      odd  = tile_q.sliding ? (x_odd_q && !tile_q.by_two) : group_q[0];
      both = (3'(odd) + 3'(taps)) > 3'd2;
      if (!tile_q.sliding)    pairs = 2'(both) + 2'(!odd);
      else if (row_first_q)   pairs = 2'(both) + 2'd1;
      else if (tile_q.by_two) pairs = 2'd1;
      else                    pairs = {1'b0, x_odd_q ^ taps[0]};  // the last word is a pair's first
    end
  end

  assign wants_taps_o  = active_q && !taps_ready_i;
  assign wants_words_o = active_q && taps_ready_i && (pairs_i < pairs);
  assign step_valid_o  = active_q && taps_ready_i && (pairs_i >= pairs);
  assign fire          = step_valid_o && step_ready_i;
  assign step_o        = '{
    pairs: pairs, offset: {!both, odd}, window: tile_q.sliding ? Ww'(ky_q) : '0, row: row_q,
    first: (row_q == '0), last: out_end, desc_last: tile_end, acc_addr: acc_addr_q};

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i)    active_q <= 1'b0;
    else if (take)             active_q <= 1'b1;
    else if (fire && tile_end) active_q <= 1'b0;
    if (take) begin
      tile_q      <= next_tile;
      ky_q        <= '0;
      group_q     <= '0;
      row_q       <= '0;
      x_left_q    <= next_tile.out_w;
      y_left_q    <= next_tile.out_h;
      x_odd_q     <= 1'b0;
      row_first_q <= 1'b1;
      acc_addr_q  <= next_tile.acc_addr;
    end else if (fire) begin
      row_q   <= out_end ? '0 : row_q + 1'b1;
      group_q <= group_end ? '0 : group_q + 1'b1;
      if (group_end) ky_q <= ky_end ? '0 : ky_q + 1'b1;
      if (out_end) begin
        acc_addr_q  <= acc_addr_q + 1'b1;
        x_left_q    <= x_end ? tile_q.out_w : x_left_q - 1'b1;
        x_odd_q     <= !x_end && !x_odd_q;
        row_first_q <= x_end;
        if (x_end) y_left_q <= y_left_q - 1'b1;
      end
    end
  end

  // ---- Assertions ----
  StepStable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (step_valid_o && !step_ready_i) |=> (step_valid_o && $stable(step_o)))
    else $error("weft_dw_steps: step changed while it waited");

endmodule
