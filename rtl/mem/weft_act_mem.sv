// Activation memory: single-port half banks behind a fixed-priority crossbar. A bank is selected by
// the high address bits, its half by the lowest one, so that two readers that go through a bank
// side by side, an odd number of words apart, do not meet.
//
// Contract
//   Priority, high to low: rd[0], wr[0], rd[1], wr[1], rd[2] ...; in each cycle each half bank
//   serves the first of the clients that want it, so different halves serve different clients
//   together.
//   rd_valid_i[i] && rd_ready_o[i] is the grant of a read: rd_data_o[i] is the word in the next
//   cycle (rd_data_valid_o[i]), and in that cycle only. wr_valid_i[i] && wr_ready_o[i] writes a
//   whole word; a read granted in the next cycle sees it.
//   Grants are combinational from valid and address of this client and of those before it;
//   rd_ready_o[0] is always 1. Contents are not touched by reset.
module weft_act_mem
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned NumRd = 3,
  parameter int unsigned NumWr = 2
) (
  input  logic             clk_i,
  input  logic             rst_ni,
  // Readers.
  input  logic [NumRd-1:0] rd_valid_i,
  output logic [NumRd-1:0] rd_ready_o,
  input  act_addr_t        rd_addr_i [NumRd],
  output logic [NumRd-1:0] rd_data_valid_o,
  output word_t            rd_data_o [NumRd],
  // Writers.
  input  logic [NumWr-1:0] wr_valid_i,
  output logic [NumWr-1:0] wr_ready_o,
  input  act_addr_t        wr_addr_i [NumWr],
  input  word_t            wr_data_i [NumWr]
);

  localparam int unsigned BankWords = ACT_WORDS / ACT_BANKS;
  localparam int unsigned Halves    = 2 * ACT_BANKS;
  localparam int unsigned HalfWords = BankWords / 2;
  localparam int unsigned Hw = idx_width(Halves);
  localparam int unsigned Aw = idx_width(HalfWords);

  typedef logic [Hw-1:0] half_t;  // bank, half
  typedef logic [Aw-1:0] row_t;

  function automatic half_t half_of(act_addr_t addr);
    return half_t'({32'(addr) / BankWords, addr[0]});
  endfunction
  function automatic row_t row_of(act_addr_t addr);
    return row_t'(addr >> 1);
  endfunction

  // ---- Grants ----
  logic [NumRd-1:0] rd_grant;
  logic [NumWr-1:0] wr_grant;

  always_comb begin
    rd_ready_o = '1;
    wr_ready_o = '1;
    for (int unsigned i = 0; i < NumRd; i++) begin
      for (int unsigned j = 0; j < i; j++) begin
        if (rd_valid_i[j] && half_of(rd_addr_i[j]) == half_of(rd_addr_i[i])) rd_ready_o[i] = 1'b0;
      end
      for (int unsigned j = 0; j < i && j < NumWr; j++) begin
        if (wr_valid_i[j] && half_of(wr_addr_i[j]) == half_of(rd_addr_i[i])) rd_ready_o[i] = 1'b0;
      end
    end
    for (int unsigned i = 0; i < NumWr; i++) begin
      for (int unsigned j = 0; j <= i && j < NumRd; j++) begin
        if (rd_valid_i[j] && half_of(rd_addr_i[j]) == half_of(wr_addr_i[i])) wr_ready_o[i] = 1'b0;
      end
      for (int unsigned j = 0; j < i; j++) begin
        if (wr_valid_i[j] && half_of(wr_addr_i[j]) == half_of(wr_addr_i[i])) wr_ready_o[i] = 1'b0;
      end
    end
  end
  assign rd_grant = rd_valid_i & rd_ready_o;
  assign wr_grant = wr_valid_i & wr_ready_o;

  // ---- Half banks ----
  logic [Halves-1:0] half_en, half_we;
  row_t              half_row [Halves];
  word_t             half_wdata [Halves];
  word_t             half_data [Halves];

  always_comb begin
    half_en    = '0;
    half_we    = '0;
    half_row   = '{default: '0};
    half_wdata = '{default: '0};
    for (int unsigned i = 0; i < NumRd; i++) begin
      if (rd_grant[i]) begin
        half_en[half_of(rd_addr_i[i])]  = 1'b1;
        half_row[half_of(rd_addr_i[i])] = row_of(rd_addr_i[i]);
      end
    end
    for (int unsigned i = 0; i < NumWr; i++) begin
      if (wr_grant[i]) begin
        half_en[half_of(wr_addr_i[i])]    = 1'b1;
        half_we[half_of(wr_addr_i[i])]    = 1'b1;
        half_row[half_of(wr_addr_i[i])]   = row_of(wr_addr_i[i]);
        half_wdata[half_of(wr_addr_i[i])] = wr_data_i[i];
      end
    end
  end

  for (genvar b = 0; b < Halves; b++) begin : g_halves
    weft_ram_1rw #(.Depth(HalfWords), .Bytes(WORD_BYTES), .WholeWords(1'b1)) u_ram (
      .clk_i,
      .en_i(half_en[b]), .we_i(half_we[b]), .addr_i(half_row[b]), .be_i('1),
      .wdata_i(half_wdata[b]), .rdata_o(half_data[b])
    );
  end

  // ---- Read data ----
  logic [NumRd-1:0] rd_valid_q;
  half_t            rd_half_q [NumRd];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) rd_valid_q <= '0;
    else         rd_valid_q <= rd_grant;
    for (int unsigned i = 0; i < NumRd; i++) begin
      if (rd_grant[i]) rd_half_q[i] <= half_of(rd_addr_i[i]);
    end
  end

  assign rd_data_valid_o = rd_valid_q;
  for (genvar i = 0; i < NumRd; i++) begin : g_readers
    assign rd_data_o[i] = half_data[rd_half_q[i]];
  end

  // ---- Assertions ----
  if (!is_pow2(ACT_WORDS) || !is_pow2(ACT_BANKS) || Halves > ACT_WORDS) begin : g_bad_size
    $fatal(1, "weft_act_mem: %0d words in %0d banks must be powers of two, from 2 words a bank",
           ACT_WORDS, ACT_BANKS);
  end
  if (NumRd < 1 || NumWr < 1) begin : g_bad_clients
    $fatal(1, "weft_act_mem: NumRd %0d and NumWr %0d must be positive", NumRd, NumWr);
  end

  FirstReaderNeverWaits: assert property (@(posedge clk_i) disable iff (!rst_ni) rd_ready_o[0])
    else $error("weft_act_mem: the first reader was refused");
  for (genvar i = 0; i < NumRd; i++) begin : g_reader_checks
    act_addr_t addr;
    assign addr = rd_addr_i[i];
    RdStable: assert property (
      @(posedge clk_i) disable iff (!rst_ni)
      (rd_valid_i[i] && !rd_ready_o[i]) |=> (!rd_valid_i[i] || $stable(addr)))
      else $error("weft_act_mem: reader %0d changed its address while it waited", i);
  end
  for (genvar i = 0; i < NumWr; i++) begin : g_writer_checks
    act_addr_t addr;
    word_t     data;
    assign addr = wr_addr_i[i];
    assign data = wr_data_i[i];
    WrStable: assert property (
      @(posedge clk_i) disable iff (!rst_ni)
      (wr_valid_i[i] && !wr_ready_o[i]) |=>
      (!wr_valid_i[i] || ($stable(addr) && $stable(data))))
      else $error("weft_act_mem: writer %0d changed its word while it waited", i);
  end

endmodule
