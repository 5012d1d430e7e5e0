// Set-up of a depthwise tile: checks the descriptor and forms the products its nests need, one a
// cycle on one multiplier, in the shadow of the descriptors before it.
//
// Contract
//   Takes a descriptor, gives its plan eleven cycles later and holds it until plan_ready_i. With
//   fault_o other than ERR_NONE the descriptor failed: no plan comes, nothing more is taken.
//   ERR_BAD_DESCRIPTOR: a reserved bit, a zero where one is the least, or a kernel of more than
//   DW_TAP_ROWS steps: kh * ceil(kw / DW_TAPS).
//   ERR_CHIP_RANGE: acc entries or weight words outside their memory.
module weft_dw_setup
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic            clk_i,
  input  logic            rst_ni,
  input  logic            clear_i,
  input  logic            desc_valid_i,
  output logic            desc_ready_o,
  input  depthwise_desc_t desc_i,
  output logic            plan_valid_o,
  input  logic            plan_ready_i,
  output dw_plan_t        plan_o,
  output error_e          fault_o
);

  typedef enum logic [3:0] {
    StGroups, StRows, StTaps, StPixels, StOutY, StTapY, StStartY, StOutX, StTapX, StStartX,
    StReady, StIdle
  } state_e;

  // x / 3 = (x * 171) >> 9 for x below 512.
  localparam int unsigned ThirdFactor = 171;
  localparam int unsigned ThirdShift  = 9;

  state_e      state_d, state_q;
  dw_plan_t    plan_d, plan_q;
  error_e      fault_d, fault_q;
  logic        take, working;
  logic [15:0] a, b;
  logic [31:0] product;

  assign plan_valid_o = (state_q == StReady) && (fault_q == ERR_NONE);
  assign desc_ready_o = (fault_q == ERR_NONE)
    && (state_q == StIdle || (state_q == StReady && plan_ready_i));
  assign take         = desc_valid_i && desc_ready_o;
  assign working      = (state_q != StIdle) && (state_q != StReady);
  assign product      = 32'(a) * 32'(b);

  // Operands; all sums of products are wanted modulo 2^16, so signs need no care.
  always_comb begin
    a = '0;
    b = '0;
    unique case (state_q)
      StGroups: begin
        a = 16'(plan_q.desc.kw) + 16'(DW_TAPS - 1);
        b = 16'(ThirdFactor);
      end
      StRows: begin
        a = 16'(plan_q.desc.kh);
        b = 16'(plan_q.groups);
      end
      StTaps: begin
        a = 16'(plan_q.desc.kh);
        b = 16'(plan_q.desc.kw);
      end
      StPixels: begin
        a = plan_q.desc.out_h;
        b = plan_q.desc.out_w;
      end
      StOutY: begin
        a = plan_q.desc.in_row_pitch;
        b = 16'(plan_q.desc.stride_y);
      end
      StTapY: begin
        a = plan_q.desc.in_row_pitch;
        b = 16'(plan_q.desc.dil_y);
      end
      StStartY: begin
        a = plan_q.desc.in_row_pitch;
        b = plan_q.desc.y0;
      end
      StOutX: begin
        a = plan_q.desc.in_col_pitch;
        b = 16'(plan_q.desc.stride_x);
      end
      StTapX: begin
        a = plan_q.desc.in_col_pitch;
        b = 16'(plan_q.desc.dil_x);
      end
      StStartX: begin
        a = plan_q.desc.in_col_pitch;
        b = plan_q.desc.x0;
      end
      default: ;
    endcase
  end

  // Every word of a row is a tap of some output, and each kernel row has a window of its own.
  logic slides;
  assign slides = 32'(desc_i.kh) <= DW_WINDOWS && 32'(desc_i.kw) <= DW_TAPS && desc_i.dil_x == 8'd1
    && desc_i.stride_x <= 8'd2 && desc_i.stride_x <= desc_i.kw;

  always_comb begin
    state_d = state_q;
    fault_d = fault_q;
    unique case (state_q)
      StGroups: state_d = StRows;
      StRows: begin
        if (product > 32'(DW_TAP_ROWS)) fault_d = ERR_BAD_DESCRIPTOR;
        state_d = StTaps;
      end
      StTaps: begin
        if (product + 32'(plan_q.desc.param_addr) > 32'(PARAM_WORDS)) fault_d = ERR_CHIP_RANGE;
        state_d = StPixels;
      end
      StPixels: begin
        if (33'(product) + 33'(plan_q.desc.acc_addr) > 33'(ACC_ENTRIES)) fault_d = ERR_CHIP_RANGE;
        state_d = StOutY;
      end
      StOutY:   state_d = StTapY;
      StTapY:   state_d = StStartY;
      StStartY: state_d = StOutX;
      StOutX:   state_d = StTapX;
      StTapX:   state_d = StStartX;
      StStartX: state_d = StReady;
      default:  if (plan_valid_o && plan_ready_i) state_d = StIdle;
    endcase
    if (take) begin
      state_d = StGroups;
      if ((desc_i & DEPTHWISE_RESERVED) != '0
          || desc_i.in_h == '0 || desc_i.in_w == '0 || desc_i.out_h == '0 || desc_i.out_w == '0
          || desc_i.stride_y == '0 || desc_i.stride_x == '0 || desc_i.dil_y == '0
          || desc_i.dil_x == '0 || desc_i.kh == '0 || desc_i.kw == '0) begin
        fault_d = ERR_BAD_DESCRIPTOR;
      end
    end
    if (fault_q != ERR_NONE) begin
      state_d = StIdle;
      fault_d = fault_q;
    end
  end

  // The plan as it grows; formed only while it does.
  always_comb begin
    plan_d = '0;
    if (take) begin
      plan_d.sliding = slides;
      plan_d.start   = desc_i.in_addr;
      plan_d.desc    = desc_i;
    end else if (working) begin
      plan_d = plan_q;
      unique case (state_q)
        StGroups:           plan_d.groups     = 8'(product >> ThirdShift);
        StOutY:             plan_d.out_y_step = product[15:0];
        StTapY:             plan_d.tap_y_step = product[15:0];
        StOutX:             plan_d.out_x_step = product[15:0];
        StTapX:             plan_d.tap_x_step = product[15:0];
        StStartY, StStartX: plan_d.start      = plan_q.start + product[15:0];
        default: ;
      endcase
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
    if (take || working) plan_q <= plan_d;
  end

  assign plan_o  = plan_q;
  assign fault_o = fault_q;

  // ---- Assertions ----
  // Output row and column 0 .. ACC_ENTRIES-1, stride and taps of 8 bits, origin of 16 bits, and one
  // word beside the last tap.
  if ((ACC_ENTRIES - 1) * 255 + 255 * 255 + 32768 >= 2 ** ($bits(pos_t) - 1)) begin : g_bad_size
    $fatal(1, "weft_dw_setup: positions of %0d acc entries do not fit pos_t", ACC_ENTRIES);
  end

  PlanStable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    (plan_valid_o && !plan_ready_i) |=> (plan_valid_o && $stable(plan_o)))
    else $error("weft_dw_setup: plan changed while it waited");

endmodule
