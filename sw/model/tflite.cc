#include "model/tflite.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <system_error>

#include "model/operators.h"
#include "model/tflite_import.h"

namespace weft::model {
namespace {

using tflite_import::Site;

constexpr size_t kMaxFileBytes = (size_t{1} << 31) - 1024;  // FlatBuffers' offsets are 31 bits
constexpr uint32_t kMaxDepth = 16;                          // Model to options are four tables
constexpr uint32_t kMaxTables = 1'000'000;
constexpr uint32_t kVersion = 3;

const fb::Model& verified_model(std::span<const uint8_t> bytes) {
  if (bytes.empty()) fail(ErrorKind::kMalformedFile, "the file is empty");
  if (bytes.size() > kMaxFileBytes) fail(ErrorKind::kUnsupported, "larger than 2 GiB");
  if (bytes.size() < 8 || !std::equal(&bytes[4], &bytes[4] + 4, fb::ModelIdentifier())) {
    fail(ErrorKind::kMalformedFile, "not a TensorFlow Lite model (no 'TFL3' at byte 4)");
  }
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), kMaxDepth, kMaxTables);
  if (!fb::VerifyModelBuffer(verifier)) {
    fail(ErrorKind::kMalformedFile,
         "damaged: an offset or length points outside the file ({} bytes); fetch or convert it "
         "again",
         bytes.size());
  }
  const fb::Model& model = *fb::GetModel(bytes.data());
  if (model.version() != kVersion) {
    fail(ErrorKind::kUnsupported, "schema version {}; Weft reads version {}", model.version(),
         kVersion);
  }
  return model;
}

const fb::SubGraph& only_subgraph(const fb::Model& model) {
  const size_t count = model.subgraphs() ? model.subgraphs()->size() : 0;
  if (count != 1) fail(ErrorKind::kUnsupported, "{} subgraphs; Weft reads models with one", count);
  const fb::SubGraph& subgraph = *model.subgraphs()->Get(0);
  if (!subgraph.tensors() || subgraph.tensors()->size() == 0) {
    fail(ErrorKind::kMalformedFile, "the subgraph has no tensors");
  }
  if (!subgraph.operators() || subgraph.operators()->size() == 0) {
    fail(ErrorKind::kMalformedFile, "the subgraph has no operators");
  }
  return subgraph;
}

std::string code_name(const fb::OperatorCode& code, fb::BuiltinOperator builtin) {
  if (builtin == fb::BuiltinOperator::CUSTOM) {
    std::string name = code.custom_code() ? code.custom_code()->str() : "";
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return fmt::format("CUSTOM {}", name.substr(0, 64));
  }
  const std::string name = fb::EnumNameBuiltinOperator(builtin);
  return name.empty() ? fmt::format("code {}", static_cast<int>(builtin)) : name;
}

