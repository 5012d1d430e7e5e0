// Control and status registers on AXI4-Lite.
//
// Contract
//   One access at a time each way; a write takes address and data in any order. Unknown or misaligned
//   addresses and writes to read-only registers answer SLVERR and change nothing; byte strobes count.
//   Reading the low half of a counter latches its high half. Registers as in docs/registers.md.
module weft_csr
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
  // To the machine.
  output logic        enable_o,
  output logic        soft_reset_o,   // pulse
  output logic        resume_o,       // pulse
  output logic [63:0] ring_base_o,
  output logic [3:0]  ring_log2_o,
  output logic [15:0] ring_head_o,
  output logic [31:0] watchdog_o,
  output logic        irq_o,
  // From the machine.
  input  logic        resetting_i,    // a soft reset is under way
  input  logic        busy_i,
  input  logic        halted_i,
  input  logic        draining_i,
  input  logic [15:0] ring_tail_i,
  input  logic        job_done_i,     // pulse
  input  logic        job_error_i,    // pulse
  input  err_t        error_i,
  input  logic [2:0]  error_engine_i,
  input  logic [31:0] error_index_i,
  output logic [idx_width(NUM_COUNTERS)-1:0] counter_index_o,
  input  logic [63:0] counter_i
);

  localparam logic [1:0] Okay   = 2'b00;
  localparam logic [1:0] SlvErr = 2'b10;
  localparam int unsigned Aw    = $bits(ID_OFFSET);
  localparam logic [31:0] Capability = {11'b0, {NUM_ENGINES{1'b1}}, 8'(COLS), 8'(ROWS)};

  logic        enable_q;
  logic [1:0]  irq_status_q, irq_enable_q;
  logic [63:0] ring_base_q;
  logic [3:0]  ring_log2_q;
  logic [15:0] ring_head_q;
  logic [31:0] watchdog_q, latched_q;

  // ---- Write ----
  logic          write, write_ok, b_valid_q;
  logic [1:0]    b_resp_q;
  logic [Aw-1:0] waddr;
  logic          waddr_ok;

  assign write            = s_axil_awvalid_i && s_axil_wvalid_i && (!b_valid_q || s_axil_bready_i);
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign waddr            = s_axil_awaddr_i[Aw-1:0];
  assign waddr_ok         = (s_axil_awaddr_i[15:Aw] == '0) && (s_axil_awaddr_i[1:0] == '0);

  // The register with the strobed bytes replaced.
  function automatic logic [31:0] merge(logic [31:0] old, logic [31:0] data, logic [3:0] strobe);
    logic [31:0] merged;
    for (int b = 0; b < 4; b++) merged[8*b +: 8] = strobe[b] ? data[8*b +: 8] : old[8*b +: 8];
    return merged;
  endfunction

  logic [31:0] wdata;  // with zeros where not strobed
  assign wdata = merge('0, s_axil_wdata_i, s_axil_wstrb_i);

  logic soft_reset, resume;
  always_comb begin
    write_ok   = waddr_ok;
    soft_reset = 1'b0;
    resume     = 1'b0;
    unique case (waddr)
      CONTROL_OFFSET: begin
        soft_reset = write && waddr_ok && wdata[CONTROL_SOFT_RESET_BIT];
        resume     = write && waddr_ok && wdata[CONTROL_RESUME_BIT];
      end
      IRQ_STATUS_OFFSET, IRQ_ENABLE_OFFSET, RING_BASE_LO_OFFSET, RING_BASE_HI_OFFSET,
      RING_SIZE_OFFSET, RING_HEAD_OFFSET, WATCHDOG_OFFSET: ;
      default: write_ok = 1'b0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      enable_q     <= 1'b0;
      irq_status_q <= '0;
      irq_enable_q <= '0;
      ring_base_q  <= '0;
      ring_log2_q  <= '0;
      ring_head_q  <= '0;
      watchdog_q   <= WATCHDOG_RESET;
      b_valid_q    <= 1'b0;
      b_resp_q     <= Okay;
      soft_reset_o <= 1'b0;
      resume_o     <= 1'b0;
    end else begin
      soft_reset_o <= soft_reset;
      resume_o     <= resume;
      if (write) begin
        b_valid_q <= 1'b1;
        b_resp_q  <= write_ok ? Okay : SlvErr;
      end else if (s_axil_bready_i) begin
        b_valid_q <= 1'b0;
      end
      if (write && write_ok) begin
        unique case (waddr)
          CONTROL_OFFSET:    if (s_axil_wstrb_i[0]) enable_q <= wdata[CONTROL_ENABLE_BIT];
          IRQ_ENABLE_OFFSET: if (s_axil_wstrb_i[0]) irq_enable_q <= wdata[1:0];
          RING_BASE_LO_OFFSET:
            ring_base_q[31:0] <= merge(ring_base_q[31:0], s_axil_wdata_i, s_axil_wstrb_i) & ~32'h3f;
          RING_BASE_HI_OFFSET:
            ring_base_q[63:32] <= merge(ring_base_q[63:32], s_axil_wdata_i, s_axil_wstrb_i);
          RING_SIZE_OFFSET:  if (s_axil_wstrb_i[0]) ring_log2_q <= wdata[3:0];
          RING_HEAD_OFFSET:
            ring_head_q <= 16'(merge(32'(ring_head_q), s_axil_wdata_i, s_axil_wstrb_i));
          WATCHDOG_OFFSET:   watchdog_q <= merge(watchdog_q, s_axil_wdata_i, s_axil_wstrb_i);
          default: ;
        endcase
      end
      irq_status_q <= (irq_status_q
          & ~((write && write_ok && waddr == IRQ_STATUS_OFFSET) ? wdata[1:0] : 2'b00))
        | {job_error_i, job_done_i};
    end
  end

  // ---- Read ----
  logic          read, read_ok, raddr_ok, r_valid_q, is_counter;
  logic [1:0]    r_resp_q;
  logic [31:0]   r_data_q, rdata;
  logic [Aw-1:0] raddr, counter_offset;

  assign read             = s_axil_arvalid_i && (!r_valid_q || s_axil_rready_i);
  assign s_axil_arready_o = read;
  assign raddr            = s_axil_araddr_i[Aw-1:0];
  assign raddr_ok         = (s_axil_araddr_i[15:Aw] == '0) && (s_axil_araddr_i[1:0] == '0);
  assign counter_offset   = raddr - COUNTER_BASE;
  assign is_counter       = (raddr >= COUNTER_BASE) && (32'(counter_offset) < 8 * NUM_COUNTERS);
  assign counter_index_o  = idx_width(NUM_COUNTERS)'(counter_offset >> 3);

  always_comb begin
    rdata   = '0;
    read_ok = raddr_ok;
    unique case (raddr)
      ID_OFFSET:             rdata = ID_RESET;
      VERSION_OFFSET:        rdata = ISA_VERSION;
      CONFIG_HASH_LO_OFFSET: rdata = CONFIG_HASH[31:0];
      CONFIG_HASH_HI_OFFSET: rdata = CONFIG_HASH[63:32];
      CAPABILITY_OFFSET:     rdata = Capability;
      CONTROL_OFFSET: begin
        rdata[CONTROL_ENABLE_BIT]     = enable_q;
        rdata[CONTROL_SOFT_RESET_BIT] = resetting_i || soft_reset_o;
      end
      STATUS_OFFSET: begin
        rdata[STATUS_BUSY_BIT]     = busy_i;
        rdata[STATUS_HALTED_BIT]   = halted_i;
        rdata[STATUS_DRAINING_BIT] = draining_i;
      end
      IRQ_STATUS_OFFSET:    rdata = 32'(irq_status_q);
      IRQ_ENABLE_OFFSET:    rdata = 32'(irq_enable_q);
      RING_BASE_LO_OFFSET:  rdata = ring_base_q[31:0];
      RING_BASE_HI_OFFSET:  rdata = ring_base_q[63:32];
      RING_SIZE_OFFSET:     rdata = 32'(ring_log2_q);
      RING_HEAD_OFFSET:     rdata = 32'(ring_head_q);
      RING_TAIL_OFFSET:     rdata = 32'(ring_tail_i);
      WATCHDOG_OFFSET:      rdata = watchdog_q;
      ERROR_CODE_OFFSET:    rdata = {14'b0, error_i.resp, 5'b0, error_engine_i, error_i.code};
      ERROR_INDEX_OFFSET:   rdata = error_index_i;
      ERROR_ADDR_LO_OFFSET: rdata = error_i.addr[31:0];
      ERROR_ADDR_HI_OFFSET: rdata = error_i.addr[63:32];
      default: begin
        if (is_counter) rdata = raddr[2] ? latched_q : counter_i[31:0];
        else            read_ok = 1'b0;
      end
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      r_valid_q <= 1'b0;
      r_resp_q  <= Okay;
    end else if (read) begin
      r_valid_q <= 1'b1;
      r_resp_q  <= read_ok ? Okay : SlvErr;
    end else if (s_axil_rready_i) begin
      r_valid_q <= 1'b0;
    end
    if (read) begin
      r_data_q <= read_ok ? rdata : '0;
      if (read_ok && is_counter && !raddr[2]) latched_q <= counter_i[63:32];
    end
  end

  assign s_axil_bvalid_o = b_valid_q;
  assign s_axil_bresp_o  = b_resp_q;
  assign s_axil_rvalid_o = r_valid_q;
  assign s_axil_rresp_o  = r_resp_q;
  assign s_axil_rdata_o  = r_data_q;
  assign enable_o        = enable_q;
  assign ring_base_o     = ring_base_q;
  assign ring_log2_o     = ring_log2_q;
  assign ring_head_o     = ring_head_q;
  assign watchdog_o      = watchdog_q;
  assign irq_o           = |(irq_status_q & irq_enable_q);

endmodule
