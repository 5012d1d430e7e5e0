// Watches an AXI4-Lite port in simulation: both sides' rules.
//
// Contract
//   Every signal is an input. violation_o[rule] rises in the cycle after a breach and stays; each rule also
//   has an assertion.
module weft_axil_checker #(
  localparam int unsigned NumRules = 9
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                awvalid_i,
  input  logic                awready_i,
  input  logic [15:0]         awaddr_i,
  input  logic                wvalid_i,
  input  logic                wready_i,
  input  logic [31:0]         wdata_i,
  input  logic [3:0]          wstrb_i,
  input  logic                bvalid_i,
  input  logic                bready_i,
  input  logic [1:0]          bresp_i,
  input  logic                arvalid_i,
  input  logic                arready_i,
  input  logic [15:0]         araddr_i,
  input  logic                rvalid_i,
  input  logic                rready_i,
  input  logic [31:0]         rdata_i,
  input  logic [1:0]          rresp_i,
  output logic [NumRules-1:0] violation_o
);

  typedef enum logic [3:0] {
    RuleAwStable, RuleWStable, RuleBStable, RuleArStable, RuleRStable,
    RuleBExpected, RuleRExpected, RuleResp, RuleReset
  } rule_e;

  logic [7:0] aw_q, w_q, ar_q;  // accesses taken and not answered
  logic       b, r;
  assign b = bvalid_i && bready_i;
  assign r = rvalid_i && rready_i;

  logic        aw_waits_q, w_waits_q, b_waits_q, ar_waits_q, r_waits_q, rst_q;
  logic [15:0] awaddr_q, araddr_q;
  logic [35:0] wpay_q;
  logic [33:0] rpay_q;
  logic [1:0]  bresp_q;
  logic [NumRules-1:0] breach, seen_q;

  always_comb begin
    breach = '0;
    breach[RuleAwStable]  = aw_waits_q && (!awvalid_i || awaddr_q != awaddr_i);
    breach[RuleWStable]   = w_waits_q && (!wvalid_i || wpay_q != {wdata_i, wstrb_i});
    breach[RuleBStable]   = b_waits_q && (!bvalid_i || bresp_q != bresp_i);
    breach[RuleArStable]  = ar_waits_q && (!arvalid_i || araddr_q != araddr_i);
    breach[RuleRStable]   = r_waits_q && (!rvalid_i || rpay_q != {rdata_i, rresp_i});
    breach[RuleBExpected] = bvalid_i && (aw_q == '0 || w_q == '0);
    breach[RuleRExpected] = rvalid_i && ar_q == '0;
    breach[RuleResp]      = (bvalid_i && bresp_i == 2'b01) || (rvalid_i && rresp_i == 2'b01);
    if (!rst_ni) begin
      breach            = '0;
      breach[RuleReset] = !rst_q && (bvalid_i || rvalid_i);
    end
  end

  initial rst_q = 1'b1;
  initial seen_q = '0;
  always_ff @(posedge clk_i) begin
    aw_waits_q <= rst_ni && awvalid_i && !awready_i;
    w_waits_q  <= rst_ni && wvalid_i && !wready_i;
    b_waits_q  <= rst_ni && bvalid_i && !bready_i;
    ar_waits_q <= rst_ni && arvalid_i && !arready_i;
    r_waits_q  <= rst_ni && rvalid_i && !rready_i;
    awaddr_q   <= awaddr_i;
    wpay_q     <= {wdata_i, wstrb_i};
    bresp_q    <= bresp_i;
    araddr_q   <= araddr_i;
    rpay_q     <= {rdata_i, rresp_i};
    rst_q      <= rst_ni;
    seen_q     <= seen_q | breach;
    if (!rst_ni) begin
      aw_q <= '0;
      w_q  <= '0;
      ar_q <= '0;
    end else begin
      aw_q <= aw_q + 8'(awvalid_i && awready_i) - 8'(b && aw_q != '0);
      w_q  <= w_q + 8'(wvalid_i && wready_i) - 8'(b && w_q != '0);
      ar_q <= ar_q + 8'(arvalid_i && arready_i) - 8'(r && ar_q != '0);
    end
  end
  assign violation_o = seen_q;

  // ---- Assertions ----
  localparam string Words [NumRules] = '{
    "AW changed or fell before ready", "W changed or fell before ready",
    "B changed or fell before ready", "AR changed or fell before ready",
    "R changed or fell before ready", "B before its AW and W", "R before its AR",
    "EXOKAY", "valid during reset"};
  for (genvar i = 0; i < NumRules; i++) begin : g_rule
    Kept: assert property (@(posedge clk_i) !breach[i])
      else $error("AXI4-Lite: %s", Words[i]);
  end

endmodule
