// RAM written by words and read by bytes, at several places at once: the third place where
// storage is inferred. A technology has one storage with many read multiplexers, or a copy of a
// small RAM for each reader, all written together: row by the high address bits, byte by the low.
//
// Contract
//   rd_en_i : rd_byte_o[i] = byte rd_addr_i[i] from the next cycle on, held until the next read.
//   wr_en_i : bytes wr_row_i * Bytes .. + Bytes - 1 = wr_data_i.
//   Reading while a row is written is the caller's error.
//   Contents are undefined after power-up and not touched by any reset.
module weft_ram_lookup
  import weft_math_pkg::*;
#(
  parameter int unsigned Rows = 16,
  parameter int unsigned Bytes = 16,
  parameter int unsigned Readers = 16,
  localparam int unsigned RowW = idx_width(Rows),
  localparam int unsigned Aw = idx_width(Rows * Bytes)
) (
  input  logic                    clk_i,
  input  logic                    rd_en_i,
  input  logic [Readers-1:0][Aw-1:0] rd_addr_i,
  output logic [Readers-1:0][7:0] rd_byte_o,
  input  logic                    wr_en_i,
  input  logic [RowW-1:0]         wr_row_i,
  input  logic [Bytes-1:0][7:0]   wr_data_i
);

  logic [Bytes-1:0][7:0] mem [Rows];

  always_ff @(posedge clk_i) begin
    if (wr_en_i) mem[wr_row_i] <= wr_data_i;
    if (rd_en_i) begin
      for (int unsigned i = 0; i < Readers; i++) begin
        rd_byte_o[i] <= mem[rd_addr_i[i][Aw-1 -: RowW]][rd_addr_i[i][Aw-RowW-1:0]];
      end
    end
  end

  // ---- Assertions ----
  if (!is_pow2(Rows) || !is_pow2(Bytes) || Rows < 2 || Bytes < 2) begin : g_bad_size
    $fatal(1, "weft_ram_lookup: Rows %0d and Bytes %0d must be powers of two above 1", Rows, Bytes);
  end

  NoCollision: assert property (@(posedge clk_i) !(rd_en_i && wr_en_i))
    else $error("weft_ram_lookup: read while row %0d is written", wr_row_i);

endmodule
