// Prefetcher of the shallow packer: reads, ahead of their use, the words that each segment of
// each output row needs.
//
// Contract
//   For each tile, for each output row: the words first_word .. last_word of each segment's input
//   row, where the row is inside the image and in_x; segments in turn, a word a cycle, as long as
//   space_i says that the segment's window has room. word_valid_o (the cycle after the read)
//   and word_seg_o say whose the read data are. A word outside act memory is not read but
//   marked, word_bad_o: it may be one that no output uses.
module weft_packer_fetch
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         clear_i,
  input  logic                         tile_valid_i,
  output logic                         tile_ready_o,
  input  pack_tile_t                   tile_i,
  output logic                         rd_valid_o,
  output act_addr_t                    rd_addr_o,
  // Windows.
  input  logic [PACK_SEGS-1:0]         space_i,
  output logic [PACK_SEGS-1:0]         read_o,  // a word of the segment is on its way
  output logic                         word_valid_o,
  output logic                         word_bad_o,
  output logic [idx_width(PACK_SEGS)-1:0] word_seg_o
);

  localparam int unsigned Sw = idx_width(PACK_SEGS);

  logic                 active_q, row_start_q, take, row_end;
  pack_tile_t           tile_q;
  logic [15:0]          oy_q;
  pos_t                 iy_q [PACK_SEGS];
  logic [DESC_AW-1:0]   row_q [PACK_SEGS];
  logic [DESC_AW-1:0]   word_q [PACK_SEGS];
  logic [PACK_SEGS-1:0] pending_q, want;
  logic [Sw-1:0]        turn_q, pick;
  logic                 picked, fetch, bad;
  logic [DESC_AW-1:0]   addr;

  assign want = pending_q & space_i;

  // The first segment from turn_q on that wants a word and has room for it.
  always_comb begin
    pick   = turn_q;
    picked = 1'b0;
    for (int unsigned i = 0; i < PACK_SEGS; i++) begin
      if (!picked && want[turn_q + Sw'(i)]) begin
        pick   = turn_q + Sw'(i);
        picked = 1'b1;
      end
    end
  end

  assign addr         = row_q[pick] + word_q[pick];
  assign fetch        = active_q && picked;
  assign bad          = (32'(addr) >= ACT_WORDS);
  assign rd_valid_o   = fetch && !bad;
  assign rd_addr_o    = act_addr_t'(addr);
  assign row_end      = active_q && !row_start_q && (pending_q == '0);
  assign tile_ready_o = !active_q;
  assign take         = tile_valid_i && tile_ready_o;

  always_comb begin
    read_o = '0;
    if (fetch) read_o[pick] = 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      active_q     <= 1'b0;
      row_start_q  <= 1'b0;
      pending_q    <= '0;
      word_valid_o <= 1'b0;
      turn_q       <= '0;
    end else begin
      word_valid_o <= fetch;
      if (take) begin
        active_q    <= 1'b1;
        row_start_q <= 1'b1;
      end else if (row_start_q) begin
        row_start_q <= 1'b0;
        for (int unsigned j = 0; j < PACK_SEGS; j++) begin
          pending_q[j] <= tile_q.seg[j].valid && tile_q.seg[j].in_x
            && (iy_q[j] >= 0) && (iy_q[j] < pos_t'({2'b0, tile_q.in_h}));
        end
      end else if (fetch) begin
        turn_q <= pick + 1'b1;
        if (word_q[pick] == tile_q.seg[pick].last_word) pending_q[pick] <= 1'b0;
      end else if (row_end) begin
        if (oy_q == tile_q.out_h - 1'b1) active_q <= 1'b0;
        else                             row_start_q <= 1'b1;
      end
    end
    if (fetch) begin
      word_bad_o <= bad;
      word_seg_o <= pick;
    end
    if (take) begin
      tile_q <= tile_i;
      oy_q   <= '0;
      for (int unsigned j = 0; j < PACK_SEGS; j++) begin
        iy_q[j]  <= tile_i.seg[j].iy;
        row_q[j] <= tile_i.seg[j].row_addr;
      end
    end else if (row_start_q) begin
      for (int unsigned j = 0; j < PACK_SEGS; j++) word_q[j] <= tile_q.seg[j].first_word;
    end else if (fetch) begin
      word_q[pick] <= word_q[pick] + 1'b1;
    end else if (row_end) begin
      oy_q <= oy_q + 1'b1;
      for (int unsigned j = 0; j < PACK_SEGS; j++) begin
        iy_q[j]  <= iy_q[j] + pos_t'({1'b0, tile_q.stride_y});
        row_q[j] <= row_q[j] + tile_q.out_y_step;
      end
    end
  end

endmodule
