// Accumulator memory: banks of C x 32 bit entries, accumulated into by the array, overwritten by
// the depthwise engine and read by the vector engine.
//
// Contract
//   add_valid_i: acc[addr][c] = (overwrite ? 0 : acc[addr][c]) + sums[c], wrapping at 32 bits;
//   always taken, one a cycle; the same address again after four cycles or more. The new value can
//   be read two cycles later.
//   wr_valid_i && wr_ready_o: acc[addr] = wr_data_i, to be read from the next cycle on. Not ready
//   in a cycle in which an accumulation, begun in the cycle before, writes the same bank.
//   rd_valid_i && rd_ready_o: rd_data_o = acc[addr] in the next cycle. Not ready in a cycle in
//   which an accumulation reads the same bank; overwriting does not hinder it.
//   An entry that one client changes while another uses it is the program's error.
module weft_acc_mem
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_pkg::*;
(
  input  logic      clk_i,
  input  logic      rst_ni,
  // Accumulate.
  input  logic      add_valid_i,
  input  acc_addr_t add_addr_i,
  input  logic      add_overwrite_i,
  input  sum_vec_t  add_sums_i,
  // Overwrite.
  input  logic      wr_valid_i,
  output logic      wr_ready_o,
  input  acc_addr_t wr_addr_i,
  input  acc_vec_t  wr_data_i,
  // Read.
  input  logic      rd_valid_i,
  output logic      rd_ready_o,
  input  acc_addr_t rd_addr_i,
  output acc_vec_t  rd_data_o
);

  localparam int unsigned Bw = idx_width(ACC_BANKS);
  localparam int unsigned Ew = idx_width(ACC_DEPTH);

  logic [Bw-1:0] add_bank, wr_bank, rd_bank, sum_bank_q, rd_bank_q;
  logic          add_read, rd_grant, wr_grant;

  assign add_bank   = add_addr_i[Ew +: Bw];
  assign wr_bank    = wr_addr_i[Ew +: Bw];
  assign rd_bank    = rd_addr_i[Ew +: Bw];
  assign add_read   = add_valid_i && !add_overwrite_i;
  assign rd_ready_o = !(add_read && add_bank == rd_bank);
  assign rd_grant   = rd_valid_i && rd_ready_o;

  // ---- Second cycle of an accumulation: old value is there, sum is written ----
  logic      sum_valid_q, sum_overwrite_q;
  acc_addr_t sum_addr_q;
  sum_vec_t  sums_q;
  acc_vec_t  old, sum;
  acc_vec_t  bank_data [ACC_BANKS];

  always_ff @(posedge clk_i) begin
    if (!rst_ni) sum_valid_q <= 1'b0;
    else         sum_valid_q <= add_valid_i;
    if (add_valid_i) begin
      sum_overwrite_q <= add_overwrite_i;
      sum_addr_q      <= add_addr_i;
      sums_q          <= add_sums_i;
    end
    if (rd_grant) rd_bank_q <= rd_bank;
  end
  assign sum_bank_q = sum_addr_q[Ew +: Bw];
  assign wr_ready_o = !(sum_valid_q && sum_bank_q == wr_bank);
  assign wr_grant   = wr_valid_i && wr_ready_o;

  always_comb begin
    old = '0;
    sum = '0;
    if (sum_valid_q) begin
      if (!sum_overwrite_q) old = bank_data[sum_bank_q];
      for (int c = 0; c < int'(COLS); c++) sum[c] = old[c] + acc_t'(sums_q[c]);
    end
  end
  assign rd_data_o = bank_data[rd_bank_q];

  // ---- Banks ----
  logic [ACC_BANKS-1:0] bank_wr;
  logic [Ew-1:0]        bank_wr_entry [ACC_BANKS];
  acc_vec_t             bank_wr_data [ACC_BANKS];

  always_comb begin
    bank_wr       = '0;
    bank_wr_entry = '{default: '0};
    bank_wr_data  = '{default: '0};
    if (sum_valid_q) begin
      bank_wr[sum_bank_q]       = 1'b1;
      bank_wr_entry[sum_bank_q] = sum_addr_q[Ew-1:0];
      bank_wr_data[sum_bank_q]  = sum;
    end
    if (wr_grant) begin
      bank_wr[wr_bank]       = 1'b1;
      bank_wr_entry[wr_bank] = wr_addr_i[Ew-1:0];
      bank_wr_data[wr_bank]  = wr_data_i;
    end
  end

  for (genvar b = 0; b < int'(ACC_BANKS); b++) begin : g_bank
    logic add_here, rd_here;
    assign add_here = add_read && (add_bank == Bw'(b));
    assign rd_here  = rd_grant && (rd_bank == Bw'(b));
    weft_ram_1r1w #(.Depth(ACC_DEPTH), .Width($bits(acc_vec_t))) u_ram (
      .clk_i,
      .rd_en_i(add_here || rd_here),
      .rd_addr_i(add_here ? add_addr_i[Ew-1:0] : rd_addr_i[Ew-1:0]),
      .rd_data_o(bank_data[b]),
      .wr_en_i(bank_wr[b]), .wr_addr_i(bank_wr_entry[b]), .wr_data_i(bank_wr_data[b])
    );
  end

  // ---- Assertions ----
  if (!is_pow2(ACC_BANKS) || !is_pow2(ACC_DEPTH) || ACC_BANKS < 2) begin : g_bad_size
    $fatal(1, "weft_acc_mem: ACC_BANKS %0d and ACC_DEPTH %0d must be powers of two, from 2 banks",
           ACC_BANKS, ACC_DEPTH);
  end

  NotTooSoon: assert property (@(posedge clk_i) disable iff (!rst_ni)
    (add_read && sum_valid_q) |-> (add_addr_i != sum_addr_q))
    else $error("weft_acc_mem: entry %0d accumulated twice in a row", add_addr_i);
  WrStable: assert property (@(posedge clk_i) disable iff (!rst_ni)
    (wr_valid_i && !wr_ready_o) |=> (!wr_valid_i || ($stable(wr_addr_i) && $stable(wr_data_i))))
    else $error("weft_acc_mem: an overwrite changed while it waited");

endmodule
