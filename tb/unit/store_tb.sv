// Store engine behind the write port, with the port's other client at hand.
module store_tb
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  region_table_t        regions_i,
  input  logic                 desc_valid_i,
  output logic                 desc_ready_o,
  input  transfer_desc_t       desc_i,
  output logic                 done_o,
  output logic                 err_valid_o,
  output err_t                 err_o,
  output activity_e            activity_o,
  input  logic                 clear_i,
  input  logic                 abort_i,
  output logic                 quiet_o,
  // Client 0.
  input  logic                 ctl_burst_valid_i,
  output logic                 ctl_burst_ready_o,
  input  logic [63:0]          ctl_burst_addr_i,
  input  logic [7:0]           ctl_burst_len_i,
  input  logic                 ctl_data_valid_i,
  output logic                 ctl_data_ready_o,
  input  logic [BUS_BITS-1:0]  ctl_data_i,
  input  logic [BUS_BYTES-1:0] ctl_data_strb_i,
  input  logic                 ctl_data_last_i,
  output logic                 ctl_resp_valid_o,
  // Act memory.
  output logic                 act_rd_valid_o,
  input  logic                 act_rd_ready_i,
  output act_addr_t            act_rd_addr_o,
  input  word_t                act_rd_data_i,
  // AXI4.
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

  logic                 wr_burst_valid, wr_burst_ready, wr_data_valid, wr_data_ready, wr_data_last;
  logic                 wr_resp_valid;
  burst_t               wr_burst, ctl_burst;
  logic [BUS_BITS-1:0]  wr_data;
  logic [BUS_BYTES-1:0] wr_data_strb;
  logic [1:0]           wr_resp;

  assign ctl_burst = {ctl_burst_addr_i, ctl_burst_len_i};

  weft_store u_store (
    .wr_burst_valid_o(wr_burst_valid), .wr_burst_ready_i(wr_burst_ready), .wr_burst_o(wr_burst),
    .wr_data_valid_o(wr_data_valid), .wr_data_ready_i(wr_data_ready), .wr_data_o(wr_data),
    .wr_data_strb_o(wr_data_strb), .wr_data_last_o(wr_data_last),
    .wr_resp_valid_i(wr_resp_valid), .wr_resp_i(wr_resp),
    .*
  );

  weft_axi_wr_mux u_mux (
    .wr_burst_valid_i({wr_burst_valid, ctl_burst_valid_i}),
    .wr_burst_ready_o({wr_burst_ready, ctl_burst_ready_o}),
    .wr_burst_i({wr_burst, ctl_burst}),
    .wr_data_valid_i({wr_data_valid, ctl_data_valid_i}),
    .wr_data_ready_o({wr_data_ready, ctl_data_ready_o}),
    .wr_data_i({wr_data, ctl_data_i}),
    .wr_data_strb_i({wr_data_strb, ctl_data_strb_i}),
    .wr_data_last_i({wr_data_last, ctl_data_last_i}),
    .wr_resp_valid_o({wr_resp_valid, ctl_resp_valid_o}),
    .wr_resp_o(wr_resp),
    .*
  );

endmodule
