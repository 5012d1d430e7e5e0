// Requantisation lanes: one 32 x 31 multiplier, one adder with carry-in and one shifter a lane,
// exact to the double rounding of gemmlowp.
//
// Contract
//   Two parameter sets. start_i opens set start_set_i for a pass: its zero point, clamp and lane
//   count, and with start_identity_i parameters that give y = clamp(v / 2) for even v. Otherwise
//   param_valid_i brings the words of a parameter block: word 0-3 bias, 4-7 multiplier,
//   8 right shift e.
//   valid_i takes one value a lane; four cycles later (valid_o)
//     y = clamp(RDBPOT(SRDHM(v + bias, multiplier), e) + zero_point), v + bias wrapping at 32 bits;
//     lanes from the lane count up give zero. clamp(y) = min(max(y, clamp_min), clamp_max).
//   Multipliers are 31 bits (bit 31 is ignored, M >= 1 is not supported), shifts 5 bits.
//   A set must be open and hold its bias in the cycle of valid_i, its multipliers one cycle later,
//   its shifts two cycles later, and stay until three cycles later.
//   Throughput one value a lane a cycle; the pipeline never stalls.
module weft_requant_lanes
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  // Parameter sets.
  input  logic              start_i,
  input  logic              start_set_i,
  input  logic              start_identity_i,
  input  logic signed [7:0] start_zero_point_i,
  input  logic signed [7:0] start_clamp_min_i,
  input  logic signed [7:0] start_clamp_max_i,
  input  logic [7:0]        start_lanes_i,
  input  logic              param_valid_i,
  input  logic              param_set_i,
  input  logic [3:0]        param_index_i,
  input  word_t             param_data_i,
  // Values.
  input  logic              valid_i,
  input  logic              set_i,
  input  acc_t              v_i [COLS],
  output logic              valid_o,
  output word_t             y_o
);

  // Lanes whose int32 parameters share a word.
  localparam int unsigned WordLanes = COLS / 4;
  localparam logic [30:0] Half = 31'h4000_0000;

  // ---- Parameter sets ----
  acc_t               bias_q [2][COLS];
  logic [30:0]        mult_q [2][COLS];
  logic [4:0]         shift_q [2][COLS];
  logic signed [7:0]  zero_point_q [2];
  logic signed [7:0]  clamp_min_q [2];
  logic signed [7:0]  clamp_max_q [2];
  logic [COLS-1:0]    mask_q [2];

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      zero_point_q[start_set_i] <= start_identity_i ? 8'sd0 : start_zero_point_i;
      clamp_min_q[start_set_i]  <= start_clamp_min_i;
      clamp_max_q[start_set_i]  <= start_clamp_max_i;
      for (int unsigned c = 0; c < COLS; c++) mask_q[start_set_i][c] <= (c < 32'(start_lanes_i));
    end
    for (int unsigned c = 0; c < COLS; c++) begin
      if (start_i && start_identity_i) begin
        bias_q[start_set_i][c]  <= '0;
        mult_q[start_set_i][c]  <= Half;
        shift_q[start_set_i][c] <= '0;
      end
    end
    if (param_valid_i) begin
      for (int unsigned w = 0; w < 4; w++) begin
        for (int unsigned l = 0; l < WordLanes; l++) begin
          if (param_index_i == 4'(w)) begin
            bias_q[param_set_i][w * WordLanes + l] <= param_data_i[4*l +: 4];
          end
          if (param_index_i == 4'(4 + w)) begin
            mult_q[param_set_i][w * WordLanes + l] <= 31'(param_data_i[4*l +: 4]);
          end
        end
      end
      if (param_index_i == 4'd8) begin
        for (int unsigned c = 0; c < COLS; c++) begin
          shift_q[param_set_i][c] <= param_data_i[c][4:0];
        end
      end
    end
  end

  // ---- Pipeline: x = v + bias; product; rounded sum; y ----
  logic               x_valid_q, product_valid_q, sum_valid_q, y_valid_q;
  logic               x_set_q, product_set_q, sum_set_q;
  acc_t               x_q [COLS];
  logic signed [31:0] high_q [COLS];      // product >> 31
  logic [COLS-1:0]    carry_q;            // the bit below it
  logic [COLS-1:0]    negative_q;         // of x
  logic signed [32:0] sum_q [COLS];
  word_t              y_q;

  // 2^(e-1), less one for a negative value: what makes ties go away from zero. 0 for e = 0.
  function automatic logic signed [32:0] rounding(logic [4:0] e, logic negative);
    logic [32:0] half, below;
    half  = (33'd1 << e) >> 1;
    below = ~(~33'd0 << e) >> 1;
    return negative ? below : half;
  endfunction

  function automatic logic [7:0] finish(logic signed [32:0] sum, logic [4:0] e,
                                        logic signed [7:0] zero_point,
                                        logic signed [7:0] low, logic signed [7:0] high);
    logic signed [32:0] r;
    logic signed [10:0] y;
    r = sum >>> e;
    // Ten bits hold all that the zero point can bring back into a byte.
    if      (r > 33'sd511)  y = 11'sd511;
    else if (r < -33'sd512) y = -11'sd512;
    else                    y = 11'(r);
    y = y + 11'(zero_point);
    if (y < 11'(low))  y = 11'(low);
    if (y > 11'(high)) y = 11'(high);
    return 8'(y);
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      x_valid_q       <= 1'b0;
      product_valid_q <= 1'b0;
      sum_valid_q     <= 1'b0;
      y_valid_q       <= 1'b0;
    end else begin
      x_valid_q       <= valid_i;
      product_valid_q <= x_valid_q;
      sum_valid_q     <= product_valid_q;
      y_valid_q       <= sum_valid_q;
    end
    x_set_q       <= set_i;
    product_set_q <= x_set_q;
    sum_set_q     <= product_set_q;
    if (valid_i) begin
      for (int unsigned c = 0; c < COLS; c++) x_q[c] <= v_i[c] + bias_q[set_i][c];
    end
    if (x_valid_q) begin
      for (int unsigned c = 0; c < COLS; c++) begin
        logic signed [31:0] multiplier;
        logic [31:0]        high;
        logic               carry;
        logic [29:0]        unused_low;  // below the bit that rounds
        multiplier    = {1'b0, mult_q[x_set_q][c]};
        {high, carry, unused_low} = x_q[c] * multiplier;
        high_q[c]     <= high;
        carry_q[c]    <= carry;
        negative_q[c] <= x_q[c][31];
      end
    end
    if (product_valid_q) begin
      for (int unsigned c = 0; c < COLS; c++) begin
        sum_q[c] <= 33'(high_q[c]) + rounding(shift_q[product_set_q][c], negative_q[c])
                    + 33'(carry_q[c]);
      end
    end
    if (sum_valid_q) begin
      for (int unsigned c = 0; c < COLS; c++) begin
        y_q[c] <= mask_q[sum_set_q][c]
          ? finish(sum_q[c], shift_q[sum_set_q][c], zero_point_q[sum_set_q],
                   clamp_min_q[sum_set_q], clamp_max_q[sum_set_q])
          : 8'd0;
      end
    end
  end

  assign valid_o = y_valid_q;
  assign y_o     = y_q;

  // ---- Assertions ----
  if (COLS % 4 != 0) begin : g_bad_size
    $fatal(1, "weft_requant_lanes: COLS %0d must be a multiple of 4", COLS);
  end

  ParamIndexInBlock: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    param_valid_i |-> (32'(param_index_i) < PARAM_BLOCK_WORDS))
    else $error("weft_requant_lanes: parameter word %0d", param_index_i);
  StartKeepsUsedSet: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    start_i |-> !((valid_i && set_i == start_set_i) || (x_valid_q && x_set_q == start_set_i)
                  || (product_valid_q && product_set_q == start_set_i)))
    else $error("weft_requant_lanes: set %0d opened while values still need it", start_set_i);

endmodule
