// Joins AxiMemory to the AXI4 master port of a Verilated model (pins m_axi_*_i and m_axi_*_o).
// Works for every data width: Verilator's wide words lie in memory in little-endian order, as
// the narrow ones do on the hosts it runs on.
#pragma once

#include <cstring>

#include "axi_memory.h"

namespace weft::sim {

template <class Top>
void sample_axi_read(const Top& top, AxiInputs& in) {
  in.arvalid = top.m_axi_arvalid_o;
  if (in.arvalid) {
    in.arid = top.m_axi_arid_o;
    in.araddr = top.m_axi_araddr_o;
    in.arlen = top.m_axi_arlen_o;
    in.arsize = top.m_axi_arsize_o;
    in.arburst = top.m_axi_arburst_o;
  }
  in.rready = top.m_axi_rready_o;
}

template <class Top>
void sample_axi_write(const Top& top, AxiInputs& in) {
  in.awvalid = top.m_axi_awvalid_o;
  if (in.awvalid) {
    in.awid = top.m_axi_awid_o;
    in.awaddr = top.m_axi_awaddr_o;
    in.awlen = top.m_axi_awlen_o;
    in.awsize = top.m_axi_awsize_o;
    in.awburst = top.m_axi_awburst_o;
  }
  in.wvalid = top.m_axi_wvalid_o;
  if (in.wvalid) {
    in.wlast = top.m_axi_wlast_o;
    in.wstrb = top.m_axi_wstrb_o;
    std::memcpy(in.wdata, &top.m_axi_wdata_o, sizeof top.m_axi_wdata_o);
  }
  in.bready = top.m_axi_bready_o;
}

template <class Top>
void drive_axi_read(const AxiOutputs& out, Top& top) {
  top.m_axi_arready_i = out.arready;
  top.m_axi_rvalid_i = out.rvalid;
  if (out.rvalid) {
    top.m_axi_rid_i = out.rid;
    top.m_axi_rresp_i = out.rresp;
    top.m_axi_rlast_i = out.rlast;
    std::memcpy(&top.m_axi_rdata_i, out.rdata, sizeof top.m_axi_rdata_i);
  }
}

template <class Top>
void drive_axi_write(const AxiOutputs& out, Top& top) {
  top.m_axi_awready_i = out.awready;
  top.m_axi_wready_i = out.wready;
  top.m_axi_bvalid_i = out.bvalid;
  if (out.bvalid) {
    top.m_axi_bid_i = out.bid;
    top.m_axi_bresp_i = out.bresp;
  }
}

template <class Top>
void sample_axi(const Top& top, AxiInputs& in) {
  sample_axi_read(top, in);
  sample_axi_write(top, in);
}

template <class Top>
void drive_axi(const AxiOutputs& out, Top& top) {
  drive_axi_read(out, top);
  drive_axi_write(out, top);
}

}  // namespace weft::sim
