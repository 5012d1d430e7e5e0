// Multipliers of the depthwise engine: C lanes of DW_TAPS products a cycle, and the sums of
// outputs.
//
// Contract
//   step_valid_i && step_ready_o: shifts the step's pairs into its window, and multiplies the three
//   words from its offset on by the tap words, lane by lane (int8); taps_i comes in the next
//   cycle and is held until the next step. Products from a step marked first to one marked last
//   are added up; the sum is offered (out_valid_o) three cycles after the last step, and every step
//   waits while it is not taken. One step a cycle.
module weft_dw_lanes
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  logic           step_valid_i,
  output logic           step_ready_o,
  input  dw_step_t       step_i,
  input  dw_pair_t [1:0] pairs_i,
  input  dw_taps_t       taps_i,
  // Sums.
  output logic           out_valid_o,
  input  logic           out_ready_i,
  output acc_addr_t      out_addr_o,
  output acc_vec_t       out_sums_o,
  output logic           out_desc_last_o,
  // A step is under way.
  output logic           busy_o
);

  localparam int unsigned ProductsW = 16 + cnt_width(DW_TAPS);  // sum of DW_TAPS products of int8
  localparam int unsigned SumW = ProductsW + idx_width(DW_TAP_ROWS);
  localparam int unsigned Windows = DW_WINDOWS;

  logic run, fire;
  assign run          = !(out_valid_o && !out_ready_i);
  assign step_ready_o = run;
  assign fire         = step_valid_i && run;

  // ---- Window: words 1 .. 3 of the last two pairs; word 0 is never needed again ----
  typedef word_t [2:0] window_t;
  window_t     window_q [Windows];
  word_t [3:0] words;
  dw_taps_t    picked;

  always_comb begin
    words  = '0;
    picked = '0;
    if (step_valid_i) begin
      unique case (step_i.pairs)
        2'd0:    words = {window_q[step_i.window], word_t'('0)};
        2'd1:    words = {pairs_i[0], window_q[step_i.window][2:1]};
        default: words = {pairs_i[1], pairs_i[0]};
      endcase
      // Words past the fourth meet taps of zero.
      unique case (step_i.offset)
        2'd0: picked = words[2:0];
        2'd1: picked = words[3:1];
        2'd2: picked = {word_t'('0), words[3:2]};
        2'd3: picked = {word_t'('0), word_t'('0), words[3]};
      endcase
    end
  end

  // ---- Words, products, sum ----
  logic                        words_valid_q, products_valid_q, out_valid_q;
  dw_step_t                    words_step_q, products_step_q;
  dw_taps_t                    words_q;
  logic signed [ProductsW-1:0] products [COLS], products_q [COLS];
  logic signed [SumW-1:0]      sums_q [COLS];
  acc_addr_t                   out_addr_q;
  logic                        out_desc_last_q;

  always_comb begin
    products = '{default: '0};
    if (words_valid_q) begin
      for (int c = 0; c < int'(COLS); c++) begin
        for (int t = 0; t < int'(DW_TAPS); t++) begin
          products[c] = products[c]
            + ProductsW'(signed'(words_q[t][c])) * ProductsW'(signed'(taps_i[t][c]));
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      words_valid_q    <= 1'b0;
      products_valid_q <= 1'b0;
      out_valid_q      <= 1'b0;
    end else if (run) begin
      words_valid_q    <= step_valid_i;
      products_valid_q <= words_valid_q;
      out_valid_q      <= products_valid_q && products_step_q.last;
    end
    if (fire) begin
      window_q[step_i.window] <= words[3:1];
      words_q                 <= picked;
      words_step_q            <= step_i;
    end
    if (run && words_valid_q) begin
      products_q      <= products;
      products_step_q <= words_step_q;
    end
    if (run && products_valid_q) begin
      for (int c = 0; c < int'(COLS); c++) begin
        sums_q[c] <= (products_step_q.first ? '0 : sums_q[c]) + SumW'(products_q[c]);
      end
      out_addr_q      <= products_step_q.acc_addr;
      out_desc_last_q <= products_step_q.desc_last;
    end
  end

  always_comb begin
    out_sums_o = '0;
    if (out_valid_q) begin
      for (int c = 0; c < int'(COLS); c++) out_sums_o[c] = acc_t'(sums_q[c]);
    end
  end
  assign out_valid_o     = out_valid_q;
  assign out_addr_o      = out_addr_q;
  assign out_desc_last_o = out_desc_last_q;
  assign busy_o          = words_valid_q || products_valid_q || out_valid_q;

  logic unused_step;  // the window and the row of taps are behind it
  assign unused_step = ^{words_step_q, products_step_q};

  // ---- Assertions ----
  if (SumW > ACC_W) begin : g_bad_size
    $fatal(1, "weft_dw_lanes: sums of %0d bits", SumW);
  end

  OutStable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (out_valid_o && !out_ready_i) |=> (out_valid_o && $stable(out_sums_o) && $stable(out_addr_o)))
    else $error("weft_dw_lanes: sums changed while they waited");

endmodule
