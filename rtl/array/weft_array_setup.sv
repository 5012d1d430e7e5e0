// Set-up of a convolution: checks the descriptor and forms the products its loop nest needs,
// one a cycle on one multiplier, in the shadow of the descriptors before it.
//
// Contract
//   Takes a descriptor, gives its plan nine cycles later and holds it until plan_ready_i. With
//   fault_o other than ERR_NONE the descriptor failed: no plan comes, nothing more is taken.
//   ERR_BAD_DESCRIPTOR: a reserved bit, a zero where one is the least, or a shallow one with kc
//   other than ceil(kh*kw / R) or a K tile that touches more than PACK_SEGS kernel rows.
//   ERR_CHIP_RANGE: acc entries or weight words outside their memory.
module weft_array_setup
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        desc_valid_i,
  output logic        desc_ready_o,
  input  array_desc_t desc_i,
  output logic        plan_valid_o,
  input  logic        plan_ready_i,
  output array_plan_t plan_o,
  output error_e      fault_o
);

  typedef enum logic [3:0] {
    StTaps, StOutY, StTapY, StStartY, StOutX, StTapX, StStartX, StPixels, StTiles, StReady, StIdle
  } state_e;

  // Kernel rows that a shallow kernel of kw bytes a row may have. Tile t begins at byte t*R, so
  // tiles repeat after kw of them; from kw = R/3 on no tile touches more than four rows.
  localparam int unsigned ShortRows = ceil_div(ROWS, PACK_SEGS - 1);
  typedef logic [ShortRows-1:0][7:0] row_limit_t;

  function automatic row_limit_t row_limits();
    row_limit_t limits = '1;
    for (int unsigned kw = ShortRows - 1; kw > 0; kw--) begin
      for (int unsigned t = kw; t > 0; t--) begin
        automatic int unsigned first = (t - 1) * ROWS / kw;
        automatic int unsigned last  = (t * ROWS - 1) / kw;
        if (last - first >= PACK_SEGS) limits[kw] = 8'(first + PACK_SEGS);
      end
    end
    return limits;
  endfunction

  localparam row_limit_t RowLimits = row_limits();

  state_e      state_d, state_q;
  array_plan_t plan_d, plan_q;
  error_e      fault_d, fault_q;
  logic        take, shallow;
  logic [15:0] a, b, taps_q;
  logic [31:0] product;
  logic        too_many_rows, wrong_tiles;

  assign shallow      = plan_q.desc.flags[ARRAY_FLAG_SHALLOW_BIT];
  assign plan_valid_o = (state_q == StReady) && (fault_q == ERR_NONE);
  assign desc_ready_o = (fault_q == ERR_NONE)
    && (state_q == StIdle || (state_q == StReady && plan_ready_i));
  assign take         = desc_valid_i && desc_ready_o;
  assign product      = 32'(a) * 32'(b);

  assign too_many_rows = (32'(plan_q.desc.kw) < ShortRows)
    && (plan_q.desc.kh > RowLimits[idx_width(ShortRows)'(plan_q.desc.kw)]);
  assign wrong_tiles   = (32'(plan_q.desc.kc) != (32'(taps_q) + ROWS - 32'd1) / ROWS);

  // Operands; all sums of products are wanted modulo 2^16, so signs need no care.
  always_comb begin
    a = plan_q.desc.in_row_pitch;
    b = 16'(plan_q.desc.stride_y);
    unique case (state_q)
      StTapY:   b = 16'(plan_q.desc.dil_y);
      StStartY: b = plan_q.desc.y0;
      StOutX: begin
        a = shallow ? plan_q.desc.out_w - 1'b1 : plan_q.desc.in_col_pitch;
        b = 16'(plan_q.desc.stride_x);
      end
      StTapX: begin
        a = plan_q.desc.in_col_pitch;
        b = 16'(plan_q.desc.dil_x);
      end
      StStartX: begin
        a = shallow ? '0 : plan_q.desc.in_col_pitch;
        b = plan_q.desc.x0;
      end
      StPixels: begin
        a = plan_q.desc.out_h;
        b = plan_q.desc.out_w;
      end
      StTaps: begin
        a = 16'(plan_q.desc.kh);
        b = 16'(plan_q.desc.kw);
      end
      StTiles: begin
        a = shallow ? 16'd1 : taps_q;
        b = plan_q.desc.kc;
      end
      default: ;
    endcase
  end

  always_comb begin
    state_d = state_q;
    plan_d  = plan_q;
    fault_d = fault_q;
    unique case (state_q)
      StTaps:   state_d = StOutY;
      StOutY: begin
        plan_d.out_y_step = product[15:0];
        if (shallow && (too_many_rows || wrong_tiles)) fault_d = ERR_BAD_DESCRIPTOR;
        state_d = StTapY;
      end
      StTapY:   begin plan_d.tap_y_step = product[15:0]; state_d = StStartY; end
      StStartY: begin plan_d.start = plan_q.start + product[15:0]; state_d = StOutX; end
      StOutX: begin
        plan_d.out_x_step = product[15:0];
        plan_d.out_x_span = product;
        state_d = StTapX;
      end
      StTapX:   begin plan_d.tap_x_step = product[15:0]; state_d = StStartX; end
      StStartX: begin plan_d.start = plan_q.start + product[15:0]; state_d = StPixels; end
      StPixels: begin
        if (33'(product) + 33'(plan_q.desc.acc_addr) > 33'(ACC_ENTRIES)) fault_d = ERR_CHIP_RANGE;
        state_d = StTiles;
      end
      StTiles: begin
        plan_d.k_tiles = product[15:0];
        if (37'(product) * 37'(ROWS) + 37'(plan_q.desc.wgt_addr) > 37'(WGT_WORDS)) begin
          fault_d = ERR_CHIP_RANGE;
        end
        state_d = StReady;
      end
      default: if (plan_valid_o && plan_ready_i) state_d = StIdle;
    endcase
    if (take) begin
      state_d      = StTaps;
      plan_d.desc  = desc_i;
      plan_d.start = desc_i.in_addr;
      if ((desc_i & ARRAY_RESERVED) != '0
          || desc_i.in_h == '0 || desc_i.in_w == '0 || desc_i.out_h == '0 || desc_i.out_w == '0
          || desc_i.stride_y == '0 || desc_i.stride_x == '0 || desc_i.dil_y == '0
          || desc_i.dil_x == '0 || desc_i.kh == '0 || desc_i.kw == '0 || desc_i.kc == '0) begin
        fault_d = ERR_BAD_DESCRIPTOR;
      end
    end
    if (fault_q != ERR_NONE) begin
      state_d = StIdle;
      fault_d = fault_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q <= StIdle;
      fault_q <= ERR_NONE;
    end else begin
      state_q <= state_d;
      fault_q <= fault_d;
    end
    if (take || (state_q != StIdle && state_q != StReady)) plan_q <= plan_d;
    if (state_q == StTaps) taps_q <= product[15:0];
  end

  assign plan_o  = plan_q;
  assign fault_o = fault_q;

  // ---- Assertions ----
  // Output row and column 0 .. ACC_ENTRIES-1, stride and taps of 8 bits, origin of 16 bits.
  if ((ACC_ENTRIES - 1) * 255 + 254 * 255 + 32768 >= 2 ** ($bits(pos_t) - 1)) begin : g_bad_size
    $fatal(1, "weft_array_setup: positions of %0d acc entries do not fit pos_t", ACC_ENTRIES);
  end

  PlanStable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (plan_valid_o && !plan_ready_i) |=> (plan_valid_o && $stable(plan_o)))
    else $error("weft_array_setup: plan changed while it waited");

endmodule
