// What waves show beside the machine's own signals, in models with waves only: numbers that
// the save file (sw/runtime/wave_save.cc) turns into names. All ones: none.

// Of the job, its oldest descriptor that is not finished, and its layer; of each engine, the oldest it
// works on, its layer, the one that waits for semaphores before it, and what the engine does.
module weft_view_job
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic                         clk_i,
  input  logic                         run_i,
  input  logic                         sent_i,
  input  logic [31:0]                  sent_index_i,
  input  logic [15:0]                  sent_layer_i,
  input  logic [31:0]                  oldest_i,
  input  logic [NUM_ENGINES-1:0]       flying_i,
  input  logic [NUM_ENGINES-1:0]       waiting_i,
  input  activity_e [NUM_ENGINES-1:0]  did_i,
  input  logic [NUM_ENGINES-1:0][31:0] flying_index_i,
  input  logic [NUM_ENGINES-1:0][31:0] head_index_i
);
  // Layers of the descriptors sent last, by index: more than all queues and engines hold.
  logic [15:0] layer_q [512];
  always_ff @(posedge clk_i) begin
    if (sent_i) layer_q[sent_index_i[8:0]] <= sent_layer_i;
  end

  logic [31:0] oldest;
  logic [15:0] oldest_layer;
  assign oldest       = run_i && oldest_i != sent_index_i ? oldest_i : '1;
  assign oldest_layer = oldest == '1 ? '1 : layer_q[oldest[8:0]];

  for (genvar e = 0; e < int'(NUM_ENGINES); e++) begin : g_engine
    logic [31:0] desc, waits;
    logic [15:0] layer;
    logic [2:0]  activity;
    assign desc     = flying_i[e] ? flying_index_i[e] : '1;
    assign waits    = waiting_i[e] ? head_index_i[e] : '1;
    assign layer    = flying_i[e] ? layer_q[desc[8:0]] : '1;
    assign activity = did_i[e];
  end
endmodule

bind weft_ctl weft_view_job u_view (
  .clk_i, .run_i(run),
  .sent_i(sent), .sent_index_i(push_index), .sent_layer_i(push_desc[16 +: 16]),
  .oldest_i(u_faults.oldest), .flying_i(flying), .waiting_i(waiting), .did_i(did),
  .flying_index_i(trace_done_index_o), .head_index_i(trace_start_index_o)
);

// The semaphores one by one: how waves name the elements of an array differs between tools.
module weft_view_semaphores
  import weft_isa_pkg::NUM_SEMAPHORES;
(
  input logic [7:0] count_i [NUM_SEMAPHORES]
);
  for (genvar i = 0; i < int'(NUM_SEMAPHORES); i++) begin : g_sem
    logic [7:0] count;
    assign count = count_i[i];
  end
endmodule

bind weft_semaphores weft_view_semaphores u_view (.count_i(count_q));

// Words of the memories as one vector each; the machine's own are traced lane by lane.
module weft_view_words
  import weft_pkg::*;
(
  input word_t act_rd_data_i [5],
  input word_t act_wr_data_i [2],
  input word_t wgt_rd_data_i,
  input word_t vec_i
);
  localparam int unsigned Bits = 8 * WORD_BYTES;
  logic [Bits-1:0] array_act, dw_act_0, dw_act_1, vector_act, store_act;  // read
  logic [Bits-1:0] vector_result, load_act;           // written
  logic [Bits-1:0] weights, vec;
  assign array_act     = act_rd_data_i[0];
  assign dw_act_0      = act_rd_data_i[1];
  assign dw_act_1      = act_rd_data_i[2];
  assign vector_act    = act_rd_data_i[3];
  assign store_act     = act_rd_data_i[4];
  assign vector_result = act_wr_data_i[0];
  assign load_act      = act_wr_data_i[1];
  assign weights       = wgt_rd_data_i;
  assign vec           = vec_i;
endmodule

bind weft_core weft_view_words u_view (
  .act_rd_data_i(act_rd_data), .act_wr_data_i(act_wr_data),
  .wgt_rd_data_i(wgt_rd_data), .vec_i(u_array_engine.vec)
);
