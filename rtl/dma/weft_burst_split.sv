// Cuts runs of bytes into AXI bursts.
//
// Contract
//   Each run (1 .. 2^24-1 bytes at any address) leaves as bursts in rising address order that
//   together want exactly its bytes. Cuts lie on multiples of the window, the smaller of 4 KiB and
//   256 beats, so no burst crosses a 4 KiB boundary or has more than 256 beats.
//   first_o and last_o are the addresses of the first and last wanted byte, burst_o the
//   whole beats around them. nest_last_o: the last burst of the nest's last run.
//   Latency one cycle, one burst a cycle. Addresses are modulo 2^64.
module weft_burst_split
  import weft_math_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned TagWidth = 1
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  // Runs.
  input  logic                run_valid_i,
  output logic                run_ready_o,
  input  logic [63:0]         run_addr_i,
  input  logic [23:0]         run_bytes_i,
  input  logic                run_last_i,
  input  logic [TagWidth-1:0] run_tag_i,
  // Bursts.
  output logic                valid_o,
  input  logic                ready_i,
  output logic [63:0]         first_o,
  output logic [63:0]         last_o,
  output burst_t              burst_o,
  output logic                nest_last_o,
  output logic [TagWidth-1:0] tag_o
);

  localparam int unsigned MaxBeats = 256;
  localparam int unsigned PageBytes = 4096;
  localparam int unsigned WindowBytes =
    (MaxBeats * BUS_BYTES < PageBytes) ? MaxBeats * BUS_BYTES : PageBytes;
  localparam int unsigned Ww = $clog2(WindowBytes);  // address bits inside a window
  localparam int unsigned Lw = $clog2(BUS_BYTES);    // address bits inside a beat

  // The rest of the run that is being cut; at its first burst the run itself.
  logic        first_piece_q;
  logic [63:0] rest_addr_q, addr;
  logic [23:0] rest_bytes_q, bytes, window_left;
  logic        take, piece_ends_run;

  logic                valid_q, nest_last_q;
  logic [63:0]         first_q;
  logic [Ww-1:0]       last_q;  // the upper bits are those of first_q
  logic [TagWidth-1:0] tag_q;

  assign addr           = first_piece_q ? run_addr_i : rest_addr_q;
  assign bytes          = first_piece_q ? run_bytes_i : rest_bytes_q;
  assign window_left    = 24'(WindowBytes) - 24'(addr[Ww-1:0]);
  assign piece_ends_run = (bytes <= window_left);
  assign take           = run_valid_i && (!valid_q || ready_i);
  assign run_ready_o    = take && piece_ends_run;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      valid_q       <= 1'b0;
      first_piece_q <= 1'b1;
    end else begin
      if (take) first_piece_q <= piece_ends_run;
      if (take || ready_i) valid_q <= take;
    end
    if (take) begin
      first_q      <= addr;
      last_q       <= piece_ends_run ? (addr[Ww-1:0] + Ww'(bytes) - 1'b1) : '1;
      nest_last_q  <= piece_ends_run && run_last_i;
      tag_q        <= run_tag_i;
      rest_addr_q  <= {addr[63:Ww] + 1'b1, Ww'(0)};
      rest_bytes_q <= bytes - window_left;
    end
  end

  assign valid_o      = valid_q;
  assign first_o      = first_q;
  assign last_o       = {first_q[63:Ww], last_q};
  assign burst_o.addr = {first_q[63:Lw], Lw'(0)};
  assign burst_o.len  = 8'(last_q[Ww-1:Lw] - first_q[Ww-1:Lw]);
  assign nest_last_o  = nest_last_q;
  assign tag_o        = tag_q;

  // ---- Assertions ----
  if (!is_pow2(BUS_BYTES) || BUS_BYTES < 2) begin : g_bad_size
    $fatal(1, "weft_burst_split: a beat of %0d bytes is no power of two", BUS_BYTES);
  end

  RangeOrdered: assert property (
    @(posedge clk_i) disable iff (!rst_ni) valid_o |-> (first_q[Ww-1:0] <= last_q))
    else $error("weft_burst_split: burst from %h to %h", first_o, last_o);
  BurstStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (valid_o && !ready_i) |=> (valid_o && $stable(first_o) && $stable(last_o)))
    else $error("weft_burst_split: a burst changed while it waited");

endmodule
