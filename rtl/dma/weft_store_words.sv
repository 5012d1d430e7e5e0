// Reads the on-chip side of stores: descriptors in, words with their byte counts out.
//
// Contract
//   nest_valid_i && nest_ready_o takes a descriptor. Its words come in order, read from act memory
//   as soon as there is room for them, one a cycle; the first is out two cycles after its grant.
//   bytes_o of data_o count, lane 0 first; last_o marks the nest's last word.
//   bad_range_o: this word lies outside act memory, data_o means nothing; bad_desc_o: the
//   descriptor was malformed. Nothing is read behind either.
//   stop_i: no new read; one that was already asked for stays until it is granted.
module weft_store_words
  import weft_math_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Descs = 8,
  localparam int unsigned Lw = idx_width(WORD_BYTES)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  logic           stop_i,
  // Descriptors.
  input  logic           nest_valid_i,
  output logic           nest_ready_o,
  input  transfer_desc_t desc_i,
  input  logic           nest_bad_i,
  // Act memory.
  output logic           act_rd_valid_o,
  input  logic           act_rd_ready_i,
  output act_addr_t      act_rd_addr_o,
  input  word_t          act_rd_data_i,
  // Words.
  output logic           valid_o,
  input  logic           ready_i,
  output word_t          data_o,
  output logic [Lw:0]    bytes_o,
  output logic           last_o,
  output logic           bad_range_o,
  output logic           bad_desc_o
);

  // Covers read, queue and credit: a word a cycle.
  localparam int unsigned Depth = 4;

  typedef struct packed {
    logic        bad_desc;
    logic        bad_range;
    logic        last;
    logic [Lw:0] bytes;
  } meta_t;

  logic               word_valid, word_last, word_in_range, word_bad, readable;
  logic [DESC_AW-1:0] word_addr;
  logic [Lw:0]        word_bytes;
  memory_e            word_mem;
  logic               step, room, held_q, ended_q, fetched_q, fetched_room, pop;
  logic [2:0]         used_q;  // words asked for and not yet given on
  meta_t              meta_q, meta_out;

  weft_chip_words #(.Depth(Descs)) u_words (
    .clk_i, .rst_ni, .clear_i, .nest_valid_i, .nest_ready_o, .desc_i, .nest_bad_i,
    .valid_o(word_valid), .ready_i(step), .addr_o(word_addr), .mem_o(word_mem),
    .bytes_o(word_bytes), .last_o(word_last), .in_range_o(word_in_range), .bad_o(word_bad)
  );

  assign readable       = word_in_range && !word_bad;
  assign room           = (used_q != 3'(Depth)) && !ended_q && (!stop_i || held_q);
  assign act_rd_valid_o = word_valid && room && readable;
  assign act_rd_addr_o  = act_addr_t'(word_addr);
  assign step           = word_valid && room && (act_rd_ready_i || !readable);
  assign pop            = valid_o && ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      used_q    <= '0;
      held_q    <= 1'b0;
      ended_q   <= 1'b0;
      fetched_q <= 1'b0;
    end else begin
      if (step != pop) used_q <= step ? used_q + 1'b1 : used_q - 1'b1;
      held_q    <= act_rd_valid_o && !act_rd_ready_i;
      if (step && !readable) ended_q <= 1'b1;
      fetched_q <= step;
    end
    if (step) begin
      meta_q.bad_desc  <= word_bad;
      meta_q.bad_range <= !word_in_range;
      meta_q.last      <= word_last;
      meta_q.bytes     <= word_bytes;
    end
  end

  weft_fifo #(.Depth(Depth), .Width($bits(meta_t) + $bits(word_t))) u_fetched (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(fetched_q), .in_ready_o(fetched_room), .in_data_i({meta_q, act_rd_data_i}),
    .out_valid_o(valid_o), .out_ready_i(ready_i), .out_data_o({meta_out, data_o}),
    .count_o()
  );

  assign bytes_o     = meta_out.bytes;
  assign last_o      = meta_out.last;
  assign bad_range_o = meta_out.bad_range;
  assign bad_desc_o  = meta_out.bad_desc;

  // ---- Assertions ----
  RoomForWord: assert property (
    @(posedge clk_i) disable iff (!rst_ni) fetched_q |-> fetched_room)
    else $error("weft_store_words: a word read has no room");

  // A descriptor that names another memory came in as bad; in_range covers the upper bits.
  logic unused_word;
  assign unused_word = ^{word_mem, word_addr};

endmodule
