// On-chip side of a transfer: descriptors in, word by word the addresses of its nest out.
//
// Contract
//   nest_valid_i && nest_ready_o takes the on-chip nest of a descriptor (Depth wait inside).
//   Its words come in order, one a cycle, nests without a gap. A run of n bytes is
//   ceil(n / word) words from its own word address on (modulo 65536); bytes_o of them count,
//   lane 0 first. nest_bad_i: the descriptor is malformed; it yields one word with bad_o set.
//   in_range_o: the word lies inside its memory.
module weft_chip_words
  import weft_math_pkg::*;
  import weft_cfg_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  parameter int unsigned Depth = 8,
  localparam int unsigned Lw = idx_width(WORD_BYTES)
) (
  input  logic               clk_i,
  input  logic               rst_ni,
  input  logic               clear_i,
  // Descriptors.
  input  logic               nest_valid_i,
  output logic               nest_ready_o,
  input  transfer_desc_t     desc_i,
  input  logic               nest_bad_i,
  // Words.
  output logic               valid_o,
  input  logic               ready_i,
  output logic [DESC_AW-1:0] addr_o,
  output memory_e            mem_o,
  // Bytes of the word that belong to the run: 1 .. WORD_BYTES.
  output logic [Lw:0]        bytes_o,
  output logic               last_o,
  output logic               in_range_o,
  output logic               bad_o
);

  typedef struct packed {
    logic               bad;
    memory_e            mem;
    logic [DESC_AW-1:0] addr;
    logic [23:0]        run;
    logic [15:0]        count1;
    logic [15:0]        stride1;
    logic [15:0]        count2;
    logic [15:0]        stride2;
  } nest_t;

  nest_t              nest_in, nest;
  logic               nest_valid, nest_ready;
  logic               run_valid, run_ready, run_last;
  logic [DESC_AW-1:0] run_addr;
  logic [23:0]        run_bytes;
  logic [2:0]         run_tag;

  always_comb begin
    nest_in = '0;
    if (nest_valid_i) begin
      nest_in.bad     = nest_bad_i;
      nest_in.mem     = memory_e'(desc_i.mem);
      nest_in.addr    = desc_i.chip_addr;
      nest_in.run     = nest_bad_i ? 24'd1 : desc_i.chip_run;
      nest_in.count1  = nest_bad_i ? 16'd1 : desc_i.chip_count1;
      nest_in.stride1 = desc_i.chip_stride1;
      nest_in.count2  = nest_bad_i ? 16'd1 : desc_i.chip_count2;
      nest_in.stride2 = desc_i.chip_stride2;
    end
  end

  weft_fifo #(.Depth(Depth), .Width($bits(nest_t))) u_nests (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(nest_valid_i), .in_ready_o(nest_ready_o), .in_data_i(nest_in),
    .out_valid_o(nest_valid), .out_ready_i(nest_ready), .out_data_o(nest),
    .count_o()
  );

  weft_run_iter #(.AddrWidth(DESC_AW), .StrideWidth(DESC_AW), .TagWidth(3)) u_runs (
    .clk_i, .rst_ni, .clear_i,
    .start_valid_i(nest_valid), .start_ready_o(nest_ready),
    .start_addr_i(nest.addr), .start_run_i(nest.run),
    .start_count1_i(nest.count1), .start_stride1_i(nest.stride1),
    .start_count2_i(nest.count2), .start_stride2_i(nest.stride2),
    .start_tag_i({nest.bad, nest.mem}),
    .run_valid_o(run_valid), .run_ready_i(run_ready), .run_addr_o(run_addr),
    .run_bytes_o(run_bytes), .run_last_o(run_last), .run_tag_o(run_tag)
  );

  // The rest of the current run; at its first word the run itself.
  logic               first_word_q, run_end, step;
  logic [DESC_AW-1:0] addr_q;
  logic [23:0]        rest_q, rest;
  logic [DESC_AW:0]   mem_words;

  assign addr_o    = first_word_q ? run_addr : addr_q;
  assign rest      = first_word_q ? run_bytes : rest_q;
  assign run_end   = (rest <= 24'(WORD_BYTES));
  assign bytes_o   = run_end ? rest[Lw:0] : (Lw + 1)'(WORD_BYTES);
  assign last_o    = run_end && run_last;
  assign valid_o   = run_valid;
  assign step      = run_valid && ready_i;
  assign run_ready = ready_i && run_end;
  assign bad_o     = run_tag[2];
  assign mem_o     = memory_e'(run_tag[1:0]);

  always_comb begin
    unique case (mem_o)
      MEM_WGT:   mem_words = (DESC_AW + 1)'(WGT_WORDS);
      MEM_PARAM: mem_words = (DESC_AW + 1)'(PARAM_WORDS);
      default:   mem_words = (DESC_AW + 1)'(ACT_WORDS);
    endcase
  end
  assign in_range_o = ({1'b0, addr_o} < mem_words);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      first_word_q <= 1'b1;
    end else if (step) begin
      first_word_q <= run_end;
    end
    if (step) begin
      addr_q <= addr_o + 1'b1;
      rest_q <= rest - 24'(WORD_BYTES);
    end
  end

  // ---- Assertions ----
  if (ROWS != COLS || WORD_BYTES != BUS_BYTES) begin : g_bad_size
    $fatal(1, "weft_chip_words: words of %0d and %0d bytes and beats of %0d must be equal",
           ROWS, COLS, BUS_BYTES);
  end

  WordStable: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (valid_o && !ready_i) |=> (valid_o && $stable(addr_o) && $stable(bytes_o)))
    else $error("weft_chip_words: a word changed while it waited");

  logic unused_desc;  // the header and the DRAM side are for others
  assign unused_desc = ^{desc_i};

endmodule
