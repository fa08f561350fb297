// golden_compile SHARED_DIR OUT_DIR: compiles the models of the golden test on the host, and writes
// the manifest that golden_test reads, here or on a device.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "compiler/compile.h"
#include "compiler/emit/arena_sizes.h"
#include "compiler/emit/checked_model.h"
#include "compiler/import/import.h"
#include "compiler/pack/pack.h"
#include "compiler/pack/weights.h"
#include "compiler/quantize/dynamic.h"
#include "tests/golden/manifest.h"

namespace quaver::golden {
namespace {

namespace fs = std::filesystem;

void WriteBytes(const fs::path& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

/// Numbered samples are in<k>_<i>.bin and out<k>_<i>.bin, others <name>_in<i>.bin and
/// <name>_out<i>.bin.
Sample SampleOf(const fs::path& folder, const std::string& name, bool numbered) {
  Sample sample;
  sample.name = name;
  for (const std::string side : {"in", "out"}) {
    for (int i = 0;; ++i) {
      const std::string file = numbered ? side + name + "_" + std::to_string(i) + ".bin"
                                        : name + "_" + side + std::to_string(i) + ".bin";
      if (!fs::exists(folder / file)) break;
      sample.files.push_back((folder / file).string());
    }
  }
  return sample;
}

std::vector<Sample> SamplesOf(const fs::path& folder) {
  std::vector<Sample> samples;
  const nlohmann::json crcs = nlohmann::json::parse(std::ifstream(folder / "tensor_crc32.json"));
  for (std::size_t k = 0; fs::exists(folder / ("in" + std::to_string(k) + "_0.bin")); ++k) {
    Sample sample = SampleOf(folder, std::to_string(k), true);
    for (const auto& [tensor, crc] : crcs.at(k).items()) {
      sample.crcs[std::stoi(tensor)] =
          static_cast<std::uint32_t>(std::stoul(crc.get<std::string>(), nullptr, 16));
    }
    samples.push_back(std::move(sample));
  }
  const std::string ending = "_in0.bin";
  std::set<std::string> natural;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string file = entry.path().filename().string();
    if (file.rfind("natural_", 0) == 0 && file.size() > ending.size() &&
        file.compare(file.size() - ending.size(), ending.size(), ending) == 0) {
      natural.insert(file.substr(0, file.size() - ending.size()));
    }
  }
  for (const std::string& name : natural) samples.push_back(SampleOf(folder, name, false));
  return samples;
}

void AppendU32(std::size_t value, std::vector<std::uint8_t>* bytes) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes->push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

/// For a device without files: tests/device/golden.cc says what is in it. Of models with one input
/// and one output.
void WriteSamples(const fs::path& path, const std::vector<Sample>& samples) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint8_t> content;
  std::size_t count = 0;
  for (std::size_t i = 0; i < samples.size(); i += kDeviceSampleStep) {
    if (samples[i].files.size() != 2) return;
    const std::vector<std::uint8_t> input = ReadBytes(samples[i].files[0]);
    const std::vector<std::uint8_t> output = ReadBytes(samples[i].files[1]);
    if (count++ == 0) {
      AppendU32(input.size(), &bytes);
      AppendU32(output.size(), &bytes);
    }
    content.insert(content.end(), input.begin(), input.end());
    content.insert(content.end(), output.begin(), output.end());
  }
  AppendU32(count, &bytes);
  bytes.insert(bytes.end(), content.begin(), content.end());
  WriteBytes(path, bytes);
}

/// The model packed for all machines, and for single ones, which the others then fall back from.
/// One without weights is not packed.
void WritePacked(const std::vector<std::uint8_t>& bytes, const fs::path& out, GoldenModel* model) {
  const compiler::CheckedModel plain(bytes);
  std::vector<std::pair<std::string, std::vector<Isa>>> targets = {
      {"avx2", {Isa::kAvx2}}, {"avx512vnni", {Isa::kAvx512Vnni}}, {"all", {}}};
  for (Isa isa : compiler::IsasThatPackWeights()) targets.back().second.push_back(isa);
  if (compiler::WeightsOn(plain.model(), Isa::kScalar).empty()) return;
  for (const auto& [name, isas] : targets) {
    std::string& path = model->packed[name];
    path = (out / (model->name + ".packed_" + name + ".qvr")).string();
    WriteBytes(path, compiler::Pack(plain.model(), isas).bytes);
  }
}

GoldenModel Prepare(const fs::path& shared, const fs::path& out, const std::string& name) {
  const fs::path folder = shared / "golden" / name;
  const std::string source = (shared / "models" / (name + ".tflite")).string();
  const std::vector<std::uint8_t> bytes = ReadBytes(source);
  GoldenModel model;
  model.name = name;
  model.qvr = (out / (name + ".qvr")).string();
  const nlohmann::json meta = nlohmann::json::parse(std::ifstream(folder / "meta.json"));
  const nlohmann::json& least = meta.at("tflm_min_arena_bytes");
  model.tflm_arena_bytes =
      (least.is_null() ? meta.at("tflm_arena_used_bytes_32bit_arm") : least.at("min32"))
          .get<std::uint64_t>();
  model.samples = SamplesOf(folder);
  WriteSamples(out / (name + ".samples"), model.samples);
  const std::vector<std::uint8_t> qvr = compiler::Compile(compiler::ImportTflite(bytes, source));
  WriteBytes(model.qvr, qvr);
  WritePacked(qvr, out, &model);
  return model;
}

GoldenModel PrepareDynamic(const fs::path& shared, const fs::path& out) {
  const std::string source = (shared / "models" / "ad01_fp32.tflite").string();
  GoldenModel model;
  model.name = kDynamicModel;
  model.qvr = (out / (model.name + ".qvr")).string();
  const std::vector<std::uint8_t> bytes = ReadBytes(source);
  WriteBytes(model.qvr, compiler::Compile(
                            compiler::QuantizeDynamically(compiler::ImportTflite(bytes, source))));
  return model;
}

}  // namespace
}  // namespace quaver::golden

int main(int argc, char** argv) {
  using quaver::golden::GoldenModel;
  if (argc != 3) {
    std::fprintf(stderr, "usage: golden_compile SHARED_DIR OUT_DIR\n");
    return 2;
  }
  const std::filesystem::path shared = std::filesystem::absolute(argv[1]).lexically_normal();
  const std::filesystem::path out = std::filesystem::absolute(argv[2]).lexically_normal();
  std::filesystem::create_directories(out);
  std::vector<GoldenModel> models;
  bool failed = false;
  std::vector<std::string> names = quaver::golden::Int16Models();
  for (const quaver::golden::Requirement& requirement : quaver::golden::kRequirements) {
    names.emplace_back(requirement.model);
  }
  names.emplace_back(quaver::golden::kDynamicModel);
  for (const std::string& name : names) {
    try {
      models.push_back(name == quaver::golden::kDynamicModel
                           ? quaver::golden::PrepareDynamic(shared, out)
                           : quaver::golden::Prepare(shared, out, name));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
      failed = true;
    }
  }
  quaver::golden::WriteManifest((out / "manifest.txt").string(), models);
  return failed ? 1 : 0;
}
