// Fetch: reads consecutive 64-byte lines (job entries, descriptors) ahead of their use.
//
// Contract
//   start_i (while quiet) names the first line's address, a multiple of 64, and their number. Each
//   line is one burst; as many are under way as the queue has room for. Lines come out in order;
//   line_error_o marks one whose read failed (line_resp_o; address line_addr_o), after which none comes.
//   stop_i: no further burst, data under way are dropped. quiet_o: nothing outstanding.
//   clear_i only when quiet_o.
module weft_fetch
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Depth = 8
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic                clear_i,
  input  logic                stop_i,
  output logic                quiet_o,
  input  logic                start_i,
  input  logic [63:0]         start_addr_i,
  input  logic [31:0]         start_count_i,
  // Lines.
  output logic                line_valid_o,
  input  logic                line_ready_i,
  output logic [511:0]        line_o,
  output logic                line_error_o,
  output logic [1:0]          line_resp_o,
  output logic [63:0]         line_addr_o,
  // Bus.
  output logic                rd_burst_valid_o,
  input  logic                rd_burst_ready_i,
  output burst_t              rd_burst_o,
  input  logic                rd_data_valid_i,
  output logic                rd_data_ready_o,
  input  logic [BUS_BITS-1:0] rd_data_i,
  input  logic [1:0]          rd_data_resp_i,
  input  logic                rd_data_last_i
);

  localparam int unsigned Beats = DESC_BYTES / BUS_BYTES;
  localparam int unsigned Dw    = cnt_width(Depth);

  typedef struct packed {
    logic         error;
    logic [1:0]   resp;
    logic [511:0] data;
  } line_t;

  logic [63:0]   addr_q, out_addr_q;
  logic [31:0]   left_q;
  logic [Dw-1:0] room_q;     // lines neither queued nor under way
  logic [Dw-1:0] flying_q;   // bursts without their last beat
  logic          burst, line_end, line_out, dropped_q, queue_ready;
  logic [511:0]  shift_q, shift_d;
  logic          error_q;
  logic [1:0]    resp_q;
  line_t         line_in, line;

  assign rd_burst_valid_o = (left_q != '0) && (room_q != '0) && !stop_i;
  assign rd_burst_o       = '{addr: addr_q, len: 8'(Beats - 1)};
  assign burst            = rd_burst_valid_o && rd_burst_ready_i;
  assign rd_data_ready_o  = 1'b1;  // room was taken with the burst
  assign line_end         = rd_data_valid_i && rd_data_last_i;
  assign quiet_o          = (flying_q == '0) && !rd_burst_valid_o;

  // The first beat ends up at the bottom.
  assign shift_d = 512'({rd_data_i, shift_q} >> BUS_BITS);
  assign line_in = '{error: error_q || rd_data_resp_i[1],
                     resp: error_q ? resp_q : rd_data_resp_i, data: shift_d};

  weft_fifo #(.Depth(Depth), .Width($bits(line_t))) u_lines (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(line_end && !stop_i && !dropped_q), .in_ready_o(queue_ready), .in_data_i(line_in),
    .out_valid_o(line_valid_o), .out_ready_i(line_ready_i), .out_data_o(line), .count_o()
  );
  assign line_o       = line.data;
  assign line_error_o = line.error;
  assign line_resp_o  = line.resp;
  assign line_addr_o  = out_addr_q;
  assign line_out     = line_valid_o && line_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      left_q    <= '0;
      room_q    <= Dw'(Depth);
      flying_q  <= '0;
      error_q   <= 1'b0;
      dropped_q <= 1'b0;
    end else begin
      if (start_i)                    left_q <= start_count_i;
      else if (line_end && line_in.error) left_q <= '0;
      else if (burst)                 left_q <= left_q - 1'b1;
      if (burst != line_out)          room_q <= burst ? room_q - 1'b1 : room_q + 1'b1;
      if (burst != line_end)          flying_q <= burst ? flying_q + 1'b1 : flying_q - 1'b1;
      // What was under way behind a failed line is of no use.
      if (start_i)                        dropped_q <= 1'b0;
      else if (line_end && line_in.error) dropped_q <= 1'b1;
      if (rd_data_valid_i) error_q <= rd_data_last_i ? 1'b0 : (error_q || rd_data_resp_i[1]);
    end
    if (rd_data_valid_i) begin
      shift_q <= shift_d;
      if (!error_q) resp_q <= rd_data_resp_i;
    end
    if (start_i) begin
      addr_q     <= start_addr_i;
      out_addr_q <= start_addr_i;
    end else begin
      if (burst)    addr_q     <= addr_q + 64'(DESC_BYTES);
      if (line_out) out_addr_q <= out_addr_q + 64'(DESC_BYTES);
    end
  end

  // ---- Assertions ----
  if (DESC_BYTES % BUS_BYTES != 0 || Beats < 2) begin : g_bad_size
    $fatal(1, "weft_fetch: a bus of %0d bytes; 2 to 256 beats a line are needed", BUS_BYTES);
  end
  RoomForLine: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    line_end |-> queue_ready)
    else $error("weft_fetch: a line came without room");
  StartWhenQuiet: assert property (@(posedge clk_i) disable iff (!rst_ni)
    start_i |-> (quiet_o && start_addr_i[5:0] == '0))
    else $error("weft_fetch: started while busy, or at an odd address");

endmodule
