#include "runtime/wave_save.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "driver/backend.h"
#include "runtime/wave_tables.h"
#include "weft_gen/configs.h"

namespace weft::runtime {
namespace {

// Display flags of GTKWave's save files, as it writes them (hexadecimal, after '@').
enum class As : uint64_t {
  kBit = 0x28,
  kHex = 0x22,
  kDecimal = 0x24,
  kNames = 0x2024,      // decimal, then through a table of names
  kEnum = 0x100000028,  // the names the waves have themselves
};
constexpr std::string_view kOpen = "@800200", kClosed = "@c00200";
constexpr std::string_view kEnd = "@1000200", kClosedEnd = "@1401200";

std::string name_of(isa::Engine e) { return std::string(isa::to_string(e)); }

enum Colour { kRed = 1, kOrange, kYellow, kGreen, kBlue, kIndigo, kViolet };

// Bits of an index of `n` things, of a count of 0..n.
int index_bits(int n) { return n <= 1 ? 1 : std::bit_width(static_cast<unsigned>(n - 1)); }
int count_bits(int n) { return std::bit_width(static_cast<unsigned>(n)); }

struct Engine {
  isa::Engine id;
  const char* instance;  // in weft_core
  Colour colour;
};
constexpr std::array<Engine, isa::kNumEngines> kEngines{{
    {isa::Engine::kLoad, "u_load", kOrange},
    {isa::Engine::kArray, "u_array_engine", kGreen},
    {isa::Engine::kDepthwise, "u_dw_engine", kYellow},
    {isa::Engine::kVector, "u_vector_engine", kIndigo},
    {isa::Engine::kStore, "u_store", kViolet},
}};

class SaveFile {
 public:
  SaveFile(const WaveSave& save, const isa::HardwareConfig& config)
      : save_(save), config_(config) {}

  std::string write() {
    header();
    overview();
    semaphores_group();
    job();
    for (const Engine& e : kEngines) engine(e);
    memories();
    bus();
    register_port();
    if (save_.pes) rows();
    return text_;
  }

 private:
  void line(const std::string& text) { text_ += text + "\n"; }

  void open(const std::string& name, bool closed = false) {
    line(std::string(closed ? kClosed : kOpen));
    line("-" + name);
    groups_.push_back({name, closed});
  }
  void close() {
    line(std::string(groups_.back().second ? kClosedEnd : kEnd));
    line("-" + groups_.back().first);
    groups_.pop_back();
  }

  // One row: `signal` below weft_top; `bits` of a vector, 0 for a wire.
  void row(const std::string& name, const std::string& signal, int bits = 0, As as = As::kHex,
           const std::string& table = "") {
    line(fmt::format("@{:x}", static_cast<uint64_t>(bits == 0 ? As::kBit : as)));
    if (!table.empty()) line("^1 " + file(table).string());
    if (colour_ != 0) line(fmt::format("[color] {}", colour_));
    line(fmt::format("+{{{}}} weft.weft_top.{}{}", name, signal,
                     bits == 0 ? "" : fmt::format("[{}:0]", bits - 1)));
  }

  std::filesystem::path file(const std::string& table) const {
    return std::filesystem::absolute(save_.waves).replace_extension(table + ".txt");
  }

