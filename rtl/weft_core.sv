// The machine: control, five engines, four memories, and the bus. Only wires.
//
//   AXI4-Lite -> ctl -> descriptors -> load, array, depthwise, vector, store
//   load -> act, wgt, param;  act + wgt -> array -> acc -> vector (+ param) -> act -> store
//                             act + param -> depthwise -> acc
//
// Contract
//   weft_top's, with the five AXI4 channels. Priority at act memory: the array's feeder, vector's
//   writes, depthwise's first reader, load, depthwise's second reader, vector's reads, store; at
//   param memory: vector, depthwise; at acc memory: the array, depthwise.
module weft_core
  import weft_math_pkg::*;
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
  // Bus clients: 0 control, 1 load or store.
  output logic   [1:0]         rd_burst_valid_o,
  input  logic   [1:0]         rd_burst_ready_i,
  output burst_t [1:0]         rd_burst_o,
  input  logic   [1:0]         rd_data_valid_i,
  output logic   [1:0]         rd_data_ready_o,
  input  logic [BUS_BITS-1:0]  rd_data_i,
  input  logic [1:0]           rd_data_resp_i,
  input  logic                 rd_data_last_i,
  output logic   [1:0]         wr_burst_valid_o,
  input  logic   [1:0]         wr_burst_ready_i,
  output burst_t [1:0]         wr_burst_o,
  output logic   [1:0]         wr_data_valid_o,
  input  logic   [1:0]         wr_data_ready_i,
  output logic [1:0][BUS_BITS-1:0]  wr_data_o,
  output logic [1:0][BUS_BYTES-1:0] wr_data_strb_o,
  output logic   [1:0]         wr_data_last_o,
  input  logic   [1:0]         wr_resp_valid_i,
  input  logic [1:0]           wr_resp_i,
  // For simulation; tie low in a chip: a cycle later the engine is offered no descriptor.
  input  logic [NUM_ENGINES-1:0]       hold_i,
  // For simulation; tie low in a chip: descriptors an engine's queue takes at most, 0: all it holds.
  input  logic [QUEUE_CW-1:0]          queue_limit_i,
  // For simulation.
  output logic [NUM_ENGINES-1:0]       trace_start_o,
  output logic [NUM_ENGINES-1:0]       trace_done_o,
  output logic [NUM_ENGINES-1:0][31:0] trace_start_index_o,
  output logic [NUM_ENGINES-1:0][31:0] trace_done_index_o
);

  localparam int unsigned Ctl = 0;
  localparam int unsigned Dma = 1;

  // ---- Control ----
  logic [NUM_ENGINES-1:0]        desc_valid, desc_ready, done, err_valid;
  logic [NUM_ENGINES-1:0][511:0] desc;
  err_t [NUM_ENGINES-1:0]        err;
  logic                          clear, abort, load_quiet, store_quiet;
  activity_e [NUM_ENGINES-1:0]   activity;
  region_table_t                 regions;

  weft_ctl u_ctl (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i,
    .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_wdata_i, .s_axil_wstrb_i,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o,
    .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_araddr_i,
    .s_axil_rvalid_o, .s_axil_rready_i, .s_axil_rdata_o, .s_axil_rresp_o, .irq_o,
    .desc_valid_o(desc_valid), .desc_ready_i(desc_ready), .desc_o(desc), .done_i(done),
    .err_valid_i(err_valid), .err_i(err), .activity_i(activity),
    .clear_o(clear), .abort_o(abort), .quiet_i(load_quiet && store_quiet), .regions_o(regions),
    .rd_burst_valid_o(rd_burst_valid_o[Ctl]), .rd_burst_ready_i(rd_burst_ready_i[Ctl]),
    .rd_burst_o(rd_burst_o[Ctl]),
    .rd_data_valid_i(rd_data_valid_i[Ctl]), .rd_data_ready_o(rd_data_ready_o[Ctl]),
    .rd_data_i, .rd_data_resp_i, .rd_data_last_i,
    .wr_burst_valid_o(wr_burst_valid_o[Ctl]), .wr_burst_ready_i(wr_burst_ready_i[Ctl]),
    .wr_burst_o(wr_burst_o[Ctl]),
    .wr_data_valid_o(wr_data_valid_o[Ctl]), .wr_data_ready_i(wr_data_ready_i[Ctl]),
    .wr_data_o(wr_data_o[Ctl]), .wr_data_strb_o(wr_data_strb_o[Ctl]),
    .wr_data_last_o(wr_data_last_o[Ctl]), .wr_resp_valid_i(wr_resp_valid_i[Ctl]), .wr_resp_i,
    .read_beat_i(|(rd_data_valid_i & rd_data_ready_o)),
    .write_beat_i(|(wr_data_valid_o & wr_data_ready_i)),
    .hold_i, .queue_limit_i,
    .trace_start_o, .trace_done_o, .trace_start_index_o, .trace_done_index_o
  );

  // ---- Memories ----
  // Readers and writers, by priority.
  localparam int unsigned RdArray = 0, RdDepthwise = 1, RdVector = 3, RdStore = 4, ActReaders = 5;
  localparam int unsigned WrVector = 0, WrLoad = 1, ActWriters = 2;

  logic [ActReaders-1:0] act_rd_valid, act_rd_ready, act_rd_data_valid;
  act_addr_t             act_rd_addr [ActReaders];
  word_t                 act_rd_data [ActReaders];
  logic [ActWriters-1:0] act_wr_valid, act_wr_ready;
  act_addr_t             act_wr_addr [ActWriters];
  word_t                 act_wr_data [ActWriters];

  weft_act_mem #(.NumRd(ActReaders), .NumWr(ActWriters)) u_act_mem (
    .clk_i, .rst_ni,
    .rd_valid_i(act_rd_valid), .rd_ready_o(act_rd_ready), .rd_addr_i(act_rd_addr),
    .rd_data_valid_o(act_rd_data_valid), .rd_data_o(act_rd_data),
    .wr_valid_i(act_wr_valid), .wr_ready_o(act_wr_ready), .wr_addr_i(act_wr_addr),
    .wr_data_i(act_wr_data)
  );

  logic      wgt_rd_en, wgt_wr_valid;
  wgt_addr_t wgt_rd_addr, wgt_wr_addr;
  word_t     wgt_rd_data, wgt_wr_data;

  weft_wgt_mem u_wgt_mem (
    .clk_i, .rd_en_i(wgt_rd_en), .rd_addr_i(wgt_rd_addr), .rd_data_o(wgt_rd_data),
    .wr_valid_i(wgt_wr_valid), .wr_addr_i(wgt_wr_addr), .wr_data_i(wgt_wr_data)
  );

  // Readers: vector, depthwise.
  logic [1:0]  param_rd_valid, param_rd_ready;
  logic        param_wr_valid;
  param_addr_t param_rd_addr [2];
  param_addr_t param_wr_addr;
  word_t       param_rd_data, param_wr_data;

  weft_param_mem u_param_mem (
    .clk_i, .rd_valid_i(param_rd_valid), .rd_ready_o(param_rd_ready), .rd_addr_i(param_rd_addr),
    .rd_data_o(param_rd_data),
    .wr_valid_i(param_wr_valid), .wr_addr_i(param_wr_addr), .wr_data_i(param_wr_data)
  );

  logic      acc_add_valid, acc_add_overwrite, acc_wr_valid, acc_wr_ready;
  logic      acc_rd_valid, acc_rd_ready;
  acc_addr_t acc_add_addr, acc_wr_addr, acc_rd_addr;
  sum_vec_t  acc_add_sums;
  acc_vec_t  acc_wr_data, acc_rd_data;

  weft_acc_mem u_acc_mem (
    .clk_i, .rst_ni,
    .add_valid_i(acc_add_valid), .add_addr_i(acc_add_addr), .add_overwrite_i(acc_add_overwrite),
    .add_sums_i(acc_add_sums),
    .wr_valid_i(acc_wr_valid), .wr_ready_o(acc_wr_ready), .wr_addr_i(acc_wr_addr),
    .wr_data_i(acc_wr_data),
    .rd_valid_i(acc_rd_valid), .rd_ready_o(acc_rd_ready), .rd_addr_i(acc_rd_addr),
    .rd_data_o(acc_rd_data)
  );

  // ---- Engines ----
  weft_load u_load (
    .clk_i, .rst_ni, .regions_i(regions),
    .desc_valid_i(desc_valid[ENG_LOAD]), .desc_ready_o(desc_ready[ENG_LOAD]),
    .desc_i(desc[ENG_LOAD]), .done_o(done[ENG_LOAD]), .err_valid_o(err_valid[ENG_LOAD]),
    .err_o(err[ENG_LOAD]), .activity_o(activity[ENG_LOAD]), .clear_i(clear), .abort_i(abort),
    .quiet_o(load_quiet),
    .rd_burst_valid_o(rd_burst_valid_o[Dma]), .rd_burst_ready_i(rd_burst_ready_i[Dma]),
    .rd_burst_o(rd_burst_o[Dma]),
    .rd_data_valid_i(rd_data_valid_i[Dma]), .rd_data_ready_o(rd_data_ready_o[Dma]),
    .rd_data_i, .rd_data_resp_i, .rd_data_last_i,
    .act_wr_valid_o(act_wr_valid[WrLoad]), .act_wr_ready_i(act_wr_ready[WrLoad]),
    .act_wr_addr_o(act_wr_addr[WrLoad]), .act_wr_data_o(act_wr_data[WrLoad]),
    .wgt_wr_valid_o(wgt_wr_valid), .wgt_wr_addr_o(wgt_wr_addr), .wgt_wr_data_o(wgt_wr_data),
    .param_wr_valid_o(param_wr_valid), .param_wr_addr_o(param_wr_addr),
    .param_wr_data_o(param_wr_data)
  );

  weft_array_engine u_array_engine (
    .clk_i, .rst_ni,
    .desc_valid_i(desc_valid[ENG_ARRAY]), .desc_ready_o(desc_ready[ENG_ARRAY]),
    .desc_i(desc[ENG_ARRAY]), .done_o(done[ENG_ARRAY]), .err_valid_o(err_valid[ENG_ARRAY]),
    .err_o(err[ENG_ARRAY]), .activity_o(activity[ENG_ARRAY]), .clear_i(clear),
    .act_rd_valid_o(act_rd_valid[RdArray]), .act_rd_addr_o(act_rd_addr[RdArray]),
    .act_rd_data_i(act_rd_data[RdArray]),
    .wgt_rd_en_o(wgt_rd_en), .wgt_rd_addr_o(wgt_rd_addr), .wgt_rd_data_i(wgt_rd_data),
    .acc_add_valid_o(acc_add_valid), .acc_add_addr_o(acc_add_addr),
    .acc_add_overwrite_o(acc_add_overwrite), .acc_add_sums_o(acc_add_sums)
  );

  weft_dw_engine u_dw_engine (
    .clk_i, .rst_ni,
    .desc_valid_i(desc_valid[ENG_DEPTHWISE]), .desc_ready_o(desc_ready[ENG_DEPTHWISE]),
    .desc_i(desc[ENG_DEPTHWISE]), .done_o(done[ENG_DEPTHWISE]),
    .err_valid_o(err_valid[ENG_DEPTHWISE]), .err_o(err[ENG_DEPTHWISE]),
    .activity_o(activity[ENG_DEPTHWISE]), .clear_i(clear),
    .act_rd_valid_o(act_rd_valid[RdDepthwise +: 2]),
    .act_rd_ready_i(act_rd_ready[RdDepthwise +: 2]),
    .act_rd_addr_o(act_rd_addr[RdDepthwise:RdDepthwise+1]),
    .act_rd_data_i(act_rd_data[RdDepthwise:RdDepthwise+1]),
    .param_rd_valid_o(param_rd_valid[1]), .param_rd_ready_i(param_rd_ready[1]),
    .param_rd_addr_o(param_rd_addr[1]), .param_rd_data_i(param_rd_data),
    .acc_wr_valid_o(acc_wr_valid), .acc_wr_ready_i(acc_wr_ready), .acc_wr_addr_o(acc_wr_addr),
    .acc_wr_data_o(acc_wr_data)
  );

  weft_vector_engine u_vector_engine (
    .clk_i, .rst_ni,
    .desc_valid_i(desc_valid[ENG_VECTOR]), .desc_ready_o(desc_ready[ENG_VECTOR]),
    .desc_i(desc[ENG_VECTOR]), .done_o(done[ENG_VECTOR]), .err_valid_o(err_valid[ENG_VECTOR]),
    .err_o(err[ENG_VECTOR]), .activity_o(activity[ENG_VECTOR]), .clear_i(clear),
    .acc_rd_valid_o(acc_rd_valid), .acc_rd_ready_i(acc_rd_ready), .acc_rd_addr_o(acc_rd_addr),
    .acc_rd_data_i(acc_rd_data),
    .act_rd_valid_o(act_rd_valid[RdVector]), .act_rd_ready_i(act_rd_ready[RdVector]),
    .act_rd_addr_o(act_rd_addr[RdVector]), .act_rd_data_i(act_rd_data[RdVector]),
    .act_wr_valid_o(act_wr_valid[WrVector]), .act_wr_ready_i(act_wr_ready[WrVector]),
    .act_wr_addr_o(act_wr_addr[WrVector]), .act_wr_data_o(act_wr_data[WrVector]),
    .param_rd_en_o(param_rd_valid[0]), .param_rd_addr_o(param_rd_addr[0]),
    .param_rd_data_i(param_rd_data)
  );

  weft_store u_store (
    .clk_i, .rst_ni, .regions_i(regions),
    .desc_valid_i(desc_valid[ENG_STORE]), .desc_ready_o(desc_ready[ENG_STORE]),
    .desc_i(desc[ENG_STORE]), .done_o(done[ENG_STORE]), .err_valid_o(err_valid[ENG_STORE]),
    .err_o(err[ENG_STORE]), .activity_o(activity[ENG_STORE]), .clear_i(clear), .abort_i(abort),
    .quiet_o(store_quiet),
    .wr_burst_valid_o(wr_burst_valid_o[Dma]), .wr_burst_ready_i(wr_burst_ready_i[Dma]),
    .wr_burst_o(wr_burst_o[Dma]),
    .wr_data_valid_o(wr_data_valid_o[Dma]), .wr_data_ready_i(wr_data_ready_i[Dma]),
    .wr_data_o(wr_data_o[Dma]), .wr_data_strb_o(wr_data_strb_o[Dma]),
    .wr_data_last_o(wr_data_last_o[Dma]), .wr_resp_valid_i(wr_resp_valid_i[Dma]), .wr_resp_i,
    .act_rd_valid_o(act_rd_valid[RdStore]), .act_rd_ready_i(act_rd_ready[RdStore]),
    .act_rd_addr_o(act_rd_addr[RdStore]), .act_rd_data_i(act_rd_data[RdStore])
  );

  logic unused_core;  // first readers are always granted; readers know when their data come
  assign unused_core = ^{act_rd_ready[RdArray], param_rd_ready[0], act_rd_data_valid};

  // ---- Assertions ----
  FeederGranted: assert property (@(posedge clk_i) disable iff (!rst_ni)
    act_rd_valid[RdArray] |-> act_rd_ready[RdArray])
    else $error("weft_core: the array's feeder was not granted a read");

endmodule
