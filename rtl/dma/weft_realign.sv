// Byte realigner: takes a byte stream in pieces of one shape, gives it in pieces of another.
//
// Contract
//   An input piece is lanes in_lane_i .. in_lane_i + in_bytes_i - 1 of in_data_i, an output
//   piece lanes out_lane_i .. out_lane_i + out_bytes_i - 1 of out_data_o, its other lanes zero
//   (1 <= bytes, lane + bytes <= Bytes). The bytes of the output pieces, in order, are those of
//   the input pieces.
//   Input is taken only while an output is wanted (out_want_i) and needed for it. Each cycle takes
//   an input piece or completes an output piece or both, so whole pieces pass one a cycle
//   whatever their offset. Combinational from input to output.
//   in_ready_o does not depend on in_valid_i. out_want_i, lane and bytes stay until out_ready_i.
//   exact_o: with out_valid_o, no byte that was taken is left behind this output piece.
module weft_realign
  import weft_math_pkg::*;
#(
  parameter int unsigned Bytes = 16,
  localparam int unsigned Lw = idx_width(Bytes)
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 clear_i,
  // Input pieces.
  input  logic                 in_valid_i,
  output logic                 in_ready_o,
  input  logic [8*Bytes-1:0]   in_data_i,
  input  logic [Lw-1:0]        in_lane_i,
  input  logic [Lw:0]          in_bytes_i,
  // Output pieces.
  input  logic                 out_want_i,
  input  logic [Lw-1:0]        out_lane_i,
  input  logic [Lw:0]          out_bytes_i,
  output logic                 out_valid_o,
  input  logic                 out_ready_i,
  output logic [8*Bytes-1:0]   out_data_o,
  output logic                 exact_o
);

  typedef logic [8*Bytes-1:0] lanes_t;

  // Lanes rotated upwards: lane i of x comes to lane (i + by) mod Bytes.
  function automatic lanes_t rotate(lanes_t x, logic [Lw-1:0] by);
    logic [Lw:0] down;
    down = (Lw + 1)'(Bytes) - {1'b0, by};
    return (x << {by, 3'b000}) | (x >> {down, 3'b000});
  endfunction

  // Byte number s of the stream is held in lane s mod Bytes. head_q: number of the oldest byte not
  // yet given, held_q: how many are held (fewer than an output piece can be: 0 .. Bytes-1).
  lanes_t        hold_q;
  logic [Lw-1:0] head_q, held_q;
  logic [Lw:0]   have, after_give;
  logic          enough_held, enough, give, take;
  lanes_t        placed, merged, held_mask;

  assign have        = {1'b0, held_q} + in_bytes_i;  // at most 2 * Bytes - 1
  assign enough_held = ({1'b0, held_q} >= out_bytes_i);
  assign enough      = (have >= out_bytes_i);
  assign out_valid_o = out_want_i && (enough_held || (in_valid_i && enough));
  assign in_ready_o  = out_want_i && !enough_held && (!enough || out_ready_i);
  assign give        = out_valid_o && out_ready_i;
  assign take        = in_valid_i && in_ready_o;
  assign after_give  = (enough_held ? {1'b0, held_q} : have) - out_bytes_i;
  assign exact_o     = (after_give == '0);

  always_comb begin
    placed    = '0;
    held_mask = '0;
    if (out_want_i) begin
      if (in_valid_i) placed = rotate(in_data_i, head_q + held_q - in_lane_i);
      if (held_q != '0) held_mask = rotate(~(~lanes_t'(0) << {held_q, 3'b000}), head_q);
    end
  end
  assign merged = (hold_q & held_mask) | (placed & ~held_mask);

  always_comb begin
    out_data_o = '0;
    if (out_valid_o) begin
      out_data_o = rotate(merged, out_lane_i - head_q)
        & (~(~lanes_t'(0) << {out_bytes_i, 3'b000}) << {out_lane_i, 3'b000});
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      head_q <= '0;
      held_q <= '0;
    end else begin
      if (give) begin
        head_q <= head_q + out_bytes_i[Lw-1:0];
        held_q <= after_give[Lw-1:0];
      end else if (take) begin
        held_q <= have[Lw-1:0];
      end
    end
    // What stays of a piece that completed an output may lie in lanes just given.
    if (take) hold_q <= give ? placed : merged;
  end

  // ---- Assertions ----
  if (!is_pow2(Bytes) || Bytes < 2) begin : g_bad_size
    $fatal(1, "weft_realign: Bytes %0d must be a power of two from 2 up", Bytes);
  end

  HeldInRange: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    give |-> (after_give < (Lw + 1)'(Bytes)))
    else $error("weft_realign: %0d bytes left after an output piece", after_give);
  OutShape: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    out_want_i |-> (out_bytes_i != '0 && {1'b0, out_lane_i} + out_bytes_i <= (Lw + 1)'(Bytes)))
    else $error("weft_realign: output piece of %0d bytes at lane %0d", out_bytes_i, out_lane_i);
  InShape: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    take |-> (in_bytes_i != '0 && {1'b0, in_lane_i} + in_bytes_i <= (Lw + 1)'(Bytes)))
    else $error("weft_realign: input piece of %0d bytes at lane %0d", in_bytes_i, in_lane_i);
  OutStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (out_valid_o && !out_ready_i) |=> (!out_want_i || $stable(out_data_o)))
    else $error("weft_realign: an output piece changed while it waited");

endmodule
