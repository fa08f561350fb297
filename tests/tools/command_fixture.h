// What the tests of the `quaver` command share: a folder of their own, small models, one call.
#ifndef QUAVER_TESTS_TOOLS_COMMAND_FIXTURE_H_
#define QUAVER_TESTS_TOOLS_COMMAND_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/util/process.h"

namespace quaver::testing {

using FileBytes = std::vector<std::uint8_t>;

inline constexpr int kFailure = 1;
inline constexpr int kUsage = 2;

inline constexpr char kMnistQvr[] = QUAVER_SOURCE_DIR "/examples/mnist/mnist.qvr";
inline constexpr char kMnistOnnx[] = QUAVER_SOURCE_DIR "/examples/mnist/mnist.onnx";

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class CommandTest : public ::testing::Test {
 protected:
  /// A fresh folder, and in it: tiny.tflite (TinyConvNet), add.tflite (TinyMovement).
  void SetUp() override;
  void TearDown() override;

  [[nodiscard]] std::string Path(const std::string& name) const {
    return (folder_ / name).string();
  }
  void Write(const std::string& name, const FileBytes& bytes) const;
  /// Empty where there is no such file.
  [[nodiscard]] FileBytes Read(const std::string& name) const;
  [[nodiscard]] bool Exists(const std::string& name) const {
    return std::filesystem::exists(folder_ / name);
  }
  /// Names in the folder, sorted.
  [[nodiscard]] std::vector<std::string> List() const;

  /// quaver ARGUMENTS...
  static ProcessResult Quaver(std::vector<std::string> arguments);

  /// Expects the exit code, nothing on stdout, and one line on stderr with all of `facts`.
  static void ExpectRefused(int exit_code, const std::vector<std::string>& arguments,
                            const std::vector<std::string>& facts);
  /// Expects exit code 0 and nothing on stderr; what was on stdout.
  static std::string ExpectDone(const std::vector<std::string>& arguments);

 private:
  std::filesystem::path folder_;
};

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_TOOLS_COMMAND_FIXTURE_H_
