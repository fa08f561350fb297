// A model as C sources: for firmware that has no files.
#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "compiler/emit/emit.h"
#include "quaver/tensor.h"

namespace quaver::compiler {
namespace {

std::string Identifier(const std::string& name) {
  std::string result;
  for (char c : name) result += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  if (result.empty() || std::isdigit(static_cast<unsigned char>(result[0])) != 0) {
    result.insert(0, "model_");
  }
  return result;
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string Define(const std::string& name, const std::string& value) {
  return "#define " + name + " " + value + "\n";
}

/// The bytes that an instruction set needs at one pointer width; 0: the file does not say.
std::uint32_t ArenaBytes(const fb::Model& model, const std::string& isa, int pointer_bytes) {
  if (model.arena_sizes() == nullptr) return 0;
  for (const fb::ArenaSize* size : *model.arena_sizes()) {
    if (size->isa() != nullptr && size->isa()->str() == isa &&
        size->pointer_bytes() == pointer_bytes) {
      return size->bytes();
    }
  }
  return 0;
}

/// The CPUs that one compilation is for: one of these is chosen when the program starts.
struct CpuFamily {
  const char* condition;
  int pointer_bytes;
  std::vector<const char*> isas;
};

std::vector<CpuFamily> CpuFamilies() {
  return {{"#if defined(__x86_64__) || defined(_M_X64)\n",
           8,
           {"scalar", "avx2", "avxvnni", "avx512vnni"}},
          {"#elif defined(__aarch64__) || defined(_M_ARM64)\n",
           8,
           {"scalar", "neon", "neondot", "i8mm"}},
          {"#elif UINTPTR_MAX > 0xFFFFFFFFu\n", 8, {"scalar"}},
          {"#elif defined(__ARM_FEATURE_MVE)\n", 4, {"scalar", "cortexm", "mve"}},
          {"#elif defined(__ARM_NEON)\n", 4, {"scalar", "cortexm", "neon"}},
          {"#elif defined(__arm__) || defined(__ARM_ARCH)\n", 4, {"scalar", "cortexm"}},
          {"#else\n", 4, {"scalar"}}};
}

std::string ArenaMacros(const fb::Model& model, const std::string& prefix) {
  std::string text =
      "/* Bytes of the arena, all the memory that a session uses: enough for every instruction "
      "set\n"
      "   of the CPU family that this is compiled for. Declare it with alignas(64). */\n";
  for (const CpuFamily& family : CpuFamilies()) {
    std::uint32_t most = 0;
    for (const char* isa : family.isas) {
      most = std::max(most, ArenaBytes(model, isa, family.pointer_bytes));
    }
    text += family.condition + Define(prefix + "_ARENA_BYTES", std::to_string(most));
  }
  text += "#endif\n/* For a build with one instruction set only. */\n";
  if (model.arena_sizes() == nullptr) return text;
  for (const fb::ArenaSize* size : *model.arena_sizes()) {
    if (size->isa() == nullptr) continue;
    text += Define(prefix + "_ARENA_BYTES_" + Upper(Identifier(size->isa()->str())) +
                       (size->pointer_bytes() == 4 ? "_32" : ""),
                   std::to_string(size->bytes()));
  }
  return text;
}

std::string TensorMacros(const fb::Model& model, const std::string& prefix, std::int32_t index) {
  const fb::Tensor& tensor = *model.tensors()->Get(static_cast<flatbuffers::uoffset_t>(index));
  const auto type = static_cast<DataType>(tensor.type());
  std::uint64_t bytes = DataTypeBytes(type);
  std::string shape;
  std::string count;
  if (tensor.shape() != nullptr) {
    for (std::int32_t dim : *tensor.shape()) {
      bytes *= static_cast<std::uint64_t>(dim);
      shape += (shape.empty() ? "" : ", ") + std::to_string(dim);
    }
    count = std::to_string(tensor.shape()->size());
  }
  std::string text = "/* " + std::string(DataTypeName(type)) +
                     (tensor.name() != nullptr ? ", '" + tensor.name()->str() + "'" : "") + " */\n";
  text += Define(prefix + "_RANK", count.empty() ? "0" : count);
  text += Define(prefix + "_SHAPE", "{" + (shape.empty() ? "1" : shape) + "}");
  text += Define(prefix + "_BYTES", std::to_string(bytes));
  return text;
}

std::string Header(const fb::Model& model, const std::string& name, std::size_t bytes) {
  const std::string prefix = Upper(name);
  std::string text = "/* Made by quaver embed. */\n#ifndef " + prefix + "_H_\n#define " + prefix +
                     "_H_\n\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  text += Define(prefix + "_MODEL_BYTES", std::to_string(bytes));
  text += "/* The .qvr file, aligned to 64 bytes: for quaver::Model::Load. */\n";
  text += "extern const uint8_t " + name + "_model[" + prefix + "_MODEL_BYTES];\n\n";
  text += ArenaMacros(model, prefix) + "\n";
  const auto tensors = [&](const flatbuffers::Vector<std::int32_t>& indices,
                           const std::string& kind) {
    text += Define(prefix + "_" + kind + "_COUNT", std::to_string(indices.size()));
    for (flatbuffers::uoffset_t i = 0; i < indices.size(); ++i) {
      text += TensorMacros(model, prefix + "_" + kind + "_" + std::to_string(i), indices.Get(i));
    }
  };
  tensors(*model.inputs(), "INPUT");
  tensors(*model.outputs(), "OUTPUT");
  text += "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " + prefix + "_H_ */\n";
  return text;
}

std::string Source(Span<const std::uint8_t> bytes, const std::string& name) {
  std::string text = "/* Made by quaver embed. C11 or C++11. */\n#include \"" + name +
                     ".h\"\n\n"
                     "#if defined(__cplusplus)\n#define QUAVER_ALIGNED alignas(64)\n"
                     "#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L\n"
                     "#define QUAVER_ALIGNED _Alignas(64)\n"
                     "#else\n#define QUAVER_ALIGNED __attribute__((aligned(64)))\n#endif\n\n";
  text += "QUAVER_ALIGNED const uint8_t " + name + "_model[" + Upper(name) + "_MODEL_BYTES] = {\n";
  text.reserve(text.size() + bytes.size() * 4);
  std::size_t column = 0;
  for (std::uint8_t byte : bytes) {
    const std::string number = std::to_string(byte) + ",";
    if (column + number.size() > 100) {
      text += '\n';
      column = 0;
    }
    text += number;
    column += number.size();
  }
  return text + "\n};\n";
}

std::string OperatorNames(const fb::Model& model) {
  std::set<std::string> names;
  for (const fb::Operator* op : *model.operators()) {
    names.insert(fb::EnumNameOperatorParams(op->params_type()));
  }
  for (const fb::Tensor* tensor : *model.tensors()) {
    if (tensor->storage() == fb::Storage::Compressed) names.insert("CompressedWeights");
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ";") + name;
  return text;
}

}  // namespace

EmbeddedModel Embed(Span<const std::uint8_t> model, const std::string& name) {
  const fb::Model& root = *fb::GetModel(model.data());
  const std::string identifier = Identifier(name);
  return {Header(root, identifier, model.size()), Source(model, identifier), OperatorNames(root)};
}

}  // namespace quaver::compiler
