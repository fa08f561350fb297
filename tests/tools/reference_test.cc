// The command on the reference models and data, where those lie beside the checkout.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/tools/command_fixture.h"

namespace quaver::testing {
namespace {

using Json = nlohmann::json;

const std::string kShared = QUAVER_SHARED_DIR;
constexpr char kMnist[] = QUAVER_SOURCE_DIR "/examples/mnist/mnist";

class ReferenceModel : public CommandTest, public ::testing::WithParamInterface<const char*> {};

/// The reference counted them from the .tflite: fused, folded and reshaped, they are still there.
TEST_P(ReferenceModel, HasAsManyMacsAsTheReferenceCounts) {
  std::ifstream file(kShared + "/golden/" + GetParam() + "/meta.json");
  if (!file) GTEST_SKIP() << "no reference for " << GetParam() << " in " << kShared;
  const Json meta = Json::parse(file);
  const Json model =
      Json::parse(ExpectDone({"inspect", kShared + "/models/" + GetParam() + ".tflite", "--json"}));
  EXPECT_EQ(model.at("macs"), meta.at("mac"));
  EXPECT_EQ(model.at("arena_bytes").get<std::uint64_t>(),
            model.at("activation_bytes").get<std::uint64_t>() +
                model.at("scratch_bytes").get<std::uint64_t>() +
                model.at("persistent_bytes").get<std::uint64_t>());
}

INSTANTIATE_TEST_SUITE_P(Models, ReferenceModel,
                         ::testing::Values("hello_world_int8", "ad01_int8", "kws_ref_model",
                                           "pretrainedResnet_quant", "vww_96_int8",
                                           "str_ww_ref_model", "person_detect",
                                           "micro_speech_quantized", "simple_add_model",
                                           "model_ToyCar_quant_fullint",
                                           "tf2_mobilenet_v2_1.0_224_ptq", "te_detection"),
                         [](const auto& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

class Mnist : public CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    if (!std::filesystem::exists(kShared + "/mnist")) GTEST_SKIP() << "no mnist in " << kShared;
  }
};

TEST_F(Mnist, QuantizingAgainGivesTheCommittedModel) {
#ifndef __x86_64__
  GTEST_SKIP() << "calibration sums floats, in another order on other CPU families";
#endif
  ExpectDone({"quantize", std::string(kMnist) + ".onnx", "--data",
              kShared + "/mnist/train-images-idx3-ubyte.gz", "--samples", "500", "-o",
              Path("mnist.qvr")});
  std::ifstream file(std::string(kMnist) + ".qvr", std::ios::binary);
  const FileBytes committed{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(Read("mnist.qvr") == committed) << "run scripts/update-mnist";
}

TEST_F(Mnist, IntegerAccuracyIsWithinATenthOfAPointOfFloat) {
  const Json scores =
      Json::parse(ExpectDone({"eval", std::string(kMnist) + ".onnx", std::string(kMnist) + ".qvr",
                              "--data", kShared + "/mnist/t10k-images-idx3-ubyte.gz", "--labels",
                              kShared + "/mnist/t10k-labels-idx1-ubyte.gz", "--json"}));
  EXPECT_EQ(scores.at(0).at("arithmetic"), "float");
  EXPECT_EQ(scores.at(1).at("arithmetic"), "integer");
  EXPECT_EQ(scores.at(0).at("total"), 10000);
  EXPECT_EQ(scores.at(1).at("total"), 10000);
  const int float_right = scores.at(0).at("right").get<int>();
  EXPECT_GE(float_right, 9900);
  EXPECT_NEAR(scores.at(1).at("right").get<int>(), float_right, 10);
  EXPECT_TRUE(scores.at(0).at("sqnr_decibels").is_null()) << "the others are compared with it";
  EXPECT_GT(scores.at(1).at("sqnr_decibels").get<double>(), 25);
}

// examples/qat: networks trained with rounded weights, written as QDQ.
TEST_F(Mnist, TrainingWithRoundedWeightsKeepsAccuracyAtFourBitsAndBelow) {
  const std::string folder = QUAVER_SOURCE_DIR "/examples/qat/models/";
  std::vector<std::string> arguments = {"eval"};
  const std::vector<std::pair<std::string, double>> models = {
      {"float", 98.8}, {"qat8", 98.8}, {"qat4", 98.5}, {"qat_ternary", 97}, {"qat_binary", 96}};
  for (const auto& model : models) arguments.push_back(folder + model.first + ".onnx");
  arguments.insert(arguments.end(),
                   {"--data", kShared + "/mnist/t10k-images-idx3-ubyte.gz", "--labels",
                    kShared + "/mnist/t10k-labels-idx1-ubyte.gz", "--json"});
  const Json scores = Json::parse(ExpectDone(arguments));
  for (std::size_t i = 0; i < models.size(); ++i) {
    EXPECT_EQ(scores.at(i).at("arithmetic"), i == 0 ? "float" : "integer");
    EXPECT_GE(scores.at(i).at("accuracy_percent").get<double>(), models[i].second)
        << models[i].first;
  }
}

}  // namespace
}  // namespace quaver::testing
