#include "tests/unit/c_api_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "quaver/quaver.h"
#include "quaver/quaver.hpp"
#include "tests/util/sample_models.h"

namespace quaver::testing {
namespace {

TEST(CApi, RunsAsTheCppApi) {
  AlignedBytes bytes = FullyConnectedModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok());
  AlignedBytes arena(*model->ArenaBytes());
  Result<Session> session = Session::Create(*model, arena.span());
  ASSERT_TRUE(session.ok());
  const Span<std::int8_t> input = session->Input(0).As<std::int8_t>();
  std::fill(input.begin(), input.end(), std::int8_t{3});
  ASSERT_TRUE(session->Run().ok());
  const Span<signed char> expected = session->Output(0).As<signed char>();
  EXPECT_EQ(c_api_runs(bytes.data(), bytes.size(), expected.data(), expected.size()), 0)
      << c_api_message();
}

TEST(CApi, RefusesWithCodesAndText) {
  AlignedBytes bytes = FullyConnectedModel().Build();
  EXPECT_EQ(c_api_refuses(bytes.data(), bytes.size()), 0) << c_api_message();
}

TEST(CApi, VersionIsTheProjects) { EXPECT_STREQ(quaver_version(), QUAVER_PROJECT_VERSION); }

}  // namespace
}  // namespace quaver::testing
