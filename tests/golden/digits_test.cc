// The MNIST example's network with compressed weights and in int16, which tests/device runs on
// boards: every instruction set computes what the host has found, operator by operator, and reads
// the example's digits. Prints the digests that scripts/digests compares with those of the boards.
#include "examples/mnist/digits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "kernels/isa.h"
#include "quaver/quaver.hpp"
#include "runtime/test_vector.h"
#include "tests/golden/manifest.h"
#include "tests/util/model_builder.h"

namespace quaver::golden {
namespace {

using testing::AlignedBytes;

std::string Text(const Status& status) {
  char text[512];
  static_cast<void>(status.Format(text, sizeof(text)));
  return text;
}

class DigitsTest : public ::testing::TestWithParam<const char*> {};

/// Reads all digits; the digest of all outputs.
std::uint32_t ReadDigits(Session* session) {
  const auto input = session->Input(0).As<std::int8_t>();
  const TensorView output = session->Output(0);
  std::uint32_t digest = 0;
  for (const mnist::SampleDigit& digit : mnist::kSampleDigits) {
    // The input has scale 1/255 and zero point -128.
    std::transform(std::begin(digit.pixels), std::end(digit.pixels), input.begin(),
                   [](std::uint8_t pixel) { return static_cast<std::int8_t>(pixel - 128); });
    EXPECT_TRUE(session->Run().ok());
    const auto scores = output.As<std::int8_t>();
    EXPECT_EQ(std::max_element(scores.begin(), scores.end()) - scores.begin(), digit.label);
    digest = Crc32(digest, {static_cast<const std::uint8_t*>(output.data), output.bytes});
  }
  return digest;
}

TEST_P(DigitsTest, EveryIsaGivesTheBytesOfTheHost) {
  const std::vector<std::uint8_t> file =
      ReadBytes(std::string(QUAVER_MODELS_DIR) + "/" + GetParam() + ".qvr");
  AlignedBytes bytes(file.data(), file.size());
  const Result<Model> model = Model::Load(bytes.span());
  ASSERT_TRUE(model.ok()) << Text(model.status());
  std::vector<std::uint32_t> digests;
  for (int i = 0; i < static_cast<int>(Isa::kCount); ++i) {
    SessionOptions options;
    options.isa = IsaName(static_cast<Isa>(i));
    SCOPED_TRACE(options.isa);
    const Result<std::size_t> arena_bytes = model->ArenaBytes(options);
    if (arena_bytes.status().code == StatusCode::kUnknownIsa) continue;  // another machine's
    ASSERT_TRUE(arena_bytes.ok()) << Text(arena_bytes.status());
    AlignedBytes arena(*arena_bytes);
    Result<Session> session = Session::Create(*model, arena.span(), options);
    ASSERT_TRUE(session.ok()) << Text(session.status());
    digests.push_back(ReadDigits(&*session));
    const Status self_test = session->SelfTest();
    EXPECT_TRUE(self_test.ok()) << Text(self_test);
    std::printf("digest %s " QUAVER_TARGET_NAME "-%s %08x\n", GetParam(), options.isa,
                digests.back());
  }
  ASSERT_FALSE(digests.empty());  // scalar is always there
  EXPECT_EQ(std::count(digests.begin(), digests.end(), digests[0]),
            static_cast<std::ptrdiff_t>(digests.size()));
}

INSTANTIATE_TEST_SUITE_P(Models, DigitsTest,
                         ::testing::Values("mnist_int4_load", "mnist_int4_run", "mnist_codebook16",
                                           "mnist_pruned", "mnist_int16"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace quaver::golden
