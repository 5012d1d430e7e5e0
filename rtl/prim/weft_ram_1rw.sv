// Single-port RAM with byte write enables: one of the three places where storage is
// inferred. A technology's macro replaces the body of this file.
//
// Contract
//   en_i && !we_i : rdata_o = mem[addr_i] from the next cycle on, held until the next read.
//   en_i &&  we_i : mem[addr_i] byte b = wdata_i byte b where be_i[b]; rdata_o keeps its value.
//   Contents are undefined after power-up and not touched by any reset.
module weft_ram_1rw
  import weft_math_pkg::*;
#(
  parameter int unsigned Depth = 64,
  parameter int unsigned Bytes = 4,
  // be_i is always all ones: a memory without byte enables will do, and simulates faster.
  parameter bit WholeWords = 1'b0,
  localparam int unsigned Aw = idx_width(Depth)
) (
  input  logic                    clk_i,
  input  logic                    en_i,
  input  logic                    we_i,
  input  logic [Aw-1:0]           addr_i,
  input  logic [Bytes-1:0]        be_i,
  input  logic [Bytes-1:0][7:0]   wdata_i,
  output logic [Bytes-1:0][7:0]   rdata_o
);

  logic [8*Bytes-1:0] mem [Depth];

  if (WholeWords) begin : g_words
    always_ff @(posedge clk_i) begin
      if (en_i && we_i) mem[addr_i] <= wdata_i;
    end
  end else begin : g_bytes
    always_ff @(posedge clk_i) begin
      for (int unsigned b = 0; b < Bytes; b++) begin
        if (en_i && we_i && be_i[b]) mem[addr_i][8*b +: 8] <= wdata_i[b];
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (en_i && !we_i) rdata_o <= mem[addr_i];
  end

  // ---- Assertions ----
  if (Depth < 1 || Bytes < 1) begin : g_bad_size
    $fatal(1, "weft_ram_1rw: Depth %0d and Bytes %0d must be positive", Depth, Bytes);
  end

  AddrInRange: assert property (@(posedge clk_i) en_i |-> (32'(addr_i) < Depth))
    else $error("weft_ram_1rw: address %0d of %0d", addr_i, Depth);
  WholeWordsOnly: assert property (@(posedge clk_i) (WholeWords && en_i && we_i) |-> (be_i == '1))
    else $error("weft_ram_1rw: part of a word is written where only whole words may be");

endmodule
