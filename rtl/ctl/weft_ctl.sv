// Control: registers, jobs, and the way of each descriptor to its engine and back. Only wires.
//
// Contract
//   Registers as in docs/registers.md, jobs and descriptors as in docs/isa.md. Each engine's front
//   end: a descriptor whose semaphores have been taken is offered for one cycle, in which the engine
//   was ready; its raises follow its done. Engines, queues and semaphores are empty after clear_o.
module weft_ctl
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_csr_pkg::*;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  // AXI4-Lite.
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
  // Engine front ends.
  output logic [NUM_ENGINES-1:0]        desc_valid_o,
  input  logic [NUM_ENGINES-1:0]        desc_ready_i,
  output logic [NUM_ENGINES-1:0][511:0] desc_o,
  input  logic [NUM_ENGINES-1:0]        done_i,
  input  logic [NUM_ENGINES-1:0]        err_valid_i,
  input  err_t [NUM_ENGINES-1:0]        err_i,
  input  activity_e [NUM_ENGINES-1:0]   activity_i,
  output logic                          clear_o,
  output logic                          abort_o,
  input  logic                          quiet_i,      // no engine has anything outstanding on the bus
  output region_table_t                 regions_o,
  // Bus.
  output logic                 rd_burst_valid_o,
  input  logic                 rd_burst_ready_i,
  output burst_t               rd_burst_o,
  input  logic                 rd_data_valid_i,
  output logic                 rd_data_ready_o,
  input  logic [BUS_BITS-1:0]  rd_data_i,
  input  logic [1:0]           rd_data_resp_i,
  input  logic                 rd_data_last_i,
  output logic                 wr_burst_valid_o,
  input  logic                 wr_burst_ready_i,
  output burst_t               wr_burst_o,
  output logic                 wr_data_valid_o,
  input  logic                 wr_data_ready_i,
  output logic [BUS_BITS-1:0]  wr_data_o,
  output logic [BUS_BYTES-1:0] wr_data_strb_o,
  output logic                 wr_data_last_o,
  input  logic                 wr_resp_valid_i,
  input  logic [1:0]           wr_resp_i,
  // Events of this cycle, for the counters.
  input  logic                 read_beat_i,
  input  logic                 write_beat_i,
  // For simulation; tie low in a chip: a cycle later the engine is offered no descriptor.
  input  logic [NUM_ENGINES-1:0]       hold_i,
  // For simulation; tie low in a chip: descriptors an engine's queue takes at most, 0: all it holds.
  input  logic [QUEUE_CW-1:0]          queue_limit_i,
  // For simulation: descriptors that each engine took and finished in this cycle.
  output logic [NUM_ENGINES-1:0]       trace_start_o,
  output logic [NUM_ENGINES-1:0]       trace_done_o,
  output logic [NUM_ENGINES-1:0][31:0] trace_start_index_o,
  output logic [NUM_ENGINES-1:0][31:0] trace_done_index_o
);

  // ---- Registers and counters ----
  logic        enable, soft_reset, resume, resetting, job_busy, halted, draining, job_done, job_error;
  logic [63:0] ring_base, counter, cycles;
  logic [3:0]  ring_log2;
  logic [15:0] ring_head, ring_tail;
  logic [31:0] watchdog, error_index;
  err_t        job_err;
  logic [2:0]  error_engine;
  logic [idx_width(NUM_COUNTERS)-1:0] counter_index;
  logic [NUM_COUNTERS-1:0]            counter_inc;

  weft_csr u_csr (
    .clk_i, .rst_ni,
    .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i,
    .s_axil_wvalid_i, .s_axil_wready_o, .s_axil_wdata_i, .s_axil_wstrb_i,
    .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o,
    .s_axil_arvalid_i, .s_axil_arready_o, .s_axil_araddr_i,
    .s_axil_rvalid_o, .s_axil_rready_i, .s_axil_rdata_o, .s_axil_rresp_o,
    .enable_o(enable), .soft_reset_o(soft_reset), .resume_o(resume),
    .ring_base_o(ring_base), .ring_log2_o(ring_log2), .ring_head_o(ring_head), .watchdog_o(watchdog),
    .irq_o,
    .resetting_i(resetting), .busy_i(job_busy), .halted_i(halted), .draining_i(draining),
    .ring_tail_i(ring_tail), .job_done_i(job_done), .job_error_i(job_error),
    .error_i(job_err), .error_engine_i(error_engine), .error_index_i(error_index),
    .counter_index_o(counter_index), .counter_i(counter)
  );

  // ---- Jobs and lines from memory ----
  logic         fetch_start, line_valid, line_ready, line_error, fetch_quiet;
  logic         entry_ready, dispatch_ready, job_begin, job_start, run, timed, finished, failed;
  logic [63:0]  fetch_addr, line_addr, record_addr;
  logic [31:0]  fetch_count;
  logic [511:0] line, record;
  logic [1:0]   line_resp, record_resp;
  logic         record_valid, record_done;
  err_t         fail_error;
  logic [2:0]   fail_engine;
  logic [31:0]  fail_index;

  weft_job u_job (
    .clk_i, .rst_ni,
    .enable_i(enable), .soft_reset_i(soft_reset), .resume_i(resume),
    .ring_base_i(ring_base), .ring_log2_i(ring_log2), .ring_head_i(ring_head),
    .ring_tail_o(ring_tail), .resetting_o(resetting), .busy_o(job_busy), .halted_o(halted),
    .draining_o(draining), .job_done_o(job_done), .job_error_o(job_error),
    .error_o(job_err), .error_engine_o(error_engine), .error_index_o(error_index),
    .fetch_start_o(fetch_start), .fetch_addr_o(fetch_addr), .fetch_count_o(fetch_count),
    .line_valid_i(line_valid), .line_ready_o(entry_ready), .line_i(line),
    .line_error_i(line_error), .line_resp_i(line_resp), .line_addr_i(line_addr),
    .regions_o, .begin_o(job_begin), .start_o(job_start), .run_o(run), .timed_o(timed),
    .finished_i(finished), .failed_i(failed),
    .fail_error_i(fail_error), .fail_engine_i(fail_engine), .fail_index_i(fail_index),
    .abort_o, .quiet_i(quiet_i && fetch_quiet), .clear_o,
    .record_valid_o(record_valid), .record_addr_o(record_addr), .record_o(record),
    .record_done_i(record_done), .record_resp_i(record_resp), .cycles_i(cycles)
  );

  assign line_ready = entry_ready || dispatch_ready;
  weft_fetch u_fetch (
    .clk_i, .rst_ni, .clear_i(clear_o), .stop_i(abort_o), .quiet_o(fetch_quiet),
    .start_i(fetch_start), .start_addr_i(fetch_addr), .start_count_i(fetch_count),
    .line_valid_o(line_valid), .line_ready_i(line_ready), .line_o(line),
    .line_error_o(line_error), .line_resp_o(line_resp), .line_addr_o(line_addr),
    .rd_burst_valid_o, .rd_burst_ready_i, .rd_burst_o,
    .rd_data_valid_i, .rd_data_ready_o, .rd_data_i, .rd_data_resp_i, .rd_data_last_i
  );

  weft_record u_record (
    .clk_i, .rst_ni,
    .line_valid_i(record_valid), .line_addr_i(record_addr), .line_i(record),
    .done_o(record_done), .resp_o(record_resp),
    .wr_burst_valid_o, .wr_burst_ready_i, .wr_burst_o,
    .wr_data_valid_o, .wr_data_ready_i, .wr_data_o, .wr_data_strb_o, .wr_data_last_o,
    .wr_resp_valid_i, .wr_resp_i
  );

  // ---- Descriptors to queues ----
  logic [NUM_ENGINES-1:0] push_valid, push_ready;
  logic [511:0]           push_desc;
  logic [31:0]            push_index;
  logic                   sent, all_sent, blocked, dispatch_err_valid;
  err_t                   dispatch_err;

  weft_dispatch u_dispatch (
    .clk_i, .rst_ni,
    .start_i(job_start), .start_count_i(fetch_count), .stop_i(!run),
    .line_valid_i(line_valid), .line_ready_o(dispatch_ready), .line_i(line),
    .line_error_i(line_error), .line_resp_i(line_resp), .line_addr_i(line_addr),
    .push_valid_o(push_valid), .push_ready_i(push_ready), .push_desc_o(push_desc),
    .index_o(push_index), .sent_o(sent), .finished_o(all_sent), .blocked_o(blocked),
    .err_valid_o(dispatch_err_valid), .err_o(dispatch_err)
  );

  // ---- Queues to engines, raises back to semaphores ----
  logic [NUM_ENGINES-1:0]            take_valid, take_grant, raise_valid, raise_grant;
  logic [NUM_ENGINES-1:0][3:0][7:0]  take, raise;
  logic [NUM_ENGINES-1:0]            waiting, flying, holds, hold_q;
  logic [NUM_ENGINES-1:0][31:0]      oldest;
  logic                              pending;
  logic [31:0]                       pending_index;

  // Registered: what depends on a port is worked out twice a cycle in simulation.
  logic [QUEUE_CW-1:0] queue_limit_q;
  always_ff @(posedge clk_i) begin
    hold_q        <= hold_i;
    queue_limit_q <= queue_limit_i;
  end

  for (genvar e = 0; e < NUM_ENGINES; e++) begin : g_issue
    weft_issue u_issue (
      .clk_i, .rst_ni, .clear_i(clear_o),
      // Behind a failing descriptor nothing begins.
      .stop_i(!run || hold_q[e] || (pending && trace_start_index_o[e] > pending_index)),
      .push_valid_i(push_valid[e]), .push_ready_o(push_ready[e]),
      .push_desc_i(push_desc), .push_index_i(push_index), .queue_limit_i(queue_limit_q),
      .desc_valid_o(desc_valid_o[e]), .desc_ready_i(desc_ready_i[e]), .desc_o(desc_o[e]),
      .done_i(done_i[e]),
      .take_valid_o(take_valid[e]), .take_grant_i(take_grant[e]), .take_o(take[e]),
      .raise_valid_o(raise_valid[e]), .raise_grant_i(raise_grant[e]), .raise_o(raise[e]),
      .waiting_o(waiting[e]), .flying_o(flying[e]), .holds_o(holds[e]), .oldest_o(oldest[e]),
      .issue_index_o(trace_start_index_o[e]), .done_index_o(trace_done_index_o[e])
    );
  end
  assign trace_start_o = desc_valid_o & desc_ready_i;
  assign trace_done_o  = done_i;

  weft_semaphores u_semaphores (
    .clk_i, .rst_ni, .clear_i(clear_o),
    .take_valid_i(take_valid), .take_grant_o(take_grant), .take_i(take),
    .raise_valid_i(raise_valid), .raise_grant_o(raise_grant), .raise_i(raise)
  );

  // ---- How a job ends ----
  logic [NUM_ENGINES-1:0] moved;
  logic [NUM_ENGINES-1:0] working;
  logic                   progress;

  for (genvar e = 0; e < NUM_ENGINES; e++) begin : g_working
    assign working[e] = (activity_i[e] == ACTIVITY_BUSY);
  end
  assign finished = all_sent && (holds == '0) && (raise_valid == '0);
  assign moved    = trace_start_o | done_i | raise_grant;
  assign progress = sent || (moved != '0) || (working != '0) || read_beat_i || write_beat_i;

  weft_faults u_faults (
    .clk_i, .rst_ni, .run_i(run), .watchdog_i(watchdog), .progress_i(progress),
    .holds_i(holds), .flying_i(flying), .raising_i(raise_valid), .moved_i(moved), .oldest_i(oldest),
    .err_valid_i, .err_i,
    // A held engine may yet move.
    .dispatch_idle_i((all_sent || blocked || dispatch_err_valid) && hold_q == '0),
    .dispatch_index_i(push_index),
    .dispatch_err_valid_i(dispatch_err_valid), .dispatch_err_i(dispatch_err),
    .pending_o(pending), .pending_index_o(pending_index),
    .failed_o(failed), .error_o(fail_error), .engine_o(fail_engine), .index_o(fail_index)
  );

  // An empty engine whose next descriptor waits for semaphores waits too.
  activity_e [NUM_ENGINES-1:0] did;
  for (genvar e = 0; e < NUM_ENGINES; e++) begin : g_did
    assign did[e] = (activity_i[e] == ACTIVITY_IDLE && waiting[e]) ? ACTIVITY_WAIT : activity_i[e];
  end

  always_comb begin
    counter_inc                  = '0;
    counter_inc[CNT_CYCLES]      = 1'b1;
    counter_inc[CNT_READ_BEATS]  = read_beat_i;
    counter_inc[CNT_WRITE_BEATS] = write_beat_i;
    counter_inc[CNT_DESCRIPTORS] = sent;
    for (int unsigned e = 0; e < NUM_ENGINES; e++) begin
      counter_inc[32'(CNT_LOAD_BUSY) + e * NUM_ACTIVITIES + 32'(did[e])] = 1'b1;
    end
  end
  weft_counters u_counters (
    .clk_i, .rst_ni, .clear_i(job_begin), .run_i(timed), .inc_i(counter_inc),
    .rd_index_i(counter_index), .rd_data_o(counter), .cycles_o(cycles)
  );

endmodule
