// Job control: takes jobs from the ring, one at a time, and ends each with its completion record.
//
// Contract
//   With enable_i, not halted and head != tail, the next entry is fetched (three lines) and checked;
//   then run_o is high and start_o gave the descriptors' address and count. The job ends when
//   finished_i (all descriptors are done) or failed_i comes. Then abort_o is high, and once quiet_i
//   (nothing outstanding on the bus) clear_o empties engines, queues and semaphores, the record is
//   written, tail counts up and job_done_o or job_error_o pulses. After an error nothing more is taken
//   until resume_i (halted_o).
//   soft_reset_i: the same drain and clear at any time, without a record (one that is being written
//   is completed first); then tail := head and the halt is left.
//   A malformed entry ends as ERR_BAD_JOB or ERR_CONFIG_MISMATCH. An entry that cannot be read ends
//   without a record, as ERR_BUS; so does, after the fact, a good job whose record cannot be written.
module weft_job
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic          clk_i,
  input  logic          rst_ni,
  // Registers.
  input  logic          enable_i,
  input  logic          soft_reset_i,
  input  logic          resume_i,
  input  logic [63:0]   ring_base_i,
  input  logic [3:0]    ring_log2_i,
  input  logic [15:0]   ring_head_i,
  output logic [15:0]   ring_tail_o,
  output logic          resetting_o,
  output logic          busy_o,
  output logic          halted_o,
  output logic          draining_o,
  output logic          job_done_o,
  output logic          job_error_o,
  output err_t          error_o,        // of the last job that failed
  output logic [2:0]    error_engine_o,
  output logic [31:0]   error_index_o,
  // Fetch unit.
  output logic          fetch_start_o,
  output logic [63:0]   fetch_addr_o,
  output logic [31:0]   fetch_count_o,
  input  logic          line_valid_i,
  output logic          line_ready_o,   // while an entry is read
  input  logic [511:0]  line_i,
  input  logic          line_error_i,
  input  logic [1:0]    line_resp_i,
  input  logic [63:0]   line_addr_i,
  // The job that runs.
  output region_table_t regions_o,
  output logic          begin_o,        // pulse: an entry is going to be fetched
  output logic          start_o,        // pulse: its descriptors are
  output logic          run_o,
  output logic          timed_o,        // cycles count
  input  logic          finished_i,
  input  logic          failed_i,
  input  err_t          fail_error_i,
  input  logic [2:0]    fail_engine_i,
  input  logic [31:0]   fail_index_i,
  output logic          abort_o,
  input  logic          quiet_i,
  output logic          clear_o,
  // Completion record.
  output logic          record_valid_o,
  output logic [63:0]   record_addr_o,
  output logic [511:0]  record_o,
  input  logic          record_done_i,  // pulse, with the bus's answer
  input  logic [1:0]    record_resp_i,
  input  logic [63:0]   cycles_i        // the job's so far
);

  localparam logic [2:0]  Control    = 3'd7;
  localparam int unsigned EntryLines = 3;  // header and region table
  localparam int unsigned RecordByte = 192;
  localparam int unsigned LineRegions = NUM_REGIONS / 2;

  typedef enum logic [2:0] {StIdle, StEntry, StCheck, StRun, StDrain, StClear, StRecord, StEnd} state_e;

  state_e        state_d, state_q;
  logic [1:0]    line_q;           // of the entry
  job_t          head_line;        // the first line, as the fields at its place
  logic [63:0]   entry_addr_q, desc_offset_q, config_hash_q, job_id_q;
  logic [31:0]   desc_count_q, desc_region_q;
  region_table_t regions_q;
  logic          bad_region_q;
  logic [15:0]   tail_q;
  logic          halted_q, reset_q;
  logic          outcome_d, outcome_q;  // the job has a record to come
  err_t          error_d, error_q;
  logic [2:0]    engine_d, engine_q;
  logic [31:0]   index_d, index_q;
  logic          error_now;
  logic          failed_q;         // this job

  // ---- Entry: where it lies, what it says ----
  logic [15:0] slot;
  logic [63:0] entry_addr;
  assign slot       = tail_q & ~(16'hffff << ring_log2_i);
  assign entry_addr = ring_base_i + {40'b0, slot, 8'b0};
  assign head_line  = job_t'({1536'b0, line_i});

  region_t [LineRegions-1:0] line_regions;
  logic                      line_bad;
  always_comb begin  // worked out only where it is read
    line_bad     = 1'b0;
    line_regions = '0;
    if (state_q == StEntry) begin
      for (int unsigned r = 0; r < LineRegions; r++) begin
        line_regions[r].readable = line_i[128*r];
        line_regions[r].writable = line_i[128*r + 1];
        line_regions[r].base     = {line_i[128*r + 6 +: 58], 6'b0};
        line_regions[r].limit    = line_i[128*r + 64 +: 64];
        line_bad |= (line_i[128*r + 2 +: 4] != '0) || (line_i[128*r + 64 +: 6] != '0)
          || (line_regions[r].limit < line_regions[r].base);
      end
    end
  end

  // ---- Descriptors must lie in a readable region ----
  region_t     desc_window;
  logic [64:0] desc_start;
  logic        desc_bad;
  assign desc_window = regions_q[desc_region_q[2:0]];
  assign desc_start  = 65'(desc_window.base) + 65'(desc_offset_q);
  assign desc_bad    = (desc_region_q[31:3] != '0) || (desc_offset_q[5:0] != '0)
    || (desc_count_q == '0) || !desc_window.readable || desc_start[64]
    || (desc_start[63:0] > desc_window.limit)
    || ({26'b0, desc_count_q, 6'b0} > desc_window.limit - desc_start[63:0]);

  // ---- States ----
  logic soft_reset;
  assign soft_reset = soft_reset_i || reset_q;

  always_comb begin
    state_d     = state_q;
    outcome_d   = outcome_q;
    error_d     = error_q;
    engine_d    = engine_q;
    index_d     = index_q;
    error_now   = 1'b0;
    begin_o     = 1'b0;
    start_o     = 1'b0;
    unique case (state_q)
      StIdle: begin
        if (soft_reset) begin
          state_d = StDrain;
        end else if (enable_i && !halted_q && ring_head_i != tail_q) begin
          state_d   = StEntry;
          begin_o   = 1'b1;
          outcome_d = 1'b1;
        end
      end
      StEntry: begin
        if (line_valid_i && line_error_i) begin
          state_d   = StDrain;
          error_now = 1'b1;
          outcome_d = 1'b0;
          error_d   = '{code: ERR_BUS, resp: line_resp_i, addr: line_addr_i};
          engine_d  = Control;
          index_d   = '0;
        end else if (line_valid_i && line_q == 2'(EntryLines - 1)) begin
          state_d = StCheck;
        end
      end
      StCheck: begin
        if (config_hash_q != CONFIG_HASH || bad_region_q || desc_bad) begin
          state_d   = StDrain;
          error_now = 1'b1;
          error_d   = '{code: (config_hash_q != CONFIG_HASH) ? ERR_CONFIG_MISMATCH : ERR_BAD_JOB,
                        resp: '0, addr: '0};
          engine_d  = Control;
          index_d   = '0;
        end else begin
          state_d = StRun;
          start_o = 1'b1;
        end
      end
      StRun: begin
        if (failed_i) begin
          state_d   = StDrain;
          error_now = 1'b1;
          error_d   = fail_error_i;
          engine_d  = fail_engine_i;
          index_d   = fail_index_i;
        end else if (finished_i) begin
          state_d = StDrain;
        end
      end
      StDrain: if (quiet_i) state_d = StClear;
      StClear: begin
        if (soft_reset)     state_d = StIdle;
        else if (outcome_q) state_d = StRecord;
        else                state_d = StEnd;
      end
      StRecord: begin
        if (record_done_i) begin
          state_d = StEnd;
          if (record_resp_i[1] && !failed_q) begin
            error_now = 1'b1;
            error_d   = '{code: ERR_BUS, resp: record_resp_i, addr: record_addr_o};
            engine_d  = Control;
            index_d   = '0;
          end
        end
      end
      StEnd:   state_d = StIdle;
      default: state_d = StIdle;
    endcase
    // Whatever may be cut short is.
    if (soft_reset && (state_q == StEntry || state_q == StCheck || state_q == StRun)) begin
      state_d   = StDrain;
      error_d   = error_q;
      engine_d  = engine_q;
      index_d   = index_q;
      error_now = 1'b0;
      start_o   = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      tail_q    <= '0;
      halted_q  <= 1'b0;
      reset_q   <= 1'b0;
      outcome_q <= 1'b0;
      failed_q  <= 1'b0;
      error_q   <= '{code: ERR_NONE, resp: '0, addr: '0};
      engine_q  <= '0;
      index_q   <= '0;
      regions_q <= '0;
    end else begin
      state_q   <= state_d;
      outcome_q <= outcome_d;
      error_q   <= error_d;
      engine_q  <= engine_d;
      index_q   <= index_d;
      if (begin_o)        failed_q <= 1'b0;
      else if (error_now) failed_q <= 1'b1;
      if (state_q == StEnd) begin
        tail_q <= tail_q + 1'b1;
        if (failed_q) halted_q <= 1'b1;
      end else if (resume_i) begin
        halted_q <= 1'b0;
      end
      if (state_q == StClear && soft_reset) begin
        tail_q   <= ring_head_i;
        halted_q <= 1'b0;
        reset_q  <= 1'b0;
      end else if (soft_reset_i) begin
        reset_q <= 1'b1;
      end
      if (state_q == StEntry && line_valid_i) begin
        if (line_q == 2'd1) regions_q[LineRegions-1:0]           <= line_regions;
        if (line_q == 2'd2) regions_q[NUM_REGIONS-1:LineRegions] <= line_regions;
      end
    end
    if (begin_o) begin
      line_q       <= '0;
      bad_region_q <= 1'b0;
      entry_addr_q <= entry_addr;  // the ring may be moved while the job runs
    end else if (state_q == StEntry && line_valid_i) begin
      line_q <= line_q + 1'b1;
      if (line_q == '0) begin
        desc_offset_q <= head_line.desc_offset;
        desc_count_q  <= head_line.desc_count;
        desc_region_q <= head_line.desc_region;
        config_hash_q <= head_line.config_hash;
        job_id_q      <= head_line.job_id;
      end else if (line_bad) begin
        bad_region_q <= 1'b1;
      end
    end
  end

  assign fetch_start_o = begin_o || start_o;
  assign fetch_addr_o  = start_o ? desc_start[63:0] : entry_addr;
  assign fetch_count_o = start_o ? desc_count_q : EntryLines;
  assign line_ready_o  = (state_q == StEntry);
  assign regions_o     = regions_q;
  assign run_o         = (state_q == StRun);
  assign timed_o       = (state_q == StEntry) || (state_q == StCheck) || run_o;
  assign abort_o       = (state_q == StDrain) || (state_q == StClear);
  assign clear_o       = (state_q == StClear);

  // ---- Completion record: the last line of the entry ----
  job_t job;
  always_comb begin
    job              = '0;
    job.done_job_id  = job_id_q;
    job.done_cycles  = cycles_i;
    job.done_magic   = JOB_DONE_MAGIC;
    if (failed_q) begin
      job.done_code    = 32'(error_q.code);
      job.done_engine  = 32'(engine_q);
      job.done_index   = index_q;
      job.done_resp    = 32'(error_q.resp);
      job.done_address = error_q.addr;
    end
  end
  assign record_valid_o = (state_q == StRecord);
  assign record_addr_o  = entry_addr_q + 64'(RecordByte);
  assign record_o       = job[8*RecordByte +: 512];

  assign ring_tail_o    = tail_q;
  assign resetting_o    = reset_q;
  assign busy_o         = (state_q != StIdle);
  assign halted_o       = halted_q;
  assign draining_o     = (state_q == StDrain);
  assign job_done_o     = (state_q == StEnd) && !failed_q;
  assign job_error_o    = (state_q == StEnd) && failed_q;
  assign error_o        = error_q;
  assign error_engine_o = engine_q;
  assign error_index_o  = index_q;

  logic unused_job;  // of the entry only some fields are used
  assign unused_job = ^{head_line, job, desc_window.writable};

  // ---- Assertions ----
  if (NUM_REGIONS != 8 || JOB_BYTES != 256) begin : g_bad_entry
    $fatal(1, "weft_job: %0d regions in %0d bytes; 8 in 256 are built in", NUM_REGIONS, JOB_BYTES);
  end
  ClearWhenQuiet: assert property (@(posedge clk_i) disable iff (!rst_ni) clear_o |-> quiet_i)
    else $error("weft_job: cleared while the bus was busy");
  OneEnd: assert property (@(posedge clk_i) disable iff (!rst_ni) !(job_done_o && job_error_o))
    else $error("weft_job: a job ended both ways");

endmodule
