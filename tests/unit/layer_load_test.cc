// What Load refuses of convolutions, fully connected layers and pooling.
#include "tests/unit/operator_refusals.h"

namespace quaver::testing {
namespace {

class RefusesLayer : public RefusalTest {};
TEST_P(RefusesLayer, WithCodeAndMessage) { Check(); }

using Conv = fb::Conv2DT;
const std::vector<Refusal> kConv2DRefusals = {
    {"InputType",
     Conv2DModel,
     [](fb::ModelT* m) { T(m, 0).type = fb::TensorType::UInt8; },
     kOperator,
     {"operator 0 (conv)", "tensor 0 (input)", "tensor type", "expected 0, found 1"}},
    {"InputRank",
     Conv2DModel,
     [](fb::ModelT* m) {
       T(m, 0).shape = {5, 4, 4};
     },
     kOperator,
     {"tensor 0", "number of dimensions", "expected 4, found 3"}},
    {"WeightsInTheArena",
     Conv2DModel,
     [](fb::ModelT* m) {
       T(m, 1).storage = fb::Storage::Activation;
       T(m, 1).arena_offset = 256;
       m->banks[0]->bytes = 400;
     },
     kOperator,
     {"tensor 1 (weights)", "storage of the weights", "expected 1, found 0"}},
    {"OutputHeight",
     Conv2DModel,
     [](fb::ModelT* m) {
       T(m, 2).shape = {1, 4, 3, 6};
     },
     kOperator,
     {"tensor 2 (output)", "output height", "expected 3, found 4"}},
    {"OutputWidth",
     Conv2DModel,
     [](fb::ModelT* m) {
       T(m, 2).shape = {1, 3, 3, 6};
     },
     kOperator,
     {"output width", "expected 4, found 3"}},
    {"OutputChannels",
     Conv2DModel,
     [](fb::ModelT* m) {
       T(m, 2).shape = {1, 3, 4, 5};
     },
     kOperator,
     {"output channels", "expected 6, found 5"}},
    {"Batch",
     Conv2DModel,
     [](fb::ModelT* m) {
       T(m, 2).shape = {2, 3, 2, 6};
     },
     kOperator,
     {"batch", "expected 1, found 2"}},
    {"StrideZero",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->stride_h = 0; }),
     kOperator,
     {"stride_h", "expected 1, found 0"}},
    {"DilationNegative",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->dilation_w = -1; }),
     kOperator,
     {"dilation_w", "expected 1, found -1"}},
    {"PadNegative",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->pad_left = -1; }),
     kOperator,
     {"pad_left", "expected 0, found -1"}},
    {"PadHuge",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->pad_bottom = 40000; }),
     kOperator,
     {"pad_bottom", "expected 32767, found 40000"}},
    {"FilterBeyondTheInput",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->dilation_h = 30000; }),
     kOperator,
     {"filter height", "expected 7, found 60001"}},
    {"GroupsZero",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->groups = 0; }),
     kOperator,
     {"groups", "expected 1, found 0"}},
    {"GroupsDoNotDivide",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->groups = 4; }),
     kOperator,
     {"output channels modulo groups", "expected 0, found 2"}},
    {"GroupsAndInputChannels",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->groups = 1; }),
     kOperator,
     {"tensor 0", "input channels", "expected 2, found 4"}},
    {"BiasEntries",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->bias.pop_back(); }),
     kOperator,
     {"entries of bias", "expected 6, found 5"}},
    {"MultiplierEntries",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->multiplier.push_back(0); }),
     kOperator,
     {"entries of multiplier", "expected 6, found 7"}},
    {"ShiftEntries",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->shift.clear(); }),
     kOperator,
     {"entries of shift", "expected 6, found 0"}},
    {"MultiplierRange",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->multiplier[5] = (1 << 30) - 1; }),
     kOperator,
     {"output multiplier",
      "expected 1073741824, found "
      "1073741823"}},
    {"MultiplierNegative",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->multiplier[0] = -1; }),
     kOperator,
     {"output multiplier", "found -1"}},
    {"ShiftTooFarLeft",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->shift[2] = 31; }),
     kOperator,
     {"output shift", "expected 30, found 31"}},
    {"ShiftTooFarRight",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->shift[2] = -32; }),
     kOperator,
     {"output shift", "expected -31, found -32"}},
    {"ZeroPoint",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->zero_point = 128; }),
     kOperator,
     {"output zero point", "expected 127, found 128"}},
    {"ClampBeyondInt8",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->clamp_max = 128; }),
     kOperator,
     {"clamp_max", "expected 127, found 128"}},
    {"ClampEmpty",
     Conv2DModel,
     Set<Conv>([](Conv* p) { p->output->clamp_max = p->output->clamp_min - 1; }),
     kOperator,
     {"clamp_max", "expected -120, found -121"}},
    {"TooManyProducts",
     [] {
       ModelBuilder b = Conv2DModel();
       fb::ModelT* m = &b.model();
       T(m, 0).shape = {1, 1, 1, 1 << 17};
       T(m, 0).arena_offset = 256;
       m->banks[0]->bytes = 256 + (1 << 17);
       T(m, 1).shape = {1, 1, 1, 1 << 17};
       m->buffers[0]->data.resize(1 << 17);
       T(m, 2).shape = {1, 1, 1, 1};
       auto* p = static_cast<Conv*>(Op(m).params.value);
       *p = Conv();
       p->bias = {0};
       p->output = SomeStage(1);
       return b;
     },
     [](fb::ModelT*) {},
     kOperator,
     {"products per output", "expected 131071, found 131072"}}};
