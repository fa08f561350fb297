#include "tests/golden/manifest.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace quaver::golden {

std::map<std::string, GoldenModel> ReadManifest(const std::string& path) {
  std::map<std::string, GoldenModel> models;
  GoldenModel* model = nullptr;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "model") {
      GoldenModel next;
      words >> next.name >> next.qvr >> next.tflm_arena_bytes;
      model = &(models[next.name] = next);
    } else if (kind == "packed" && model != nullptr) {
      std::string target;
      words >> target;
      words >> model->packed[target];
    } else if (kind == "sample" && model != nullptr) {
      Sample& sample = model->samples.emplace_back();
      words >> sample.name;
      for (std::string name; words >> name;) sample.files.push_back(name);
    } else if (kind == "crc" && model != nullptr && !model->samples.empty()) {
      std::int32_t tensor = -1;
      std::uint32_t crc = 0;
      words >> tensor >> std::hex >> crc;
      model->samples.back().crcs[tensor] = crc;
    } else {
      throw std::runtime_error(path + ": unknown line '" + line + "'");
    }
  }
  return models;
}

void WriteManifest(const std::string& path, const std::vector<GoldenModel>& models) {
  std::ofstream file(path);
  for (const GoldenModel& model : models) {
    file << "model " << model.name << ' ' << model.qvr << ' ' << model.tflm_arena_bytes << '\n';
    for (const auto& [target, path] : model.packed) {
      file << "packed " << target << ' ' << path << '\n';
    }
    for (const Sample& sample : model.samples) {
      file << "sample " << sample.name;
      for (const std::string& name : sample.files) file << ' ' << name;
      file << '\n';
      for (const auto& [tensor, crc] : sample.crcs) {
        file << "crc " << tensor << ' ' << std::hex << crc << std::dec << '\n';
      }
    }
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

std::vector<std::uint8_t> ReadBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> Int16Models() {
  // Numbered by twos, each kind up to its last.
  constexpr struct {
    const char* kind;
    int last;
  } kKinds[] = {{"add", 16},     {"conv", 20},          {"leaky_relu", 22},   {"pad", 18},
                {"quantize", 0}, {"strided_slice", 32}, {"transpose_conv", 4}};
  std::vector<std::string> names;
  for (const auto& [kind, last] : kKinds) {
    for (int i = 0; i <= last; i += 2) {
      names.push_back(std::string("seanet_") + kind + std::to_string(i));
    }
  }
  return names;
}

}  // namespace quaver::golden
