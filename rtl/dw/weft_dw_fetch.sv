// Reads pairs of input words from two ports of act memory into a queue, in order.
//
// Contract
//   Takes a pair a cycle while its words are granted; a word that is not to be read becomes the pad
//   value. A pair one of whose words waits holds up those behind it. A pair is in the queue two
//   cycles after it is taken at the earliest.
//   count_o pairs are there, of which head_o shows the first two; pop_i (0 .. 2, never more than
//   count_o) removes the first ones.
module weft_dw_fetch
  import weft_math_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Depth = 8,
  localparam int unsigned Cw = cnt_width(Depth)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  logic           pair_valid_i,
  output logic           pair_ready_o,
  input  dw_fetch_t      pair_i,
  // Act memory; data in the cycle after the grant.
  output logic [1:0]     rd_valid_o,
  input  logic [1:0]     rd_ready_i,
  output act_addr_t      rd_addr_o [2],
  input  word_t          rd_data_i [2],
  // Queue.
  output logic [Cw-1:0]  count_o,
  output dw_pair_t [1:0] head_o,
  input  logic [1:0]     pop_i
);

  localparam int unsigned Pw = idx_width(Depth);

  // ---- The pair whose words are being granted ----
  logic          valid_q, take, finished;
  dw_fetch_t     pair_q;
  logic [1:0]    got_q, grant;
  logic [Cw-1:0] places_q;  // pairs taken, not yet removed
  logic [Pw-1:0] tail_q;

  assign rd_valid_o   = {2{valid_q}} & pair_q.read & ~got_q;
  assign rd_addr_o[0] = pair_q.addr[0];
  assign rd_addr_o[1] = pair_q.addr[1];
  assign grant        = rd_valid_o & rd_ready_i;
  assign finished     = valid_q && ((~pair_q.read | got_q | grant) == '1);
  assign pair_ready_o = (!valid_q || finished) && (places_q != Cw'(Depth));
  assign take         = pair_valid_i && pair_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      valid_q  <= 1'b0;
      places_q <= '0;
      tail_q   <= '0;
      got_q    <= '0;
    end else begin
      if (take)          valid_q <= 1'b1;
      else if (finished) valid_q <= 1'b0;
      places_q <= places_q + Cw'(take) - Cw'(pop_i);
      if (finished) tail_q <= tail_q + 1'b1;
      got_q <= finished ? '0 : got_q | grant;
    end
    if (take) pair_q <= pair_i;
  end

  // ---- Words arrive ----
  logic [1:0]    fresh_q, pad_q;
  logic          landed_q;
  byte_t         pad_value_q;
  logic [Pw-1:0] slot_q, head_q;
  logic [Cw-1:0] count_q;
  word_t         first [Depth], second [Depth], pad_word;

  assign pad_word = {WORD_BYTES{pad_value_q}};

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      fresh_q  <= '0;
      pad_q    <= '0;
      landed_q <= 1'b0;
      count_q  <= '0;
      head_q   <= '0;
    end else begin
      fresh_q  <= grant;
      pad_q    <= {2{finished}} & ~pair_q.read;
      landed_q <= finished;
      count_q  <= count_q + Cw'(landed_q) - Cw'(pop_i);
      head_q   <= head_q + Pw'(pop_i);
    end
    if (valid_q) begin
      slot_q      <= tail_q;
      pad_value_q <= pair_q.pad_value;
    end
    if (fresh_q[0] || pad_q[0]) first[slot_q]  <= pad_q[0] ? pad_word : rd_data_i[0];
    if (fresh_q[1] || pad_q[1]) second[slot_q] <= pad_q[1] ? pad_word : rd_data_i[1];
  end

  assign count_o = count_q;
  always_comb begin
    head_o = '0;
    if (count_q != '0) begin
      head_o[0] = {second[head_q], first[head_q]};
      head_o[1] = {second[head_q + 1'b1], first[head_q + 1'b1]};
    end
  end

  // ---- Assertions ----
  if (!is_pow2(Depth) || Depth < 2) begin : g_bad_size
    $fatal(1, "weft_dw_fetch: Depth %0d must be a power of two, from 2", Depth);
  end

  PopsWhatIsThere: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    Cw'(pop_i) <= count_q)
    else $error("weft_dw_fetch: %0d pairs removed of %0d", pop_i, count_q);
  FindsPlace: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    count_q <= places_q && places_q <= Cw'(Depth))
    else $error("weft_dw_fetch: %0d pairs in %0d places", count_q, places_q);

endmodule
