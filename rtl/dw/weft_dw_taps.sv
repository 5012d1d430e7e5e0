// Tap buffers: the weights of one depthwise tile in use, those of the next one being read.
//
// Contract
//   Takes a tile's first word and kernel when a buffer is free, and reads its kh*kw words, one a
//   cycle while param_rd_ready_i. Row ky*ceil(kw/DW_TAPS) + g of the buffer holds taps g*DW_TAPS
//   ...
//   of kernel row ky; places beyond kw are zero.
//   ready_o: the buffer of the oldest tile is complete. read_i: taps_o is its row row_i from the
//   next cycle on, until the next read. free_i, with the tile's last read: the buffer is free.
//   Complete three cycles after the last word was granted.
module weft_dw_taps
  import weft_math_pkg::*;
  import weft_pkg::*;
#(
  localparam int unsigned Rw = idx_width(DW_TAP_ROWS)
) (
  input  logic          clk_i,
  input  logic          rst_ni,
  input  logic          clear_i,
  // Tiles.
  input  logic          start_valid_i,
  output logic          start_ready_o,
  input  param_addr_t   start_addr_i,
  input  logic [7:0]    start_kh_i,
  input  logic [7:0]    start_kw_i,
  // Parameter memory; data in the cycle after the grant.
  output logic          param_rd_valid_o,
  input  logic          param_rd_ready_i,
  output param_addr_t   param_rd_addr_o,
  input  word_t         param_rd_data_i,
  // Steps.
  output logic          ready_o,
  input  logic          read_i,
  input  logic [Rw-1:0] row_i,
  input  logic          free_i,
  output dw_taps_t      taps_o
);

  localparam int unsigned Tw = idx_width(DW_TAPS);

  // ---- Reading ----
  logic          busy_q, take, grant, row_end, last;
  logic          fill_q, use_q;  // buffer that is filled, of the oldest tile
  param_addr_t   addr_q;
  logic [7:0]    kw_q, kx_left_q, ky_left_q;
  logic [Tw-1:0] place_q;
  logic [1:0]    complete_q;
  logic          given_valid_q, given_write_q, given_last_q;  // the word granted in the last cycle

  assign start_ready_o    = !busy_q && !given_valid_q && !complete_q[fill_q];
  assign take             = start_valid_i && start_ready_o;
  assign param_rd_valid_o = busy_q;
  assign param_rd_addr_o  = addr_q;
  assign grant            = param_rd_valid_o && param_rd_ready_i;
  assign row_end          = (kx_left_q == 8'd1);
  assign last             = row_end && (ky_left_q == 8'd1);

  // ---- A word arrives: rows are written whole ----
  logic [Tw-1:0] given_place_q;
  logic [Rw-1:0] row_q;
  dw_taps_t      partial_q, partial;

  always_comb begin
    partial = '0;
    if (given_valid_q) begin
      for (int unsigned i = 0; i < DW_TAPS; i++) begin
        if (i < 32'(given_place_q))       partial[i] = partial_q[i];
        else if (i == 32'(given_place_q)) partial[i] = param_rd_data_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      busy_q        <= 1'b0;
      given_valid_q <= 1'b0;
      fill_q        <= 1'b0;
      complete_q    <= '0;
      use_q         <= 1'b0;
    end else begin
      if (take)               busy_q <= 1'b1;
      else if (grant && last) busy_q <= 1'b0;
      given_valid_q <= grant;
      if (free_i) begin
        complete_q[use_q] <= 1'b0;
        use_q             <= !use_q;
      end
      if (given_valid_q && given_last_q) begin
        complete_q[fill_q] <= 1'b1;
        fill_q             <= !fill_q;
      end
    end
    if (take) begin
      addr_q    <= start_addr_i;
      kw_q      <= start_kw_i;
      kx_left_q <= start_kw_i;
      ky_left_q <= start_kh_i;
      place_q   <= '0;
    end else if (grant) begin
      addr_q    <= addr_q + 1'b1;
      kx_left_q <= row_end ? kw_q : kx_left_q - 1'b1;
      if (row_end) ky_left_q <= ky_left_q - 1'b1;
      place_q   <= (row_end || place_q == Tw'(DW_TAPS - 1)) ? '0 : place_q + 1'b1;
    end
    if (grant) begin
      given_write_q <= row_end || (place_q == Tw'(DW_TAPS - 1));
      given_last_q  <= last;
      given_place_q <= place_q;
    end
    if (given_valid_q) partial_q <= partial;
    if (take) row_q <= '0;
    else if (given_valid_q && given_write_q) row_q <= row_q + 1'b1;
  end

  // ---- Buffers ----
  assign ready_o = complete_q[use_q];
  weft_ram_1r1w #(.Depth(2 * DW_TAP_ROWS), .Width($bits(dw_taps_t))) u_ram (
    .clk_i,
    .rd_en_i(read_i), .rd_addr_i({use_q, row_i}), .rd_data_o(taps_o),
    .wr_en_i(given_valid_q && given_write_q), .wr_addr_i({fill_q, row_q}), .wr_data_i(partial)
  );

  // ---- Assertions ----
  if (!is_pow2(DW_TAP_ROWS)) begin : g_bad_size
    $fatal(1, "weft_dw_taps: DW_TAP_ROWS %0d must be a power of two", DW_TAP_ROWS);
  end

  ReadWhenReady: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    read_i |-> ready_o)
    else $error("weft_dw_taps: taps were read before they were there");

endmodule
