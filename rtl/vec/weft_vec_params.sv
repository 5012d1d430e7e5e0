// Parameter prefetcher: reads the nine words of a pass's block while the previous pass runs.
//
// Contract
//   start_i (only when ready_o) takes a block address and the set it is for. From the next cycle
//   on the block's words are read, one a cycle; each is given (param_*_o) the cycle after its read.
//   soon_o: a pass handed to the nest now, whose first value reaches the lanes three cycles later
//   at the earliest, finds each parameter in time. It stays until the next start_i.
//   ready_o falls with start_i for eight cycles: blocks follow each other every nine cycles.
module weft_vec_params
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        start_i,
  output logic        ready_o,
  input  param_addr_t start_addr_i,
  input  logic        start_set_i,
  output logic        soon_o,
  // Parameter memory; always granted, data in the next cycle.
  output logic        param_rd_en_o,
  output param_addr_t param_rd_addr_o,
  input  word_t       param_rd_data_i,
  // To the lanes.
  output logic        param_valid_o,
  output logic        param_set_o,
  output logic [3:0]  param_index_o,
  output word_t       param_data_o
);

  localparam logic [3:0] LastIndex = 4'(PARAM_BLOCK_WORDS - 1);
  // The last multiplier word (7) is used three cycles after a grant at the earliest, the shifts
  // (8) four; a word is usable two cycles after the one that reads it. The nest's first grant is
  // one cycle after the handover, so the handover may come while word 5 is read.
  localparam logic [3:0] SoonIndex = 4'd5;

  logic        busy_q, set_q;
  logic [3:0]  index_q;
  param_addr_t addr_q;
  logic        given_valid_q, given_set_q;
  logic [3:0]  given_index_q;

  assign ready_o         = !busy_q || (index_q == LastIndex);
  assign soon_o          = !busy_q || (index_q >= SoonIndex);
  assign param_rd_en_o   = busy_q;
  assign param_rd_addr_o = addr_q;
  assign param_valid_o   = given_valid_q;
  assign param_set_o     = given_set_q;
  assign param_index_o   = given_index_q;
  assign param_data_o    = param_rd_data_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      busy_q        <= 1'b0;
      given_valid_q <= 1'b0;
    end else begin
      if (ready_o) busy_q <= start_i;
      given_valid_q <= busy_q;
    end
    if (start_i) begin
      addr_q  <= start_addr_i;
      set_q   <= start_set_i;
      index_q <= '0;
    end else if (busy_q) begin
      addr_q  <= addr_q + 1'b1;
      index_q <= index_q + 4'd1;
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
