// Requantisation lanes: one 32 x 31 multiplier, one adder with carry-in and one shifter a lane,
// exact to the double rounding of gemmlowp.
//
// Contract
//   Two parameter sets. start_i opens set start_set_i for a pass: its zero point, clamp and lane
//   count, how it rescales the terms of a sum, and with start_identity_i parameters that give
//   y = clamp(v / 2) for even v. Otherwise param_valid_i brings the words of a parameter block:
//   word 0-3 bias, 4-7 multiplier, 8 right shift e.
//   valid_i takes one value a lane; four cycles later, but for LANE_FIRST and LANE_SECOND, valid_o
//     y = clamp(result + zero_point), zero from the lane count up, with, by op_i,
//     LANE_PLAIN    RDBPOT(SRDHM(v + bias, multiplier), e), v + bias wrapping at 32 bits;
//     LANE_AVERAGE  sgn(v) * floor((|v| + bias) * multiplier / 2^(31 + e));
//     LANE_LOOKUP   the byte on byte_i one cycle after valid_i (identity parameters);
//     LANE_FIRST    nothing: keeps RDBPOT(SRDHM(v, multiplier 0), shift 0) of start_source_*_i;
//     LANE_SECOND   nothing: adds the same with multiplier and shift 1, or subtracts it;
//     LANE_PAIR     as LANE_PLAIN of what is kept; given four cycles after its LANE_SECOND.
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
  input  logic              start_subtract_i,
  input  logic [30:0]       start_source_multiplier_i [2],
  input  logic [4:0]        start_source_shift_i [2],
  input  logic              param_valid_i,
  input  logic              param_set_i,
  input  logic [3:0]        param_index_i,
  input  word_t             param_data_i,
  // Values.
  input  logic              valid_i,
  input  logic              set_i,
  input  vec_lane_op_e      op_i,
  input  acc_t              v_i [COLS],
  input  word_t             byte_i,
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
  logic               subtract_q [2];
  logic [30:0]        source_mult_q [2][2];  // of a set, of a source
  logic [4:0]         source_shift_q [2][2];

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      zero_point_q[start_set_i] <= start_identity_i ? 8'sd0 : start_zero_point_i;
      clamp_min_q[start_set_i]  <= start_clamp_min_i;
      clamp_max_q[start_set_i]  <= start_clamp_max_i;
      for (int unsigned c = 0; c < COLS; c++) mask_q[start_set_i][c] <= (c < 32'(start_lanes_i));
      subtract_q[start_set_i]   <= start_subtract_i;
      for (int unsigned i = 0; i < 2; i++) begin
        source_mult_q[start_set_i][i]  <= start_source_multiplier_i[i];
        source_shift_q[start_set_i][i] <= start_source_shift_i[i];
      end
    end
    if (start_i && start_identity_i) begin
      for (int unsigned c = 0; c < COLS; c++) begin
        bias_q[start_set_i][c]  <= '0;
        mult_q[start_set_i][c]  <= Half;
        shift_q[start_set_i][c] <= '0;
      end
    end
    if (param_valid_i) begin
      for (int unsigned w = 0; w < 4; w++) begin
        if (param_index_i == 4'(w)) begin
          for (int unsigned l = 0; l < WordLanes; l++) begin
            bias_q[param_set_i][w * WordLanes + l] <= param_data_i[4*l +: 4];
          end
        end
        if (param_index_i == 4'(4 + w)) begin
          for (int unsigned l = 0; l < WordLanes; l++) begin
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
  // A stage's instruction: set, operation, for the terms of a sum the source it rescales, and
  // whether the product is rounded or cut off.
  typedef struct packed {
    logic         param_set;
    vec_lane_op_e op;
    logic         term;
    logic         source;
    logic         rounds;
  } step_t;

  logic               x_valid_q, product_valid_q, sum_valid_q, y_valid_q;
  step_t              step, x_step_q, product_step_q, sum_step_q;
  acc_t               x_q [COLS];
  logic signed [31:0] high_q [COLS];      // product >> 31
  logic [COLS-1:0]    carry_q;            // the bit below it
  logic [COLS-1:0]    negative_q;         // of x
  logic signed [32:0] sum_q [COLS];
  logic [COLS-1:0]    x_flip_q, product_flip_q, sum_flip_q;  // results to be negated
  acc_vec_t           kept_q;
  word_t              y_q;

  assign step = '{param_set: set_i, op: op_i, term: (op_i == LANE_FIRST || op_i == LANE_SECOND),
                  source: (op_i == LANE_SECOND),
                  rounds: (op_i != LANE_AVERAGE && op_i != LANE_LOOKUP)};

  // 2^(e-1), less one for a negative value: what makes ties go away from zero. 0 for e = 0.
  function automatic logic signed [32:0] rounding(logic [4:0] e, logic negative);
    logic [32:0] half, below;
    half  = (33'd1 << e) >> 1;
    below = ~(~33'd0 << e) >> 1;
    return negative ? below : half;
  endfunction

  function automatic logic [7:0] finish(logic signed [32:0] r, logic flip,
                                        logic signed [7:0] zero_point,
                                        logic signed [7:0] low, logic signed [7:0] high);
    logic signed [10:0] y;
    // Ten bits hold all that the zero point can bring back into a byte.
    if      (r > 33'sd511)  y = 11'sd511;
    else if (r < -33'sd512) y = -11'sd512;
    else                    y = 11'(r);
    y = (y ^ {11{flip}}) + 11'(zero_point) + {10'd0, flip};
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
      y_valid_q       <= sum_valid_q && !sum_step_q.term;
    end
    // One assignment a register, of the whole array: what is not taken costs a simulation nothing.
    if (valid_i) begin
      logic [COLS-1:0] flip;
      acc_t            x_d [COLS];
      flip = '0;
      if (op_i == LANE_AVERAGE) begin
        for (int unsigned c = 0; c < COLS; c++) flip[c] = v_i[c][31];
      end
      x_step_q <= step;
      x_flip_q <= flip;
      for (int unsigned c = 0; c < COLS; c++) begin
        acc_t operand;
        operand = (op_i == LANE_PAIR) ? kept_q[c] : v_i[c];
        if (flip[c]) operand = -operand;
        x_d[c] = operand + (step.term ? '0 : bias_q[set_i][c]);
      end
      x_q <= x_d;
    end
    if (x_valid_q) begin
      logic [30:0]        source_mult;
      logic signed [31:0] high_d [COLS];
      product_step_q <= x_step_q;
      product_flip_q <= x_flip_q;
      source_mult = source_mult_q[x_step_q.param_set][x_step_q.source];
      for (int unsigned c = 0; c < COLS; c++) begin
        logic signed [31:0] multiplier;
        logic               carry;
        logic [29:0]        unused_low;  // below the bit that rounds
        multiplier    = {1'b0, x_step_q.term ? source_mult : mult_q[x_step_q.param_set][c]};
        {high_d[c], carry, unused_low} = x_q[c] * multiplier;
        if (x_step_q.op == LANE_LOOKUP) high_d[c] = 32'(signed'(byte_i[c]));
        carry_q[c]    <= carry && x_step_q.rounds;
        negative_q[c] <= x_q[c][31];
      end
      high_q <= high_d;
    end
    if (product_valid_q) begin
      logic [4:0]         source_shift;
      logic signed [32:0] sum_d [COLS];
      sum_step_q   <= product_step_q;
      sum_flip_q   <= product_flip_q;
      source_shift = source_shift_q[product_step_q.param_set][product_step_q.source];
      for (int unsigned c = 0; c < COLS; c++) begin
        logic [4:0] e;
        e = product_step_q.term ? source_shift : shift_q[product_step_q.param_set][c];
        sum_d[c] = 33'(high_q[c]) + 33'(carry_q[c])
                   + (product_step_q.rounds ? rounding(e, negative_q[c]) : '0);
      end
      sum_q <= sum_d;
    end
    if (sum_valid_q) begin
      logic signed [32:0] r [COLS];
      logic [4:0] source_shift;
      source_shift = source_shift_q[sum_step_q.param_set][sum_step_q.source];
      for (int unsigned c = 0; c < COLS; c++) begin
        r[c] = sum_q[c] >>> (sum_step_q.term ? source_shift : shift_q[sum_step_q.param_set][c]);
      end
      if (sum_step_q.term) begin
        for (int unsigned c = 0; c < COLS; c++) begin
          if (!sum_step_q.source)                     kept_q[c] <= acc_t'(r[c]);
          else if (subtract_q[sum_step_q.param_set])  kept_q[c] <= kept_q[c] - acc_t'(r[c]);
          else                                        kept_q[c] <= kept_q[c] + acc_t'(r[c]);
        end
      end else begin
        for (int unsigned c = 0; c < COLS; c++) begin
          y_q[c] <= mask_q[sum_step_q.param_set][c]
            ? finish(r[c], sum_flip_q[c], zero_point_q[sum_step_q.param_set],
                     clamp_min_q[sum_step_q.param_set], clamp_max_q[sum_step_q.param_set])
            : 8'd0;
        end
      end
    end
  end

  logic unused_step;  // by then it only matters whether it is a term
  assign unused_step = ^{product_step_q.op, sum_step_q.op, sum_step_q.rounds};

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
    start_i |-> !((valid_i && set_i == start_set_i)
                  || (x_valid_q && x_step_q.param_set == start_set_i)
                  || (product_valid_q && product_step_q.param_set == start_set_i)))
    else $error("weft_requant_lanes: set %0d opened while values still need it", start_set_i);

endmodule
