// Weft: neural-network accelerator with an AXI4-Lite register port, an AXI4 memory port and an
// interrupt. Only wires: weft_core and the joints of the memory port.
//
// Contract
//   One clock, synchronous active-low reset. Registers: docs/registers.md. Memory port: 64-bit
//   addresses, BUS_BITS data, INCR bursts of full beats within 4 KiB; ID 0: control, 1: load or store;
//   responses in order per ID. Little-endian. irq_o is level high while an enabled cause is pending.
//   trace_*: descriptors taken and finished by each engine, with their index in the job; for simulation.
module weft_top
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  // AXI4-Lite.
  input  logic                 s_axil_awvalid_i,
  output logic                 s_axil_awready_o,
  input  logic [15:0]          s_axil_awaddr_i,
  input  logic                 s_axil_wvalid_i,
  output logic                 s_axil_wready_o,
  input  logic [31:0]          s_axil_wdata_i,
  input  logic [3:0]           s_axil_wstrb_i,
  output logic                 s_axil_bvalid_o,
  input  logic                 s_axil_bready_i,
  output logic [1:0]           s_axil_bresp_o,
  input  logic                 s_axil_arvalid_i,
  output logic                 s_axil_arready_o,
  input  logic [15:0]          s_axil_araddr_i,
  output logic                 s_axil_rvalid_o,
  input  logic                 s_axil_rready_i,
  output logic [31:0]          s_axil_rdata_o,
  output logic [1:0]           s_axil_rresp_o,
  output logic                 irq_o,
  // AXI4 read.
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
  input  logic                 m_axi_rvalid_i,
  output logic                 m_axi_rready_o,
  input  logic [1:0]           m_axi_rid_i,
  input  logic [BUS_BITS-1:0]  m_axi_rdata_i,
  input  logic [1:0]           m_axi_rresp_i,
  input  logic                 m_axi_rlast_i,
  // AXI4 write.
  output logic                 m_axi_awvalid_o,
  input  logic                 m_axi_awready_i,
  output logic [1:0]           m_axi_awid_o,
  output logic [63:0]          m_axi_awaddr_o,
  output logic [7:0]           m_axi_awlen_o,
  output logic [2:0]           m_axi_awsize_o,
  output logic [1:0]           m_axi_awburst_o,
  output logic                 m_axi_awlock_o,
  output logic [3:0]           m_axi_awcache_o,
  output logic [2:0]           m_axi_awprot_o,
  output logic [3:0]           m_axi_awqos_o,
  output logic                 m_axi_wvalid_o,
  input  logic                 m_axi_wready_i,
  output logic [BUS_BITS-1:0]  m_axi_wdata_o,
  output logic [BUS_BYTES-1:0] m_axi_wstrb_o,
  output logic                 m_axi_wlast_o,
  input  logic                 m_axi_bvalid_i,
  output logic                 m_axi_bready_o,
  input  logic [1:0]           m_axi_bid_i,
  input  logic [1:0]           m_axi_bresp_i,
  // For simulation; tie low in a chip: a cycle later the engine is offered no descriptor.
  input  logic [NUM_ENGINES-1:0]       hold_i,
  // For simulation; tie low in a chip: descriptors an engine's queue takes at most, 0: all it holds.
  input  logic [QUEUE_CW-1:0]          queue_limit_i,
  // For simulation; leave open in a chip.
  output logic [NUM_ENGINES-1:0]       trace_start_o,
  output logic [NUM_ENGINES-1:0]       trace_done_o,
  output logic [NUM_ENGINES-1:0][31:0] trace_start_index_o,
  output logic [NUM_ENGINES-1:0][31:0] trace_done_index_o
);

  logic   [1:0]             rd_burst_valid, rd_burst_ready, rd_data_valid, rd_data_ready;
  burst_t [1:0]             rd_burst, wr_burst;
  logic [BUS_BITS-1:0]      rd_data;
  logic [1:0]               rd_data_resp, wr_resp;
  logic                     rd_data_last;
  logic   [1:0]             wr_burst_valid, wr_burst_ready, wr_data_valid, wr_data_ready;
  logic [1:0][BUS_BITS-1:0] wr_data;
  logic [1:0][BUS_BYTES-1:0] wr_data_strb;
  logic   [1:0]             wr_data_last, wr_resp_valid;

  weft_core u_core (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i,
    .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_wdata_i, .s_axil_wstrb_i,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o,
    .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_araddr_i,
    .s_axil_rvalid_o, .s_axil_rready_i, .s_axil_rdata_o, .s_axil_rresp_o, .irq_o,
    .rd_burst_valid_o(rd_burst_valid), .rd_burst_ready_i(rd_burst_ready), .rd_burst_o(rd_burst),
    .rd_data_valid_i(rd_data_valid), .rd_data_ready_o(rd_data_ready),
    .rd_data_i(rd_data), .rd_data_resp_i(rd_data_resp), .rd_data_last_i(rd_data_last),
    .wr_burst_valid_o(wr_burst_valid), .wr_burst_ready_i(wr_burst_ready), .wr_burst_o(wr_burst),
    .wr_data_valid_o(wr_data_valid), .wr_data_ready_i(wr_data_ready), .wr_data_o(wr_data),
    .wr_data_strb_o(wr_data_strb), .wr_data_last_o(wr_data_last),
    .wr_resp_valid_i(wr_resp_valid), .wr_resp_i(wr_resp),
    .hold_i, .queue_limit_i,
    .trace_start_o, .trace_done_o, .trace_start_index_o, .trace_done_index_o
  );

  weft_axi_rd_mux u_rd_mux (
    .clk_i, .rst_ni,
    .rd_burst_valid_i(rd_burst_valid), .rd_burst_ready_o(rd_burst_ready), .rd_burst_i(rd_burst),
    .rd_data_valid_o(rd_data_valid), .rd_data_ready_i(rd_data_ready),
    .rd_data_o(rd_data), .rd_data_resp_o(rd_data_resp), .rd_data_last_o(rd_data_last),
    .m_axi_arvalid_o, .m_axi_arready_i, .m_axi_arid_o, .m_axi_araddr_o, .m_axi_arlen_o,
    .m_axi_arsize_o, .m_axi_arburst_o, .m_axi_arlock_o, .m_axi_arcache_o, .m_axi_arprot_o,
    .m_axi_arqos_o,
    .m_axi_rvalid_i, .m_axi_rready_o, .m_axi_rid_i, .m_axi_rdata_i, .m_axi_rresp_i, .m_axi_rlast_i
  );

  weft_axi_wr_mux u_wr_mux (
    .clk_i, .rst_ni,
    .wr_burst_valid_i(wr_burst_valid), .wr_burst_ready_o(wr_burst_ready), .wr_burst_i(wr_burst),
    .wr_data_valid_i(wr_data_valid), .wr_data_ready_o(wr_data_ready), .wr_data_i(wr_data),
    .wr_data_strb_i(wr_data_strb), .wr_data_last_i(wr_data_last),
    .wr_resp_valid_o(wr_resp_valid), .wr_resp_o(wr_resp),
    .m_axi_awvalid_o, .m_axi_awready_i, .m_axi_awid_o, .m_axi_awaddr_o, .m_axi_awlen_o,
    .m_axi_awsize_o, .m_axi_awburst_o, .m_axi_awlock_o, .m_axi_awcache_o, .m_axi_awprot_o,
    .m_axi_awqos_o,
    .m_axi_wvalid_o, .m_axi_wready_i, .m_axi_wdata_o, .m_axi_wstrb_o, .m_axi_wlast_o,
    .m_axi_bvalid_i, .m_axi_bready_o, .m_axi_bid_i, .m_axi_bresp_i
  );

endmodule
