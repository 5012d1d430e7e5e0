// Region guard: may the bytes first_i .. last_i be touched?
//
// Contract (combinational)
//   ok_o       = the region has the right and base <= first_i and last_i < limit.
//   bad_addr_o = when !ok_o: the first byte, in rising order, that must not be touched.
//   first_i .. last_i (both included) is one burst: first_i <= last_i, within one 4 KiB page.
//   Region edges are multiples of 64 and a beat is at most 64 bytes, so a burst whose wanted
//   bytes lie inside lies inside with its whole first and last beat too.
module weft_guard
  import weft_pkg::*;
(
  input  region_t     region_i,
  // 1: the bytes are to be written, 0: read.
  input  logic        write_i,
  input  logic [63:0] first_i,
  input  logic [63:0] last_i,
  output logic        ok_o,
  output logic [63:0] bad_addr_o
);

  logic right, first_inside;

  assign right        = write_i ? region_i.writable : region_i.readable;
  assign first_inside = right && (first_i >= region_i.base) && (first_i < region_i.limit);
  assign ok_o         = first_inside && (last_i < region_i.limit);
  assign bad_addr_o   = first_inside ? region_i.limit : first_i;

  // ---- Assertions ----
  if (BUS_BYTES > 64) begin : g_bad_size
    $fatal(1, "weft_guard: a beat of %0d bytes is wider than the 64-byte grain of regions",
           BUS_BYTES);
  end

endmodule