INSTANTIATE_TEST_SUITE_P(Conv2D, RefusesLayer, ::testing::ValuesIn(kConv2DRefusals), NameOf);

using Depthwise = fb::DepthwiseConv2DT;
const std::vector<Refusal> kDepthwiseConv2DRefusals = {
    {"FirstDimension",
     DepthwiseConv2DModel,
     [](fb::ModelT* m) {
       T(m, 1).shape = {3, 1, 3, 6};
     },
     kOperator,
     {"tensor 1", "first dimension of the weights", "expected 1, found 3"}},
    {"Multiplier",
     DepthwiseConv2DModel,
     [](fb::ModelT* m) {
       T(m, 0).shape = {1, 3, 5, 4};
     },
     kOperator,
     {"output channels modulo input channels", "expected 0, found 2"}},
    {"OutputHeight",
     DepthwiseConv2DModel,
     Set<Depthwise>([](Depthwise* p) { p->pad_top = 0; }),
     kOperator,
     {"output height", "expected 4, found 5"}},
    {"Bias",
     DepthwiseConv2DModel,
     Set<Depthwise>([](Depthwise* p) { p->bias.clear(); }),
     kOperator,
     {"entries of bias", "expected 6, found 0"}},
    {"OutputType",
     DepthwiseConv2DModel,
     [](fb::ModelT* m) { T(m, 2).type = fb::TensorType::Bool; },
     kOperator,
     {"tensor 2", "tensor type", "found 6"}}};
INSTANTIATE_TEST_SUITE_P(DepthwiseConv2D, RefusesLayer,
                         ::testing::ValuesIn(kDepthwiseConv2DRefusals), NameOf);

using Dense = fb::FullyConnectedT;
const std::vector<Refusal> kFullyConnectedRefusals = {
    {"InputDoesNotDivide",
     FullyConnectedModel,
     [](fb::ModelT* m) { T(m, 0).shape = {19}; },
     kOperator,
     {"tensor 0", "number of elements", "expected 10, found 19"}},
    {"OutputElements",
     FullyConnectedModel,
     [](fb::ModelT* m) {
       T(m, 2).shape = {1, 13};
     },
     kOperator,
     {"tensor 2", "number of elements", "expected 14, found 13"}},
    {"WeightsRank",
     FullyConnectedModel,
     [](fb::ModelT* m) {
       T(m, 1).shape = {7, 10, 1};
     },
     kOperator,
     {"tensor 1", "number of dimensions", "expected 2, found 3"}},
    {"Shift",
     FullyConnectedModel,
     Set<Dense>([](Dense* p) { p->output->shift[6] = 127; }),
     kOperator,
     {"output shift", "expected 30, found 127"}}};
INSTANTIATE_TEST_SUITE_P(FullyConnected, RefusesLayer, ::testing::ValuesIn(kFullyConnectedRefusals),
                         NameOf);

using Pool = fb::Pool2DT;
INSTANTIATE_TEST_SUITE_P(
    Pool2D, RefusesLayer,
    ::testing::
        ValuesIn(std::vector<
                 Refusal>{Refusal{"FilterZero",
                                  AveragePool2DModel,
                                  Set<Pool>([](Pool* p) { p->filter_h = 0; }),
                                  kOperator,
                                  {"operator 0 (pool)", "filter height", "expected 1, found 0"}},
                          Refusal{"Channels",
                                  MaxPool2DModel,
                                  [](fb::ModelT* m) {
                                    T(m, 2 - 1).shape = {1, 3, 3, 2};
                                  },
                                  kOperator,
                                  {"tensor 1", "channels", "expected 3, found 2"}},
                          Refusal{"FirstWindowEmpty",
                                  AveragePool2DModel,
                                  Set<Pool>([](Pool* p) {
                                    p->pad_top = 3;
                                    p->pad_bottom = 0;
                                  }),
                                  kOperator,
                                  {"pad_top", "expected 2, found 3"}},
                          Refusal{
                              "LastWindowEmpty",
                              [] {
                                ModelBuilder b = MaxPool2DModel();
                                T(&b.model(), 1).shape = {1, 4, 2, 3};
                                return b;
                              },
                              Set<Pool>([](Pool* p) { p->pad_bottom = 3; }),
                              kOperator,
                              {"start of the last window", "expected 4, found 5"}},
                          Refusal{"FilterArea",
                                  [] {
                                    ModelBuilder b;
                                    const auto input = b.Input({1, 4096, 2048, 1});
                                    const auto output = b.Activation({1, 1, 1, 1});
                                    Pool p;
                                    p.filter_h = 4096;
                                    p.filter_w = 2048;
                                    b.Operator(fb::OperatorParams::AveragePool2D, {input}, {output},
                                               p);
                                    b.Output(output);
                                    return b;
                                  },
                                  [](fb::ModelT*) {},
                                  kOperator,
                                  {"elements of a window", "expected 8388607, found 8388608"}},
                          Refusal{"Clamp",
                                  MaxPool2DModel,
                                  Set<Pool>([](Pool* p) { p->clamp_min = -129; }),
                                  kOperator,
                                  {"clamp_min", "expected -128, found -129"}}}),
    NameOf);

}  // namespace
}  // namespace quaver::testing
