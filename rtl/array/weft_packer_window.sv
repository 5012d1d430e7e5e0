// One row window of the shallow packer: the words of a segment's input row in order, and the
// bytes of the current output cut out of them and turned to their lanes.
//
// Contract
//   row_start_i begins an output row: position first_byte, its words are to come from first_word
//   on. push_i adds the next word. ok_o: all bytes of the current position are there; lanes_o then
//   has lane dst + i = byte position + i of the row, pad_value where that is outside 0 .. in_w-1 or
//   the row is outside the image, and zero in the lanes of other segments.
//   bad_o: one of these bytes lies in a word that push_i marked bad.
//   step_i moves on by stride bytes, or with row_last_i to the row's end. done_o: from the next
//   cycle on all words of the row are used up; a new row may start in this one, of another tile
//   from the next one on.
module weft_packer_window
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
#(
  localparam int unsigned Depth = 4
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  pack_seg_t   seg_i,       // of the current tile
  input  logic [7:0]  stride_i,
  input  logic [15:0] in_w_i,
  input  byte_t       pad_i,
  input  logic        row_start_i,
  input  logic        row_inside_i,  // with row_start_i: the input row is in the image
  output logic        ok_o,
  output logic        bad_o,
  output word_t       lanes_o,
  input  logic        step_i,
  input  logic        row_last_i,
  output logic        done_o,
  // Prefetcher.
  output logic        space_o,
  input  logic        read_i,
  input  logic        push_i,
  input  word_t       word_i,
  input  logic        word_bad_i
);

  localparam int unsigned Lw = idx_width(WORD_BYTES);
  localparam int unsigned Cw = cnt_width(Depth);
  localparam int unsigned Iw = idx_width(Depth);

  // ---- Words: entry 0 is the oldest ----
  word_t [Depth-1:0] word_q, word_d;
  logic [Depth-1:0]  bad_q, bad_d;
  logic [Cw-1:0] count_q, room_q;  // room: entries neither held nor on their way
  logic [1:0]    pop;

  // ---- Position ----
  logic               row_q;   // the row has words
  logic               end_q;   // the outputs of the row are done
  logic               ending;  // they are from the next cycle on
  pos_t               pos_q, pos_next, pos_end, in_w;
  logic [DESC_AW-1:0] head_q;  // word of the row at entry 0
  logic [DESC_AW-1:0] need_first, need_last, next_first;
  logic               needed, two;

  // What the row asks for; nothing is worked out for a window without words.
  assign in_w    = pos_t'({2'b0, in_w_i});
  assign ending  = end_q || (step_i && row_last_i);
  assign space_o = (room_q != '0);
  always_comb begin
    pos_end    = '0;
    needed     = 1'b0;
    need_first = '0;
    need_last  = '0;
    two        = 1'b0;
    ok_o       = 1'b1;
    bad_o      = 1'b0;
    if (row_q) begin
      pos_end    = pos_q + pos_t'({1'b0, seg_i.len}) - 21'sd1;
      needed     = !end_q && (pos_end >= 0) && (pos_q < in_w);
      need_first = (pos_q < 0) ? '0 : DESC_AW'(pos_q >>> Lw);
      need_last  = DESC_AW'(((pos_end < in_w) ? pos_end : in_w - 21'sd1) >>> Lw);
      two        = (need_last != need_first);
      ok_o       = !needed || ((head_q == need_first) && (count_q > Cw'(two)));
      bad_o      = needed && (bad_q[0] || (two && bad_q[1]));
    end
  end

  // Words that will not be needed again, at most two a cycle.
  logic [DESC_AW-1:0] row_end, keep_from, behind;
  always_comb begin
    pos_next   = pos_q + pos_t'({1'b0, stride_i});
    next_first = '0;
    row_end    = '0;
    keep_from  = '0;
    behind     = '0;
    pop        = 2'd0;
    done_o     = 1'b1;
    if (row_q) begin
      next_first = (pos_next < 0) ? '0 : DESC_AW'(pos_next >>> Lw);
      row_end    = seg_i.last_word + 1'b1;
      keep_from  = ending ? row_end : step_i ? next_first : need_first;
      if (keep_from > row_end) keep_from = row_end;
      behind     = keep_from - head_q;
      if (keep_from > head_q) begin
        pop = (behind > DESC_AW'(1)) ? 2'd2 : 2'd1;
        if (Cw'(pop) > count_q) pop = 2'(count_q);
      end
      done_o     = ending && (head_q + DESC_AW'(pop) == row_end);
    end
  end

  // Whole vectors, formed only when something moves: idle windows cost a simulation nothing.
  logic moves;
  assign moves = push_i || (pop != 2'd0);
  always_comb begin
    word_d = '0;
    bad_d  = '0;
    if (moves) begin
      unique case (pop)
        2'd0: begin
          word_d = word_q;
          bad_d  = bad_q;
        end
        2'd1: begin
          word_d = {word_t'('0), word_q[Depth-1:1]};
          bad_d  = {1'b0, bad_q[Depth-1:1]};
        end
        default: begin
          word_d = {word_t'('0), word_t'('0), word_q[Depth-1:2]};
          bad_d  = {2'b00, bad_q[Depth-1:2]};
        end
      endcase
      if (push_i) begin
        word_d[Iw'(count_q - Cw'(pop))] = word_i;
        bad_d[Iw'(count_q - Cw'(pop))]  = word_bad_i;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      count_q <= '0;
      room_q  <= Cw'(Depth);
      row_q   <= 1'b0;
      end_q   <= 1'b1;
    end else begin
      count_q <= count_q + Cw'(push_i) - Cw'(pop);
      room_q  <= room_q - Cw'(read_i) + Cw'(pop);
      if (row_start_i) begin
        row_q <= seg_i.valid && seg_i.in_x && row_inside_i;
        end_q <= 1'b0;
      end else begin
        if (done_o) row_q <= 1'b0;  // seg_i may be another one then
        if (ending) end_q <= 1'b1;
      end
    end
    if (row_start_i) begin
      pos_q  <= seg_i.first_byte;
      head_q <= seg_i.first_word;
    end else begin
      if (step_i) pos_q <= pos_next;
      head_q <= head_q + DESC_AW'(pop);
    end
    if (moves) begin
      word_q <= word_d;
      bad_q  <= bad_d;
    end
  end

  // ---- Lanes: two words turned by the position, then masked ----
  logic [2*WORD_BYTES-1:0][7:0] pair, turned;
  pos_t                         turn;      // byte of the pair that lane 0 would have
  pos_t                         lane_pos;  // byte of the row that a lane takes
  always_comb begin
    pair    = {word_q[1], word_q[0]};
    turn    = ((pos_q < 0) ? pos_q : pos_t'({1'b0, pos_q[Lw-1:0]})) - pos_t'({1'b0, seg_i.dst});
    turned   = '0;
    lane_pos = '0;
    lanes_o  = '0;
    if (needed) begin
      turned = (turn < 0) ? pair << {-turn, 3'b000} : pair >> {turn, 3'b000};
    end
    if (seg_i.valid && !end_q) begin
      for (int unsigned l = 0; l < WORD_BYTES; l++) begin
        if (l >= 32'(seg_i.dst) && l < 32'(seg_i.dst) + 32'(seg_i.len)) begin
          lanes_o[l] = pad_i;
          lane_pos   = pos_q + pos_t'(l) - pos_t'({1'b0, seg_i.dst});
          if (needed && lane_pos >= 0 && lane_pos < in_w) lanes_o[l] = turned[l];
        end
      end
    end
  end

  // ---- Assertions ----
  NoOverflow: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    push_i |-> (32'(count_q) < Depth))
    else $error("weft_packer_window: a word came without room");

endmodule