  void header() {
    const auto time = [](uint64_t cycle) { return cycle * driver::kWaveCycle; };
    // What is seen first: the window, or some of it round the wrong write.
    uint64_t first = save_.window.first, last = save_.window.last;
    const bool marked = save_.wrong && save_.wrong->cycle >= first && save_.wrong->cycle <= last;
    if (marked) {
      constexpr uint64_t kAround = 150;
      first = std::max(first, save_.wrong->cycle - std::min(save_.wrong->cycle, kAround));
      last = std::min(last, save_.wrong->cycle + kAround / 3);
    }
    // GTKWave counts zoom in powers of two of the time that 200 pixels take; the waves have so many.
    constexpr double kPixels = 1110, kFrame = 200;
    const double zoom = -std::log2(static_cast<double>(time(last - first + 1)) / kPixels * kFrame);
    line("[*] Weft: signals by engine, with names; rewritten by each run");
    line(fmt::format("[dumpfile] \"{}\"", std::filesystem::absolute(save_.waves).string()));
    line(fmt::format("[savefile] \"{}\"",
                     std::filesystem::absolute(save_.waves).replace_extension("gtkw").string()));
    line(fmt::format("[timestart] {}", time(first)));
    line("[size] 1600 1000");
    line("[pos] -1 -1");
    std::string markers = fmt::format("*{:.6f} {}", zoom,
                                      marked ? fmt::format("{}", time(save_.wrong->cycle)) : "-1");
    markers += marked ? fmt::format(" {}", time(save_.wrong->cycle)) : " -1";
    for (int i = 1; i < 26; ++i) markers += " -1";
    line(markers);
    if (marked)
      line(fmt::format("[markername] A{}",
                       save_.wrong->written ? "first wrong write" : "end, nothing written"));
    line("[sst_width] 60");
    line("[signals_width] 330");
    line("[sst_expanded] 0");
  }

  std::string view(const Engine& e, const char* signal) const {
    return fmt::format("u_core.u_ctl.u_view.g_engine[{}].{}", static_cast<int>(e.id), signal);
  }

  void overview() {
    row("clock", "clk_i");
    colour_ = kYellow;
    row("layer", "u_core.u_ctl.u_view.oldest_layer", 16, As::kNames, "layer");
    for (const Engine& e : kEngines) {
      if (e.instance == nullptr) continue;
      colour_ = e.colour;
      row(name_of(e.id), view(e, "desc"), 32, As::kNames, "desc");
      activity(name_of(e.id) + " does", e);
    }
  }

  void activity(const std::string& name, const Engine& e) {
    row(name, view(e, "activity"), 3, As::kNames, name_of(e.id));
  }

  void job() {
    colour_ = kYellow;
    open("Job");
    row("oldest unfinished descriptor", "u_core.u_ctl.u_view.oldest", 32, As::kNames, "desc");
    row("state", "u_core.u_ctl.u_job.state_q", 3, As::kEnum);
    row("dispatched", "u_core.u_ctl.push_index", 32, As::kDecimal);
    row("line from memory", "u_core.u_ctl.line_valid");
    row("queue full", "u_core.u_ctl.blocked");
    row("error pending", "u_core.u_ctl.pending");
    row("job failed", "u_core.u_ctl.failed");
    row("interrupt", "irq_o");
    close();
  }

  void engine(const Engine& e) {
    colour_ = e.colour;
    const std::string name = name_of(e.id);
    const std::string issue =
        fmt::format("u_core.u_ctl.g_issue[{}].u_issue.", static_cast<int>(e.id));
    std::string title = name;
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    open(title);
    row("layer", view(e, "layer"), 16, As::kNames, "layer");
    row("descriptor", view(e, "desc"), 32, As::kNames, "desc");
    activity("does", e);
    row("waits", view(e, "waits"), 32, As::kNames, "waits");
    row("in queue", issue + "u_queue.count_q", count_bits(config_.queue_depth), As::kDecimal);
    row("under way", issue + "u_flights.count_q", count_bits(kFlying), As::kDecimal);
    const std::string at = std::string("u_core.") + e.instance + ".";
    row("takes descriptor", at + "desc_valid_i");
    row("done", at + "done_o");
    row("error", at + "err_valid_o");
    switch (e.id) {
      case isa::Engine::kLoad: load(at); break;
      case isa::Engine::kArray: array(at); break;
      case isa::Engine::kDepthwise: depthwise(at); break;
      case isa::Engine::kVector: vector(at); break;
      case isa::Engine::kStore: store(at); break;
    }
    close();
  }

  void handshake(const std::string& name, const std::string& valid, const std::string& ready) {
    row(name, valid);
    row(name + " ready", ready);
  }

  void load(const std::string& at) {
    handshake("burst", at + "rd_burst_valid_o", at + "rd_burst_ready_i");
    handshake("beat", at + "rd_data_valid_i", at + "rd_data_ready_o");
    handshake("act write", at + "act_wr_valid_o", at + "act_wr_ready_i");
    row("act address", at + "act_wr_addr_o", act_bits());
    row("act word", "u_core.u_view.load_act", word_bits());
    row("wgt write", at + "wgt_wr_valid_o");
    row("wgt address", at + "wgt_wr_addr_o", index_bits(config_.wgt_words));
    row("param write", at + "param_wr_valid_o");
    row("param address", at + "param_wr_addr_o", index_bits(config_.param_words));
  }

