// Window maximum, lane by lane, over source words of either memory.
//
// Contract
//   valid_i takes a source word: accumulators as they are, or (from_act_i) bytes doubled, which is
//   what weft_requant_lanes' identity parameters want. first_i begins a window, last_i ends it:
//   in the next cycle valid_o and max_o = the maximum over the window's words.
//   Throughput one word a cycle, latency one cycle, never stalls.
module weft_vec_max
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic     clk_i,
  input  logic     rst_ni,
  input  logic     clear_i,
  input  logic     valid_i,
  input  logic     from_act_i,
  input  logic     first_i,
  input  logic     last_i,
  input  acc_vec_t acc_i,
  input  word_t    act_i,
  output logic     valid_o,
  output acc_t     max_o [COLS]
);

  logic valid_q;
  acc_t max_q [COLS];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) valid_q <= 1'b0;
    else                    valid_q <= valid_i && last_i;
    if (valid_i) begin
      for (int unsigned c = 0; c < COLS; c++) begin
        acc_t v;
        v = from_act_i ? {{23{act_i[c][7]}}, act_i[c], 1'b0} : acc_i[c];
        if (first_i || v > max_q[c]) max_q[c] <= v;
      end
    end
  end

  assign valid_o = valid_q;
  assign max_o   = max_q;

endmodule
