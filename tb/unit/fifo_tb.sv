// Queues of the depths at which the pointers differ: 1, 2, not a power of two, a power of two.
module fifo_tb #(
  localparam int unsigned Queues = 4,
  localparam int unsigned Width  = 16
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic [Queues-1:0]             clear_i,
  input  logic [Queues-1:0]             in_valid_i,
  output logic [Queues-1:0]             in_ready_o,
  input  logic [Queues-1:0][Width-1:0]  in_data_i,
  output logic [Queues-1:0]             out_valid_o,
  input  logic [Queues-1:0]             out_ready_i,
  output logic [Queues-1:0][Width-1:0]  out_data_o,
  output logic [Queues-1:0][7:0]        count_o
);

  import weft_math_pkg::*;

  localparam int unsigned Depth [Queues] = '{1, 2, 3, 8};

  for (genvar q = 0; q < Queues; q++) begin : g_queue
    logic [cnt_width(Depth[q])-1:0] count;
    weft_fifo #(.Depth(Depth[q]), .Width(Width)) u_fifo (
      .clk_i, .rst_ni, .clear_i(clear_i[q]),
      .in_valid_i(in_valid_i[q]), .in_ready_o(in_ready_o[q]), .in_data_i(in_data_i[q]),
      .out_valid_o(out_valid_o[q]), .out_ready_i(out_ready_i[q]), .out_data_o(out_data_o[q]),
      .count_o(count)
    );
    assign count_o[q] = 8'(count);
  end

endmodule
