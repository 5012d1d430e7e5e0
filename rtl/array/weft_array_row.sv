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

  logic signed [7:0] w_q [COLS], w_next_q [COLS], act_q [COLS], w_first;
  sum_t              sum_q [COLS];
  // Flags as they stand at each column; bit c is column c.
  logic [COLS-1:0]   swap, shift, swap_q, shift_q;

  assign swap  = COLS'({swap_q, swap_i});
  assign shift = COLS'({shift_q, shift_i});

  // Column 0 swaps in the cycle of its activation; the others, which see the flag coming, in the
  // cycle before, so that a sum waits for nothing but its operands.
  assign w_first = swap[0] ? w_next_q[0] : w_q[0];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      swap_q  <= '0;
      shift_q <= '0;
    end else if (en_i) begin
      swap_q  <= swap;
      shift_q <= shift;
    end
    // Weights hold still but for COLS cycles a tile. Whole arrays are assigned under one condition
    // each: of elements that each have their own, a simulation asks every one in every cycle.
    if (en_i && (shift != '0)) begin
      for (int c = 0; c < int'(COLS); c++) w_next_q[c] <= shift[c] ? w_north_i[c] : w_next_q[c];
    end
    if (en_i && (swap != '0)) begin
      w_q[0] <= w_first;
      for (int c = 1; c < int'(COLS); c++) begin
        w_q[c] <= !swap[c-1] ? w_q[c] : shift[c] ? w_north_i[c] : w_next_q[c];
      end
    end
    if (en_i) begin
      act_q[0] <= act_i;
      sum_q[0] <= sum_north_i[0] + sum_t'(16'(act_i) * 16'(w_first));
      for (int c = 1; c < int'(COLS); c++) begin
        act_q[c] <= act_q[c-1];
        sum_q[c] <= sum_north_i[c] + sum_t'(16'(act_q[c-1]) * 16'(w_q[c]));
      end
    end
  end

  assign w_next_o = w_next_q;
  assign sum_o    = sum_q;

endmodule
