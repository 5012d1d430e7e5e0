// The weight-stationary R x C array with its skew and de-skew.
//
// Contract
//   in_valid_i brings one activation vector (lane r for row r). tile_first_i marks the first
//   vector of a K tile: the weights shifted in before become active with it.
//   shift_i, R cycles in a row, brings the next tile's weight rows on w_i, row R-1 first. A
//   shift may begin in the cycle of the previous tile's first vector, not before; the next tile's
//   first vector may come R cycles after its shift began, not before.
//   Latency cycles later out_valid_o gives sums_o[c] = sum over r of act[r] * w[r][c], all
//   columns together. Throughput one vector a cycle; the array never stalls.
//   Nothing moves while nothing is in it.
module weft_array
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
#(
  // Vector in to sums out; not to be set.
  localparam int unsigned Latency = ROWS + COLS - 1
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       clear_i,
  // Activations.
  input  logic       in_valid_i,
  input  word_t      act_i,
  input  logic       tile_first_i,
  // Weights.
  input  logic       shift_i,
  input  word_t      w_i,
  // Sums.
  output logic       out_valid_o,
  output sum_vec_t   sums_o
);

  localparam int unsigned ShiftW = idx_width(ROWS);
  localparam int unsigned IdleW  = cnt_width(Latency + ROWS);

  // ---- Activity: cycles until all that entered has left ----
  logic [IdleW-1:0] left_q;
  logic             enter, en;

  assign enter = in_valid_i || shift_i;
  assign en    = enter || (left_q != '0);

  // ---- Skew: row r and column c start r and c cycles late ----
  logic signed [7:0]  act_skew_q [ROWS][ROWS];  // [r][k]: row r, k + 1 cycles old
  logic signed [7:0]  w_skew_q [COLS][COLS];
  logic [ROWS-1:0]    swap_skew_q;              // bit k: k + 1 cycles old
  logic [COLS-2:0]    shift_skew_q;             // the same of shift_i
  logic [Latency-1:0] valid_q;

  logic signed [7:0]  row_act [ROWS];
  logic signed [7:0]  north_w [COLS];
  logic [ROWS-1:0]    row_swap, row_shift;
  logic [ShiftW-1:0]  shift_row_q;              // rows that have joined the shift, less one

  assign row_swap = ROWS'({swap_skew_q, in_valid_i && tile_first_i});

  always_comb begin
    row_act[0] = act_i[0];
    north_w[0] = w_i[0];
    for (int r = 1; r < int'(ROWS); r++) row_act[r] = act_skew_q[r][r-1];
    for (int c = 1; c < int'(COLS); c++) north_w[c] = w_skew_q[c][c-1];
    for (int r = 0; r < int'(ROWS); r++) row_shift[r] = shift_i && (r <= int'(shift_row_q));
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      left_q       <= '0;
      shift_row_q  <= '0;
      swap_skew_q  <= '0;
      valid_q      <= '0;
      shift_skew_q <= '0;
    end else begin
      if (enter)              left_q <= IdleW'(Latency + ROWS);
      else if (left_q != '0)  left_q <= left_q - 1'b1;
      if (shift_i) shift_row_q <= shift_row_q + 1'b1;  // R is a power of two: wraps after a tile
      if (en) begin
        swap_skew_q  <= row_swap;
        shift_skew_q <= (COLS-1)'({shift_skew_q, shift_i});
        valid_q      <= Latency'({valid_q, in_valid_i});
      end
    end
    if (en) begin
      for (int r = 1; r < int'(ROWS); r++) begin
        act_skew_q[r][0] <= act_i[r];
        for (int k = 1; k < r; k++) act_skew_q[r][k] <= act_skew_q[r][k-1];
      end
    end
    if (shift_i || (shift_skew_q != '0)) begin  // weights are in the skew
      for (int c = 1; c < int'(COLS); c++) begin
        w_skew_q[c][0] <= w_i[c];
        for (int k = 1; k < c; k++) w_skew_q[c][k] <= w_skew_q[c][k-1];
      end
    end
  end

  // ---- Rows; index r is what row r gets from the north ----
  logic signed [7:0] w_chain [ROWS+1][COLS];
  sum_t              sum_chain [ROWS+1][COLS];

  assign w_chain[0] = north_w;
  for (genvar c = 0; c < int'(COLS); c++) begin : g_zero
    assign sum_chain[0][c] = '0;
  end
  for (genvar r = 0; r < int'(ROWS); r++) begin : g_row
    weft_array_row u_row (
      .clk_i, .rst_ni(rst_ni && !clear_i), .en_i(en),
      .act_i(row_act[r]), .swap_i(row_swap[r]), .shift_i(row_shift[r]),
      .w_north_i(w_chain[r]), .w_next_o(w_chain[r+1]),
      .sum_north_i(sum_chain[r]), .sum_o(sum_chain[r+1])
    );
  end
  logic unused_w;  // the last row's next weights go nowhere
  always_comb begin
    unused_w = 1'b0;
    for (int c = 0; c < int'(COLS); c++) unused_w ^= ^w_chain[ROWS][c];
  end

  // ---- De-skew: column c waits for the last one ----
  sum_t deskew_q [COLS][COLS];  // [c][k]: column c, k + 1 cycles old

  always_ff @(posedge clk_i) begin
    if (en) begin
      for (int c = 0; c < int'(COLS) - 1; c++) begin
        deskew_q[c][0] <= sum_chain[ROWS][c];
        for (int k = 1; k < int'(COLS) - 1 - c; k++) deskew_q[c][k] <= deskew_q[c][k-1];
      end
    end
  end

  always_comb begin
    for (int c = 0; c < int'(COLS) - 1; c++) sums_o[c] = deskew_q[c][int'(COLS)-2-c];
    sums_o[COLS-1] = sum_chain[ROWS][COLS-1];
  end
  assign out_valid_o = valid_q[Latency-1];

  // ---- Assertions ----
  if (!is_pow2(ROWS) || ROWS != COLS || ROWS < 4) begin : g_bad_size
    $fatal(1, "weft_array: ROWS %0d and COLS %0d must be equal and a power of two from 4",
           ROWS, COLS);
  end

  // A shift once begun brings all its rows.
  ShiftWhole: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (shift_i && 32'(shift_row_q) != ROWS - 1) |=> shift_i)
    else $error("weft_array: a weight shift stopped half-way");
  SwapAfterShift: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (in_valid_i && tile_first_i) |-> (shift_row_q == '0))
    else $error("weft_array: a tile began before its weights were in");

endmodule
