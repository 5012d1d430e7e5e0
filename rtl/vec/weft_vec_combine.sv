// What an output's source words become, lane by lane: their maximum, minimum, sum or product, or
// each word for itself.
//
// Contract
//   valid_i takes a source word, accumulators as they are or bytes (kind_i.from_act; doubled if
//   kind_i.doubled). first_i begins an output, last_i ends it: in the next cycle valid_o and
//   v_o = maximum, minimum or sum over its words, or, of two words a and b,
//   (a - zero point of a) * (b - zero point of b), zero_i being that of the present word.
//   COMBINE_EACH: each word gives a v_o, (byte - zero_i) * 2^20, which is where the reference
//   kernels begin to rescale the terms of a sum.
//   Throughput one word a cycle, latency one cycle, never stalls.
module weft_vec_combine
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic              clk_i,
  input  logic              rst_ni,
  input  logic              clear_i,
  input  logic              valid_i,
  input  vec_kind_t         kind_i,
  input  logic              first_i,
  input  logic              last_i,
  input  logic signed [7:0] zero_i,
  input  acc_vec_t          acc_i,
  input  word_t             act_i,
  output logic              valid_o,
  output acc_t              v_o [COLS]
);

  localparam int unsigned HeadRoom = 20;  // bits below the terms of a sum

  logic valid_q;
  acc_t v_q [COLS];

  function automatic logic signed [8:0] centred(byte_t value, logic signed [7:0] zero);
    return 9'(signed'(value)) - 9'(zero);
  endfunction

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) valid_q <= 1'b0;
    else                    valid_q <= valid_i && (last_i || kind_i.combine == COMBINE_EACH);
    // One assignment a register, of the whole array: what is not taken costs a simulation nothing.
    if (valid_i) begin
      acc_t v_d [COLS];
      for (int unsigned c = 0; c < COLS; c++) begin
        acc_t v;
        unique case (kind_i.combine)
          COMBINE_SUM: begin
            v = acc_t'(signed'(act_i[c])) <<< kind_i.doubled;
            if (!first_i) v = v_q[c] + v;
          end
          COMBINE_PRODUCT: begin
            v = acc_t'(centred(act_i[c], zero_i));
            if (!first_i) v = acc_t'(signed'(v_q[c][8:0]) * signed'(v[8:0]));
          end
          COMBINE_EACH: v = acc_t'(centred(act_i[c], zero_i)) <<< HeadRoom;
          default: begin  // COMBINE_MAX, COMBINE_MIN
            v = kind_i.from_act ? {{23{act_i[c][7]}}, act_i[c], 1'b0} : acc_i[c];
            // Of equal values it does not matter which is kept.
            if (!first_i && ((v > v_q[c]) == (kind_i.combine == COMBINE_MIN))) v = v_q[c];
          end
        endcase
        v_d[c] = v;
      end
      v_q <= v_d;
    end
  end

  logic unused_kind;  // what the lanes do is for others
  assign unused_kind = ^kind_i;

  assign valid_o = valid_q;
  assign v_o     = v_q;

endmodule
