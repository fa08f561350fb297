// What the importer refuses of QDQ models, and that the message says where and what to do.
#include <functional>

#include "tests/unit/qdq_builder.h"

namespace quaver::compiler {
namespace {

/// A convolution of x by w in a QDQ model; what is left out is what is refused.
std::string Refused(bool input, bool weights, bool output) {
  QdqBuilder builder;
  builder.Input("x", {1, 2, 4, 4});
  builder.Floats("w", Noise({2, 2, 1, 1}, 18));
  if (input) builder.Qdq("x", kInput);
  builder.Rounded("v", Noise({2, 2, 1, 1}, 18), {0.01F}, kWeights);
  builder.Node("Conv", {input ? "x_dq" : "x", weights ? "v_dq" : "w"}, "y");
  builder.Node("Relu", {"y"}, "r");
  if (output) builder.Qdq("r", kWide);
  builder.Output(output ? "r_dq" : "r");
  if (!input) {  // another branch makes it a QDQ model
    builder.Qdq("x", kInput).Output("x_dq");
  }
  return Refusal([&] { static_cast<void>(builder.Import()); });
}

TEST(QdqRefusal, MissingScales) {
  const auto says = [](const std::string& message, const std::vector<std::string>& parts) {
    for (const std::string& part : parts) {
      EXPECT_NE(message.find(part), std::string::npos) << part << ": " << message;
    }
  };
  EXPECT_EQ(Refused(true, true, true), "not refused");
  says(Refused(true, true, false), {"test.onnx: ", "Conv2D 'y_node'", "output tensor", "no scale",
                                    "QuantizeLinear after it", "quaver quantize"});
  says(Refused(true, false, true), {"Conv2D 'y_node'", "weights", "no scale", "DequantizeLinear"});
  says(Refused(false, true, true),
       {"Conv2D 'y_node'", "input tensor", "'x'", "no scale", "DequantizeLinear before it"});
}

TEST(QdqRefusal, SumsOfWhatHasNoScale) {
  QdqBuilder builder;
  builder.Input("x", {1, 2, 4, 4});
  builder.Qdq("x", kInput).Rounded("w", Noise({2, 2, 1, 1}, 18), {0.01F}, kWeights);
  builder.Node("Conv", {"x_dq", "w_dq"}, "y").Node("Add", {"y", "x_dq"}, "z");
  builder.Qdq("z", kWide).Output("z_dq");
  const std::string message = Refusal([&] { static_cast<void>(builder.Import()); });
  EXPECT_NE(message.find("Conv2D 'y_node': output"), std::string::npos) << message;
}

TEST(QdqRefusal, WhatTheIntegersCannotBe) {
  const auto refusal = [](const std::function<void(QdqBuilder*)>& add) {
    QdqBuilder builder;
    builder.Input("x", {1, 2, 4, 4});
    add(&builder);
    return Refusal([&] { static_cast<void>(builder.Import()); });
  };
  const auto expect = [&](const std::string& part, const std::function<void(QdqBuilder*)>& add) {
    const std::string message = refusal(add);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect("2 scales for an activation", [](QdqBuilder* b) {
    b->Floats("s", {{2}, {1, 2}}).Node("QuantizeLinear", {"x", "s"}, "y").Output("y");
  });
  expect("to element type 5", [](QdqBuilder* b) {
    b->Floats("s", {{}, {1}}).Integers("z", {}, TensorProto::INT16, {0});
    b->Node("QuantizeLinear", {"x", "s", "z"}, "y").Output("y");
  });
  expect("scale 0.000000, expected a finite number above 0", [](QdqBuilder* b) {
    b->Floats("s", {{}, {0}}).Node("QuantizeLinear", {"x", "s"}, "y").Output("y");
  });
  expect("are not those of the QuantizeLinear before it", [](QdqBuilder* b) {
    b->Floats("s", {{}, {1}}).Floats("t", {{}, {2}}).Node("QuantizeLinear", {"x", "s"}, "q");
    b->Node("DequantizeLinear", {"q", "t"}, "y").Output("y");
  });
  expect("is float, expected integers", [](QdqBuilder* b) {
    b->Floats("s", {{}, {1}}).Node("DequantizeLinear", {"x", "s"}, "y").Output("y");
  });
  expect("have a level of 155 from their zero point", [](QdqBuilder* b) {
    b->Qdq("x", kInput);
    b->Dequantized("w", {1, 2, 1, 1}, {0, 255}, {0.01F}, {0.01F, 100});
    b->Node("Conv", {"x_dq", "w_dq"}, "y");
    b->Qdq("y", kWide).Output("y_dq");
  });
  expect("several scales in one output channel", [](QdqBuilder* b) {
    b->Qdq("x", kInput);
    b->Dequantized("w", {1, 2, 1, 1}, {1, 2}, {0.01F, 0.02F}, kWeights, 1);
    b->Node("Conv", {"x_dq", "w_dq"}, "y");
    b->Qdq("y", kWide).Output("y_dq");
  });
  expect("quantize in the QDQ format",
         [](QdqBuilder* b) { b->Node("QLinearConv", {"x"}, "y").Output("y"); });
}

}  // namespace
}  // namespace quaver::compiler
