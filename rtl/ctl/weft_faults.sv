// Which error ends a job: the oldest failing descriptor's, in program order.
//
// Contract
//   While run_i: each source of an error (an engine: its oldest descriptor; dispatch: the one that
//   cannot be sent) gives the index of its descriptor. pending_o and pending_index_o are the oldest of
//   them; issue goes on for older descriptors only, so that an older one that fails too is found, and
//   failed_o rises when none older is left (or none of them can go on), with error_o, engine_o, index_o.
//   ERR_DEADLOCK: for Patience cycles nothing moved, no engine held a descriptor and nothing was to
//   come from memory, yet descriptors wait. ERR_WATCHDOG: no progress_i for watchdog_i cycles (0: never).
//   Both name the oldest descriptor not finished, and yield to a pending error.
module weft_faults
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Patience = 16
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,
  input  logic                         run_i,
  input  logic [31:0]                  watchdog_i,
  input  logic                         progress_i,
  // Issue units and their engines.
  input  logic [NUM_ENGINES-1:0]       holds_i,
  input  logic [NUM_ENGINES-1:0]       flying_i,
  input  logic [NUM_ENGINES-1:0]       raising_i,
  input  logic [NUM_ENGINES-1:0]       moved_i,    // took, or raised, something in this cycle
  input  logic [NUM_ENGINES-1:0][31:0] oldest_i,
  input  logic [NUM_ENGINES-1:0]       err_valid_i,
  input  err_t [NUM_ENGINES-1:0]       err_i,
  // Dispatch.
  input  logic                         dispatch_idle_i,  // finished, blocked or failed
  input  logic [31:0]                  dispatch_index_i,
  input  logic                         dispatch_err_valid_i,
  input  err_t                         dispatch_err_i,
  // The oldest error so far, and the one that ends the job.
  output logic                         pending_o,
  output logic [31:0]                  pending_index_o,
  output logic                         failed_o,
  output err_t                         error_o,
  output logic [2:0]                   engine_o,
  output logic [31:0]                  index_o
);

  localparam logic [2:0] Control = 3'd7;

  logic        pending, settled, settled_q, quiescent, stuck, expired;
  err_t        error;
  logic [2:0]  engine;
  logic [31:0] index, oldest;
  logic [4:0]  still_q;
  logic [31:0] idle_q;

  if (Patience < 2 || Patience > 16) begin : g_bad_patience
    $fatal(1, "weft_faults: Patience %0d; 2 to 16 are possible", Patience);
  end

  // ---- The oldest error; the oldest descriptor ----
  always_comb begin
    pending = dispatch_err_valid_i;
    error   = dispatch_err_i;
    engine  = Control;
    index   = dispatch_index_i;
    oldest  = dispatch_index_i;
    for (int unsigned e = 0; e < NUM_ENGINES; e++) begin
      if (holds_i[e] && oldest_i[e] < oldest) oldest = oldest_i[e];
      if (err_valid_i[e] && (!pending || oldest_i[e] < index)) begin
        pending = 1'b1;
        error   = err_i[e];
        engine  = 3'(e);
        index   = oldest_i[e];
      end
    end
    settled = pending;
    for (int unsigned e = 0; e < NUM_ENGINES; e++) begin
      if (raising_i[e] || (holds_i[e] && oldest_i[e] < index)) settled = 1'b0;
    end
  end
  assign pending_o       = pending;
  assign pending_index_o = index;

  // ---- No progress ----
  assign quiescent = dispatch_idle_i && (flying_i & ~err_valid_i) == '0 && moved_i == '0
    && (holds_i != '0 || raising_i != '0);
  assign stuck     = (still_q == 5'(Patience));
  assign expired   = (watchdog_i != '0) && (idle_q >= watchdog_i);  // it may be lowered meanwhile

  always_ff @(posedge clk_i) begin
    if (!rst_ni || !run_i) begin
      settled_q <= 1'b0;
      still_q   <= '0;
      idle_q    <= '0;
    end else begin
      settled_q <= settled;
      if (!quiescent)  still_q <= '0;
      else if (!stuck) still_q <= still_q + 1'b1;
      if (progress_i)    idle_q <= '0;
      else if (!expired) idle_q <= idle_q + 1'b1;
    end
  end

  // A settled error is taken a cycle later: an engine's done and the next one's error may meet.
  assign failed_o = run_i && ((settled && settled_q) || stuck || expired);
  always_comb begin
    error_o  = error;
    engine_o = engine;
    index_o  = index;
    if (!pending) begin
      error_o  = '{code: stuck ? ERR_DEADLOCK : ERR_WATCHDOG, resp: '0, addr: '0};
      engine_o = Control;
      index_o  = oldest;
    end
  end

endmodule
