// Iterator of a two-level loop nest of runs: count1 runs stride1 apart in each of count2
// groups stride2 apart.
//
// Contract
//   start_valid_i && start_ready_o takes a nest; its runs then come in order, run 0 in the
//   next cycle, one a cycle while run_ready_i. Nests follow each other without a gap.
//   run_addr_o = start_addr + i2 * stride2 + i1 * stride1 (modulo 2^AddrWidth), i1 inner.
//   Counts of zero are not supported. tag_i of the nest is given with each of its runs.
module weft_run_iter #(
  parameter int unsigned AddrWidth = 64,
  parameter int unsigned StrideWidth = 32,
  parameter int unsigned TagWidth = 1
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          clear_i,
  // Nest.
  input  logic                          start_valid_i,
  output logic                          start_ready_o,
  input  logic [AddrWidth-1:0]          start_addr_i,
  input  logic [23:0]                   start_run_i,
  input  logic [15:0]                   start_count1_i,
  input  logic signed [StrideWidth-1:0] start_stride1_i,
  input  logic [15:0]                   start_count2_i,
  input  logic signed [StrideWidth-1:0] start_stride2_i,
  input  logic [TagWidth-1:0]           start_tag_i,
  // Runs.
  output logic                          run_valid_o,
  input  logic                          run_ready_i,
  output logic [AddrWidth-1:0]          run_addr_o,
  output logic [23:0]                   run_bytes_o,
  // The nest's last run.
  output logic                          run_last_o,
  output logic [TagWidth-1:0]           run_tag_o
);

  logic                          busy_q;
  logic [AddrWidth-1:0]          addr_q, group_q, group_next;
  logic [23:0]                   run_q;
  // left: runs of this group and groups, those under way included.
  logic [15:0]                   count1_q, left1_q, left2_q;
  logic signed [StrideWidth-1:0] stride1_q, stride2_q;
  logic [TagWidth-1:0]           tag_q;
  logic                          advance, group_end;

  assign group_end     = (left1_q == 16'd1);
  assign run_valid_o   = busy_q;
  assign run_addr_o    = addr_q;
  assign run_bytes_o   = run_q;
  assign run_last_o    = group_end && (left2_q == 16'd1);
  assign run_tag_o     = tag_q;
  assign advance       = busy_q && run_ready_i;
  assign start_ready_o = !busy_q || (advance && run_last_o);
  assign group_next    = group_q + AddrWidth'(stride2_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      busy_q <= 1'b0;
    end else if (start_ready_o) begin
      busy_q <= start_valid_i;
    end
    if (start_valid_i && start_ready_o) begin
      addr_q    <= start_addr_i;
      group_q   <= start_addr_i;
      run_q     <= start_run_i;
      count1_q  <= start_count1_i;
      left1_q   <= start_count1_i;
      left2_q   <= start_count2_i;
      stride1_q <= start_stride1_i;
      stride2_q <= start_stride2_i;
      tag_q     <= start_tag_i;
    end else if (advance) begin
      if (group_end) begin
        addr_q  <= group_next;
        group_q <= group_next;
        left1_q <= count1_q;
        left2_q <= left2_q - 16'd1;
      end else begin
        addr_q  <= addr_q + AddrWidth'(stride1_q);
        left1_q <= left1_q - 16'd1;
      end
    end
  end

  // ---- Assertions ----
  if (StrideWidth > AddrWidth) begin : g_bad_size
    $fatal(1, "weft_run_iter: strides of %0d bits are wider than addresses of %0d bits",
           StrideWidth, AddrWidth);
  end

  CountsPositive: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    (start_valid_i && start_ready_o) |->
    (start_run_i != '0 && start_count1_i != '0 && start_count2_i != '0))
    else $error("weft_run_iter: nest with a count of zero");
  RunStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (run_valid_o && !run_ready_i) |=> (run_valid_o && $stable(run_addr_o)))
    else $error("weft_run_iter: a run changed while it waited");

endmodule
