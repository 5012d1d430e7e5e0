// Both memories, of a depth that is no power of two, and of one word.
module ram_tb #(
  localparam int unsigned Depth = 12,
  localparam int unsigned Bytes = 5
) (
  input  logic               clk_i,
  input  logic               en_i,
  input  logic               we_i,
  input  logic [3:0]         addr_i,
  input  logic [Bytes-1:0]   be_i,
  input  logic [8*Bytes-1:0] wdata_i,
  output logic [8*Bytes-1:0] rdata_o,
  output logic [8*Bytes-1:0] rdata_one_o,
  input  logic               rd_en_i,
  input  logic [3:0]         rd_addr_i,
  output logic [8*Bytes-1:0] rd_data_o,
  input  logic               wr_en_i,
  input  logic [3:0]         wr_addr_i,
  input  logic [8*Bytes-1:0] wr_data_i
);

  weft_ram_1rw #(.Depth(Depth), .Bytes(Bytes)) u_1rw (
    .clk_i, .en_i, .we_i, .addr_i, .be_i, .wdata_i, .rdata_o
  );
  weft_ram_1rw #(.Depth(1), .Bytes(Bytes)) u_1rw_one (
    .clk_i, .en_i, .we_i, .addr_i(1'b0), .be_i, .wdata_i, .rdata_o(rdata_one_o)
  );
  weft_ram_1r1w #(.Depth(Depth), .Width(8 * Bytes)) u_1r1w (
    .clk_i, .rd_en_i, .rd_addr_i, .rd_data_o, .wr_en_i, .wr_addr_i, .wr_data_i
  );

endmodule
