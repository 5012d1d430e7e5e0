// Run iterator and burst splitter in series.
module dma_runs_tb
  import weft_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  input  logic               start_valid_i,
  output logic               start_ready_o,
  input  logic [63:0]        start_addr_i,
  input  logic [23:0]        start_run_i,
  input  logic [15:0]        start_count1_i,
  input  logic signed [31:0] start_stride1_i,
  input  logic [15:0]        start_count2_i,
  input  logic signed [31:0] start_stride2_i,
  input  logic [2:0]         start_tag_i,
  output logic               valid_o,
  input  logic               ready_i,
  output logic [63:0]        first_o,
  output logic [63:0]        last_o,
  output logic [63:0]        burst_addr_o,
  output logic [7:0]         burst_len_o,
  output logic               nest_last_o,
  output logic [2:0]         tag_o
);

  logic        run_valid, run_ready, run_last;
  logic [63:0] run_addr;
  logic [23:0] run_bytes;
  logic [2:0]  run_tag;
  burst_t      burst;

  weft_run_iter #(.AddrWidth(64), .StrideWidth(32), .TagWidth(3)) u_runs (
    .run_valid_o(run_valid), .run_ready_i(run_ready), .run_addr_o(run_addr),
    .run_bytes_o(run_bytes), .run_last_o(run_last), .run_tag_o(run_tag), .*
  );
  weft_burst_split #(.TagWidth(3)) u_split (
    .run_valid_i(run_valid), .run_ready_o(run_ready), .run_addr_i(run_addr),
    .run_bytes_i(run_bytes), .run_last_i(run_last), .run_tag_i(run_tag),
    .burst_o(burst), .*
  );

  assign burst_addr_o = burst.addr;
  assign burst_len_o  = burst.len;

endmodule
