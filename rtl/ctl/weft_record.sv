// Writes one 64-byte line as a burst.
//
// Contract
//   line_valid_i with a line and its address (a multiple of 64), both stable until done_o, which comes
//   with the bus's response. Then line_valid_i must fall or name the next line.
module weft_record
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
(
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 line_valid_i,
  input  logic [63:0]          line_addr_i,
  input  logic [511:0]         line_i,
  output logic                 done_o,
  output logic [1:0]           resp_o,
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
  input  logic [1:0]           wr_resp_i
);

  localparam int unsigned Beats = DESC_BYTES / BUS_BYTES;
  localparam int unsigned Bw    = idx_width(Beats);

  typedef enum logic [1:0] {StBurst, StData, StResp} state_e;

  state_e        state_q;
  logic [Bw-1:0] beat_q;

  assign wr_burst_valid_o = line_valid_i && (state_q == StBurst);
  assign wr_burst_o       = '{addr: line_addr_i, len: 8'(Beats - 1)};
  assign wr_data_valid_o  = (state_q == StData);
  assign wr_data_o        = line_i[32'(beat_q) * BUS_BITS +: BUS_BITS];
  assign wr_data_strb_o   = '1;
  assign wr_data_last_o   = (beat_q == Bw'(Beats - 1));
  assign done_o           = (state_q == StResp) && wr_resp_valid_i;
  assign resp_o           = wr_resp_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= StBurst;
      beat_q  <= '0;
    end else begin
      unique case (state_q)
        StBurst: if (wr_burst_valid_o && wr_burst_ready_i) state_q <= StData;
        StData: if (wr_data_ready_i) begin
          beat_q <= beat_q + 1'b1;
          if (wr_data_last_o) begin
            beat_q  <= '0;
            state_q <= StResp;
          end
        end
        default: if (wr_resp_valid_i) state_q <= StBurst;
      endcase
    end
  end

  // ---- Assertions ----
  LineStable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    (line_valid_i && !done_o) |=> (line_valid_i && $stable(line_addr_i)))
    else $error("weft_record: the line changed while it was written");

endmodule