std::string operator_names() {
  std::vector<const char*> names;
  for (const SupportedOperator& op : supported_operators()) names.push_back(op.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void check_indices(const flatbuffers::Vector<int32_t>* indices, const char* what,
                   const std::string& place, int lowest, size_t tensors) {
  if (!indices) return;
  for (const int index : *indices) {
    if (index < lowest || index >= static_cast<int64_t>(tensors)) {
      fail(ErrorKind::kMalformedFile,
           "{}, {}: tensor index {} is out of range; the subgraph has {} tensors", place, what,
           index, tensors);
    }
  }
}

// The operators with their names and with indices that can be followed. The first that is not
// supported ends the import here, before anything else is said about the model's tensors.
std::vector<Site> operator_sites(const fb::Model& model, const fb::SubGraph& subgraph,
                                 const std::vector<std::string>& names,
                                 const std::vector<Tensor>& tensors) {
  const size_t codes = model.operator_codes() ? model.operator_codes()->size() : 0;
  std::vector<Site> sites;
  for (const fb::Operator* op : *subgraph.operators()) {
    const size_t index = sites.size();
    if (op->opcode_index() >= codes) {
      fail(ErrorKind::kMalformedFile,
           "operator {}: operator code {} is out of range; the model has {}", index,
           op->opcode_index(), codes);
    }
    const fb::OperatorCode& code = *model.operator_codes()->Get(op->opcode_index());
    const auto builtin = std::max(static_cast<fb::BuiltinOperator>(code.deprecated_builtin_code()),
                                  code.builtin_code());
    std::string source = fmt::format("operator {} ({})", index, code_name(code, builtin));
    check_indices(op->inputs(), "inputs", source, -1, names.size());
    check_indices(op->outputs(), "outputs", source, 0, names.size());
    if (!tflite_import::is_supported(builtin)) {
      const bool named = op->outputs() && op->outputs()->size() > 0;
      fail(ErrorKind::kUnsupported, "{}, output '{}': not supported; Weft reads {}", source,
           named ? names[static_cast<size_t>(op->outputs()->Get(0))] : "", operator_names());
    }
    if (!op->outputs() || op->outputs()->size() != 1) {
      fail(ErrorKind::kMalformedFile, "{}: {} outputs; it has one", source,
           op->outputs() ? op->outputs()->size() : 0);
    }
    sites.push_back({*op, builtin, std::move(source), tensors});
  }
  return sites;
}

// An operator's rescales and checks cost as much as its constants. Sharing them is allowed,
// but not so often that a small file takes hours or gigabytes.
void bound_weight_use(const std::vector<Site>& sites, size_t file_bytes) {
  constexpr size_t kSharing = 16;
  size_t used = 0;
  for (const Site& site : sites) {
    for (size_t i = 0; i < site.input_count(); ++i) {
      if (site.input(i) >= 0) used += site.tensor(site.input(i)).data.size();
    }
    if (used > kSharing * file_bytes) {
      fail(ErrorKind::kUnsupported,
           "{}: the operators up to here use their constants more than {} times over", site.source,
           kSharing);
    }
  }
}

std::vector<int> graph_ends(const flatbuffers::Vector<int32_t>* indices, const char* what,
                            size_t tensors) {
  if (!indices || indices->size() == 0) {
    fail(ErrorKind::kMalformedFile, "the subgraph has no {}", what);
  }
  check_indices(indices, what, "the subgraph", 0, tensors);
  return {indices->begin(), indices->end()};
}

Graph import_bytes(std::span<const uint8_t> bytes, const std::string& name) {
  const fb::Model& model = verified_model(bytes);
  const fb::SubGraph& subgraph = only_subgraph(model);
  const std::vector<std::string> names = tflite_import::tensor_names(subgraph);

  Graph graph;
  graph.name = name;
  const std::vector<Site> sites = operator_sites(model, subgraph, names, graph.tensors);
  graph.tensors = tflite_import::read_tensors(model, subgraph, names, bytes.size());
  bound_weight_use(sites, bytes.size());
  std::map<std::string, int> ordinals;
  for (const Site& site : sites) {
    Op op = tflite_import::read_operator(site);
    const std::string base = tflite_import::base_name(site.code);
    op.name = fmt::format("{}{}", base, ++ordinals[base]);
    op.source = site.source;
    graph.ops.push_back(std::move(op));
  }
  graph.inputs = graph_ends(subgraph.inputs(), "inputs", names.size());
  graph.outputs = graph_ends(subgraph.outputs(), "outputs", names.size());
  check(graph);
  return graph;
}

Graph import_named(std::span<const uint8_t> bytes, const std::string& name,
                   const std::string& file) {
  try {
    // FlatBuffers reads numbers where they lie; they are aligned only if the first byte is.
    if (reinterpret_cast<uintptr_t>(bytes.data()) % 16 != 0) {
      const std::vector<uint8_t> copy(bytes.begin(), bytes.end());
      return import_bytes(copy, name);
    }
    return import_bytes(bytes, name);
  } catch (const Error& error) {
    // What check() calls a caller's mistake is the file's here.
    const bool argument = error.kind() == ErrorKind::kInvalidArgument;
    throw Error(argument ? ErrorKind::kMalformedFile : error.kind(),
                fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace

Graph import_tflite(std::span<const uint8_t> bytes, const std::string& name) {
  return import_named(bytes, name, name);
}

Graph import_tflite(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);  // an error for directories, too
  if (error) {
    fail(error == std::errc::no_such_file_or_directory ? ErrorKind::kNotFound : ErrorKind::kIo,
         "cannot read the model file {}: {}", path.string(), error.message());
  }
  std::ifstream in(path, std::ios::binary);
  std::vector<char> bytes(std::min<std::uintmax_t>(size, kMaxFileBytes + 1));
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!in) fail(ErrorKind::kIo, "cannot read the model file {}", path.string());
  return import_named({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()},
                      path.stem().string(), path.string());
}

}  // namespace weft::model
