// A build with two operators: linked with a table of operators of its own in the library's place.
#include <gtest/gtest.h>

#include <string>

#include "quaver/quaver.hpp"
#include "tests/unit/refusal.h"
#include "tests/util/compressed_model.h"

namespace quaver::testing {
namespace {

TEST(OperatorSubset, HasItsOperators) {
  EXPECT_TRUE(LoadStatus(Conv2DModel().model()).ok());
  EXPECT_TRUE(LoadStatus(Lut8Model().model()).ok());
}

TEST(OperatorSubset, NamesTheOneThatIsMissing) {
  AlignedBytes bytes = TwoLayerModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  EXPECT_EQ(model.status().code, StatusCode::kMissingOperator);
  EXPECT_EQ(Text(model.status()),
            "operator is not in this build: operator 1 (dense): FullyConnected; build the runtime "
            "with this operator (QUAVER_OPERATORS, QUAVER_FLOAT_BORDER), or register it if it is "
            "custom");
}

TEST(OperatorSubset, NamesWhatABuildWithoutFloatLeavesOut) {
  AlignedBytes bytes = DynamicQuantizeModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  EXPECT_EQ(model.status().code, StatusCode::kMissingOperator);
  EXPECT_EQ(Text(model.status()),
            "operator is not in this build: operator 0 (quantize): DynamicQuantize; build the "
            "runtime with this operator (QUAVER_OPERATORS, QUAVER_FLOAT_BORDER), or register it if "
            "it is custom");
}

TEST(OperatorSubset, NamesCompressedWeights) {
  AlignedBytes bytes = CompressedModel().Build();
  const Result<Model> model = Model::Load(bytes.span());
  EXPECT_EQ(model.status().code, StatusCode::kMissingOperator);
  EXPECT_EQ(
      Text(model.status()),
      "operator is not in this build: tensor 1 (weights): CompressedWeights; build the runtime "
      "with this operator (QUAVER_OPERATORS, QUAVER_FLOAT_BORDER), or register it if it is "
      "custom");
}

}  // namespace
}  // namespace quaver::testing
