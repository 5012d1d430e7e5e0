// Dispatch: sends a job's descriptors, in program order, to the queues of their engines.
//
// Contract
//   start_i resets the index and names how many descriptors follow. A line goes to the queue of its
//   opcode's engine as soon as that has room; finished_o: all have gone. blocked_o: the next one is
//   here, its queue is full.
//   A line whose fetch failed (ERR_BUS) and an opcode of no engine (ERR_BAD_OPCODE) raise
//   err_valid_o, with index_o its index; nothing more is sent until the next start_i. index_o is
//   otherwise the index of the next descriptor.
module weft_dispatch
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   start_i,
  input  logic [31:0]            start_count_i,
  input  logic                   stop_i,
  // Lines of the fetch unit.
  input  logic                   line_valid_i,
  output logic                   line_ready_o,
  input  logic [511:0]           line_i,
  input  logic                   line_error_i,
  input  logic [1:0]             line_resp_i,
  input  logic [63:0]            line_addr_i,
  // Queues.
  output logic [NUM_ENGINES-1:0] push_valid_o,
  input  logic [NUM_ENGINES-1:0] push_ready_i,
  output logic [511:0]           push_desc_o,
  output logic [31:0]            index_o,
  // State.
  output logic                   sent_o,      // pulse
  output logic                   finished_o,
  output logic                   blocked_o,
  output logic                   err_valid_o,
  output err_t                   err_o
);

  logic [31:0] index_q, left_q;
  logic        failed_q, known, offer;
  engine_e     engine;
  error_e      fault;
  err_t        err_q;

  always_comb begin
    known  = 1'b1;
    engine = ENG_LOAD;
    unique case (line_i[7:0])
      OP_LOAD:   engine = ENG_LOAD;
      OP_STORE:  engine = ENG_STORE;
      OP_CONV:   engine = ENG_ARRAY;
      OP_DWCONV: engine = ENG_DEPTHWISE;
      OP_REQUANT, OP_MAXPOOL, OP_MEAN, OP_AVGPOOL, OP_LUT, OP_ADD, OP_MUL, OP_MAXIMUM,
      OP_MINIMUM: engine = ENG_VECTOR;
      default:   known  = 1'b0;
    endcase
    fault = ERR_NONE;
    if (line_error_i) fault = ERR_BUS;
    else if (!known)  fault = ERR_BAD_OPCODE;
  end

  assign offer = line_valid_i && !failed_q && !stop_i;
  always_comb begin
    push_valid_o         = '0;
    push_valid_o[engine] = offer && (fault == ERR_NONE);
  end
  assign sent_o       = |(push_valid_o & push_ready_i);
  assign blocked_o    = |push_valid_o && !sent_o;
  assign line_ready_o = sent_o;
  assign push_desc_o  = line_i;
  assign index_o      = index_q;
  assign finished_o   = (left_q == '0);
  assign err_valid_o  = failed_q;
  assign err_o        = err_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      left_q   <= '0;
      failed_q <= 1'b0;
      index_q  <= '0;
    end else if (start_i) begin
      left_q   <= start_count_i;
      failed_q <= 1'b0;
      index_q  <= '0;
    end else begin
      if (sent_o) begin
        left_q  <= left_q - 1'b1;
        index_q <= index_q + 1'b1;
      end
      if (offer && fault != ERR_NONE) failed_q <= 1'b1;
    end
    if (offer) begin
      err_q <= '{code: fault, resp: line_error_i ? line_resp_i : '0,
                 addr: line_error_i ? line_addr_i : '0};
    end
  end

  // ---- Assertions ----
  OneQueue: assert property (@(posedge clk_i) disable iff (!rst_ni) $onehot0(push_valid_o))
    else $error("weft_dispatch: one descriptor for several queues");
  NotTooMany: assert property (@(posedge clk_i) disable iff (!rst_ni) sent_o |-> left_q != '0)
    else $error("weft_dispatch: more descriptors than the job has");

endmodule
