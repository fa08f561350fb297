// What the host prepares for the golden test on a device: the compiled models, and for each sample
// the files of its tensors and the CRC-32 of every intermediate tensor. A text file, so that the
// device part needs nothing but the runtime:
//
//   model <name> <.qvr file> <arena bytes that TensorFlow Lite Micro needs on 32 bits>
//   packed <target of quaver pack> <.qvr file>
//   sample <name> <file of input 0> ... <file of output 0> ...
//   crc <index of the tensor in the .tflite file> <CRC-32 in hexadecimal>
//
// Samples belong to the model above, CRCs to the sample above. Paths hold no spaces.
#ifndef QUAVER_TESTS_GOLDEN_MANIFEST_H_
#define QUAVER_TESTS_GOLDEN_MANIFEST_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace quaver::golden {

struct Sample {
  std::string name;
  std::vector<std::string> files;  ///< Inputs, then outputs.
  std::map<std::int32_t, std::uint32_t> crcs;
};

struct GoldenModel {
  std::string name;
  std::string qvr;
  std::uint64_t tflm_arena_bytes = 0;
  std::map<std::string, std::string> packed;  ///< The same packed ahead of time, by target.
  std::vector<Sample> samples;
};

/// Model by name. Empty where there is no such file.
std::map<std::string, GoldenModel> ReadManifest(const std::string& path);
void WriteManifest(const std::string& path, const std::vector<GoldenModel>& models);

/// On an emulator or a small device, one sample in so many: enough to meet every operator of every
/// model. Their digests are compared between targets.
inline constexpr std::size_t kDeviceSampleStep = 4;

/// A file's bytes; throws std::runtime_error with its path where it cannot be read.
std::vector<std::uint8_t> ReadBytes(const std::string& path);

/// The real models that must give the golden bytes, and the bytes that their activations may take:
/// what TensorFlow Lite Micro's planner needs, where it was measured (0: not).
struct Requirement {
  const char* model;
  std::uint64_t activation_bytes;
};
/// How GoogleTest shows it.
inline void PrintTo(const Requirement& requirement, std::ostream* stream) {
  *stream << requirement.model;
}

inline constexpr Requirement kRequirements[] = {
    {"hello_world_int8", 0},
    {"ad01_int8", 0},
    {"kws_ref_model", 16000},
    {"pretrainedResnet_quant", 49152},
    {"vww_96_int8", 55296},
    {"str_ww_ref_model", 0},
    {"person_detect", 55296},
    {"micro_speech_quantized", 0},
    {"simple_add_model", 0},
    {"model_ToyCar_quant_fullint", 0},
    {"tf2_mobilenet_v2_1.0_224_ptq", 1505280},
    {"te_detection", 0},
};

/// ad01_fp32, quantized dynamically by us: there are no golden bytes, but its test vector.
inline constexpr char kDynamicModel[] = "ad01_fp32_dynamic";

/// The operators of a network with int16 activations (16x8), each a model.
std::vector<std::string> Int16Models();

}  // namespace quaver::golden

#endif  // QUAVER_TESTS_GOLDEN_MANIFEST_H_
