// Cuts the K lanes of a shallow convolution into tiles of at most four kernel row segments.
//
// Contract
//   A plan gives k_tiles tiles; tile t covers k = t*R .. t*R+R-1, kernel row k / kw, byte k % kw
//   (kw: bytes of a kernel row). A segment a cycle, so a tile every five cycles at most.
//   Plans must have k_tiles = ceil(kh*kw / R) and touch PACK_SEGS kernel rows a tile at most.
module weft_packer_tiles
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
  output logic        tile_valid_o,
  input  logic        tile_ready_i,
  output pack_tile_t  tile_o
);

  localparam int unsigned Sw = idx_width(PACK_SEGS);
  localparam int unsigned Lw = idx_width(WORD_BYTES);

  logic               active_q, full_q, take, give, build;
  array_plan_t        plan_q;
  pack_tile_t         tile_q;
  logic [DESC_AW-1:0] left_q;    // tiles not yet given
  logic [7:0]         ky_q, off_q;
  logic [LANE_CW-1:0] dst_q;
  logic [Sw-1:0]      seg_q;
  pos_t               iy_q;
  logic [DESC_AW-1:0] row_addr_q;

  assign give         = tile_valid_o && tile_ready_i;
  assign plan_ready_o = !active_q;
  assign take         = plan_valid_i && plan_ready_o;
  assign build        = active_q && !full_q;

  // ---- The segment at (ky_q, off_q) ----
  logic               present, row_done, tile_done, k_done;
  logic [8:0]         row_left, lanes_left, len;
  logic [LANE_CW-1:0] dst_next;
  pos_t               first_byte, last_byte, last_used;
  pack_seg_t          seg;

  assign present    = (ky_q != plan_q.desc.kh) && (dst_q != LANE_CW'(WORD_BYTES));
  assign row_left   = 9'(plan_q.desc.kw) - 9'(off_q);
  assign lanes_left = 9'(WORD_BYTES) - 9'(dst_q);
  assign len        = !present ? '0 : (row_left < lanes_left) ? row_left : lanes_left;
  assign row_done   = present && (len == row_left);
  assign dst_next   = dst_q + LANE_CW'(len);
  assign k_done     = (ky_q == plan_q.desc.kh) || (row_done && ky_q + 1'b1 == plan_q.desc.kh);
  assign tile_done  = (seg_q == Sw'(PACK_SEGS - 1));
  assign first_byte = pos_t'(plan_q.desc.x0) + pos_t'({1'b0, off_q});
  assign last_byte  = first_byte + pos_t'({1'b0, len}) - 21'sd1
    + pos_t'({1'b0, plan_q.out_x_span[19:0]});
  assign last_used  = (last_byte >= pos_t'({2'b0, plan_q.desc.in_w}))
    ? pos_t'({2'b0, plan_q.desc.in_w}) - 21'sd1 : last_byte;

  always_comb begin
    seg            = '0;
    seg.valid      = present;
    seg.dst        = dst_q;
    seg.len        = LANE_CW'(len);
    seg.iy         = iy_q;
    seg.row_addr   = row_addr_q;
    seg.first_byte = first_byte;
    seg.in_x       = present && (last_byte >= 0) && (first_byte < pos_t'({2'b0, plan_q.desc.in_w}));
    seg.first_word = (first_byte < 0) ? '0 : DESC_AW'(first_byte >>> Lw);
    seg.last_word  = DESC_AW'(last_used >>> Lw);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      active_q <= 1'b0;
      full_q   <= 1'b0;
    end else begin
      if (take)                      active_q <= 1'b1;
      else if (give && tile_q.last)  active_q <= 1'b0;
      if (build && tile_done)  full_q <= 1'b1;
      else if (give)           full_q <= 1'b0;
    end
    if (take) begin
      plan_q     <= plan_i;
      left_q     <= plan_i.k_tiles;
      ky_q       <= '0;
      off_q      <= '0;
      iy_q       <= pos_t'(plan_i.desc.y0);
      row_addr_q <= plan_i.start;
      dst_q      <= '0;
      seg_q      <= '0;
    end
    if (build) begin
      tile_q.seg[seg_q] <= seg;
      seg_q             <= seg_q + 1'b1;
      dst_q             <= tile_done ? '0 : dst_next;
      if (row_done) begin
        ky_q       <= ky_q + 1'b1;
        off_q      <= '0;
        iy_q       <= iy_q + pos_t'({1'b0, plan_q.desc.dil_y});
        row_addr_q <= row_addr_q + plan_q.tap_y_step;
      end else begin
        off_q      <= off_q + 8'(len);
      end
      if (tile_done) begin
        left_q            <= left_q - 1'b1;
        tile_q.lanes      <= dst_next;
        tile_q.last       <= (left_q == DESC_AW'(1));
        tile_q.out_h      <= plan_q.desc.out_h;
        tile_q.out_w      <= plan_q.desc.out_w;
        tile_q.stride_y   <= plan_q.desc.stride_y;
        tile_q.stride_x   <= plan_q.desc.stride_x;
        tile_q.out_y_step <= plan_q.out_y_step;
        tile_q.in_h       <= plan_q.desc.in_h;
        tile_q.in_w       <= plan_q.desc.in_w;
        tile_q.pad_value  <= plan_q.desc.pad_value;
      end
    end
  end

  logic unused_span;  // reaches far beyond any row that fits
  assign unused_span  = ^plan_q.out_x_span[31:20];
  assign tile_valid_o = full_q;
  assign tile_o       = tile_q;

  // ---- Assertions ----
  // Lanes left over are right only behind the last kernel row; the last tile reaches it.
  LanesFull: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (build && tile_done) |-> (dst_next == LANE_CW'(WORD_BYTES) || k_done))
    else $error("weft_packer_tiles: a tile touches too many kernel rows");
  LastReached: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (build && tile_done) |-> (k_done == (left_q == DESC_AW'(1))))
    else $error("weft_packer_tiles: %0d tiles left at the kernel's end", left_q);

endmodule
