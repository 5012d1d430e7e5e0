// Feeder: the activation vectors of planned convolutions, in order.
//
// Contract
//   A plan's vectors leave K tile by K tile, output by output: blocked ones through the im2col
//   nest, shallow ones through the packer. Plans of the same kind follow each other without
//   a drain; a change of kind waits until the other path is empty.
//   fault_o: the next vector needs a word outside act memory; the stream ends before it.
module weft_feeder
  import weft_isa_pkg::ARRAY_FLAG_SHALLOW_BIT;
  import weft_pkg::*;
(
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        clear_i,
  input  logic        plan_valid_i,
  output logic        plan_ready_o,
  input  array_plan_t plan_i,
  output logic        fault_o,
  // Act memory: always granted, data in the next cycle.
  output logic        rd_valid_o,
  output act_addr_t   rd_addr_o,
  input  word_t       rd_data_i,
  // Vectors.
  output logic        vec_valid_o,
  input  logic        vec_ready_i,
  output word_t       vec_o,
  output logic        vec_tile_first_o,
  output logic        vec_tile_last_o,
  output logic        vec_desc_last_o
);

  logic      shallow, nest_plan, pack_plan;
  logic      nest_ready, nest_busy, nest_fault, nest_rd_valid;
  logic      nest_valid, nest_tile_first, nest_tile_last, nest_desc_last;
  act_addr_t nest_rd_addr, pack_rd_addr;
  word_t     nest_vec, pack_vec;
  logic      pack_ready, pack_busy, pack_fault, pack_rd_valid;
  logic      pack_valid, pack_tile_first, pack_tile_last, pack_desc_last;

  assign shallow      = plan_i.desc.flags[ARRAY_FLAG_SHALLOW_BIT];
  assign nest_plan    = plan_valid_i && !shallow && !pack_busy;
  assign pack_plan    = plan_valid_i && shallow && !nest_busy;
  assign plan_ready_o = shallow ? (pack_ready && !nest_busy) : (nest_ready && !pack_busy);

  weft_feeder_nest u_nest (
    .clk_i, .rst_ni, .clear_i,
    .plan_valid_i(nest_plan), .plan_ready_o(nest_ready), .plan_i,
    .busy_o(nest_busy), .fault_o(nest_fault),
    .rd_valid_o(nest_rd_valid), .rd_addr_o(nest_rd_addr), .rd_data_i,
    .vec_valid_o(nest_valid), .vec_ready_i, .vec_o(nest_vec),
    .vec_tile_first_o(nest_tile_first), .vec_tile_last_o(nest_tile_last),
    .vec_desc_last_o(nest_desc_last)
  );

  weft_packer u_packer (
    .clk_i, .rst_ni, .clear_i,
    .plan_valid_i(pack_plan), .plan_ready_o(pack_ready), .plan_i,
    .busy_o(pack_busy), .fault_o(pack_fault),
    .rd_valid_o(pack_rd_valid), .rd_addr_o(pack_rd_addr), .rd_data_i,
    .vec_valid_o(pack_valid), .vec_ready_i, .vec_o(pack_vec),
    .vec_tile_first_o(pack_tile_first), .vec_tile_last_o(pack_tile_last),
    .vec_desc_last_o(pack_desc_last)
  );

  // Only one of them holds anything.
  assign rd_valid_o       = nest_rd_valid || pack_rd_valid;
  assign rd_addr_o        = pack_rd_valid ? pack_rd_addr : nest_rd_addr;
  assign vec_valid_o      = nest_valid || pack_valid;
  assign vec_o            = pack_valid ? pack_vec : nest_vec;
  assign vec_tile_first_o = pack_valid ? pack_tile_first : nest_tile_first;
  assign vec_tile_last_o  = pack_valid ? pack_tile_last : nest_tile_last;
  assign vec_desc_last_o  = pack_valid ? pack_desc_last : nest_desc_last;
  assign fault_o          = nest_fault || pack_fault;

  // ---- Assertions ----
  OneAtATime: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !(nest_valid && pack_valid) && !(nest_rd_valid && pack_rd_valid))
    else $error("weft_feeder: both paths at work");

endmodule
