// Activation memory with its clients' ports as plain vectors, and their number for the bench.
module act_mem_tb
  import weft_pkg::*;
#(
  parameter int unsigned NumRd = 3,
  parameter int unsigned NumWr = 2
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  output logic [7:0]            num_rd_o,
  output logic [7:0]            num_wr_o,
  input  logic [NumRd-1:0]      rd_valid_i,
  output logic [NumRd-1:0]      rd_ready_o,
  input  act_addr_t [NumRd-1:0] rd_addr_i,
  output logic [NumRd-1:0]      rd_data_valid_o,
  output word_t [NumRd-1:0]     rd_data_o,
  input  logic [NumWr-1:0]      wr_valid_i,
  output logic [NumWr-1:0]      wr_ready_o,
  input  act_addr_t [NumWr-1:0] wr_addr_i,
  input  word_t [NumWr-1:0]     wr_data_i
);

  act_addr_t rd_addr [NumRd];
  word_t     rd_data [NumRd];
  act_addr_t wr_addr [NumWr];
  word_t     wr_data [NumWr];

  assign num_rd_o = 8'(NumRd);
  assign num_wr_o = 8'(NumWr);
  for (genvar i = 0; i < NumRd; i++) begin : g_readers
    assign rd_addr[i]   = rd_addr_i[i];
    assign rd_data_o[i] = rd_data[i];
  end
  for (genvar i = 0; i < NumWr; i++) begin : g_writers
    assign wr_addr[i] = wr_addr_i[i];
    assign wr_data[i] = wr_data_i[i];
  end

  weft_act_mem #(.NumRd(NumRd), .NumWr(NumWr)) u_mem (
    .rd_addr_i(rd_addr), .rd_data_o(rd_data), .wr_addr_i(wr_addr), .wr_data_i(wr_data), .*
  );

endmodule
