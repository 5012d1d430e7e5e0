// Loop nest of vector passes: source taps in window order with their destinations.
//
// Contract
//   start_valid_i && start_ready_o takes a pass, which waits while the one before it runs. Taps
//   come in the order oy, ox, wy, wx, wx innermost, one a cycle while tap_ready_i; taps outside
//   the source cost nothing. tap_o.addr = src_addr + sy*src_row_pitch + sx*src_col_pitch and
//   tap_o.result.dst = dst_addr + oy*dst_row_pitch + ox*dst_col_pitch, both modulo 65536. Where
//   there is a second source its word src2_addr + oy*src2_row_pitch + ox*src2_col_pitch follows
//   the window's, as the last of the output.
//   The first tap comes 6 cycles after the start at the earliest (offsets take four cycles of one
//   multiplier) and the cycle after params_soon_i; passes follow each other without a gap when
//   the next one is ready by then.
//   fault_o other than ERR_NONE: the present pass cannot go on, and no tap comes until clear_i:
//   the fault it was started with, ERR_BAD_DESCRIPTOR for an output whose window lies outside the
//   source, ERR_CHIP_RANGE for a source or destination outside its memory.
module weft_vec_nest
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  // Pass.
  input  logic               start_valid_i,
  output logic               start_ready_o,
  input  vector_desc_t       desc_i,
  input  vec_kind_t          start_kind_i,
  input  logic               start_set_i,
  input  error_e             start_fault_i,
  // The waiting pass's parameters are in time if it begins now.
  input  logic               params_soon_i,
  // Taps.
  output logic               tap_valid_o,
  input  logic               tap_ready_i,
  output vec_tap_t           tap_o,
  output error_e             fault_o
);

  typedef logic [DESC_AW-1:0] addr_t;
  // Holds x0 and the first position past the source that ends the pass with a fault.
  typedef logic signed [17:0] pos_t;

  // What the whole pass needs, and what only its begin needs.
  typedef struct packed {
    error_e             fault;
    vec_kind_t          kind;
    logic               param_set;
    addr_t              src_addr;
    logic [15:0]        src_h, src_w;
    addr_t              src_row_pitch, src_col_pitch;
    logic signed [15:0] x0;
    logic [15:0]        out_w;
    logic [7:0]         win_h, win_w, win_stride_y, win_stride_x;
    addr_t              dst_row_pitch, dst_col_pitch;
    addr_t              src2_row_pitch, src2_col_pitch;
  } pass_t;
  typedef struct packed {
    logic signed [15:0] y0;
    logic [15:0]        out_h;
    addr_t              dst_addr, src2_addr;
  } begin_t;

  function automatic pos_t pos_of(logic [15:0] count);
    return signed'({2'b00, count});
  endfunction

  logic handover, advance;

  // ---- The waiting pass and its offsets: 16-bit products, one a cycle ----
  logic        next_valid_q;
  pass_t       next_q;
  begin_t      begin_q;
  logic [2:0]  step_q;
  addr_t       next_col0_q, next_line0_q, next_col_step_q, next_line_step_q;
  logic [15:0] factor;
  addr_t       pitch, product;

  assign start_ready_o = !next_valid_q;
  always_comb begin
    unique case (step_q[1:0])
      2'd0: begin factor = next_q.x0;                    pitch = next_q.src_col_pitch; end
      2'd1: begin factor = begin_q.y0;                   pitch = next_q.src_row_pitch; end
      2'd2: begin factor = {8'd0, next_q.win_stride_x};  pitch = next_q.src_col_pitch; end
      2'd3: begin factor = {8'd0, next_q.win_stride_y};  pitch = next_q.src_row_pitch; end
    endcase
  end
  assign product = factor * pitch;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i)                  next_valid_q <= 1'b0;
    else if (start_valid_i && start_ready_o) next_valid_q <= 1'b1;
    else if (handover)                       next_valid_q <= 1'b0;
    if (start_valid_i && start_ready_o) begin
      step_q <= '0;
      next_q <= '{
        fault: start_fault_i, kind: start_kind_i, param_set: start_set_i,
        src_addr: desc_i.src_addr, src_h: desc_i.src_h, src_w: desc_i.src_w,
        src_row_pitch: desc_i.src_row_pitch, src_col_pitch: desc_i.src_col_pitch,
        x0: desc_i.x0, out_w: desc_i.out_w,
        win_h: desc_i.win_h, win_w: desc_i.win_w,
        win_stride_y: desc_i.win_stride_y, win_stride_x: desc_i.win_stride_x,
        dst_row_pitch: desc_i.dst_row_pitch, dst_col_pitch: desc_i.dst_col_pitch,
        src2_row_pitch: desc_i.src2_row_pitch, src2_col_pitch: desc_i.src2_col_pitch};
      begin_q <= '{y0: desc_i.y0, out_h: desc_i.out_h, dst_addr: desc_i.dst_addr,
                   src2_addr: desc_i.src2_addr};
    end else if (next_valid_q && !step_q[2]) begin
      step_q <= step_q + 3'd1;
      unique case (step_q[1:0])
        2'd0: next_col0_q      <= product;
        2'd1: next_line0_q     <= next_q.src_addr + product;
        2'd2: next_col_step_q  <= product;
        2'd3: next_line_step_q <= product;
      endcase
    end
  end

  // ---- The present pass ----
  logic        valid_q, first_q, second_q;
  pass_t       pass_q;
  addr_t       pass_col0_q, col_step_q, line_step_q;
  pos_t        win_x_q, win_y_q;          // the window's first tap, inside the source or not
  addr_t       win_col_q, win_line_q;     // its offset in the row, its row's address
  pos_t        x_q, y_q;                  // the present tap
  addr_t       col_q, line_q;
  logic [15:0] ox_left_q, oy_left_q;      // outputs and rows, the present one included
  addr_t       dst_q, dst_row_q, src2_q, src2_row_q;
  pos_t        x_past, y_past, x_end, y_end;
  logic        tap_row_last, win_last, row_last, pass_end, empty, outside;

  always_comb begin
    x_past = win_x_q + pos_of({8'd0, pass_q.win_w});
    y_past = win_y_q + pos_of({8'd0, pass_q.win_h});
    x_end  = (x_past < pos_of(pass_q.src_w)) ? x_past : pos_of(pass_q.src_w);
    y_end  = (y_past < pos_of(pass_q.src_h)) ? y_past : pos_of(pass_q.src_h);
  end
  // With the clipped first tap in x_q, a row without a tap has its end there or before.
  assign empty   = first_q && (x_q >= x_end || y_q >= y_end);
  assign outside = (32'(dst_q) >= ACT_WORDS)
    || (32'(tap_o.addr) >= (pass_q.kind.from_act ? ACT_WORDS : ACC_ENTRIES));

  always_comb begin
    fault_o = ERR_NONE;
    if (valid_q) begin
      if (pass_q.fault != ERR_NONE) fault_o = pass_q.fault;
      else if (empty)               fault_o = ERR_BAD_DESCRIPTOR;
      else if (outside)             fault_o = ERR_CHIP_RANGE;
    end
  end

  assign tap_row_last = (x_q + 18'sd1 == x_end);
  assign win_last     = tap_row_last && (y_q + 18'sd1 == y_end);
  assign row_last     = (ox_left_q == 16'd1);
  assign tap_o = '{
    addr:   second_q ? src2_q : line_q + col_q,
    kind:   pass_q.kind,
    first:  first_q,
    second: second_q,
    last:   win_last && (second_q || !pass_q.kind.pair),
    result: '{pass_last: row_last && (oy_left_q == 16'd1), param_set: pass_q.param_set,
              dst: act_addr_t'(dst_q)}};
  assign tap_valid_o = valid_q && (fault_o == ERR_NONE);
  assign advance     = tap_valid_o && tap_ready_i;
  assign pass_end    = advance && tap_o.last && tap_o.result.pass_last;
  assign handover    = next_valid_q && step_q[2] && params_soon_i && (!valid_q || pass_end);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) valid_q <= 1'b0;
    else if (handover)      valid_q <= 1'b1;
    else if (pass_end)      valid_q <= 1'b0;

    if (handover) begin
      pass_q      <= next_q;
      pass_col0_q <= next_col0_q;
      col_step_q  <= next_col_step_q;
      line_step_q <= next_line_step_q;
      ox_left_q   <= next_q.out_w;
      oy_left_q   <= begin_q.out_h;
      dst_q       <= begin_q.dst_addr;
      dst_row_q   <= begin_q.dst_addr;
      src2_q      <= begin_q.src2_addr;
      src2_row_q  <= begin_q.src2_addr;
    end else if (advance && tap_o.last) begin
      if (row_last) begin
        ox_left_q  <= pass_q.out_w;
        oy_left_q  <= oy_left_q - 16'd1;
        dst_q      <= dst_row_q + pass_q.dst_row_pitch;
        dst_row_q  <= dst_row_q + pass_q.dst_row_pitch;
        src2_q     <= src2_row_q + pass_q.src2_row_pitch;
        src2_row_q <= src2_row_q + pass_q.src2_row_pitch;
      end else begin
        ox_left_q <= ox_left_q - 16'd1;
        dst_q     <= dst_q + pass_q.dst_col_pitch;
        src2_q    <= src2_q + pass_q.src2_col_pitch;
      end
    end

    if (handover || (advance && tap_o.last)) begin
      // The next window. Taps before the source are passed over: row or column 0 comes first.
      pos_t  x, y;
      addr_t col, line, src_addr;
      if (handover) begin
        x        = 18'(next_q.x0);
        col      = next_col0_q;
        y        = 18'(begin_q.y0);
        line     = next_line0_q;
        src_addr = next_q.src_addr;
      end else begin
        x        = row_last ? 18'(pass_q.x0) : win_x_q + pos_of({8'd0, pass_q.win_stride_x});
        col      = row_last ? pass_col0_q : win_col_q + col_step_q;
        y        = row_last ? win_y_q + pos_of({8'd0, pass_q.win_stride_y}) : win_y_q;
        line     = row_last ? win_line_q + line_step_q : win_line_q;
        src_addr = pass_q.src_addr;
      end
      first_q    <= 1'b1;
      second_q   <= 1'b0;
      win_x_q    <= x;
      win_col_q  <= col;
      win_y_q    <= y;
      win_line_q <= line;
      x_q        <= (x < 0) ? '0 : x;
      col_q      <= (x < 0) ? '0 : col;
      y_q        <= (y < 0) ? '0 : y;
      line_q     <= (y < 0) ? src_addr : line;
    end else if (advance) begin
      first_q <= 1'b0;
      if (win_last) begin
        second_q <= 1'b1;
      end else if (tap_row_last) begin
        x_q    <= (win_x_q < 0) ? '0 : win_x_q;
        col_q  <= (win_x_q < 0) ? '0 : win_col_q;
        y_q    <= y_q + 18'sd1;
        line_q <= line_q + pass_q.src_row_pitch;
      end else begin
        x_q    <= x_q + 18'sd1;
        col_q  <= col_q + pass_q.src_col_pitch;
      end
    end
  end

  logic unused_desc;
  assign unused_desc = ^desc_i;  // the header and what finishes a value are for others

  // ---- Assertions ----
  SecondOfWindow: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i) (tap_valid_o && second_q) |-> (win_last && pass_q.kind.pair))
    else $error("weft_vec_nest: a second source where there is none");
  TapStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (tap_valid_o && !tap_ready_i) |=>
    (tap_valid_o && $stable(tap_o)))
    else $error("weft_vec_nest: a tap changed while it waited");

endmodule
