#include "platform/platform.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "platform/file.h"

namespace quaver::platform {
namespace {

TEST(Platform, ClockGoesForward) {
  const std::uint64_t first = Nanoseconds();
  EXPECT_GT(first, 0U);
  EXPECT_GE(Nanoseconds(), first);
}

TEST(Platform, ReadsTheEnvironment) {
  setenv("QUAVER_PLATFORM_TEST", "value", 1);
  EXPECT_STREQ(Environment("QUAVER_PLATFORM_TEST"), "value");
  unsetenv("QUAVER_PLATFORM_TEST");
  EXPECT_EQ(Environment("QUAVER_PLATFORM_TEST"), nullptr);
}

class MappedFileTest : public ::testing::Test {
 protected:
  void Write(const char* text) {
    path_ = ::testing::TempDir() + "quaver_mapped_file_" +
            ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    std::fputs(text, file);
    std::fclose(file);
  }
  void TearDown() override { std::remove(path_.c_str()); }

  std::string path_;
};

TEST_F(MappedFileTest, HoldsTheBytes) {
  Write("quaver");
  MappedFile file;
  ASSERT_TRUE(file.Map(path_.c_str()));
  ASSERT_EQ(file.bytes().size(), 6U);
  EXPECT_EQ(std::memcmp(file.bytes().data(), "quaver", 6), 0);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file.bytes().data()) % 64, 0U);
  MappedFile moved(std::move(file));
  EXPECT_EQ(moved.bytes().size(), 6U);
}

TEST_F(MappedFileTest, AnEmptyFileHasNoBytes) {
  Write("");
  MappedFile file;
  ASSERT_TRUE(file.Map(path_.c_str()));
  EXPECT_TRUE(file.bytes().empty());
}

TEST(MappedFile, SaysWhyItCannotRead) {
  MappedFile file;
  EXPECT_FALSE(file.Map("/nonexistent/model.qvr"));
  EXPECT_EQ(errno, ENOENT);
  EXPECT_FALSE(file.Map("/"));
  EXPECT_EQ(errno, EISDIR);
}

}  // namespace
}  // namespace quaver::platform
