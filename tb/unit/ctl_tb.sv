// Control behind the memory port, with the engines' front ends open. Engine 2 is absent.
module ctl_tb
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [15:0] s_axil_awaddr_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  input  logic [31:0] s_axil_wdata_i,
  input  logic [3:0]  s_axil_wstrb_i,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  output logic [1:0]  s_axil_bresp_o,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  input  logic [15:0] s_axil_araddr_i,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [31:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,
  output logic        irq_o,
  // Engines.
  output logic [NUM_ENGINES-1:0]        desc_valid_o,
  input  logic [NUM_ENGINES-1:0]        desc_ready_i,
  output logic [NUM_ENGINES-1:0][511:0] desc_o,
  input  logic [NUM_ENGINES-1:0]        done_i,
  input  logic [NUM_ENGINES-1:0]        err_valid_i,
  input  err_t [NUM_ENGINES-1:0]        err_i,
  input  logic [NUM_ENGINES-1:0]        busy_i,
  output logic                          clear_o,
  output logic                          abort_o,
  input  logic                          quiet_i,
  output region_table_t                 regions_o,
  input  logic [NUM_ENGINES-1:0]        hold_i,
  output logic [NUM_ENGINES-1:0]        trace_start_o,
  output logic [NUM_ENGINES-1:0]        trace_done_o,
  output logic [NUM_ENGINES-1:0][31:0]  trace_start_index_o,
  output logic [NUM_ENGINES-1:0][31:0]  trace_done_index_o,
  // AXI4.
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
  input  logic [1:0]           m_axi_bresp_i
);

  logic                 rd_burst_valid, rd_burst_ready, rd_data_valid, rd_data_ready, rd_data_last;
  burst_t               rd_burst, wr_burst;
  logic [BUS_BITS-1:0]  rd_data, wr_data;
  logic [1:0]           rd_data_resp, wr_resp;
  logic                 wr_burst_valid, wr_burst_ready, wr_data_valid, wr_data_ready, wr_data_last;
  logic                 wr_resp_valid;
  logic [BUS_BYTES-1:0] wr_data_strb;

  activity_e [NUM_ENGINES-1:0] activity;
  for (genvar e = 0; e < NUM_ENGINES; e++) begin : g_activity
    assign activity[e] = busy_i[e] ? ACTIVITY_LATENCY : ACTIVITY_IDLE;
  end

  weft_ctl u_ctl (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i,
    .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_wdata_i, .s_axil_wstrb_i,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o,
    .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_araddr_i,
    .s_axil_rvalid_o, .s_axil_rready_i, .s_axil_rdata_o, .s_axil_rresp_o, .irq_o,
    .desc_valid_o, .desc_ready_i, .desc_o, .done_i, .err_valid_i, .err_i, .activity_i(activity),
    .clear_o, .abort_o, .quiet_i, .regions_o,
    .rd_burst_valid_o(rd_burst_valid), .rd_burst_ready_i(rd_burst_ready), .rd_burst_o(rd_burst),
    .rd_data_valid_i(rd_data_valid), .rd_data_ready_o(rd_data_ready), .rd_data_i(rd_data),
    .rd_data_resp_i(rd_data_resp), .rd_data_last_i(rd_data_last),
    .wr_burst_valid_o(wr_burst_valid), .wr_burst_ready_i(wr_burst_ready), .wr_burst_o(wr_burst),
    .wr_data_valid_o(wr_data_valid), .wr_data_ready_i(wr_data_ready), .wr_data_o(wr_data),
    .wr_data_strb_o(wr_data_strb), .wr_data_last_o(wr_data_last),
    .wr_resp_valid_i(wr_resp_valid), .wr_resp_i(wr_resp),
    .read_beat_i(rd_data_valid && rd_data_ready), .write_beat_i(wr_data_valid && wr_data_ready),
    .hold_i, .queue_limit_i('0), .trace_start_o, .trace_done_o, .trace_start_index_o, .trace_done_index_o
  );

  weft_axi_rd_mux u_rd_mux (
    .clk_i, .rst_ni,
    .rd_burst_valid_i({1'b0, rd_burst_valid}), .rd_burst_ready_o({unused_ready, rd_burst_ready}),
    .rd_burst_i({burst_t'('0), rd_burst}),
    .rd_data_valid_o({unused_valid, rd_data_valid}), .rd_data_ready_i({1'b1, rd_data_ready}),
    .rd_data_o(rd_data), .rd_data_resp_o(rd_data_resp), .rd_data_last_o(rd_data_last),
    .m_axi_arvalid_o, .m_axi_arready_i, .m_axi_arid_o, .m_axi_araddr_o, .m_axi_arlen_o,
    .m_axi_arsize_o, .m_axi_arburst_o, .m_axi_arlock_o, .m_axi_arcache_o, .m_axi_arprot_o,
    .m_axi_arqos_o,
    .m_axi_rvalid_i, .m_axi_rready_o, .m_axi_rid_i, .m_axi_rdata_i, .m_axi_rresp_i, .m_axi_rlast_i
  );

  weft_axi_wr_mux u_wr_mux (
    .clk_i, .rst_ni,
    .wr_burst_valid_i({1'b0, wr_burst_valid}), .wr_burst_ready_o({unused_wr_ready, wr_burst_ready}),
    .wr_burst_i({burst_t'('0), wr_burst}),
    .wr_data_valid_i({1'b0, wr_data_valid}), .wr_data_ready_o({unused_wr_data, wr_data_ready}),
    .wr_data_i({BUS_BITS'(0), wr_data}), .wr_data_strb_i({BUS_BYTES'(0), wr_data_strb}),
    .wr_data_last_i({1'b0, wr_data_last}), .wr_resp_valid_o({unused_resp, wr_resp_valid}),
    .wr_resp_o(wr_resp),
    .m_axi_awvalid_o, .m_axi_awready_i, .m_axi_awid_o, .m_axi_awaddr_o, .m_axi_awlen_o,
    .m_axi_awsize_o, .m_axi_awburst_o, .m_axi_awlock_o, .m_axi_awcache_o, .m_axi_awprot_o,
    .m_axi_awqos_o,
    .m_axi_wvalid_o, .m_axi_wready_i, .m_axi_wdata_o, .m_axi_wstrb_o, .m_axi_wlast_o,
    .m_axi_bvalid_i, .m_axi_bready_o, .m_axi_bid_i, .m_axi_bresp_i
  );

  // The bus's other client is at rest.
  logic unused_ready, unused_valid, unused_wr_ready, unused_wr_data, unused_resp, unused_client;
  assign unused_client = ^{unused_ready, unused_valid, unused_wr_ready, unused_wr_data,
                           unused_resp};

endmodule