  void array(const std::string& at) {
    row("act read", at + "act_rd_valid_o");
    row("act address", at + "act_rd_addr_o", act_bits());
    handshake("vector", at + "vec_valid", at + "vec_ready");
    row("vector lanes", "u_core.u_view.vec", word_bits());
    row("K tile first", at + "tile_first");
    row("descriptor last", at + "desc_last");
    row("weights shift", at + "shift");
    row("weights ready", at + "tile_ready");
    row("wgt address", at + "wgt_rd_addr_o", index_bits(config_.wgt_words));
    row("acc add", at + "acc_add_valid_o");
    row("acc overwrite", at + "acc_add_overwrite_o");
    row("acc address", at + "acc_add_addr_o", index_bits(config_.acc_entries()));
  }

  void depthwise(const std::string& at) {
    row("act reads", at + "act_rd_valid_o", 2, As::kBit);
    row("act reads granted", at + "act_rd_ready_i", 2, As::kBit);
    row("first act word", "u_core.u_view.dw_act_0", word_bits());
    row("second act word", "u_core.u_view.dw_act_1", word_bits());
    handshake("taps of a word", at + "param_rd_valid_o", at + "param_rd_ready_i");
    row("param address", at + "param_rd_addr_o", index_bits(config_.param_words));
    handshake("step of three taps", at + "step_valid", at + "step_ready");
    handshake("sum", at + "acc_wr_valid_o", at + "acc_wr_ready_i");
    row("acc address", at + "acc_wr_addr_o", index_bits(config_.acc_entries()));
  }

  void vector(const std::string& at) {
    handshake("acc read", at + "acc_rd_valid_o", at + "acc_rd_ready_i");
    row("acc address", at + "acc_rd_addr_o", index_bits(config_.acc_entries()));
    handshake("act read", at + "act_rd_valid_o", at + "act_rd_ready_i");
    row("act read address", at + "act_rd_addr_o", act_bits());
    row("parameter read", at + "param_rd_en_o");
    row("source word taken", at + "tap_grant");
    row("last of its output", at + "made");
    handshake("act write", at + "act_wr_valid_o", at + "act_wr_ready_i");
    row("act address", at + "act_wr_addr_o", act_bits());
    row("result lanes", "u_core.u_view.vector_result", word_bits());
  }

  void store(const std::string& at) {
    handshake("act read", at + "act_rd_valid_o", at + "act_rd_ready_i");
    row("act address", at + "act_rd_addr_o", act_bits());
    row("act word", "u_core.u_view.store_act", word_bits());
    handshake("burst", at + "wr_burst_valid_o", at + "wr_burst_ready_i");
    handshake("beat", at + "wr_data_valid_o", at + "wr_data_ready_i");
    row("response", at + "wr_resp_valid_i");
  }

  void semaphores_group() {
    colour_ = kBlue;
    open("Semaphores");
    for (const auto& [sem, ends] : semaphore_ends(save_.program)) {
      row(fmt::format("{}: {} > {}", sem, fmt::join(ends.raisers, ", "),
                      fmt::join(ends.takers, ", ")),
          fmt::format("u_core.u_ctl.u_semaphores.u_view.g_sem[{}].count", sem), 8, As::kDecimal);
    }
    close();
  }

  void memories() {
    colour_ = kOrange;
    open("Memories");
    row("act half banks used", "u_core.u_act_mem.half_en", 2 * config_.act_banks, As::kHex);
    row("act half banks written", "u_core.u_act_mem.half_we", 2 * config_.act_banks, As::kHex);
    row("act readers: store, vector, depthwise (2), array", "u_core.act_rd_valid", 5, As::kBit);
    row("act readers granted", "u_core.act_rd_ready", 5, As::kBit);
    row("act writers: load, vector", "u_core.act_wr_valid", 2, As::kBit);
    row("act writers granted", "u_core.act_wr_ready", 2, As::kBit);
    row("wgt read", "u_core.wgt_rd_en");
    row("wgt write", "u_core.wgt_wr_valid");
    row("param readers", "u_core.param_rd_valid", 2, As::kBit);
    row("param write", "u_core.param_wr_valid");
    row("acc add", "u_core.acc_add_valid");
    row("acc read", "u_core.acc_rd_valid");
    row("acc read granted", "u_core.acc_rd_ready");
    close();
  }

