// Parameter prefetcher: reads the nine words of a pass's block, or its table, while the previous
// pass runs.
//
// Contract
//   start_i (only when ready_o) takes the address of a block and the set it is for, or of a table.
//   From the next cycle on the words are read, one a cycle; each is given (block_valid_o or
//   table_valid_o) the cycle after its read.
//   soon_o: a pass handed to the nest now, whose first value reaches the lanes three cycles later
//   at the earliest and the table two, finds all in time. It stays until the next start_i.
//   ready_o falls with start_i for one cycle less than there are words: blocks follow each other
//   every nine cycles.
module weft_vec_params
  import weft_math_pkg::*;
  import weft_pkg::*;
#(
  localparam int unsigned MostWords = (TABLE_WORDS > PARAM_BLOCK_WORDS) ? TABLE_WORDS
                                                                       : PARAM_BLOCK_WORDS,
  localparam int unsigned IndexW = idx_width(MostWords)
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        start_i,
  output logic        ready_o,
  input  param_addr_t start_addr_i,
  input  logic        start_set_i,
  input  logic        start_table_i,
  output logic        soon_o,
  // Parameter memory; always granted, data in the next cycle.
  output logic        param_rd_en_o,
  output param_addr_t param_rd_addr_o,
  input  word_t       param_rd_data_i,
  // To the lanes and to the table.
  output logic              block_valid_o,
  output logic              block_set_o,
  output logic              table_valid_o,
  output logic [IndexW-1:0] index_o,
  output word_t             data_o
);

  typedef logic [IndexW-1:0] index_t;

  // The last multiplier word (7) is used three cycles after a grant at the earliest, the shifts
  // (8) four; a word is usable two cycles after the one that reads it. The nest's first grant is
  // one cycle after the handover, so the handover may come while word 5 is read. Any row of a
  // table may be wanted two cycles after the handover: it may come while the last row is read.
  localparam index_t BlockLast = index_t'(PARAM_BLOCK_WORDS - 1);
  localparam index_t BlockSoon = index_t'(5);
  localparam index_t TableLast = index_t'(TABLE_WORDS - 1);

  logic        busy_q, set_q, table_q;
  index_t      index_q;
  param_addr_t addr_q;
  logic        block_valid_q, table_valid_q, given_set_q;
  index_t      given_index_q;

  assign ready_o         = !busy_q || (index_q == (table_q ? TableLast : BlockLast));
  assign soon_o          = !busy_q || (index_q >= (table_q ? TableLast : BlockSoon));
  assign param_rd_en_o   = busy_q;
  assign param_rd_addr_o = addr_q;
  assign block_valid_o   = block_valid_q;
  assign block_set_o     = given_set_q;
  assign table_valid_o   = table_valid_q;
  assign index_o         = given_index_q;
  assign data_o          = param_rd_data_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      busy_q        <= 1'b0;
      block_valid_q <= 1'b0;
      table_valid_q <= 1'b0;
    end else begin
      if (ready_o) busy_q <= start_i;
      block_valid_q <= busy_q && !table_q;
      table_valid_q <= busy_q && table_q;
    end
    if (start_i) begin
      addr_q  <= start_addr_i;
      set_q   <= start_set_i;
      table_q <= start_table_i;
      index_q <= '0;
    end else if (busy_q) begin
      addr_q  <= addr_q + 1'b1;
      index_q <= index_q + 1'b1;
    end
    if (busy_q) begin
      given_set_q   <= set_q;
      given_index_q <= index_q;
    end
  end

  // ---- Assertions ----
  StartWhenReady: assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> ready_o)
    else $error("weft_vec_params: a block was started while another is read");

endmodule
