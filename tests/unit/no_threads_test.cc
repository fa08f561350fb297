// A build without pthreadpool runs on one thread, and says why it does not on more.
#include <gtest/gtest.h>

#include <string>

#include "quaver/quaver.hpp"
#include "tests/util/sample_models.h"

namespace quaver::testing {
namespace {

TEST(NoThreads, OneIsAllThatThereIs) {
  const Result<ThreadPool> one = ThreadPool::Create(1);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->ThreadCount(), 1);
  const Status status = ThreadPool::Create(2).status();
  EXPECT_EQ(status.code, StatusCode::kNoThreads);
  char text[400];
  status.Format(text, sizeof(text));
  EXPECT_NE(std::string(text).find("QUAVER_PTHREADPOOL"), std::string::npos) << text;
}

TEST(NoThreads, SessionsRefuseMore) {
  AlignedBytes bytes = TwoLayerModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok());
  SessionOptions options;
  options.threads = 2;
  EXPECT_EQ(model->ArenaBytes(options).status().code, StatusCode::kNoThreads);
  AlignedBytes arena(1 << 16);
  EXPECT_EQ(Session::Create(*model, arena.span(), options).status().code, StatusCode::kNoThreads);
}

}  // namespace
}  // namespace quaver::testing
