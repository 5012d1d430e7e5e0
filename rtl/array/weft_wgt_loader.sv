// Weight loader: brings each K tile's weights into the array's next registers, one tile ahead.
//
// Contract
//   Takes (first word, tiles) a descriptor; tile t is words addr + t*R .. + R-1, read from the
//   last to the first, as the array's bottom row comes first. A tile's shift begins in the cycle
//   in which the previous tile's first vector enters (tile_first_i) or later. tile_ready_o: the
//   weights of the next tile are in, its first vector may enter. With vectors always there, tiles
//   follow each other every R cycles, across descriptors too.
module weft_wgt_loader
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  // Descriptors.
  input  logic               start_valid_i,
  output logic               start_ready_o,
  input  wgt_addr_t          start_addr_i,
  input  logic [DESC_AW-1:0] start_tiles_i,
  // Weight memory.
  output logic               wgt_rd_en_o,
  output wgt_addr_t          wgt_rd_addr_o,
  // Array. The weights themselves go from the memory's read port to the array.
  output logic               shift_o,
  output logic               tile_ready_o,
  input  logic               tile_first_i
);

  localparam int unsigned Rw = idx_width(ROWS);

  // ---- Reading: word_q counts down inside a tile ----
  logic               busy_q;
  wgt_addr_t          tile_addr_q;
  logic [DESC_AW-1:0] tiles_q;
  logic [Rw-1:0]      word_q;
  logic               primed_q;  // the read port holds the next word to shift
  logic               read, tile_read, take;

  assign read          = busy_q && (!primed_q || shift_o);
  assign tile_read     = read && (word_q == '0);
  assign start_ready_o = !busy_q || (tile_read && tiles_q == DESC_AW'(1));
  assign take          = start_valid_i && start_ready_o;
  assign wgt_rd_en_o   = read;
  assign wgt_rd_addr_o = tile_addr_q + wgt_addr_t'(word_q);

  // ---- Shifting ----
  logic [Rw-1:0] row_q;
  logic          loaded_q;  // a whole tile waits in the next registers
  logic          begin_ok;

  assign begin_ok     = !loaded_q || tile_first_i;
  assign shift_o      = primed_q && ((row_q != '0) || begin_ok);
  assign tile_ready_o = loaded_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      busy_q   <= 1'b0;
      primed_q <= 1'b0;
      row_q    <= '0;
      loaded_q <= 1'b0;
      word_q   <= '1;
    end else begin
      if (take)                                        busy_q <= 1'b1;
      else if (tile_read && tiles_q == DESC_AW'(1))    busy_q <= 1'b0;
      if (read)         primed_q <= 1'b1;
      else if (shift_o) primed_q <= 1'b0;
      if (read) word_q <= word_q - 1'b1;  // R is a power of two: wraps to the next tile's last word
      if (shift_o) row_q <= row_q + 1'b1;
      if (shift_o && row_q == '1) loaded_q <= 1'b1;
      else if (tile_first_i)      loaded_q <= 1'b0;
    end
    if (take) begin
      tile_addr_q <= start_addr_i;
      tiles_q     <= start_tiles_i;
    end else if (tile_read) begin
      tile_addr_q <= tile_addr_q + wgt_addr_t'(ROWS);
      tiles_q     <= tiles_q - 1'b1;
    end
  end

  // ---- Assertions ----
  FirstWhenReady: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    tile_first_i |-> tile_ready_o)
    else $error("weft_wgt_loader: a tile began before its weights were in");

endmodule
