// One row of the array: C processing elements, each with an active and a next weight.
//
// Contract
//   The activation, its swap flag and the shift enable enter at column 0 and move one column
//   east a cycle. In column c, c cycles after they entered:
//     swap  : w = w_next (as it was before this cycle), already for this activation;
//     shift : w_next = w_north_i[c];
//     sum_o[c] = sum_north_i[c] + activation * w, one cycle later.
//   Throughput one activation a cycle. en_i low holds everything.
module weft_array_row
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              en_i,
  input  logic signed [7:0] act_i,
  input  logic              swap_i,
  input  logic              shift_i,
  input  logic signed [7:0] w_north_i [COLS],
  output logic signed [7:0] w_next_o [COLS],
  input  sum_t              sum_north_i [COLS],
  output sum_t              sum_o [COLS]
);

  logic signed [7:0] w_d [COLS], w_q [COLS];
  logic signed [7:0] w_next_d [COLS], w_next_q [COLS];
  logic signed [7:0] act_d [COLS], act_q [COLS];
  sum_t              sum_d [COLS], sum_q [COLS];
  // Flags as they stand at each column; bit c is column c.
  logic [COLS-1:0]   swap, shift, swap_q, shift_q;

  assign swap  = COLS'({swap_q, swap_i});
  assign shift = COLS'({shift_q, shift_i});

  always_comb begin
    act_d[0] = act_i;
    for (int c = 1; c < int'(COLS); c++) act_d[c] = act_q[c-1];
    for (int c = 0; c < int'(COLS); c++) begin
      w_d[c]      = swap[c] ? w_next_q[c] : w_q[c];
      w_next_d[c] = shift[c] ? w_north_i[c] : w_next_q[c];
      sum_d[c]    = sum_north_i[c] + sum_t'(16'(act_d[c]) * 16'(w_d[c]));
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      swap_q  <= '0;
      shift_q <= '0;
    end else if (en_i) begin
      swap_q  <= swap;
      shift_q <= shift;
    end
    if (en_i) begin
      w_q      <= w_d;
      w_next_q <= w_next_d;
      act_q    <= act_d;
      sum_q    <= sum_d;
    end
  end

  assign w_next_o = w_next_q;
  assign sum_o    = sum_q;

endmodule
