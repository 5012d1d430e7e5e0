// Implicit im2col: the loop nest of a blocked convolution as a stream of activation vectors.
//
// Contract
//   For each K tile (ky, kx, kc), kc innermost, for each output (oy, ox): the act word of tap and
//   output, or the pad byte in all lanes outside the input. One vector a cycle, without a
//   gap between K tiles and descriptors; latency two cycles from the plan.
//   Addresses step by additions only. fault_o: the next vector's address lies outside act memory;
//   the stream ends before it. Vectors before it are complete.
module weft_feeder_nest
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
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
  // Act memory: always granted, data in the next cycle only.
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

  typedef logic [DESC_AW-1:0] addr_t;

  // ---- Nest ----
  logic        active_q, advance, take;
  array_plan_t plan_q;
  logic [7:0]  ky_q, kx_q;
  logic [15:0] kc_q, oy_q, ox_q;
  addr_t       addr_ky_q, addr_kx_q, addr_kc_q, addr_row_q, addr_q;
  pos_t        iy_tap_q, ix_tap_q, iy_q, ix_q;  // tap: at output (0, 0)
  logic        ox_end, oy_end, kc_end, kx_end, ky_end, tile_end, desc_end;

  assign ox_end   = (ox_q == plan_q.desc.out_w - 1'b1);
  assign oy_end   = (oy_q == plan_q.desc.out_h - 1'b1);
  assign kc_end   = (kc_q == plan_q.desc.kc - 1'b1);
  assign kx_end   = (kx_q == plan_q.desc.kw - 1'b1);
  assign ky_end   = (ky_q == plan_q.desc.kh - 1'b1);
  assign tile_end = ox_end && oy_end;
  assign desc_end = tile_end && kc_end && kx_end && ky_end;

  logic in_image, outside_memory;
  assign in_image = (iy_q >= 0) && (iy_q < pos_t'({2'b0, plan_q.desc.in_h}))
    && (ix_q >= 0) && (ix_q < pos_t'({2'b0, plan_q.desc.in_w}));
  assign outside_memory = (32'(addr_q) >= ACT_WORDS);
  assign fault_o        = active_q && in_image && outside_memory;

  assign plan_ready_o = !active_q || (advance && desc_end);
  assign take         = plan_valid_i && plan_ready_o;
  assign busy_o       = active_q || vec_valid_o;
  assign rd_valid_o   = advance && in_image;
  assign rd_addr_o    = act_addr_t'(addr_q);

  // Where the next K tile starts.
  addr_t next_ky, next_kx, next_kc;
  pos_t  next_iy, next_ix;
  always_comb begin
    next_ky = addr_ky_q;
    next_kx = addr_kx_q;
    next_kc = addr_kc_q + plan_q.desc.in_blk_pitch;
    next_iy = iy_tap_q;
    next_ix = ix_tap_q;
    if (kc_end) begin
      next_kx = addr_kx_q + plan_q.tap_x_step;
      next_ix = ix_tap_q + pos_t'({1'b0, plan_q.desc.dil_x});
      if (kx_end) begin
        next_ky = addr_ky_q + plan_q.tap_y_step;
        next_kx = next_ky;
        next_iy = iy_tap_q + pos_t'({1'b0, plan_q.desc.dil_y});
        next_ix = pos_t'(plan_q.desc.x0);
      end
      next_kc = next_kx;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i)        active_q <= 1'b0;
    else if (take)                 active_q <= 1'b1;
    else if (advance && desc_end)  active_q <= 1'b0;
    if (take) begin
      plan_q     <= plan_i;
      ky_q       <= '0;
      kx_q       <= '0;
      kc_q       <= '0;
      oy_q       <= '0;
      ox_q       <= '0;
      addr_ky_q  <= plan_i.start;
      addr_kx_q  <= plan_i.start;
      addr_kc_q  <= plan_i.start;
      addr_row_q <= plan_i.start;
      addr_q     <= plan_i.start;
      iy_tap_q   <= pos_t'(plan_i.desc.y0);
      ix_tap_q   <= pos_t'(plan_i.desc.x0);
      iy_q       <= pos_t'(plan_i.desc.y0);
      ix_q       <= pos_t'(plan_i.desc.x0);
    end else if (advance) begin
      if (!ox_end) begin
        ox_q   <= ox_q + 1'b1;
        addr_q <= addr_q + plan_q.out_x_step;
        ix_q   <= ix_q + pos_t'({1'b0, plan_q.desc.stride_x});
      end else if (!oy_end) begin
        ox_q       <= '0;
        oy_q       <= oy_q + 1'b1;
        addr_row_q <= addr_row_q + plan_q.out_y_step;
        addr_q     <= addr_row_q + plan_q.out_y_step;
        iy_q       <= iy_q + pos_t'({1'b0, plan_q.desc.stride_y});
        ix_q       <= ix_tap_q;
      end else begin
        ox_q       <= '0;
        oy_q       <= '0;
        kc_q       <= kc_end ? '0 : kc_q + 1'b1;
        if (kc_end) kx_q <= kx_end ? '0 : kx_q + 1'b1;
        if (kc_end && kx_end) ky_q <= ky_q + 1'b1;
        addr_ky_q  <= next_ky;
        addr_kx_q  <= next_kx;
        addr_kc_q  <= next_kc;
        addr_row_q <= next_kc;
        addr_q     <= next_kc;
        iy_tap_q   <= next_iy;
        ix_tap_q   <= next_ix;
        iy_q       <= next_iy;
        ix_q       <= next_ix;
      end
    end
  end

  // ---- Word: read data or pad ----
  logic  word_valid_q, fresh_q, pad_q, tile_first_q, tile_last_q, desc_last_q;
  byte_t pad_byte_q;
  word_t held_q;  // the word of a stalled vector

  assign advance = active_q && !fault_o && (!word_valid_q || vec_ready_i);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i)  word_valid_q <= 1'b0;
    else if (advance)        word_valid_q <= 1'b1;
    else if (vec_ready_i)    word_valid_q <= 1'b0;
    fresh_q <= advance;
    if (fresh_q && !vec_ready_i) held_q <= rd_data_i;
    if (advance) begin
      pad_q        <= !in_image;
      pad_byte_q   <= plan_q.desc.pad_value;
      tile_first_q <= (ox_q == '0) && (oy_q == '0);
      tile_last_q  <= tile_end;
      desc_last_q  <= desc_end;
    end
  end

  assign vec_valid_o      = word_valid_q;
  assign vec_o            = pad_q ? {WORD_BYTES{pad_byte_q}} : (fresh_q ? rd_data_i : held_q);
  assign vec_tile_first_o = tile_first_q;
  assign vec_tile_last_o  = tile_last_q;
  assign vec_desc_last_o  = desc_last_q;

  // ---- Assertions ----
  VecStable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (vec_valid_o && !vec_ready_i) |=> (vec_valid_o && $stable(vec_o)))
    else $error("weft_feeder_nest: vector changed while it waited");

endmodule
