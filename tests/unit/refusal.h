// What a test of a refusal needs: a valid model, how it is spoilt, and what Load has to say.
#ifndef QUAVER_TESTS_UNIT_REFUSAL_H_
#define QUAVER_TESTS_UNIT_REFUSAL_H_

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "quaver/quaver.hpp"
#include "tests/util/model_builder.h"

namespace quaver::testing {

inline constexpr StatusCode kModel = StatusCode::kInvalidModel;
inline constexpr StatusCode kOperator = StatusCode::kInvalidOperator;
inline constexpr StatusCode kPlan = StatusCode::kInvalidPlan;

inline std::string Text(const Status& status) {
  char text[400];
  status.Format(text, sizeof(text));
  return text;
}

/// The code and values; the names point into bytes that are gone.
inline Status LoadStatus(const fb::ModelT& model) {
  AlignedBytes bytes = Serialize(model);
  Status status = Model::Load(bytes.span()).status();
  status.what = status.operator_name = status.tensor_name = nullptr;
  return status;
}

struct Refusal {
  const char* name;
  ModelBuilder (*make)();
  std::function<void(fb::ModelT*)> spoil;
  StatusCode code;
  /// Parts of the message, in this order.
  std::vector<const char*> text;
};

inline void PrintTo(const Refusal& refusal, std::ostream* os) { *os << refusal.name; }
inline std::string NameOf(const ::testing::TestParamInfo<Refusal>& info) { return info.param.name; }

/// A suite of refusals is a class derived from this, and one TEST_P that calls Check.
class RefusalTest : public ::testing::TestWithParam<Refusal> {
 protected:
  static void Check() {
    const Refusal& refusal = GetParam();
    ModelBuilder builder = refusal.make();
    refusal.spoil(&builder.model());
    AlignedBytes bytes = builder.Build();
    const Result<Model> model = Model::Load(bytes.span());
    const std::string text = Text(model.status());
    EXPECT_EQ(model.status().code, refusal.code) << text;
    std::size_t position = 0;
    for (const char* part : refusal.text) {
      position = text.find(part, position);
      ASSERT_NE(position, std::string::npos) << "no \"" << part << "\" in: " << text;
    }
  }
};

inline fb::TensorT& T(fb::ModelT* m, std::size_t i) { return *m->tensors[i]; }
inline fb::OperatorT& Op(fb::ModelT* m) { return *m->operators[0]; }

}  // namespace quaver::testing

#endif  // QUAVER_TESTS_UNIT_REFUSAL_H_
