// The program file: FlatBuffers, verified before it is read.
#include <array>
#include <fstream>
#include <limits>
#include <system_error>

#include "base/error.h"
#include "base/files.h"
#include "program/program.h"
#include "program/program_generated.h"

namespace weft::program {
namespace {

namespace buffer = flatbuffers;

// The largest a file may be: FlatBuffers' offsets are 32 bits, signed.
constexpr uint64_t kMaxFileBytes = std::numeric_limits<int32_t>::max();
constexpr size_t kMaxTables = 1'000'000;
constexpr size_t kMaxDepth = 8;
constexpr size_t kLeastBytes = 8;  // root offset and identifier

std::vector<int> to_vector(const buffer::Vector<int32_t>* shape) {
  return {shape->begin(), shape->end()};
}

Region read_region(const fb::Region& in) {
  Region out;
  out.name = in.name()->str();
  out.bytes = in.bytes();
  out.readable = in.readable();
  out.writable = in.writable();
  if (in.image() != nullptr) out.image.assign(in.image()->begin(), in.image()->end());
  return out;
}

Tensor read_tensor(const fb::Tensor& in) {
  Tensor out;
  out.name = in.name()->str();
  out.role = static_cast<TensorRole>(in.role());
  out.shape = to_vector(in.shape());
  out.region = in.region();
  out.offset = in.offset();
  out.bytes = in.bytes();
  out.scale = in.scale();
  out.zero_point = in.zero_point();
  out.layer = in.layer();
  out.type = static_cast<ElementType>(in.type());
  out.lanes = in.lanes();
  out.transient = in.transient();
  return out;
}

Layer read_layer(const fb::Layer& in) {
  Layer out;
  out.name = in.name()->str();
  out.output = in.output()->str();
  out.kind = in.kind()->str();
  out.shape = to_vector(in.shape());
  out.macs = in.macs();
  out.floor_array = in.floor_array();
  out.floor_vector = in.floor_vector();
  out.floor_bus = in.floor_bus();
  out.floor_bus_alone = in.floor_bus_alone();
  out.floor_depthwise = in.floor_depthwise();
  if (in.host() != nullptr) out.host = in.host()->str();
  return out;
}

HostTensor read_host_tensor(const fb::HostTensor& in) {
  HostTensor out;
  out.tensor = in.tensor();
  out.shape = to_vector(in.shape());
  out.type = static_cast<ElementType>(in.type());
  out.absent = in.absent();
  if (in.data() != nullptr) out.data.assign(in.data()->begin(), in.data()->end());
  return out;
}

Step read_step(const fb::Step& in) {
  Step out;
  out.first = in.first();
  out.count = in.count();
  if (in.host() == nullptr) return out;
  HostOp op;
  op.layer = in.host()->layer();
  op.kind = in.host()->kind()->str();
  if (in.host()->attributes() != nullptr) op.attributes = to_vector(in.host()->attributes());
  for (const fb::HostTensor* t : *in.host()->inputs()) op.inputs.push_back(read_host_tensor(*t));
  op.output = read_host_tensor(*in.host()->output());
  out.host = std::move(op);
  return out;
}

buffer::Offset<fb::HostTensor> write_host_tensor(buffer::FlatBufferBuilder& builder,
                                                 const HostTensor& t) {
  const auto shape = builder.CreateVector(t.shape);
  const auto data = builder.CreateVector(t.data);
  return fb::CreateHostTensor(builder, t.tensor, shape, static_cast<fb::ElementType>(t.type), data,
                              t.absent);
}

buffer::Offset<fb::Step> write_step(buffer::FlatBufferBuilder& builder, const Step& step) {
  if (!step.host) return fb::CreateStep(builder, step.first, step.count);
  const HostOp& op = *step.host;
  std::vector<buffer::Offset<fb::HostTensor>> inputs;
  for (const HostTensor& t : op.inputs) inputs.push_back(write_host_tensor(builder, t));
  const auto output = write_host_tensor(builder, op.output);
  const auto host =
      fb::CreateHostOp(builder, op.layer, builder.CreateString(op.kind),
                       builder.CreateVector(op.attributes), builder.CreateVector(inputs), output);
  return fb::CreateStep(builder, step.first, step.count, host);
}

}  // namespace

std::vector<uint8_t> serialize(const Program& p) {
  buffer::FlatBufferBuilder builder;
  std::vector<buffer::Offset<fb::Region>> regions;
  for (const Region& r : p.regions) {
    regions.push_back(fb::CreateRegion(builder, builder.CreateString(r.name), r.bytes, r.readable,
                                       r.writable, builder.CreateVector(r.image)));
  }
  std::vector<buffer::Offset<fb::Tensor>> tensors;
  for (const Tensor& t : p.tensors) {
    tensors.push_back(fb::CreateTensor(
        builder, builder.CreateString(t.name), static_cast<fb::TensorRole>(t.role),
        builder.CreateVector(t.shape), static_cast<uint8_t>(t.region), t.offset, t.bytes, t.scale,
        t.zero_point, t.layer, static_cast<fb::ElementType>(t.type), static_cast<uint8_t>(t.lanes),
        t.transient));
  }
  std::vector<buffer::Offset<fb::Layer>> layers;
  for (const Layer& l : p.layers) {
    layers.push_back(
        fb::CreateLayer(builder, builder.CreateString(l.name), builder.CreateString(l.output),
                        builder.CreateString(l.kind), builder.CreateVector(l.shape), l.macs,
                        l.floor_array, l.floor_vector, l.floor_bus, l.floor_bus_alone,
                        l.floor_depthwise, l.host.empty() ? 0 : builder.CreateString(l.host)));
  }
  std::vector<buffer::Offset<fb::Step>> steps;
  for (const Step& s : p.steps) steps.push_back(write_step(builder, s));
  builder.Finish(
      fb::CreateProgram(builder, builder.CreateString(p.model), builder.CreateString(p.config),
                        p.config_hash, isa::kIsaVersion, builder.CreateVector(regions),
                        builder.CreateVector(tensors), builder.CreateVector(layers),
                        static_cast<uint8_t>(p.descriptor_region), p.descriptor_offset,
                        p.descriptor_count, builder.CreateVector(steps), p.act_peak_words),
      fb::ProgramIdentifier());
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

Program deserialize(std::span<const uint8_t> bytes, const std::string& name) {
  if (bytes.size() < kLeastBytes || bytes.size() > kMaxFileBytes ||
      !buffer::BufferHasIdentifier(bytes.data(), fb::ProgramIdentifier())) {
    fail(ErrorKind::kMalformedFile, "{} is not a Weft program; `weft compile` makes one", name);
  }
  buffer::Verifier verifier(bytes.data(), bytes.size(), kMaxDepth, kMaxTables);
  if (!fb::VerifyProgramBuffer(verifier)) {
    fail(ErrorKind::kMalformedFile, "{} is damaged or cut short; compile the model again", name);
  }
  const fb::Program& in = *fb::GetProgram(bytes.data());
  // Strings and vectors of a table may be absent where the schema does not require them.
  if (in.isa_version() != isa::kIsaVersion) {
    fail(ErrorKind::kMismatch,
         "{} is of instruction set version {}, this is version {}; compile the model again", name,
         in.isa_version(), isa::kIsaVersion);
  }
  Program out;
  out.model = in.model()->str();
  out.config = in.config()->str();
  out.config_hash = in.config_hash();
  for (const fb::Region* r : *in.regions()) out.regions.push_back(read_region(*r));
  for (const fb::Tensor* t : *in.tensors()) {
    if (t->role() > fb::TensorRole::MAX || t->type() > fb::ElementType::MAX) {
      fail(ErrorKind::kMalformedFile, "{}: tensor '{}' has an unknown role or type", name,
           t->name()->str());
    }
    out.tensors.push_back(read_tensor(*t));
  }
  for (const fb::Layer* l : *in.layers()) out.layers.push_back(read_layer(*l));
  for (const fb::Step* s : *in.steps()) out.steps.push_back(read_step(*s));
  out.descriptor_region = in.descriptor_region();
  out.descriptor_offset = in.descriptor_offset();
  out.descriptor_count = in.descriptor_count();
  out.act_peak_words = in.act_peak_words();
  try {
    verify(out, isa::find_config(out.config));
  } catch (const Error& error) {
    throw Error(error.kind(), name + ": " + error.what());
  }
  return out;
}

void save(const Program& program, const std::filesystem::path& path) {
  write_file(path, serialize(program));
}

Program load(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    fail(ErrorKind::kNotFound, "there is no file {}", path.string());
  }
  const uint64_t size = std::filesystem::file_size(path, error);
  if (error || size > kMaxFileBytes) {
    fail(ErrorKind::kMalformedFile, "{} is not a Weft program; `weft compile` makes one",
         path.string());
  }
  std::ifstream in(path, std::ios::binary);
  std::vector<uint8_t> bytes(size);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!in) fail(ErrorKind::kIo, "cannot read {}", path.string());
  return deserialize(bytes, path.string());
}

bool is_program(const std::filesystem::path& path) {
  std::array<char, kLeastBytes> head{};
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), head.size());
  return in && buffer::BufferHasIdentifier(head.data(), fb::ProgramIdentifier());
}

}  // namespace weft::program
