// 64-bit performance counters.
//
// Contract
//   clear_i zeroes all; while run_i is high counter i grows by inc_i[i] a cycle. rd_index_i selects
//   what rd_data_o shows. In each cycle inc_i has exactly one of each engine's
//   activities, so that they add up to CNT_CYCLES.
module weft_counters
  import weft_math_pkg::*;
  import weft_isa_pkg::*;
  import weft_csr_pkg::*;
  import weft_pkg::*;
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

  // All at once: of counters that each have a condition, a simulation asks every one in every cycle.
  always_ff @(posedge clk_i) begin
    logic [63:0] count_d [NUM_COUNTERS];
    if (!rst_ni || clear_i) begin
      count_q <= '{default: '0};
    end else if (run_i) begin
      for (int unsigned i = 0; i < NUM_COUNTERS; i++) count_d[i] = count_q[i] + 64'(inc_i[i]);
      count_q <= count_d;
    end
  end

  assign rd_data_o = count_q[rd_index_i];
  assign cycles_o  = count_q[CNT_CYCLES];

  // ---- Assertions ----
  if (32'(CNT_READ_BEATS) != 32'(CNT_LOAD_BUSY) + NUM_ENGINES * NUM_ACTIVITIES) begin : g_bad_list
    $fatal(1, "weft_counters: the list has not %0d counters an engine", NUM_ACTIVITIES);
  end

  for (genvar e = 0; e < NUM_ENGINES; e++) begin : g_engine
    OneActivity: assert property (@(posedge clk_i) disable iff (!rst_ni)
      run_i |-> $onehot(inc_i[32'(CNT_LOAD_BUSY) + e * NUM_ACTIVITIES +: NUM_ACTIVITIES]))
      else $error("weft_counters: engine %0d does not do exactly one thing", e);
  end

endmodule