  void bus() {
    colour_ = kRed;
    open("AXI read");
    handshake("AR", "m_axi_arvalid_o", "m_axi_arready_i");
    row("AR id: 0 control, 1 load", "m_axi_arid_o", 2, As::kDecimal);
    row("AR address", "m_axi_araddr_o", 64);
    row("AR beats - 1", "m_axi_arlen_o", 8, As::kDecimal);
    handshake("R", "m_axi_rvalid_i", "m_axi_rready_o");
    row("R id", "m_axi_rid_i", 2, As::kDecimal);
    row("R data", "m_axi_rdata_i", config_.bus_bits);
    row("R last", "m_axi_rlast_i");
    row("R response", "m_axi_rresp_i", 2, As::kDecimal);
    close();
    open("AXI write");
    handshake("AW", "m_axi_awvalid_o", "m_axi_awready_i");
    row("AW id: 0 control, 1 store", "m_axi_awid_o", 2, As::kDecimal);
    row("AW address", "m_axi_awaddr_o", 64);
    row("AW beats - 1", "m_axi_awlen_o", 8, As::kDecimal);
    handshake("W", "m_axi_wvalid_o", "m_axi_wready_i");
    row("W data", "m_axi_wdata_o", config_.bus_bits);
    row("W strobes", "m_axi_wstrb_o", config_.bus_bytes());
    row("W last", "m_axi_wlast_o");
    handshake("B", "m_axi_bvalid_i", "m_axi_bready_o");
    row("B response", "m_axi_bresp_i", 2, As::kDecimal);
    close();
  }

  void register_port() {
    colour_ = 0;
    open("AXI-Lite registers", true);
    handshake("AW", "s_axil_awvalid_i", "s_axil_awready_o");
    row("AW address", "s_axil_awaddr_i", 16);
    handshake("W", "s_axil_wvalid_i", "s_axil_wready_o");
    row("W data", "s_axil_wdata_i", 32);
    handshake("AR", "s_axil_arvalid_i", "s_axil_arready_o");
    row("AR address", "s_axil_araddr_i", 16);
    handshake("R", "s_axil_rvalid_o", "s_axil_rready_i");
    row("R data", "s_axil_rdata_o", 32);
    close();
  }

  // How activations, new weights and their swap move through the array.
  void rows() {
    colour_ = kGreen;
    open("Array rows", true);
    for (int r = 0; r < config_.rows; ++r) {
      const std::string at = fmt::format("u_core.u_array_engine.u_array.g_row[{}].u_row.", r);
      row(fmt::format("row {} activation", r), at + "act_i", 8);
      row(fmt::format("row {} swap by column", r), at + "swap", config_.cols, As::kBit);
      row(fmt::format("row {} shift by column", r), at + "shift", config_.cols, As::kBit);
    }
    close();
  }

  int act_bits() const { return index_bits(config_.act_words); }
  int word_bits() const { return 8 * config_.word_bytes(); }

  static constexpr int kFlying = 32;  // of weft_issue

  const WaveSave& save_;
  const isa::HardwareConfig& config_;
  std::string text_;
  std::vector<std::pair<std::string, bool>> groups_;
  int colour_ = 0;
};

}  // namespace

void write_wave_save(const WaveSave& save) {
  const auto beside = [&](const char* extension) {
    return std::filesystem::path(save.waves).replace_extension(extension);
  };
  for (const auto& [name, table] : wave_tables(save.program))
    write_file(beside((name + ".txt").c_str()), table);
  write_file(beside("gtkw"), SaveFile(save, isa::find_config(save.program.config)).write());
}

}  // namespace weft::runtime
