// weftgen: checks configs/ and writes everything that repeats its facts.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "tools/weftgen/emit.h"

namespace {

namespace fs = std::filesystem;
using weft::ErrorKind;
using weft::fail;

// A file whose contents stand already is left alone, so that nothing rebuilds for it.
void write_file(const fs::path& path, const std::string& text) {
  std::ifstream old(path, std::ios::binary);
  std::ostringstream there;
  if (old) there << old.rdbuf();
  if (old && there.str() == text) return;
  std::error_code ignored;  // the open below tells
  fs::create_directories(path.parent_path(), ignored);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out)
    fail(ErrorKind::kIo, "{}: cannot be written; is the directory writable?", path.string());
}

std::vector<weft::gen::Hardware> read_all_hardware(const fs::path& dir) {
  std::vector<fs::path> paths;
  if (fs::is_directory(dir)) {
    for (const auto& entry : fs::directory_iterator(dir)) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
    }
  }
  if (paths.empty())
    fail(ErrorKind::kNotFound, "{}: no hardware configuration (*.yaml) found", dir.string());
  std::vector<weft::gen::Hardware> all;
  for (const fs::path& path : paths) all.push_back(weft::gen::read_hardware(path.string()));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.rows != b.rows ? a.rows < b.rows : a.name < b.name;
  });
  return all;
}

void run(const fs::path& configs, const fs::path& out, const fs::path& docs) {
  const auto isa = weft::gen::read_isa((configs / "isa.yaml").string());
  const auto registers = weft::gen::read_registers((configs / "registers.yaml").string());
  const auto hardware = read_all_hardware(configs / "hardware");
  std::vector<uint64_t> hashes;
  for (const auto& h : hardware) hashes.push_back(weft::gen::config_hash(h, isa, registers));

  if (!out.empty()) {
    write_file(out / "rtl/weft_isa_pkg.sv", weft::gen::sv_isa_package(isa));
    write_file(out / "rtl/weft_csr_pkg.sv", weft::gen::sv_csr_package(registers));
    for (size_t i = 0; i < hardware.size(); ++i) {
      write_file(out / "rtl" / hardware[i].name / "weft_cfg_pkg.sv",
                 weft::gen::sv_config_package(hardware[i], hashes[i]));
      write_file(out / "bench" / hardware[i].name / "bench_config.h",
                 weft::gen::cpp_bench_header(hardware[i]));
    }
    write_file(out / "include/weft_gen/isa.h", weft::gen::cpp_isa_header(isa));
    write_file(out / "include/weft_gen/registers.h", weft::gen::cpp_registers_header(registers));
    write_file(out / "include/weft/registers.h", weft::gen::c_registers_header(registers, isa));
    write_file(out / "include/weft_gen/configs.h", weft::gen::cpp_configs_header(hardware, hashes));
  }
  if (!docs.empty()) {
    write_file(docs / "isa.md", weft::gen::markdown_isa(isa));
    write_file(docs / "registers.md", weft::gen::markdown_registers(registers));
    write_file(docs / "weft.rdl", weft::gen::rdl_registers(registers));
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Checks the facts in configs/ and writes packages, headers and manuals from them"};
  std::string configs = "configs";
  std::string out;
  std::string docs;
  app.add_option("--configs", configs, "directory with isa.yaml, registers.yaml and hardware/")
      ->required();
  app.add_option("--out", out, "directory for rtl/ and include/");
  app.add_option("--docs", docs, "directory for isa.md, registers.md and weft.rdl");
  CLI11_PARSE(app, argc, argv);
  try {
    run(configs, out, docs);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "weftgen: %s\n", e.what());
    return 1;
  }
  return 0;
}
