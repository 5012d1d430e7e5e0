// Remembers the addresses of the bursts in flight, for the error record only.
//
// Contract
//   push_i adds addr_i as the youngest, pop_i forgets the oldest; at most Depth are held.
//   lookup_i: addr_o = address of the oldest (before a pop in the same cycle), from the next
//   cycle on until the next lookup. lookup_i never comes with none held.
module weft_burst_log
  import weft_math_pkg::*;
#(
  parameter int unsigned Depth = 64
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        push_i,
  input  logic [63:0] addr_i,
  input  logic        pop_i,
  input  logic        lookup_i,
  output logic [63:0] addr_o
);

  localparam int unsigned Pw = idx_width(Depth);

  logic [Pw-1:0] push_ptr_q, pop_ptr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      push_ptr_q <= '0;
      pop_ptr_q  <= '0;
    end else begin
      if (push_i) push_ptr_q <= (push_ptr_q == Pw'(Depth - 1)) ? '0 : push_ptr_q + 1'b1;
      if (pop_i)  pop_ptr_q  <= (pop_ptr_q == Pw'(Depth - 1)) ? '0 : pop_ptr_q + 1'b1;
    end
  end

  weft_ram_1r1w #(.Depth(Depth), .Width(64)) u_addrs (
    .clk_i,
    .rd_en_i(lookup_i), .rd_addr_i(pop_ptr_q), .rd_data_o(addr_o),
    .wr_en_i(push_i), .wr_addr_i(push_ptr_q), .wr_data_i(addr_i)
  );

  // ---- Assertions ----
  if (Depth < 1) begin : g_bad_size
    $fatal(1, "weft_burst_log: Depth %0d must be positive", Depth);
  end

endmodule
