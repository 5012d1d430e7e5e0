// DRAM side of a transfer: descriptors in, guarded bursts out.
//
// Contract
//   nest_valid_i && nest_ready_o takes the DRAM nest of a checked descriptor (two wait inside).
//   Its bursts come in order, one a cycle; the first is offered three cycles later. Run (i2, i1)
//   starts at regions_i[region].base + dram_offset + i2 * stride2 + i1 * stride1, modulo 2^64.
//   No burst is offered while !room_i, nor after the guard refused one: then fail_o stays
//   high with the first forbidden byte's address until clear_i.
//   stop_i: no new burst; one that was already offered stays until it is taken.
//   room_i may fall only by a burst being taken.
module weft_dram_bursts
  import weft_math_pkg::*;
  import weft_isa_pkg::*;
  import weft_pkg::*;
#(
  // The right that the region must grant: 1 write, 0 read.
  parameter bit Write = 1'b0,
  localparam int unsigned Lw = idx_width(BUS_BYTES)
) (
  input  logic           clk_i,
  input  logic           rst_ni,
  input  logic           clear_i,
  input  region_table_t  regions_i,
  input  logic           stop_i,
  // Descriptors.
  input  logic           nest_valid_i,
  output logic           nest_ready_o,
  input  transfer_desc_t desc_i,
  // Bursts, with the lanes of the first wanted byte of the first beat and of the last wanted
  // byte of the last beat.
  input  logic           room_i,
  output logic           burst_valid_o,
  input  logic           burst_ready_i,
  output burst_t         burst_o,
  output logic [Lw-1:0]  first_lane_o,
  output logic [Lw-1:0]  last_lane_o,
  output logic           nest_last_o,
  // Region violation.
  output logic           fail_o,
  output logic [63:0]    fail_addr_o
);

  localparam int unsigned Rw = idx_width(NUM_REGIONS);

  typedef struct packed {
    logic [Rw-1:0]      region;
    logic [63:0]        addr;
    logic [23:0]        run;
    logic [15:0]        count1;
    logic signed [31:0] stride1;
    logic [15:0]        count2;
    logic signed [31:0] stride2;
  } nest_t;

  nest_t         nest_in, nest;
  logic          nest_valid, nest_ready;
  logic          run_valid, run_ready, run_last;
  logic [63:0]   run_addr;
  logic [23:0]   run_bytes;
  logic [Rw-1:0] run_region;
  logic          split_valid, split_ready;
  logic [63:0]   first, last;
  logic [Rw-1:0] split_region;
  logic          allowed, held_q;
  region_t       region;

  always_comb begin
    nest_in = '0;
    if (nest_valid_i) begin
      nest_in.region  = desc_i.region;
      nest_in.addr    = regions_i[desc_i.region].base + 64'(desc_i.dram_offset);
      nest_in.run     = desc_i.dram_run;
      nest_in.count1  = desc_i.dram_count1;
      nest_in.stride1 = desc_i.dram_stride1;
      nest_in.count2  = desc_i.dram_count2;
      nest_in.stride2 = desc_i.dram_stride2;
    end
  end

  weft_fifo #(.Depth(2), .Width($bits(nest_t))) u_nests (
    .clk_i, .rst_ni, .clear_i,
    .in_valid_i(nest_valid_i), .in_ready_o(nest_ready_o), .in_data_i(nest_in),
    .out_valid_o(nest_valid), .out_ready_i(nest_ready), .out_data_o(nest),
    .count_o()
  );

  weft_run_iter #(.AddrWidth(64), .StrideWidth(32), .TagWidth(Rw)) u_runs (
    .clk_i, .rst_ni, .clear_i,
    .start_valid_i(nest_valid), .start_ready_o(nest_ready),
    .start_addr_i(nest.addr), .start_run_i(nest.run),
    .start_count1_i(nest.count1), .start_stride1_i(nest.stride1),
    .start_count2_i(nest.count2), .start_stride2_i(nest.stride2),
    .start_tag_i(nest.region),
    .run_valid_o(run_valid), .run_ready_i(run_ready), .run_addr_o(run_addr),
    .run_bytes_o(run_bytes), .run_last_o(run_last), .run_tag_o(run_region)
  );

  weft_burst_split #(.TagWidth(Rw)) u_split (
    .clk_i, .rst_ni, .clear_i,
    .run_valid_i(run_valid), .run_ready_o(run_ready), .run_addr_i(run_addr),
    .run_bytes_i(run_bytes), .run_last_i(run_last), .run_tag_i(run_region),
    .valid_o(split_valid), .ready_i(split_ready), .first_o(first), .last_o(last),
    .burst_o, .nest_last_o, .tag_o(split_region)
  );

  always_comb begin
    region = '0;
    if (split_valid) region = regions_i[split_region];
  end

  weft_guard u_guard (
    .region_i(region), .write_i(Write), .first_i(first), .last_i(last),
    .ok_o(allowed), .bad_addr_o(fail_addr_o)
  );

  assign burst_valid_o = split_valid && allowed && room_i && (!stop_i || held_q);
  assign split_ready   = burst_valid_o && burst_ready_i;
  assign first_lane_o  = first[Lw-1:0];
  assign last_lane_o   = last[Lw-1:0];
  assign fail_o        = split_valid && !allowed;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) held_q <= 1'b0;
    else                    held_q <= burst_valid_o && !burst_ready_i;
  end

  // ---- Assertions ----
  OfferKept: assert property (
    @(posedge clk_i) disable iff (!rst_ni || clear_i)
    (burst_valid_o && !burst_ready_i) |=> (burst_valid_o && $stable(burst_o)))
    else $error("weft_dram_bursts: an offered burst changed or went away");

  logic unused_desc;  // the header and the on-chip side are for others
  assign unused_desc = ^{desc_i};

endmodule
