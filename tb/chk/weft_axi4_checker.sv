// Watches an AXI4 port in simulation: both sides' rules as far as this machine uses AXI4.
//
// Contract
//   Every signal is an input. violation_o[rule] rises in the cycle after a breach and stays; each rule also
//   has an assertion. Up to Outstanding bursts a direction and ID; W beats may come before their AW.
module weft_axi4_checker
  import weft_math_pkg::*;
#(
  parameter int unsigned DataBits    = 32,
  parameter int unsigned IdBits      = 2,
  parameter int unsigned Ids         = 2,    // IDs in use: 0 .. Ids - 1
  parameter int unsigned Outstanding = 256,
  localparam int unsigned NumRules   = 13
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,
  input  logic                  arvalid_i,
  input  logic                  arready_i,
  input  logic [IdBits-1:0]     arid_i,
  input  logic [63:0]           araddr_i,
  input  logic [7:0]            arlen_i,
  input  logic [2:0]            arsize_i,
  input  logic [1:0]            arburst_i,
  input  logic                  rvalid_i,
  input  logic                  rready_i,
  input  logic [IdBits-1:0]     rid_i,
  input  logic [DataBits-1:0]   rdata_i,
  input  logic [1:0]            rresp_i,
  input  logic                  rlast_i,
  input  logic                  awvalid_i,
  input  logic                  awready_i,
  input  logic [IdBits-1:0]     awid_i,
  input  logic [63:0]           awaddr_i,
  input  logic [7:0]            awlen_i,
  input  logic [2:0]            awsize_i,
  input  logic [1:0]            awburst_i,
  input  logic                  wvalid_i,
  input  logic                  wready_i,
  input  logic [DataBits-1:0]   wdata_i,
  input  logic [DataBits/8-1:0] wstrb_i,
  input  logic                  wlast_i,
  input  logic                  bvalid_i,
  input  logic                  bready_i,
  input  logic [IdBits-1:0]     bid_i,
  input  logic [1:0]            bresp_i,
  output logic [NumRules-1:0]   violation_o
);

  typedef enum logic [3:0] {
    RuleArStable, RuleRStable, RuleAwStable, RuleWStable, RuleBStable,  // valid and payload wait for ready
    RuleArForm, RuleAwForm,  // INCR, whole aligned beats, within 4 KiB, a known ID
    RuleRExpected,           // a beat of no outstanding burst
    RuleRLast,               // last on another beat than the burst's last
    RuleWLast,               // likewise, for writes
    RuleBExpected,           // a response of no completed burst
    RuleResp,                // exclusive okay, though nothing is exclusive
    RuleReset                // valid during reset
  } rule_e;

  localparam int unsigned Bytes = DataBits / 8;
  localparam int unsigned Iw    = idx_width(Ids);
  localparam int unsigned Dw    = idx_width(Outstanding);

  function automatic logic malformed(logic [IdBits-1:0] id, logic [11:0] addr, logic [7:0] len,
                                     logic [2:0] size, logic [1:0] burst);
    logic [13:0] last;
    last = {2'b0, addr} + (14'(len) + 14'd1) * 14'(Bytes);
    return (32'(id) >= Ids) || (burst != 2'b01) || (32'(size) != $clog2(Bytes))
      || ((addr & (12'(Bytes) - 12'd1)) != '0) || (last > 14'd4096);
  endfunction

  // ---- Queues: lengths of reads by ID, of writes announced, of write data complete ----
  logic [7:0]    ar_len [Ids][Outstanding];
  logic [Dw-1:0] ar_wr_q [Ids], ar_rd_q [Ids];
  logic [Dw:0]   ar_count_q [Ids];
  logic [7:0]    beat_q [Ids];  // beats seen of each ID's oldest read
  logic [8:0]    aw_len [Outstanding];  // ID above the length
  logic [7:0]    w_len [Outstanding];
  logic [Dw-1:0] aw_wr_q, w_wr_q, pair_q;
  logic [Dw:0]   aw_count_q, w_count_q;
  logic [7:0]    w_beat_q;
  logic [Dw:0]   b_due_q [Ids];  // write bursts complete, not answered

  logic          ar, r, aw, w, b, pair;
  logic [Iw-1:0] ar_id, r_id, b_id, pair_id;
  assign ar      = arvalid_i && arready_i;
  assign r       = rvalid_i && rready_i;
  assign aw      = awvalid_i && awready_i;
  assign w       = wvalid_i && wready_i;
  assign b       = bvalid_i && bready_i;
  assign pair    = (aw_count_q != '0) && (w_count_q != '0);
  assign ar_id   = Iw'(arid_i);
  assign r_id    = Iw'(rid_i);
  assign b_id    = Iw'(bid_i);
  assign pair_id = Iw'(aw_len[pair_q][8]);

  // An answer may come the cycle after the last beat, when announcement and data are just paired.
  logic [Ids-1:0] due;
  always_comb begin
    for (int unsigned i = 0; i < Ids; i++) due[i] = (b_due_q[i] != '0) || (pair && 32'(pair_id) == i);
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      for (int unsigned i = 0; i < Ids; i++) begin
        ar_wr_q[i]    <= '0;
        ar_rd_q[i]    <= '0;
        ar_count_q[i] <= '0;
        beat_q[i]     <= '0;
        b_due_q[i]    <= '0;
      end
      aw_wr_q    <= '0;
      w_wr_q     <= '0;
      pair_q     <= '0;
      aw_count_q <= '0;
      w_count_q  <= '0;
      w_beat_q   <= '0;
    end else begin
      for (int unsigned i = 0; i < Ids; i++) begin
        ar_count_q[i] <= ar_count_q[i] + (Dw + 1)'(ar && 32'(ar_id) == i)
          - (Dw + 1)'(r && rlast_i && 32'(r_id) == i && ar_count_q[i] != '0);
        b_due_q[i] <= b_due_q[i] + (Dw + 1)'(pair && 32'(pair_id) == i)
          - (Dw + 1)'(b && 32'(b_id) == i && due[i]);
      end
      if (ar) ar_wr_q[ar_id] <= ar_wr_q[ar_id] + 1'b1;
      if (r) begin
        beat_q[r_id] <= rlast_i ? '0 : beat_q[r_id] + 1'b1;
        if (rlast_i) ar_rd_q[r_id] <= ar_rd_q[r_id] + 1'b1;
      end
      if (aw) aw_wr_q <= aw_wr_q + 1'b1;
      if (w) begin
        w_beat_q <= wlast_i ? '0 : w_beat_q + 1'b1;
        if (wlast_i) w_wr_q <= w_wr_q + 1'b1;
      end
      if (pair) pair_q <= pair_q + 1'b1;
      aw_count_q <= aw_count_q + (Dw + 1)'(aw) - (Dw + 1)'(pair);
      w_count_q  <= w_count_q + (Dw + 1)'(w && wlast_i) - (Dw + 1)'(pair);
    end
    if (ar) ar_len[ar_id][ar_wr_q[ar_id]] <= arlen_i;
    if (aw) aw_len[aw_wr_q] <= {awid_i[0], awlen_i};
    if (w && wlast_i) w_len[w_wr_q] <= w_beat_q;
  end

  // ---- Rules ----
  logic [NumRules-1:0] breach, seen_q;
  always_comb begin
    breach = '0;
    breach[RuleArForm]    = arvalid_i && malformed(arid_i, araddr_i[11:0], arlen_i, arsize_i, arburst_i);
    breach[RuleAwForm]    = awvalid_i && malformed(awid_i, awaddr_i[11:0], awlen_i, awsize_i, awburst_i);
    breach[RuleRExpected] = rvalid_i && (32'(rid_i) >= Ids || ar_count_q[r_id] == '0);
    breach[RuleRLast]     = rvalid_i && ar_count_q[r_id] != '0
      && (rlast_i != (beat_q[r_id] == ar_len[r_id][ar_rd_q[r_id]]));
    breach[RuleWLast]     = pair && (w_len[pair_q] != aw_len[pair_q][7:0]);
    breach[RuleBExpected] = bvalid_i && (32'(bid_i) >= Ids || !due[b_id]);
    breach[RuleResp]      = (rvalid_i && rresp_i == 2'b01) || (bvalid_i && bresp_i == 2'b01);
    breach[RuleArStable]  = ar_waits_q && (!arvalid_i || ar_q != {arid_i, araddr_i, arlen_i, arsize_i, arburst_i});
    breach[RuleAwStable]  = aw_waits_q && (!awvalid_i || aw_q != {awid_i, awaddr_i, awlen_i, awsize_i, awburst_i});
    breach[RuleWStable]   = w_waits_q && (!wvalid_i || w_q != {wdata_i, wstrb_i, wlast_i});
    breach[RuleRStable]   = r_waits_q && (!rvalid_i || r_q != {rid_i, rdata_i, rresp_i, rlast_i});
    breach[RuleBStable]   = b_waits_q && (!bvalid_i || b_q != {bid_i, bresp_i});
    if (!rst_ni) begin
      breach            = '0;
      breach[RuleReset] = !rst_q && (arvalid_i || awvalid_i || wvalid_i || rvalid_i || bvalid_i);
    end
  end

  logic                         ar_waits_q, r_waits_q, aw_waits_q, w_waits_q, b_waits_q;
  logic                         rst_q;  // low from the second cycle of a reset on
  logic [IdBits+76:0]           ar_q, aw_q;
  logic [DataBits+DataBits/8:0] w_q;
  logic [IdBits+DataBits+2:0]   r_q;
  logic [IdBits+1:0]            b_q;

  initial rst_q = 1'b1;
  initial seen_q = '0;
  always_ff @(posedge clk_i) begin
    ar_waits_q <= rst_ni && arvalid_i && !arready_i;
    r_waits_q  <= rst_ni && rvalid_i && !rready_i;
    aw_waits_q <= rst_ni && awvalid_i && !awready_i;
    w_waits_q  <= rst_ni && wvalid_i && !wready_i;
    b_waits_q  <= rst_ni && bvalid_i && !bready_i;
    if (arvalid_i) ar_q <= {arid_i, araddr_i, arlen_i, arsize_i, arburst_i};
    if (awvalid_i) aw_q <= {awid_i, awaddr_i, awlen_i, awsize_i, awburst_i};
    if (wvalid_i)  w_q  <= {wdata_i, wstrb_i, wlast_i};
    if (rvalid_i)  r_q  <= {rid_i, rdata_i, rresp_i, rlast_i};
    if (bvalid_i)  b_q  <= {bid_i, bresp_i};
    rst_q  <= rst_ni;
    seen_q <= seen_q | breach;
  end
  assign violation_o = seen_q;

  // ---- Assertions ----
  localparam string Words [NumRules] = '{
    "AR changed or fell before ready", "R changed or fell before ready",
    "AW changed or fell before ready", "W changed or fell before ready",
    "B changed or fell before ready", "AR is no burst of this port", "AW is no burst of this port",
    "R beat that nobody asked for", "RLAST on the wrong beat", "WLAST on the wrong beat",
    "B for no completed write", "EXOKAY for a normal access", "valid during reset"};
  for (genvar i = 0; i < NumRules; i++) begin : g_rule
    Kept: assert property (@(posedge clk_i) !breach[i])
      else $error("AXI4: %s", Words[i]);
  end

endmodule
