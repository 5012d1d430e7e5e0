// Issue unit of one engine: its queue, its waits and raises, its descriptors under way.
//
// Contract
//   push takes a descriptor and its index, in program order. The head is given to the engine when
//   the engine is ready and all its semaphores could be taken, in that cycle. When the engine reports it
//   done, in order, its raises are put up until granted. waiting_o: the head waits for semaphores and
//   the engine could take it. flying_o: the engine holds descriptors; holds_o: it or the queue does, and
//   oldest_o is the index of the oldest. stop_i: nothing is issued.
module weft_issue
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
#(
  parameter int unsigned QueueDepth = QUEUE_DEPTH,
  // Descriptors that may be under way in the engine.
  parameter int unsigned Flying = 32,
  localparam int unsigned QueueCw = cnt_width(QueueDepth)
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             clear_i,
  input  logic             stop_i,
  // Dispatch.
  input  logic             push_valid_i,
  output logic             push_ready_o,
  input  logic [511:0]     push_desc_i,
  input  logic [31:0]      push_index_i,
  // Descriptors the queue takes at most; 0: all it holds.
  input  logic [QueueCw-1:0] queue_limit_i,
  // Engine.
  output logic             desc_valid_o,
  input  logic             desc_ready_i,
  output logic [511:0]     desc_o,
  input  logic             done_i,
  // Semaphores: slots of {count, semaphore}.
  output logic             take_valid_o,
  input  logic             take_grant_i,
  output logic [3:0][7:0]  take_o,
  output logic             raise_valid_o,
  input  logic             raise_grant_i,
  output logic [3:0][7:0]  raise_o,
  // State, and events of this cycle.
  output logic             waiting_o,
  output logic             flying_o,
  output logic             holds_o,
  output logic [31:0]      oldest_o,
  output logic [31:0]      issue_index_o,  // of desc_o
  output logic [31:0]      done_index_o    // of the descriptor done_i speaks of
);

  localparam int unsigned Fw           = cnt_width(Flying);
  localparam int unsigned HeaderRaises = 64;  // bit position of the raise slots

  typedef struct packed {
    logic [31:0]  index;
    logic [511:0] desc;
  } entry_t;
  typedef struct packed {
    logic [31:0] index;
    logic [31:0] raises;
  } flight_t;

  entry_t  head;
  flight_t flight;
  logic    queue_ready, below_limit;
  logic    head_valid, issue, needs_wait, flight_ready, flight_valid, raise_ready;
  logic    slots_used, room;
  logic [Fw-1:0] flight_count, raise_count;
  logic [QueueCw-1:0] queue_count;

  assign below_limit  = (queue_limit_i == '0) || (queue_count < queue_limit_i);
  assign push_ready_o = queue_ready && below_limit;

  weft_fifo #(.Depth(QueueDepth), .Width($bits(entry_t))) u_queue (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(push_valid_i && below_limit), .in_ready_o(queue_ready),
    .in_data_i({push_index_i, push_desc_i}),
    .out_valid_o(head_valid), .out_ready_i(issue), .out_data_o(head), .count_o(queue_count)
  );

  // Every flight will find room for its raises.
  assign room   = flight_ready && ((Fw + 1)'(flight_count) + (Fw + 1)'(raise_count) < (Fw + 1)'(Flying));
  assign take_o = head.desc[32 +: 32];
  always_comb begin
    needs_wait = 1'b0;
    for (int unsigned s = 0; s < 4; s++) needs_wait |= (take_o[s][7:5] != '0);
  end

  assign take_valid_o  = head_valid && needs_wait && desc_ready_i && room && !stop_i;
  assign issue         = head_valid && desc_ready_i && room && !stop_i
    && (!needs_wait || take_grant_i);
  assign desc_valid_o  = issue;
  assign desc_o        = head.desc;
  assign issue_index_o = head.index;
  assign waiting_o     = take_valid_o && !take_grant_i;

  weft_fifo #(.Depth(Flying), .Width($bits(flight_t))) u_flights (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(issue), .in_ready_o(flight_ready),
    .in_data_i({head.index, head.desc[HeaderRaises +: 32]}),
    .out_valid_o(flight_valid), .out_ready_i(done_i), .out_data_o(flight), .count_o(flight_count)
  );
  assign done_index_o = flight.index;

  always_comb begin
    slots_used = 1'b0;
    for (int unsigned s = 0; s < 4; s++) slots_used |= (flight.raises[8*s + 5 +: 3] != '0);
  end

  // As deep as the flights: a done is never refused.
  weft_fifo #(.Depth(Flying), .Width(32)) u_raises (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(done_i && slots_used), .in_ready_o(raise_ready), .in_data_i(flight.raises),
    .out_valid_o(raise_valid_o), .out_ready_i(raise_grant_i), .out_data_o(raise_o), .count_o(raise_count)
  );

  assign flying_o = flight_valid;
  assign holds_o  = flight_valid || head_valid;
  assign oldest_o = flight_valid ? flight.index : head.index;

  // ---- Assertions ----
  DoneHasFlight: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    done_i |-> flight_valid)
    else $error("weft_issue: done without a descriptor under way");
  RaiseTaken: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    done_i |-> raise_ready)
    else $error("weft_issue: no room for a raise");

endmodule
