// Joins the write clients onto one AXI4 write port.
//
// Contract
//   Client 0 (ctl's completion record) goes before client 1 (store). A client's bursts go out in
//   its order with its number as ID. A client gives the beats of its bursts in order, after the
//   burst was taken; W carries them in the order of AW. Responses go to the client that the ID
//   names and are always taken.
//   Burst to AW and beat to W: one cycle; one beat a cycle; at most Bursts bursts whose beats are
//   not through. W may come before AW is taken, as AXI4 has it. Attributes as in weft_axi_rd_mux.
module weft_axi_wr_mux
  import weft_cfg_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Bursts = 64,
  localparam int unsigned Clients = 2
) (
  input  logic                              clk_i,
  input  logic                              rst_ni,
  // Clients.
  input  logic   [Clients-1:0]              wr_burst_valid_i,
  output logic   [Clients-1:0]              wr_burst_ready_o,
  input  burst_t [Clients-1:0]              wr_burst_i,
  input  logic   [Clients-1:0]              wr_data_valid_i,
  output logic   [Clients-1:0]              wr_data_ready_o,
  input  logic [Clients-1:0][BUS_BITS-1:0]  wr_data_i,
  input  logic [Clients-1:0][BUS_BYTES-1:0] wr_data_strb_i,
  input  logic [Clients-1:0]                wr_data_last_i,
  output logic [Clients-1:0]                wr_resp_valid_o,
  // Shared by the clients.
  output logic [1:0]                        wr_resp_o,
  // AXI4 write address.
  output logic                              m_axi_awvalid_o,
  input  logic                              m_axi_awready_i,
  output logic [1:0]                        m_axi_awid_o,
  output logic [63:0]                       m_axi_awaddr_o,
  output logic [7:0]                        m_axi_awlen_o,
  output logic [2:0]                        m_axi_awsize_o,
  output logic [1:0]                        m_axi_awburst_o,
  output logic                              m_axi_awlock_o,
  output logic [3:0]                        m_axi_awcache_o,
  output logic [2:0]                        m_axi_awprot_o,
  output logic [3:0]                        m_axi_awqos_o,
  // AXI4 write data.
  output logic                              m_axi_wvalid_o,
  input  logic                              m_axi_wready_i,
  output logic [BUS_BITS-1:0]               m_axi_wdata_o,
  output logic [BUS_BYTES-1:0]              m_axi_wstrb_o,
  output logic                              m_axi_wlast_o,
  // AXI4 write response.
  input  logic                              m_axi_bvalid_i,
  output logic                              m_axi_bready_o,
  input  logic [1:0]                        m_axi_bid_i,
  input  logic [1:0]                        m_axi_bresp_i
);

  // ---- AW, and the order in which the clients' beats must follow ----
  logic   aw_room, order_room, room, winner, taken;
  burst_t burst;
  logic   order_valid, turn, beat, beat_room;

  assign room             = aw_room && order_room;
  assign winner           = !wr_burst_valid_i[0];
  assign burst            = wr_burst_i[winner];
  assign wr_burst_ready_o = {room && winner, room};
  assign taken            = |wr_burst_valid_i && room;

  weft_fifo #(.Depth(2), .Width(1 + $bits(burst_t))) u_aw (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(taken), .in_ready_o(aw_room), .in_data_i({winner, burst}),
    .out_valid_o(m_axi_awvalid_o), .out_ready_i(m_axi_awready_i),
    .out_data_o({m_axi_awid_o[0], m_axi_awaddr_o, m_axi_awlen_o}),
    .count_o()
  );

  weft_fifo #(.Depth(Bursts), .Width(1)) u_order (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(taken), .in_ready_o(order_room), .in_data_i(winner),
    .out_valid_o(order_valid), .out_ready_i(beat && wr_data_last_i[turn]), .out_data_o(turn),
    .count_o()
  );

  // ---- W ----
  assign beat            = order_valid && wr_data_valid_i[turn] && beat_room;
  assign wr_data_ready_o = {order_valid && turn && beat_room, order_valid && !turn && beat_room};

  weft_fifo #(.Depth(2), .Width(BUS_BITS + BUS_BYTES + 1)) u_w (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(beat), .in_ready_o(beat_room),
    .in_data_i({wr_data_i[turn], wr_data_strb_i[turn], wr_data_last_i[turn]}),
    .out_valid_o(m_axi_wvalid_o), .out_ready_i(m_axi_wready_i),
    .out_data_o({m_axi_wdata_o, m_axi_wstrb_o, m_axi_wlast_o}),
    .count_o()
  );

  assign m_axi_awid_o[1] = 1'b0;
  assign m_axi_awsize_o  = 3'($clog2(BUS_BYTES));
  assign m_axi_awburst_o = 2'b01;
  assign m_axi_awlock_o  = 1'b0;
  assign m_axi_awcache_o = 4'b0011;
  assign m_axi_awprot_o  = 3'b010;
  assign m_axi_awqos_o   = 4'b0000;

  // ---- B ----
  assign wr_resp_valid_o = {m_axi_bvalid_i && m_axi_bid_i[0], m_axi_bvalid_i && !m_axi_bid_i[0]};
  assign wr_resp_o       = m_axi_bresp_i;
  assign m_axi_bready_o  = 1'b1;

  // ---- Assertions ----
  AwStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    (m_axi_awvalid_o && !m_axi_awready_i) |=>
    (m_axi_awvalid_o && $stable({m_axi_awaddr_o, m_axi_awlen_o, m_axi_awid_o})))
    else $error("weft_axi_wr_mux: AW changed while it waited");
  WStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    (m_axi_wvalid_o && !m_axi_wready_i) |=>
    (m_axi_wvalid_o && $stable({m_axi_wdata_o, m_axi_wstrb_o, m_axi_wlast_o})))
    else $error("weft_axi_wr_mux: W changed while it waited");
  AwInPage: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    m_axi_awvalid_o |->
    (32'(m_axi_awaddr_o[11:0]) + (32'(m_axi_awlen_o) + 1) * BUS_BYTES <= 4096))
    else $error("weft_axi_wr_mux: burst at %h of %0d beats crosses 4 KiB",
                m_axi_awaddr_o, 32'(m_axi_awlen_o) + 1);
  KnownId: assert property (
    @(posedge clk_i) disable iff (!rst_ni) m_axi_bvalid_i |-> !m_axi_bid_i[1])
    else $error("weft_axi_wr_mux: write response of unknown ID %0d", m_axi_bid_i);

endmodule
