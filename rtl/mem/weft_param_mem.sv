// Parameter memory: read by the vector and the depthwise engine, written by the load engine.
//
// Contract
//   rd_valid_i[i] && rd_ready_o[i] : rd_data_o is the word at rd_addr_i[i] in the next cycle, and
//   until the next read of either. Reader 0 goes first: rd_ready_o[0] is always 1.
//   wr_valid_i : the word is written; always accepted, read from the next cycle on.
//   Reading a word in the cycle in which it is written is the program's error.
module weft_param_mem
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic [1:0]  rd_valid_i,
  output logic [1:0]  rd_ready_o,
  input  param_addr_t rd_addr_i [2],
  output word_t       rd_data_o,
  input  logic        wr_valid_i,
  input  param_addr_t wr_addr_i,
  input  word_t       wr_data_i
);

  assign rd_ready_o = {!rd_valid_i[0], 1'b1};

  weft_ram_1r1w #(.Depth(PARAM_WORDS), .Width(8 * WORD_BYTES)) u_ram (
    .clk_i, .rd_en_i(|rd_valid_i), .rd_addr_i(rd_valid_i[0] ? rd_addr_i[0] : rd_addr_i[1]),
    .rd_data_o, .wr_en_i(wr_valid_i), .wr_addr_i, .wr_data_i
  );

endmodule
