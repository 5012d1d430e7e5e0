// A table of 256 bytes that all lanes look up at once.
//
// Contract
//   wr_valid_i writes row wr_row_i of the table, its bytes from wr_row_i * WORD_BYTES on.
//   rd_valid_i takes a byte a lane; two cycles later byte_o[c] = table[index_i[c]].
//   A row may be read from the cycle after its write on. Throughput a word a cycle.
module weft_vec_table
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
#(
  localparam int unsigned RowW = idx_width(TABLE_WORDS)
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            wr_valid_i,
  input  logic [RowW-1:0] wr_row_i,
  input  word_t           wr_data_i,
  input  logic            rd_valid_i,
  input  word_t           index_i,
  output word_t           byte_o
);

  logic  index_valid_q;
  word_t index_q;

  always_ff @(posedge clk_i) begin
    index_valid_q <= rst_ni && rd_valid_i;
    if (rd_valid_i) index_q <= index_i;
  end

  weft_ram_lookup #(.Rows(TABLE_WORDS), .Bytes(WORD_BYTES), .Readers(COLS)) u_ram (
    .clk_i, .rd_en_i(index_valid_q), .rd_addr_i(index_q), .rd_byte_o(byte_o),
    .wr_en_i(wr_valid_i), .wr_row_i, .wr_data_i
  );

  // ---- Assertions ----
  if (TABLE_WORDS * WORD_BYTES != TABLE_BYTES) begin : g_bad_size
    $fatal(1, "weft_vec_table: 256 bytes are no whole number of words of %0d", WORD_BYTES);
  end

endmodule
