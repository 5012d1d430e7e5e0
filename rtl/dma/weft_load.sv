// Load engine: DRAM to act, wgt or param memory.
//
// Contract
//   Engine front end: descriptors are taken up to Descs ahead; the bursts of later ones go out
//   while data of earlier ones arrive. done_o comes the cycle after the last word was written.
//   A transfer is one byte stream, in order: DRAM runs cut into bursts, realigned, cut again into
//   on-chip runs, each from a word boundary on with its last word zero-filled. One beat and one
//   word a cycle, also when both sides are unaligned; the first read is offered 3 cycles after
//   the descriptor was taken.
//   Errors belong to the first byte of the stream that cannot be moved; words before it may have
//   been written: ERR_BAD_DESCRIPTOR (nothing done), ERR_CHIP_RANGE, ERR_REGION and ERR_BUS (with
//   address), ERR_TRANSFER_LENGTH (seen where the shorter side ends).
//   After an error or abort_i nothing new is issued, data still to come are dropped, and
//   quiet_o rises when no burst is outstanding. Both last until clear_i, which may come only
//   when quiet_o.
module weft_load
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  // Descriptors that wait with their data under way, besides the one being written.
  parameter int unsigned Descs = 16,
  parameter int unsigned Bursts = 64
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  region_table_t       regions_i,
  // Engine front end.
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
  // Bus.
  output logic                rd_burst_valid_o,
  input  logic                rd_burst_ready_i,
  output burst_t              rd_burst_o,
  input  logic                rd_data_valid_i,
  output logic                rd_data_ready_o,
  input  logic [BUS_BITS-1:0] rd_data_i,
  input  logic [1:0]          rd_data_resp_i,
  input  logic                rd_data_last_i,
  // Memories. Act memory may make a write wait; the others take it always.
  output logic                act_wr_valid_o,
  input  logic                act_wr_ready_i,
  output act_addr_t           act_wr_addr_o,
  output word_t               act_wr_data_o,
  output logic                wgt_wr_valid_o,
  output wgt_addr_t           wgt_wr_addr_o,
  output word_t               wgt_wr_data_o,
  output logic                param_wr_valid_o,
  output param_addr_t         param_wr_addr_o,
  output word_t               param_wr_data_o
);

  localparam int unsigned Lw = idx_width(BUS_BYTES);
  localparam int unsigned Uw = cnt_width(Descs + 8);

  typedef struct packed {
    logic          nest_last;
    logic [Lw-1:0] first_lane;
    logic [Lw-1:0] last_lane;
  } burst_info_t;

  typedef struct packed {
    memory_e            mem;
    logic               last;
    logic [DESC_AW-1:0] addr;
    word_t              data;
  } write_t;

  // ---- Acceptance ----
  logic          accept, bad, closed_q, dead_q, stop;
  logic          dram_ready, chip_ready;
  logic [Uw-1:0] unfinished_q;

  always_comb begin
    bad = 1'b0;
    if (desc_valid_i) begin
      bad = ((desc_i & TRANSFER_RESERVED) != '0) || (desc_i.mem > MEM_PARAM)
        || (desc_i.chip_run == '0) || (desc_i.chip_count1 == '0) || (desc_i.chip_count2 == '0)
        || (desc_i.dram_run == '0) || (desc_i.dram_count1 == '0) || (desc_i.dram_count2 == '0);
    end
  end
  assign stop         = dead_q || abort_i;
  assign desc_ready_o = dram_ready && chip_ready && !closed_q && !stop;
  assign accept       = desc_valid_i && desc_ready_o;

  // ---- Address side ----
  burst_info_t info_in, info;
  logic        burst_taken, info_room, info_valid, burst_end;
  logic        fail;
  logic [63:0] fail_addr;

  weft_dram_bursts #(.Write(1'b0)) u_bursts (
    .clk_i, .rst_ni, .clear_i, .regions_i, .stop_i(stop),
    .nest_valid_i(accept && !bad), .nest_ready_o(dram_ready), .desc_i,
    .room_i(info_room),
    .burst_valid_o(rd_burst_valid_o), .burst_ready_i(rd_burst_ready_i), .burst_o(rd_burst_o),
    .first_lane_o(info_in.first_lane), .last_lane_o(info_in.last_lane),
    .nest_last_o(info_in.nest_last),
    .fail_o(fail), .fail_addr_o(fail_addr)
  );
  assign burst_taken = rd_burst_valid_o && rd_burst_ready_i;

  weft_fifo #(.Depth(Bursts), .Width($bits(burst_info_t))) u_infos (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(burst_taken), .in_ready_o(info_room), .in_data_i(info_in),
    .out_valid_o(info_valid), .out_ready_i(burst_end), .out_data_o(info),
    .count_o()
  );
  assign quiet_o = !info_valid && !rd_burst_valid_o;

  // ---- Data side: beats, realigner, words ----
  logic               beat, beat_refused, first_beat_q, take, give;
  logic [7:0]         beat_q;
  logic [Lw-1:0]      beat_first, beat_last;
  logic               nest_read_q, nest_read;  // all of this descriptor's beats are in
  logic               in_ready, out_valid, exact, want, write_ready, waits, nest_end;
  logic [Lw:0]        word_bytes;
  logic               word_valid, word_last, word_in_range, word_bad;
  logic [DESC_AW-1:0] word_addr;
  memory_e            word_mem;
  word_t              word;

  weft_chip_words #(.Depth(Descs)) u_words (
    .clk_i, .rst_ni, .clear_i,
    .nest_valid_i(accept), .nest_ready_o(chip_ready), .desc_i, .nest_bad_i(bad),
    .valid_o(word_valid), .ready_i(give), .addr_o(word_addr), .mem_o(word_mem),
    .bytes_o(word_bytes), .last_o(word_last), .in_range_o(word_in_range), .bad_o(word_bad)
  );

  assign beat            = rd_data_valid_i && rd_data_ready_o;
  assign burst_end       = beat && rd_data_last_i;
  assign beat_refused    = rd_data_resp_i[1];
  assign beat_first      = first_beat_q ? info.first_lane : '0;
  assign beat_last       = rd_data_last_i ? info.last_lane : '1;
  assign want            = word_valid && !word_bad && word_in_range && !stop;
  assign rd_data_ready_o = stop || (in_ready && !nest_read_q && !beat_refused);
  assign take            = beat && !stop;
  assign give            = out_valid && write_ready;
  assign nest_read       = nest_read_q || (take && rd_data_last_i && info.nest_last);
  assign nest_end        = give && word_last;
  // The next word cannot be completed with what has been taken.
  assign waits           = want && !out_valid;

  weft_realign #(.Bytes(BUS_BYTES)) u_realign (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(rd_data_valid_i && !nest_read_q && !beat_refused), .in_ready_o(in_ready),
    .in_data_i(rd_data_i), .in_lane_i(beat_first),
    .in_bytes_i((Lw + 1)'(beat_last) - (Lw + 1)'(beat_first) + 1'b1),
    .out_want_i(want), .out_lane_i('0), .out_bytes_i(word_bytes),
    .out_valid_o(out_valid), .out_ready_i(write_ready), .out_data_o(word), .exact_o(exact)
  );

  // ---- Errors, in the order of the byte stream ----
  error_e      error;
  logic        lookup;
  error_e      err_code_q;
  logic [1:0]  err_resp_q;
  logic [7:0]  err_beat_q;
  logic [63:0] fail_addr_q, burst_addr;
  logic        err_valid_q, done_q;

  always_comb begin
    error = ERR_NONE;
    if (!stop && word_valid) begin
      if (word_bad)                                       error = ERR_BAD_DESCRIPTOR;
      else if (!word_in_range)                            error = ERR_CHIP_RANGE;
      else if (nest_end && !(nest_read && exact))         error = ERR_TRANSFER_LENGTH;
      else if (waits && nest_read_q)                      error = ERR_TRANSFER_LENGTH;
      else if (waits && rd_data_valid_i && beat_refused)  error = ERR_BUS;
      else if (waits && fail && !info_valid)              error = ERR_REGION;
    end
  end
  assign lookup = (error == ERR_BUS);

  weft_burst_log #(.Depth(Bursts)) u_log (
    .clk_i, .rst_ni, .clear_i,
    .push_i(burst_taken), .addr_i(rd_burst_o.addr), .pop_i(burst_end),
    .lookup_i(lookup), .addr_o(burst_addr)
  );

  // ---- Words to the memories ----
  write_t write_in, write;
  logic   write_valid, write_taken;

  always_comb begin
    write_in = '0;
    if (give) begin
      write_in.mem  = word_mem;
      write_in.last = word_last && (error == ERR_NONE);
      write_in.addr = word_addr;
      write_in.data = word;
    end
  end

  weft_fifo #(.Depth(2), .Width($bits(write_t))) u_writes (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(give), .in_ready_o(write_ready), .in_data_i(write_in),
    .out_valid_o(write_valid), .out_ready_i(write_taken), .out_data_o(write),
    .count_o()
  );

  assign act_wr_valid_o   = write_valid && (write.mem == MEM_ACT);
  assign wgt_wr_valid_o   = write_valid && (write.mem == MEM_WGT);
  assign param_wr_valid_o = write_valid && (write.mem == MEM_PARAM);
  assign write_taken      = write_valid && (act_wr_ready_i || !act_wr_valid_o);
  assign act_wr_addr_o    = act_addr_t'(write.addr);
  assign wgt_wr_addr_o    = wgt_addr_t'(write.addr);
  assign param_wr_addr_o  = param_addr_t'(write.addr);
  assign act_wr_data_o    = write.data;
  assign wgt_wr_data_o    = write.data;
  assign param_wr_data_o  = write.data;

  // ---- What it does ----
  always_comb begin
    if (unfinished_q == '0)                           activity_o = ACTIVITY_IDLE;
    else if (write_taken)                             activity_o = ACTIVITY_BUSY;
    else if (write_valid)                             activity_o = ACTIVITY_SINK;
    else if (rd_burst_valid_o && !rd_burst_ready_i)   activity_o = ACTIVITY_OPERAND;
    else if (info_valid)                              activity_o = ACTIVITY_SOURCE;
    else                                              activity_o = ACTIVITY_LATENCY;
  end

  // ---- State ----
  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      closed_q     <= 1'b0;
      dead_q       <= 1'b0;
      err_valid_q  <= 1'b0;
      err_code_q   <= ERR_NONE;
      done_q       <= 1'b0;
      unfinished_q <= '0;
      first_beat_q <= 1'b1;
      nest_read_q  <= 1'b0;
    end else begin
      if (accept && bad) closed_q <= 1'b1;
      if (abort_i || error != ERR_NONE) dead_q <= 1'b1;
      if (error != ERR_NONE) err_code_q <= error;
      // Older descriptors' words are written, and reported done, before the error shows.
      err_valid_q  <= err_valid_q || (err_code_q != ERR_NONE && !write_valid);
      done_q       <= write_taken && write.last;
      if (accept != done_q) unfinished_q <= accept ? unfinished_q + 1'b1 : unfinished_q - 1'b1;
      if (beat) first_beat_q <= rd_data_last_i;
      nest_read_q  <= nest_read && !nest_end;
    end
    if (beat) beat_q <= first_beat_q ? 8'd1 : beat_q + 8'd1;
    if (error != ERR_NONE) begin
      err_resp_q  <= lookup ? rd_data_resp_i : 2'b00;
      err_beat_q  <= first_beat_q ? 8'd0 : beat_q;
      fail_addr_q <= (error == ERR_REGION) ? fail_addr : '0;
    end
  end

  assign done_o      = done_q;
  assign err_valid_o = err_valid_q;
  assign err_o.code  = err_code_q;
  assign err_o.resp  = err_resp_q;
  assign err_o.addr  = (err_code_q == ERR_BUS)
    ? burst_addr + 64'({err_beat_q, Lw'(0)}) : fail_addr_q;

  // ---- Assertions ----
  DataExpected: assert property (
    @(posedge clk_i) disable iff (!rst_ni) rd_data_valid_i |-> info_valid)
    else $error("weft_load: read data without a burst");
  DoneBeforeError: assert property (
    @(posedge clk_i) disable iff (!rst_ni) !(done_o && err_valid_o))
    else $error("weft_load: done after an error");
  ClearWhenQuiet: assert property (@(posedge clk_i) disable iff (!rst_ni) clear_i |-> quiet_o)
    else $error("weft_load: cleared with bursts outstanding");

endmodule
