// First-in first-out queue of any depth from one up.
//
// Contract
//   in_valid_i && in_ready_o takes data_i; out_valid_o && out_ready_i gives it, in order.
//   Latency one cycle, throughput one a cycle (depth 1: one every second cycle).
//   in_ready_o and out_valid_o depend on state only. clear_i empties it.
module weft_fifo
  import weft_math_pkg::*;
#(
  parameter int unsigned Depth = 2,
  parameter int unsigned Width = 8,
  localparam int unsigned Cw = cnt_width(Depth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  logic             in_valid_i,
  output logic             in_ready_o,
  input  logic [Width-1:0] in_data_i,
  output logic             out_valid_o,
  input  logic             out_ready_i,
  output logic [Width-1:0] out_data_o,
  // Entries held.
  output logic [Cw-1:0]    count_o
);

  localparam int unsigned Pw = idx_width(Depth);

  logic [Width-1:0] store [Depth];
  logic [Pw-1:0] rd_ptr_q, wr_ptr_q;
  logic [Cw-1:0] count_q;
  logic push, pop;

  assign in_ready_o  = (count_q != Cw'(Depth));
  assign out_valid_o = (count_q != '0);
  assign out_data_o  = store[rd_ptr_q];
  assign count_o     = count_q;
  assign push        = in_valid_i && in_ready_o;
  assign pop         = out_valid_o && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      rd_ptr_q <= '0;
      wr_ptr_q <= '0;
      count_q  <= '0;
    end else begin
      if (push) wr_ptr_q <= (wr_ptr_q == Pw'(Depth - 1)) ? '0 : wr_ptr_q + 1'b1;
      if (pop)  rd_ptr_q <= (rd_ptr_q == Pw'(Depth - 1)) ? '0 : rd_ptr_q + 1'b1;
      if (push != pop) count_q <= push ? count_q + 1'b1 : count_q - 1'b1;
    end
    if (push) store[wr_ptr_q] <= in_data_i;
  end

  // ---- Assertions ----
  if (Depth < 1 || Width < 1) begin : g_bad_size
    $fatal(1, "weft_fifo: Depth %0d and Width %0d must be positive", Depth, Width);
  end

  CountInRange: assert property (@(posedge clk_i) disable iff (!rst_ni) count_q <= Cw'(Depth))
    else $error("weft_fifo: %0d entries of %0d", count_q, Depth);
  InStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (in_valid_i && !in_ready_o) |=> (!in_valid_i || $stable(in_data_i)))
    else $error("weft_fifo: data changed while it waited");

endmodule
