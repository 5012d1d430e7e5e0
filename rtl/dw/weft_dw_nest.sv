// Loop nest of a depthwise tile's input words, in pairs that are read side by side.
//
// Contract
//   For each output row, for each group of columns, for each kernel row ky: pairs of words.
//   Sliding: the words x0, x0 + 1 ... of the input row that outputs use, two by two; the first
//   group is what the first output needs, the others are a pair each.
//   Else a group is an output, its words are the taps 0 .. kw-1 of the kernel row.
//   One pair a cycle, without a gap between descriptors. Words outside the input, and the word
//   beside the last one of an odd number, are not read.
//   Addresses step by additions only. fault_o: a word of the next pair lies outside act memory; no
//   pair comes from there on. Pairs before it are complete.
module weft_dw_nest
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic      clk_i,
  input  logic      rst_ni,
  input  logic      clear_i,
  input  logic      plan_valid_i,
  output logic      plan_ready_o,
  input  dw_plan_t  plan_i,
  output logic      fault_o,
  output logic      pair_valid_o,
  input  logic      pair_ready_i,
  output dw_fetch_t pair_o,
  output logic      pair_desc_last_o
);

  typedef logic [DESC_AW-1:0] addr_t;
  typedef logic [6:0] pair_t;  // of a group; kw / 2 at most

  // ---- Shape of a plan's rows ----
  logic [15:0] words, new_groups;  // sliding: of an input row; else of a kernel row
  pair_t       new_first_last;

  always_comb begin
    words          = '0;
    new_first_last = '0;
    new_groups     = '0;
    if (plan_valid_i) begin
      words          = 16'(plan_i.desc.kw);
      new_first_last = pair_t'((plan_i.desc.kw - 8'd1) >> 1);
      new_groups     = plan_i.desc.out_w;
      if (plan_i.sliding) begin
        words      = words + ((plan_i.desc.out_w - 16'd1) << plan_i.desc.stride_x[1]);
        new_groups = ((words + 16'd1) >> 1) - 16'(new_first_last);
      end
    end
  end

  // ---- Nest ----
  logic        active_q, advance, take;
  dw_plan_t    plan_q;
  logic [15:0] groups_q, groups_left_q, rows_left_q;
  pair_t       first_last_q, pair_last_q, pair_q;  // last pair of a row's first group, of this one
  logic        odd_q;
  logic [7:0]  ky_q;
  addr_t       addr_row_q, addr_group_q, addr_ky_q, addr_q;
  pos_t        iy_row_q, iy_q, ix_group_q, ix_q;
  logic        pair_end, ky_end, x_end, y_end;

  assign pair_end         = (pair_q == pair_last_q);
  assign ky_end           = (ky_q == plan_q.desc.kh - 1'b1);
  assign x_end            = (groups_left_q == 16'd1);
  assign y_end            = (rows_left_q == 16'd1);
  assign pair_desc_last_o = pair_end && ky_end && x_end && y_end;

  assign plan_ready_o = !active_q || (advance && pair_desc_last_o);
  assign take         = plan_valid_i && plan_ready_o;
  assign pair_valid_o = active_q && !fault_o;
  assign advance      = pair_valid_o && pair_ready_i;

  addr_t pair_step, group_step;
  pos_t  pair_ix_step, group_ix_step;
  always_comb begin
    pair_step     = '0;
    pair_ix_step  = '0;
    group_step    = '0;
    group_ix_step = '0;
    if (active_q) begin
      pair_step     = plan_q.tap_x_step << 1;
      pair_ix_step  = pos_t'({plan_q.desc.dil_x, 1'b0});
      group_step    = plan_q.sliding ? pair_step << pair_last_q[0] : plan_q.out_x_step;
      group_ix_step = plan_q.sliding ? pair_ix_step << pair_last_q[0]
                                     : pos_t'({1'b0, plan_q.desc.stride_x});
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i)               active_q <= 1'b0;
    else if (take)                        active_q <= 1'b1;
    else if (advance && pair_desc_last_o) active_q <= 1'b0;
    if (take) begin
      plan_q        <= plan_i;
      groups_q      <= new_groups;
      groups_left_q <= new_groups;
      rows_left_q   <= plan_i.desc.out_h;
      first_last_q  <= new_first_last;
      pair_last_q   <= new_first_last;
      odd_q         <= words[0];
      pair_q        <= '0;
      ky_q          <= '0;
      addr_row_q    <= plan_i.start;
      addr_group_q  <= plan_i.start;
      addr_ky_q     <= plan_i.start;
      addr_q        <= plan_i.start;
      iy_row_q      <= pos_t'(plan_i.desc.y0);
      iy_q          <= pos_t'(plan_i.desc.y0);
      ix_group_q    <= pos_t'(plan_i.desc.x0);
      ix_q          <= pos_t'(plan_i.desc.x0);
    end else if (advance) begin
      if (!pair_end) begin
        pair_q <= pair_q + 1'b1;
        addr_q <= addr_q + pair_step;
        ix_q   <= ix_q + pair_ix_step;
      end else begin
        pair_q <= '0;
        if (!ky_end) begin
          ky_q      <= ky_q + 1'b1;
          addr_ky_q <= addr_ky_q + plan_q.tap_y_step;
          addr_q    <= addr_ky_q + plan_q.tap_y_step;
          iy_q      <= iy_q + pos_t'({1'b0, plan_q.desc.dil_y});
          ix_q      <= ix_group_q;
        end else begin
          ky_q <= '0;
          if (!x_end) begin
            groups_left_q <= groups_left_q - 1'b1;
            if (plan_q.sliding) pair_last_q <= '0;
            addr_group_q  <= addr_group_q + group_step;
            addr_ky_q     <= addr_group_q + group_step;
            addr_q        <= addr_group_q + group_step;
            ix_group_q    <= ix_group_q + group_ix_step;
            ix_q          <= ix_group_q + group_ix_step;
            iy_q          <= iy_row_q;
          end else begin
            groups_left_q <= groups_q;
            rows_left_q   <= rows_left_q - 1'b1;
            pair_last_q   <= first_last_q;
            addr_row_q    <= addr_row_q + plan_q.out_y_step;
            addr_group_q  <= addr_row_q + plan_q.out_y_step;
            addr_ky_q     <= addr_row_q + plan_q.out_y_step;
            addr_q        <= addr_row_q + plan_q.out_y_step;
            ix_group_q    <= pos_t'(plan_q.desc.x0);
            ix_q          <= pos_t'(plan_q.desc.x0);
            iy_row_q      <= iy_row_q + pos_t'({1'b0, plan_q.desc.stride_y});
            iy_q          <= iy_row_q + pos_t'({1'b0, plan_q.desc.stride_y});
          end
        end
      end
    end
  end

  // ---- The pair ----
  addr_t second_addr;
  pos_t  second_ix, in_w;
  logic  second;  // is a tap

  always_comb begin
    second_addr = '0;
    second_ix   = '0;
    in_w        = '0;
    second      = 1'b0;
    pair_o      = '0;
    fault_o     = 1'b0;
    if (active_q) begin
      second_addr = addr_q + plan_q.tap_x_step;
      second_ix   = ix_q + pos_t'({1'b0, plan_q.desc.dil_x});
      in_w        = pos_t'({2'b0, plan_q.desc.in_w});
      second      = !(odd_q && pair_end && (x_end || !plan_q.sliding));
      pair_o.addr = {act_addr_t'(second_addr), act_addr_t'(addr_q)};
      if (iy_q >= 0 && iy_q < pos_t'({2'b0, plan_q.desc.in_h})) begin
        pair_o.read = {second && second_ix >= 0 && second_ix < in_w, ix_q >= 0 && ix_q < in_w};
      end
      pair_o.pad_value = plan_q.desc.pad_value;
      fault_o = (pair_o.read[0] && 32'(addr_q) >= ACT_WORDS)
        || (pair_o.read[1] && 32'(second_addr) >= ACT_WORDS);
    end
  end

  // ---- Assertions ----
  PairStable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (pair_valid_o && !pair_ready_i) |=> (pair_valid_o && $stable(pair_o)))
    else $error("weft_dw_nest: pair changed while it waited");

endmodule
