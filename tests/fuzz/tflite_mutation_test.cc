// Damaged models: each is refused with a message, or imported whole. Run under ASan and UBSan.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "compiler/import/import.h"
#include "compiler/ir/error.h"
#include "compiler/passes/passes.h"

namespace quaver::compiler {
namespace {

constexpr int kMutations = 200;

std::vector<std::uint8_t> ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::size_t Below(std::mt19937* random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(*random);
}

/// Bits flipped, words and bytes set to what breaks sums and products; now and then the file is cut
/// off or shifted, which the structure's verifier finds.
std::vector<std::uint8_t> Mutate(std::vector<std::uint8_t> bytes, std::mt19937* random) {
  constexpr std::uint8_t kNasty[] = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
  const std::size_t kind = Below(random, 16);
  const std::size_t cut = Below(random, bytes.size());
  if (kind == 0) bytes.resize(cut);
  if (kind == 1) bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(cut));
  const std::size_t changes = 1 + Below(random, 4);
  for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t at = Below(random, bytes.size());
    switch (Below(random, 3)) {
      case 0:
        for (std::size_t k = at; k < bytes.size() && k < at + 4; ++k) {
          bytes[k] = kNasty[Below(random, std::size(kNasty))];
        }
        break;
      case 1:
        bytes[at] = kNasty[Below(random, std::size(kNasty))];
        break;
      default:
        bytes[at] ^= static_cast<std::uint8_t>(1U << Below(random, 8));
        break;
    }
  }
  return bytes;
}

class TfliteMutation : public ::testing::TestWithParam<const char*> {};

TEST_P(TfliteMutation, IsRefusedOrWhole) {
  const auto path = std::filesystem::path(QUAVER_SHARED_DIR) / "models" / GetParam();
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no reference model " << path;
  const std::vector<std::uint8_t> original = ReadFile(path);
  int refused = 0;
  for (int i = 0; i < kMutations; ++i) {
    std::mt19937 random(static_cast<unsigned>(i));
    const std::vector<std::uint8_t> bytes = Mutate(original, &random);
    try {
      Graph graph = ImportTflite(bytes, "mutation " + std::to_string(i));
      RunPasses(&graph);
    } catch (const Error& error) {
      ++refused;
      EXPECT_STRNE(error.what(), "");
    }
  }
  // Both happen, or the mutations are too strong or too weak to test anything.
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, kMutations);
}

INSTANTIATE_TEST_SUITE_P(Models, TfliteMutation,
                         ::testing::Values("hello_world_int8.tflite", "simple_add_model.tflite",
                                           "micro_speech_quantized.tflite"));

}  // namespace
}  // namespace quaver::compiler
