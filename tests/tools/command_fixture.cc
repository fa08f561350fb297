#include "tests/tools/command_fixture.h"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/util/tiny_tflite.h"

namespace quaver::testing {

namespace fs = std::filesystem;

void CommandTest::SetUp() {
  std::string pattern = (fs::temp_directory_path() / "quaver-command-XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  folder_ = pattern;
  Write("tiny.tflite", TinyConvNet());
  Write("add.tflite", TinyMovement());
}

void CommandTest::TearDown() {
  if (!folder_.empty()) fs::remove_all(folder_);
}

void CommandTest::Write(const std::string& name, const FileBytes& bytes) const {
  std::ofstream file(folder_ / name, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good());
}

FileBytes CommandTest::Read(const std::string& name) const {
  std::ifstream file(folder_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> CommandTest::List() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

ProcessResult CommandTest::Quaver(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), QUAVER_TOOL);
  return RunProcess(arguments);
}

void CommandTest::ExpectRefused(int exit_code, const std::vector<std::string>& arguments,
                                const std::vector<std::string>& facts) {
  const ProcessResult result = Quaver(arguments);
  EXPECT_EQ(result.exit_code, exit_code) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_EQ(result.err.rfind("quaver", 0), 0U) << result.err;
  for (const std::string& fact : facts) {
    EXPECT_NE(result.err.find(fact), std::string::npos) << fact << " is not in: " << result.err;
  }
}

std::string CommandTest::ExpectDone(const std::vector<std::string>& arguments) {
  const ProcessResult result = Quaver(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  return result.out;
}

}  // namespace quaver::testing
