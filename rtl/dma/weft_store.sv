// Store engine: act memory to DRAM.
//
// Contract
//   Engine front end; done_o comes the cycle after a transfer's last write response. Bursts of
//   later descriptors are announced, and their words read, while earlier ones are under way.
//   A transfer is one byte stream, in order: the bytes of the on-chip runs (a run's last word up
//   to its end), realigned to the lanes of the bursts that the DRAM nest asks for; strobes mark
//   exactly the wanted bytes. One word and one beat a cycle; the first burst is offered 3 cycles
//   after the descriptor was taken.
//   Errors belong to the first byte of the stream that cannot be moved: ERR_BAD_DESCRIPTOR (nothing
//   done; also for another memory than act), ERR_CHIP_RANGE, ERR_REGION (with address),
//   ERR_TRANSFER_LENGTH (seen where the shorter side ends); ERR_BUS carries the burst's address.
//   After an error or abort_i no burst is issued, announced bursts are completed with strobes 0,
//   and quiet_o rises when all responses are in; err_valid_o waits for that. Both last until
//   clear_i, which may come only when quiet_o.
module weft_store
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  // Descriptors whose on-chip side may wait.
  parameter int unsigned Descs = 8,
  parameter int unsigned Bursts = 64
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  region_table_t        regions_i,
  // Engine front end.
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
  // Bus.
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
  // Act memory; data come in the cycle after the grant.
  output logic                 act_rd_valid_o,
  input  logic                 act_rd_ready_i,
  output act_addr_t            act_rd_addr_o,
  input  word_t                act_rd_data_i
);

  localparam int unsigned Lw = idx_width(BUS_BYTES);
  localparam int unsigned Uw = cnt_width(Bursts + Descs + 8);

  typedef struct packed {
    logic          nest_last;
    logic [Lw-1:0] first_lane;
    logic [Lw-1:0] last_lane;
    logic [7:0]    len;
  } burst_info_t;

  // ---- Acceptance ----
  logic          accept, bad, closed_q, dead_q, stop;
  logic          dram_ready, chip_ready;
  logic [Uw-1:0] unfinished_q;

  always_comb begin
    bad = 1'b0;
    if (desc_valid_i) begin
      bad = ((desc_i & TRANSFER_RESERVED) != '0) || (desc_i.mem != MEM_ACT)
        || (desc_i.chip_run == '0) || (desc_i.chip_count1 == '0) || (desc_i.chip_count2 == '0)
        || (desc_i.dram_run == '0) || (desc_i.dram_count1 == '0) || (desc_i.dram_count2 == '0);
    end
  end
  assign stop         = dead_q || abort_i;
  assign desc_ready_o = dram_ready && chip_ready && !closed_q && !stop;
  assign accept       = desc_valid_i && desc_ready_o;

  // ---- Address side ----
  burst_info_t info_in, info;
  logic        burst_taken, room, info_ready, info_valid, burst_end;
  logic        fail;
  logic [63:0] fail_addr;

  weft_dram_bursts #(.Write(1'b1)) u_bursts (
    .clk_i, .rst_ni, .clear_i, .regions_i, .stop_i(stop),
    .nest_valid_i(accept && !bad), .nest_ready_o(dram_ready), .desc_i,
    .room_i(room),
    .burst_valid_o(wr_burst_valid_o), .burst_ready_i(wr_burst_ready_i), .burst_o(wr_burst_o),
    .first_lane_o(info_in.first_lane), .last_lane_o(info_in.last_lane),
    .nest_last_o(info_in.nest_last),
    .fail_o(fail), .fail_addr_o(fail_addr)
  );
  assign burst_taken = wr_burst_valid_o && wr_burst_ready_i;
  assign info_in.len = wr_burst_o.len;

  weft_fifo #(.Depth(Bursts), .Width($bits(burst_info_t))) u_infos (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(burst_taken), .in_ready_o(info_ready), .in_data_i(info_in),
    .out_valid_o(info_valid), .out_ready_i(burst_end), .out_data_o(info),
    .count_o()
  );

  // ---- Word reader ----
  logic        piece_valid, piece_ready, piece_bad, piece_range, piece_last;
  logic [Lw:0] piece_bytes;
  word_t       piece;

  weft_store_words #(.Descs(Descs)) u_words (
    .clk_i, .rst_ni, .clear_i, .stop_i(stop),
    .nest_valid_i(accept), .nest_ready_o(chip_ready), .desc_i, .nest_bad_i(bad),
    .act_rd_valid_o, .act_rd_ready_i, .act_rd_addr_o, .act_rd_data_i,
    .valid_o(piece_valid), .ready_i(piece_ready), .data_o(piece), .bytes_o(piece_bytes),
    .last_o(piece_last), .bad_range_o(piece_range), .bad_desc_o(piece_bad)
  );

  // ---- Realigner: words to beats ----
  // What stands on the write channel stays there until it is taken, whatever happens.
  logic          held_q, beat_dead, beat_dead_q, want, out_valid, in_ready, exact, beat;
  logic          first_beat, last_beat;
  logic          nest_given_q, nest_given;  // all of this descriptor's words are in
  logic          piece_good, take, nest_end;
  logic [7:0]    beat_q;
  logic [Lw-1:0] beat_first, beat_last;
  logic [Lw:0]   beat_bytes;

  assign beat_dead   = held_q ? beat_dead_q : stop;
  assign first_beat  = (beat_q == '0);
  assign last_beat   = (beat_q == info.len);
  assign beat_first  = first_beat ? info.first_lane : '0;
  assign beat_last   = last_beat ? info.last_lane : '1;
  assign beat_bytes  = (Lw + 1)'(beat_last) - (Lw + 1)'(beat_first) + 1'b1;
  assign want        = info_valid && !beat_dead;
  assign piece_good  = piece_valid && !piece_bad && !piece_range && !nest_given_q;
  assign take        = piece_good && in_ready;
  assign piece_ready = take;
  assign nest_given  = nest_given_q || (take && piece_last);

  weft_realign #(.Bytes(BUS_BYTES)) u_realign (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(piece_good), .in_ready_o(in_ready), .in_data_i(piece), .in_lane_i('0),
    .in_bytes_i(piece_bytes),
    .out_want_i(want), .out_lane_i(beat_first), .out_bytes_i(beat_bytes),
    .out_valid_o(out_valid), .out_ready_i(wr_data_ready_i), .out_data_o(wr_data_o),
    .exact_o(exact)
  );

  assign wr_data_valid_o = out_valid || (info_valid && beat_dead);
  assign wr_data_last_o  = last_beat;
  assign wr_data_strb_o  = out_valid
    ? (~(~BUS_BYTES'(0) << beat_bytes) << beat_first) : '0;
  assign beat      = wr_data_valid_o && wr_data_ready_i;
  assign burst_end = beat && last_beat;
  assign nest_end  = burst_end && info.nest_last && !beat_dead;

  // ---- Errors of the stream, in its order ----
  error_e error;

  always_comb begin
    error = ERR_NONE;
    if (!stop && !(out_valid && !nest_end)) begin
      if (nest_end && !(nest_given && exact))               error = ERR_TRANSFER_LENGTH;
      else if (nest_end)                                    error = ERR_NONE;
      else if (want && nest_given_q)                        error = ERR_TRANSFER_LENGTH;
      else if (piece_valid && !nest_given_q && piece_bad)   error = ERR_BAD_DESCRIPTOR;
      else if (piece_valid && !nest_given_q && piece_range) error = ERR_CHIP_RANGE;
      else if (fail && !info_valid)                         error = ERR_REGION;
    end
  end

  // ---- Responses ----
  logic [Uw-1:0] given_q;  // descriptors whose last beat has gone out, not yet done
  logic          resp_room, resp_expected, resp_nest_last, resp_error, resp_done, bus_error_q;
  logic [63:0]   burst_addr;

  weft_fifo #(.Depth(Bursts), .Width(1)) u_resps (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(burst_taken), .in_ready_o(resp_room), .in_data_i(info_in.nest_last),
    .out_valid_o(resp_expected), .out_ready_i(wr_resp_valid_i), .out_data_o(resp_nest_last),
    .count_o()
  );
  assign room    = info_ready && resp_room;
  assign quiet_o = !resp_expected && !wr_burst_valid_o;

  // The response belongs to the oldest unfinished descriptor: it goes before an error that a
  // younger one has made, not before one of its own.
  error_e err_code_q;
  assign resp_error = wr_resp_valid_i && wr_resp_i[1] && !bus_error_q
    && (given_q != '0 || (err_code_q == ERR_NONE && error == ERR_NONE));
  assign resp_done  = wr_resp_valid_i && !wr_resp_i[1] && !bus_error_q
    && resp_nest_last && (given_q != '0);

  weft_burst_log #(.Depth(Bursts)) u_log (
    .clk_i, .rst_ni, .clear_i,
    .push_i(burst_taken), .addr_i(wr_burst_o.addr), .pop_i(wr_resp_valid_i),
    .lookup_i(resp_error), .addr_o(burst_addr)
  );

  // ---- What it does ----
  always_comb begin
    if (unfinished_q == '0)                           activity_o = ACTIVITY_IDLE;
    else if (act_rd_valid_o && act_rd_ready_i)        activity_o = ACTIVITY_BUSY;
    else if (act_rd_valid_o)                          activity_o = ACTIVITY_SOURCE;
    else if (wr_data_valid_o && !wr_data_ready_i)     activity_o = ACTIVITY_SINK;
    else if (wr_burst_valid_o && !wr_burst_ready_i)   activity_o = ACTIVITY_OPERAND;
    else                                              activity_o = ACTIVITY_LATENCY;
  end

  // ---- State ----
  logic        given_inc, done_q, err_valid_q;
  logic [1:0]  err_resp_q;
  logic [63:0] fail_addr_q;

  assign given_inc = nest_end && (error == ERR_NONE) && !stop;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      closed_q     <= 1'b0;
      dead_q       <= 1'b0;
      held_q       <= 1'b0;
      beat_q       <= '0;
      nest_given_q <= 1'b0;
      given_q      <= '0;
      unfinished_q <= '0;
      done_q       <= 1'b0;
      bus_error_q  <= 1'b0;
      err_code_q   <= ERR_NONE;
      err_valid_q  <= 1'b0;
    end else begin
      if (accept && bad) closed_q <= 1'b1;
      if (abort_i || error != ERR_NONE || resp_error) dead_q <= 1'b1;
      held_q       <= wr_data_valid_o && !wr_data_ready_i;
      beat_dead_q  <= beat_dead;
      if (beat) beat_q <= last_beat ? '0 : beat_q + 8'd1;
      nest_given_q <= nest_given && !nest_end;
      if (given_inc != resp_done) given_q <= given_inc ? given_q + 1'b1 : given_q - 1'b1;
      if (accept != done_q) unfinished_q <= accept ? unfinished_q + 1'b1 : unfinished_q - 1'b1;
      done_q <= resp_done;
      if (resp_error) begin
        bus_error_q <= 1'b1;
        err_code_q  <= ERR_BUS;
      end else if (error != ERR_NONE) begin
        err_code_q  <= error;
      end
      err_valid_q <= err_valid_q || (err_code_q != ERR_NONE && quiet_o);
    end
    if (resp_error) err_resp_q <= wr_resp_i;
    if (error != ERR_NONE) fail_addr_q <= (error == ERR_REGION) ? fail_addr : '0;
  end

  assign done_o      = done_q;
  assign err_valid_o = err_valid_q;
  assign err_o.code  = err_code_q;
  assign err_o.resp  = bus_error_q ? err_resp_q : 2'b00;
  assign err_o.addr  = bus_error_q ? burst_addr : fail_addr_q;

  // ---- Assertions ----
  RespExpected: assert property (
    @(posedge clk_i) disable iff (!rst_ni) wr_resp_valid_i |-> resp_expected)
    else $error("weft_store: write response without a burst");
  BeatStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (wr_data_valid_o && !wr_data_ready_i) |=>
    (wr_data_valid_o && $stable(wr_data_strb_o) && $stable(wr_data_last_o)))
    else $error("weft_store: a beat changed while it waited");
  ClearWhenQuiet: assert property (@(posedge clk_i) disable iff (!rst_ni) clear_i |-> quiet_o)
    else $error("weft_store: cleared with bursts outstanding");

endmodule
