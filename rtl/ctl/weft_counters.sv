// 64-bit performance counters.
//
// Contract
//   clear_i zeroes all; while run_i is high counter i grows by inc_i[i] a cycle. rd_index_i selects
//   what rd_data_o shows.
module weft_counters
  import weft_math_pkg::*;
  import weft_csr_pkg::*;
(
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               clear_i,
  input  logic                               run_i,
  input  logic [NUM_COUNTERS-1:0]            inc_i,
  input  logic [idx_width(NUM_COUNTERS)-1:0] rd_index_i,
  output logic [63:0]                        rd_data_o,
  output logic [63:0]                        cycles_o    // of CNT_CYCLES
);

  logic [63:0] count_q [NUM_COUNTERS];

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      for (int unsigned i = 0; i < NUM_COUNTERS; i++) count_q[i] <= '0;
    end else if (run_i) begin
      for (int unsigned i = 0; i < NUM_COUNTERS; i++) begin
        if (inc_i[i]) count_q[i] <= count_q[i] + 1'b1;
      end
    end
  end

  assign rd_data_o = count_q[rd_index_i];
  assign cycles_o  = count_q[CNT_CYCLES];

endmodule
