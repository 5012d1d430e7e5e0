// RAM with one read and one write port: the second place where storage is inferred.
//
// Contract
//   rd_en_i : rd_data_o = mem[rd_addr_i] from the next cycle on, held until the next read.
//   wr_en_i : mem[wr_addr_i] = wr_data_i.
//   Reading the address that is written in the same cycle is the caller's error.
//   Contents are undefined after power-up and not touched by any reset.
module weft_ram_1r1w
  import weft_math_pkg::*;
#(
  parameter int unsigned Depth = 64,
  parameter int unsigned Width = 32,
  localparam int unsigned Aw = idx_width(Depth)
) (
  input  logic             clk_i,
  input  logic             rd_en_i,
  input  logic [Aw-1:0]    rd_addr_i,
  output logic [Width-1:0] rd_data_o,
  input  logic             wr_en_i,
  input  logic [Aw-1:0]    wr_addr_i,
  input  logic [Width-1:0] wr_data_i
);

  logic [Width-1:0] mem [Depth];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) mem[wr_addr_i] <= wr_data_i;
    if (rd_en_i) rd_data_o <= mem[rd_addr_i];
  end

  // ---- Assertions ----
  if (Depth < 1 || Width < 1) begin : g_bad_size
    $fatal(1, "weft_ram_1r1w: Depth %0d and Width %0d must be positive", Depth, Width);
  end

  RdInRange: assert property (@(posedge clk_i) rd_en_i |-> (32'(rd_addr_i) < Depth))
    else $error("weft_ram_1r1w: read address %0d of %0d", rd_addr_i, Depth);
  WrInRange: assert property (@(posedge clk_i) wr_en_i |-> (32'(wr_addr_i) < Depth))
    else $error("weft_ram_1r1w: write address %0d of %0d", wr_addr_i, Depth);
  NoCollision: assert property (
    @(posedge clk_i) (rd_en_i && wr_en_i) |-> (rd_addr_i != wr_addr_i))
    else $error("weft_ram_1r1w: address %0d read while it is written", rd_addr_i);

endmodule
