// Load engine behind the read port, with the port's other client at hand.
module load_tb
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic                clk_i,
  input  logic                rst_ni,
  input  region_table_t       regions_i,
  input  logic                desc_valid_i,
  output logic                desc_ready_o,
  input  transfer_desc_t      desc_i,
  output logic                done_o,
  output logic                err_valid_o,
  output err_t                err_o,
  output activity_e           activity_o,
  input  logic                clear_i,
  input  logic                abort_i,
  output logic                quiet_o,
  // Client 0.
  input  logic                ctl_burst_valid_i,
  output logic                ctl_burst_ready_o,
  input  logic [63:0]         ctl_burst_addr_i,
  input  logic [7:0]          ctl_burst_len_i,
  output logic                ctl_data_valid_o,
  input  logic                ctl_data_ready_i,
  output logic [BUS_BITS-1:0] ctl_data_o,
  output logic                ctl_data_last_o,
  // Memories.
  output logic                act_wr_valid_o,
  input  logic                act_wr_ready_i,
  output act_addr_t           act_wr_addr_o,
  output word_t               act_wr_data_o,
  output logic                wgt_wr_valid_o,
  output wgt_addr_t           wgt_wr_addr_o,
  output word_t               wgt_wr_data_o,
  output logic                param_wr_valid_o,
  output param_addr_t         param_wr_addr_o,
  output word_t               param_wr_data_o,
  // AXI4.
  output logic                m_axi_arvalid_o,
  input  logic                m_axi_arready_i,
  output logic [1:0]          m_axi_arid_o,
  output logic [63:0]         m_axi_araddr_o,
  output logic [7:0]          m_axi_arlen_o,
  output logic [2:0]          m_axi_arsize_o,
  output logic [1:0]          m_axi_arburst_o,
  output logic                m_axi_arlock_o,
  output logic [3:0]          m_axi_arcache_o,
  output logic [2:0]          m_axi_arprot_o,
  output logic [3:0]          m_axi_arqos_o,
  input  logic                m_axi_rvalid_i,
  output logic                m_axi_rready_o,
  input  logic [1:0]          m_axi_rid_i,
  input  logic [BUS_BITS-1:0] m_axi_rdata_i,
  input  logic [1:0]          m_axi_rresp_i,
  input  logic                m_axi_rlast_i
);

  logic                rd_burst_valid, rd_burst_ready, rd_data_valid, rd_data_ready, rd_data_last;
  burst_t              rd_burst, ctl_burst;
  logic [BUS_BITS-1:0] rd_data;
  logic [1:0]          rd_data_resp;

  assign ctl_burst       = {ctl_burst_addr_i, ctl_burst_len_i};
  assign ctl_data_o      = rd_data;
  assign ctl_data_last_o = rd_data_last;

  weft_load u_load (
    .rd_burst_valid_o(rd_burst_valid), .rd_burst_ready_i(rd_burst_ready), .rd_burst_o(rd_burst),
    .rd_data_valid_i(rd_data_valid), .rd_data_ready_o(rd_data_ready), .rd_data_i(rd_data),
    .rd_data_resp_i(rd_data_resp), .rd_data_last_i(rd_data_last),
    .*
  );

  weft_axi_rd_mux u_mux (
    .rd_burst_valid_i({rd_burst_valid, ctl_burst_valid_i}),
    .rd_burst_ready_o({rd_burst_ready, ctl_burst_ready_o}),
    .rd_burst_i({rd_burst, ctl_burst}),
    .rd_data_valid_o({rd_data_valid, ctl_data_valid_o}),
    .rd_data_ready_i({rd_data_ready, ctl_data_ready_i}),
    .rd_data_o(rd_data), .rd_data_resp_o(rd_data_resp), .rd_data_last_o(rd_data_last),
    .*
  );

endmodule
