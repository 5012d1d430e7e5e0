// Joins the read clients onto one AXI4 read port.
//
// Contract
//   Client 0 (ctl) goes before client 1 (load). A client's bursts go out in its order with its
//   number as ID; data come back to the client that the ID names, in order per client.
//   Burst to AR: one cycle. R to client: combinational; a client that makes its data wait makes the
//   bus wait. Any number of bursts may be outstanding; the clients bound it.
//   INCR bursts of full beats, no lock, normal memory that is not cacheable but bufferable (cache
//   0b0011), data access, non-secure, unprivileged (prot 0b010), no quality of service.
module weft_axi_rd_mux
  import weft_cfg_pkg::*;
  import weft_pkg::*;
#(
  localparam int unsigned Clients = 2
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // Clients.
  input  logic   [Clients-1:0] rd_burst_valid_i,
  output logic   [Clients-1:0] rd_burst_ready_o,
  input  burst_t [Clients-1:0] rd_burst_i,
  output logic   [Clients-1:0] rd_data_valid_o,
  input  logic   [Clients-1:0] rd_data_ready_i,
  // Shared by the clients.
  output logic [BUS_BITS-1:0]  rd_data_o,
  output logic [1:0]           rd_data_resp_o,
  output logic                 rd_data_last_o,
  // AXI4 read address.
  output logic                 m_axi_arvalid_o,
  input  logic                 m_axi_arready_i,
  output logic [1:0]           m_axi_arid_o,
  output logic [63:0]          m_axi_araddr_o,
  output logic [7:0]           m_axi_arlen_o,
  output logic [2:0]           m_axi_arsize_o,
  output logic [1:0]           m_axi_arburst_o,
  output logic                 m_axi_arlock_o,
  output logic [3:0]           m_axi_arcache_o,
  output logic [2:0]           m_axi_arprot_o,
  output logic [3:0]           m_axi_arqos_o,
  // AXI4 read data.
  input  logic                 m_axi_rvalid_i,
  output logic                 m_axi_rready_o,
  input  logic [1:0]           m_axi_rid_i,
  input  logic [BUS_BITS-1:0]  m_axi_rdata_i,
  input  logic [1:0]           m_axi_rresp_i,
  input  logic                 m_axi_rlast_i
);

  logic   room, winner;
  burst_t burst;

  assign winner           = !rd_burst_valid_i[0];
  assign burst            = rd_burst_i[winner];
  assign rd_burst_ready_o = {room && winner, room};

  weft_fifo #(.Depth(2), .Width(1 + $bits(burst_t))) u_ar (
    .clk_i, .rst_ni, .clear_i(1'b0),
    .in_valid_i(|rd_burst_valid_i && room), .in_ready_o(room), .in_data_i({winner, burst}),
    .out_valid_o(m_axi_arvalid_o), .out_ready_i(m_axi_arready_i),
    .out_data_o({m_axi_arid_o[0], m_axi_araddr_o, m_axi_arlen_o}),
    .count_o()
  );

  assign m_axi_arid_o[1] = 1'b0;
  assign m_axi_arsize_o  = 3'($clog2(BUS_BYTES));
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_arlock_o  = 1'b0;
  assign m_axi_arcache_o = 4'b0011;
  assign m_axi_arprot_o  = 3'b010;
  assign m_axi_arqos_o   = 4'b0000;

  assign rd_data_valid_o[0] = m_axi_rvalid_i && !m_axi_rid_i[0];
  assign rd_data_valid_o[1] = m_axi_rvalid_i && m_axi_rid_i[0];
  assign m_axi_rready_o     = rd_data_ready_i[m_axi_rid_i[0]];
  assign rd_data_o          = m_axi_rdata_i;
  assign rd_data_resp_o     = m_axi_rresp_i;
  assign rd_data_last_o     = m_axi_rlast_i;

  // ---- Assertions ----
  ArStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    (m_axi_arvalid_o && !m_axi_arready_i) |=>
    (m_axi_arvalid_o && $stable({m_axi_araddr_o, m_axi_arlen_o, m_axi_arid_o})))
    else $error("weft_axi_rd_mux: AR changed while it waited");
  ArInPage: assert property (
    @(posedge clk_i) disable iff (!rst_ni)
    m_axi_arvalid_o |->
    (32'(m_axi_araddr_o[11:0]) + (32'(m_axi_arlen_o) + 1) * BUS_BYTES <= 4096))
    else $error("weft_axi_rd_mux: burst at %h of %0d beats crosses 4 KiB",
                m_axi_araddr_o, 32'(m_axi_arlen_o) + 1);
  KnownId: assert property (
    @(posedge clk_i) disable iff (!rst_ni) m_axi_rvalid_i |-> !m_axi_rid_i[1])
    else $error("weft_axi_rd_mux: read data of unknown ID %0d", m_axi_rid_i);

endmodule
