// Weight memory: read by the array's loader, written by the load engine.
//
// Contract
//   rd_en_i : rd_data_o is the word at rd_addr_i from the next cycle on, held until the next read.
//   wr_valid_i : the word is written; always accepted, read from the next cycle on.
//   Reading a word in the cycle in which it is written is the program's error.
module weft_wgt_mem
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rd_en_i,
  input  wgt_addr_t   rd_addr_i,
  output word_t       rd_data_o,
  input  logic        wr_valid_i,
  input  wgt_addr_t   wr_addr_i,
  input  word_t       wr_data_i
);

  weft_ram_1r1w #(.Depth(WGT_WORDS), .Width(8 * WORD_BYTES)) u_ram (
    .clk_i, .rd_en_i, .rd_addr_i, .rd_data_o,
    .wr_en_i(wr_valid_i), .wr_addr_i, .wr_data_i
  );

endmodule
