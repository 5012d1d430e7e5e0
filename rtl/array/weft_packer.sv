// Shallow packer: activation vectors whose lanes run across the taps of packed byte rows.
//
// Contract
//   For each K tile of a plan, for each output (oy, ox): the vector of the tile's R lanes, as the
//   instruction set defines shallow convolutions. Rows are prefetched into four windows, one a
//   kernel row segment, so that a vector leaves every cycle but one at each change of tile, as long
//   as an output row needs no more words, over all segments, than it has outputs.
//   fault_o: the next vector needs a word outside act memory; the stream ends before it. Vectors
//   before it are complete.
module weft_packer
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        plan_valid_i,
  output logic        plan_ready_o,
  input  array_plan_t plan_i,
  output logic        busy_o,
  output logic        fault_o,
  // Act memory: always granted, data in the next cycle.
  output logic        rd_valid_o,
  output act_addr_t   rd_addr_o,
  input  word_t       rd_data_i,
  // Vectors.
  output logic        vec_valid_o,
  input  logic        vec_ready_i,
  output word_t       vec_o,
  output logic        vec_tile_first_o,
  output logic        vec_tile_last_o,
  output logic        vec_desc_last_o
);

  localparam int unsigned Tiles = 2;  // tiles prefetched ahead of the one being streamed
  localparam int unsigned Sw    = idx_width(PACK_SEGS);

  // ---- Tiles, to the prefetcher at once and to the windows in their turn ----
  logic       cut_valid, cut_ready, fetch_ready, queue_ready, tile_valid, tile_take;
  pack_tile_t cut, tile_next, tile_q;

  weft_packer_tiles u_tiles (
    .clk_i, .rst_ni, .clear_i, .plan_valid_i, .plan_ready_o, .plan_i,
    .tile_valid_o(cut_valid), .tile_ready_i(cut_ready), .tile_o(cut)
  );
  assign cut_ready = fetch_ready && queue_ready;

  weft_fifo #(.Depth(Tiles), .Width($bits(pack_tile_t))) u_queue (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(cut_valid && fetch_ready), .in_ready_o(queue_ready), .in_data_i(cut),
    .out_valid_o(tile_valid), .out_ready_i(tile_take), .out_data_o(tile_next), .count_o()
  );

  // ---- Prefetch ----
  logic [PACK_SEGS-1:0] space, read;
  logic                 word_valid, word_bad;
  logic [Sw-1:0]        word_seg;

  weft_packer_fetch u_fetch (
    .clk_i, .rst_ni, .clear_i,
    .tile_valid_i(cut_valid && queue_ready), .tile_ready_o(fetch_ready), .tile_i(cut),
    .rd_valid_o, .rd_addr_o, .space_i(space), .read_o(read),
    .word_valid_o(word_valid), .word_bad_o(word_bad), .word_seg_o(word_seg)
  );

  // ---- Outputs of the tile ----
  typedef enum logic [1:0] {StIdle, StRow, StRun, StEnd} state_e;

  state_e               state_q;
  logic [15:0]          oy_q, ox_q;
  pos_t                 iy_q [PACK_SEGS];     // of the row under way, or of the next in StRow
  pos_t                 iy_next [PACK_SEGS];
  logic [PACK_SEGS-1:0] row_inside, ok, bad, done;
  logic                 row_start, row_next, step, row_last, tile_last;
  word_t                lanes [PACK_SEGS];
  word_t                vec;

  // Of the row under way, the next one follows at once where all windows have done with it.
  assign row_next  = step && row_last && !tile_last && (&done);
  assign row_start = row_next || (state_q == StRow && (&done));
  assign tile_take = tile_valid && (state_q == StIdle
    || ((state_q == StEnd || (step && tile_last)) && (&done)));
  assign row_last  = (ox_q == tile_q.out_w - 1'b1);
  assign tile_last = row_last && (oy_q == tile_q.out_h - 1'b1);
  assign step      = (state_q == StRun) && (&ok) && !fault_o && (!vec_valid_o || vec_ready_i);
  assign fault_o   = (state_q == StRun) && (&ok) && (|bad);

  always_comb begin
    for (int unsigned j = 0; j < PACK_SEGS; j++) begin
      iy_next[j]    = row_next ? iy_q[j] + pos_t'({1'b0, tile_q.stride_y}) : iy_q[j];
      row_inside[j] = (iy_next[j] >= 0) && (iy_next[j] < pos_t'({2'b0, tile_q.in_h}));
    end
    vec = '0;
    for (int unsigned j = 0; j < PACK_SEGS; j++) vec |= lanes[j];
  end

  // A tile under way has words to read until it has done, needed or not.
  assign busy_o = !plan_ready_o || tile_valid || (state_q != StIdle) || vec_valid_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q <= StIdle;
    end else begin
      unique case (state_q)
        StIdle: if (tile_take) state_q <= StRow;
        StRow:  if (row_start) state_q <= StRun;
        StRun: begin
          if (tile_take)                          state_q <= StRow;
          else if (step && tile_last)             state_q <= StEnd;
          else if (step && row_last && !row_next) state_q <= StRow;
        end
        StEnd:  if (&done) state_q <= tile_take ? StRow : StIdle;
      endcase
    end
    if (tile_take) begin
      tile_q <= tile_next;
      oy_q   <= '0;
      for (int unsigned j = 0; j < PACK_SEGS; j++) iy_q[j] <= tile_next.seg[j].iy;
    end else if (step && row_last) begin
      oy_q <= oy_q + 1'b1;
      for (int unsigned j = 0; j < PACK_SEGS; j++) begin
        iy_q[j] <= iy_q[j] + pos_t'({1'b0, tile_q.stride_y});
      end
    end
    if (row_start) ox_q <= '0;
    else if (step) ox_q <= ox_q + 1'b1;
  end

  for (genvar j = 0; j < int'(PACK_SEGS); j++) begin : g_window
    weft_packer_window u_window (
      .clk_i, .rst_ni, .clear_i,
      .seg_i(tile_q.seg[j]), .stride_i(tile_q.stride_x), .in_w_i(tile_q.in_w),
      .pad_i(tile_q.pad_value),
      .row_start_i(row_start), .row_inside_i(row_inside[j]),
      .ok_o(ok[j]), .bad_o(bad[j]), .lanes_o(lanes[j]),
      .step_i(step), .row_last_i(row_last), .done_o(done[j]),
      .space_o(space[j]), .read_i(read[j]),
      .push_i(word_valid && word_seg == Sw'(j)), .word_i(rd_data_i), .word_bad_i(word_bad)
    );
  end

  // ---- Output register ----
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) vec_valid_o <= 1'b0;
    else if (step)          vec_valid_o <= 1'b1;
    else if (vec_ready_i)   vec_valid_o <= 1'b0;
    if (step) begin
      vec_o            <= vec;
      vec_tile_first_o <= (ox_q == '0) && (oy_q == '0);
      vec_tile_last_o  <= tile_last;
      vec_desc_last_o  <= tile_last && tile_q.last;
    end
  end

  // ---- Assertions ----
  VecStable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (vec_valid_o && !vec_ready_i) |=> (vec_valid_o && $stable(vec_o)))
    else $error("weft_packer: vector changed while it waited");

endmodule
