// What Load refuses of each operator's tensors and parameters.
#include "tests/unit/refusal.h"
#include "tests/util/sample_models.h"

namespace quaver::testing {
namespace {

constexpr StatusCode kOperator = StatusCode::kInvalidOperator;

class RefusesOperator : public RefusalTest {};
TEST_P(RefusesOperator, WithCodeAndMessage) { Check(); }

/// Changes one field of the only operator's parameters.
template <typename P>
std::function<void(fb::ModelT*)> Set(const std::function<void(P*)>& change) {
  return [change](fb::ModelT* m) { change(static_cast<P*>(Op(m).params.value)); };
}

using Conv = fb::Conv2DT;
INSTANTIATE_TEST_SUITE_P(Conv2D, RefusesOperator,
                         ::testing::ValuesIn(std::vector<
                                             Refusal>{Refusal{
                                                          "InputType",
                                                          Conv2DModel,
                                                          [](fb::ModelT* m) {
                                                            T(m, 0).type = fb::TensorType::UInt8;
                                                          },
                                                          kOperator,
                                                          {"operator 0 (conv)", "tensor 0 (input)",
                                                           "tensor type", "expected 0, found 1"}},
                                                      Refusal{"InputRank",
                                                              Conv2DModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 0).shape = {5, 4, 4};
                                                              },
                                                              kOperator,
                                                              {"tensor 0", "number of dimensions",
                                                               "expected 4, found 3"}},
                                                      Refusal{"WeightsInTheArena",
                                                              Conv2DModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 1).storage =
                                                                    fb::Storage::Activation;
                                                                T(m, 1).arena_offset = 256;
                                                                m->banks[0]->bytes = 400;
                                                              },
                                                              kOperator,
                                                              {"tensor 1 (weights)",
                                                               "storage of the weights",
                                                               "expected 1, found 0"}},
                                                      Refusal{"OutputHeight",
                                                              Conv2DModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 2).shape = {1, 4, 3, 6};
                                                              },
                                                              kOperator,
                                                              {"tensor 2 (output)", "output height",
                                                               "expected 3, found 4"}},
                                                      Refusal{"OutputWidth",
                                                              Conv2DModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 2).shape = {1, 3, 3, 6};
                                                              },
                                                              kOperator,
                                                              {"output width",
                                                               "expected 4, found 3"}},
                                                      Refusal{"OutputChannels",
                                                              Conv2DModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 2).shape = {1, 3, 4, 5};
                                                              },
                                                              kOperator,
                                                              {"output channels",
                                                               "expected 6, found 5"}},
                                                      Refusal{"Batch",
                                                              Conv2DModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 2).shape = {2, 3, 2, 6};
                                                              },
                                                              kOperator,
                                                              {"batch", "expected 1, found 2"}},
                                                      Refusal{"StrideZero",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->stride_h = 0;
                                                              }),
                                                              kOperator,
                                                              {"stride_h", "expected 1, found 0"}},
                                                      Refusal{
                                                          "DilationNegative",
                                                          Conv2DModel,
                                                          Set<Conv>([](Conv* p) {
                                                            p->dilation_w = -1;
                                                          }),
                                                          kOperator,
                                                          {"dilation_w", "expected 1, found -1"}},
                                                      Refusal{"PadNegative",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->pad_left = -1;
                                                              }),
                                                              kOperator,
                                                              {"pad_left", "expected 0, found -1"}},
                                                      Refusal{"PadHuge",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->pad_bottom = 40000;
                                                              }),
                                                              kOperator,
                                                              {"pad_bottom",
                                                               "expected 32767, found 40000"}},
                                                      Refusal{"FilterBeyondTheInput",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->dilation_h = 30000;
                                                              }),
                                                              kOperator,
                                                              {"filter height",
                                                               "expected 7, found 60001"}},
                                                      Refusal{
                                                          "GroupsZero",
                                                          Conv2DModel,
                                                          Set<Conv>([](Conv* p) { p->groups = 0; }),
                                                          kOperator,
                                                          {"groups", "expected 1, found 0"}},
                                                      Refusal{
                                                          "GroupsDoNotDivide",
                                                          Conv2DModel,
                                                          Set<Conv>([](Conv* p) { p->groups = 4; }),
                                                          kOperator,
                                                          {"output channels modulo groups",
                                                           "expected 0, found 2"}},
                                                      Refusal{
                                                          "GroupsAndInputChannels",
                                                          Conv2DModel,
                                                          Set<Conv>([](Conv* p) { p->groups = 1; }),
                                                          kOperator,
                                                          {"tensor 0", "input channels",
                                                           "expected 2, found 4"}},
                                                      Refusal{"BiasEntries",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->bias.pop_back();
                                                              }),
                                                              kOperator,
                                                              {"entries of bias",
                                                               "expected 6, found 5"}},
                                                      Refusal{"MultiplierEntries",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->multiplier.push_back(0);
                                                              }),
                                                              kOperator,
                                                              {"entries of multiplier",
                                                               "expected 6, found 7"}},
                                                      Refusal{"ShiftEntries",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->shift.clear();
                                                              }),
                                                              kOperator,
                                                              {"entries of shift",
                                                               "expected 6, found 0"}},
                                                      Refusal{"MultiplierRange",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->multiplier[5] =
                                                                    (1 << 30) - 1;
                                                              }),
                                                              kOperator,
                                                              {"output multiplier",
                                                               "expected 1073741824, found "
                                                               "1073741823"}},
                                                      Refusal{"MultiplierNegative",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->multiplier[0] = -1;
                                                              }),
                                                              kOperator,
                                                              {"output multiplier", "found -1"}},
                                                      Refusal{"ShiftTooFarLeft",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->shift[2] = 31;
                                                              }),
                                                              kOperator,
                                                              {"output shift",
                                                               "expected 30, found 31"}},
                                                      Refusal{"ShiftTooFarRight",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->shift[2] = -32;
                                                              }),
                                                              kOperator,
                                                              {"output shift",
                                                               "expected -31, found -32"}},
                                                      Refusal{"ZeroPoint",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->zero_point = 128;
                                                              }),
                                                              kOperator,
                                                              {"output zero point",
                                                               "expected 127, found 128"}},
                                                      Refusal{
                                                          "ClampBeyondInt8",
                                                          Conv2DModel,
                                                          Set<Conv>([](Conv* p) {
                                                            p->output->clamp_max = 128;
                                                          }),
                                                          kOperator,
                                                          {"clamp_max", "expected 127, found 128"}},
                                                      Refusal{"ClampEmpty",
                                                              Conv2DModel,
                                                              Set<Conv>([](Conv* p) {
                                                                p->output->clamp_max =
                                                                    p->output->clamp_min - 1;
                                                              }),
                                                              kOperator,
                                                              {"clamp_max",
                                                               "expected -120, found -121"}},
                                                      Refusal{"TooManyProducts",
                                                              [] {
                                                                ModelBuilder b = Conv2DModel();
                                                                fb::ModelT* m = &b.model();
                                                                T(m, 0).shape = {1, 1, 1, 1 << 17};
                                                                T(m, 0).arena_offset = 256;
                                                                m->banks[0]->bytes =
                                                                    256 + (1 << 17);
                                                                T(m, 1).shape = {1, 1, 1, 1 << 17};
                                                                m->buffers[0]->data.resize(1 << 17);
                                                                T(m, 2).shape = {1, 1, 1, 1};
                                                                auto* p = static_cast<Conv*>(
                                                                    Op(m).params.value);
                                                                *p = Conv();
                                                                p->bias = {0};
                                                                p->output = SomeStage(1);
                                                                return b;
                                                              },
                                                              [](fb::ModelT*) {},
                                                              kOperator,
                                                              {"products per output",
                                                               "expected 131071, found 131072"}}}),
                         NameOf);

using Depthwise = fb::DepthwiseConv2DT;
INSTANTIATE_TEST_SUITE_P(
    DepthwiseConv2D, RefusesOperator,
    ::testing::ValuesIn(std::vector<Refusal>{
        Refusal{"FirstDimension",
                DepthwiseConv2DModel,
                [](fb::ModelT* m) {
                  T(m, 1).shape = {3, 1, 3, 6};
                },
                kOperator,
                {"tensor 1", "first dimension of the weights", "expected 1, found 3"}},
        Refusal{"Multiplier",
                DepthwiseConv2DModel,
                [](fb::ModelT* m) {
                  T(m, 0).shape = {1, 3, 5, 4};
                },
                kOperator,
                {"output channels modulo input channels", "expected 0, found 2"}},
        Refusal{"OutputHeight",
                DepthwiseConv2DModel,
                Set<Depthwise>([](Depthwise* p) { p->pad_top = 0; }),
                kOperator,
                {"output height", "expected 4, found 5"}},
        Refusal{"Bias",
                DepthwiseConv2DModel,
                Set<Depthwise>([](Depthwise* p) { p->bias.clear(); }),
                kOperator,
                {"entries of bias", "expected 6, found 0"}},
        Refusal{"OutputType",
                DepthwiseConv2DModel,
                [](fb::ModelT* m) { T(m, 2).type = fb::TensorType::Bool; },
                kOperator,
                {"tensor 2", "tensor type", "found 6"}}}),
    NameOf);

using Dense = fb::FullyConnectedT;
INSTANTIATE_TEST_SUITE_P(FullyConnected, RefusesOperator,
                         ::testing::ValuesIn(std::vector<Refusal>{
                             Refusal{"InputDoesNotDivide",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) { T(m, 0).shape = {19}; },
                                     kOperator,
                                     {"tensor 0", "number of elements", "expected 10, found 19"}},
                             Refusal{"OutputElements",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) {
                                       T(m, 2).shape = {1, 13};
                                     },
                                     kOperator,
                                     {"tensor 2", "number of elements", "expected 14, found 13"}},
                             Refusal{"WeightsRank",
                                     FullyConnectedModel,
                                     [](fb::ModelT* m) {
                                       T(m, 1).shape = {7, 10, 1};
                                     },
                                     kOperator,
                                     {"tensor 1", "number of dimensions", "expected 2, found 3"}},
                             Refusal{"Shift",
                                     FullyConnectedModel,
                                     Set<Dense>([](Dense* p) { p->output->shift[6] = 127; }),
                                     kOperator,
                                     {"output shift", "expected 30, found 127"}}}),
                         NameOf);

using Pool = fb::Pool2DT;
INSTANTIATE_TEST_SUITE_P(
    Pool2D, RefusesOperator,
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
                                               std::move(p));
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

using AddSub = fb::AddSubT;
INSTANTIATE_TEST_SUITE_P(
    AddSub, RefusesOperator,
    ::testing::ValuesIn(
        std::vector<Refusal>{
            Refusal{"NoDims",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->broadcast->dims.clear(); }),
                    kOperator,
                    {"number of broadcast dimensions", "expected 1, found 0"}},
            Refusal{"DimZero",
                    SubModel,
                    Set<AddSub>([](AddSub* p) { p->broadcast->dims[0] = 0; }),
                    kOperator,
                    {"broadcast dimension", "expected 1, found 0"}},
            Refusal{"DimsOverflow",
                    AddModel,
                    Set<AddSub>([](AddSub* p) {
                      p->broadcast->dims = {INT32_MAX, INT32_MAX};
                    }),
                    kOperator,
                    {"broadcast elements"}},
            Refusal{"Elements",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->broadcast->dims[0] = 5; }),
                    kOperator,
                    {"tensor 2 (output)", "number of elements", "expected 15, found 12"}},
            Refusal{"StrideEntries",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->broadcast->strides1.pop_back(); }),
                    kOperator,
                    {"strides of input 0", "expected 2, found 1"}},
            Refusal{"StrideBeyond",
                    AddModel,
                    Set<AddSub>(
                        [](AddSub* p) {
                          p->broadcast->strides2 = {1, 1};
                        }),
                    kOperator,
                    {"strides of input 1", "expected 2, found 3"}},
            Refusal{"StrideNegative",
                    AddModel,
                    Set<AddSub>(
                        [](AddSub* p) {
                          p->broadcast->strides1 = {-3, 1};
                        }),
                    kOperator,
                    {"strides of input 0", "expected 0, found -3"}},
            Refusal{"LeftShift",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->left_shift = 23; }),
                    kOperator,
                    {"left_shift", "expected 22, found 23"}},
            Refusal{"InputShift",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->shift1 = 1; }),
                    kOperator,
                    {"shift1", "expected 0, found 1"}},
            Refusal{"InputShift2",
                    SubModel,
                    Set<AddSub>([](AddSub* p) { p->shift2 = -32; }),
                    kOperator,
                    {"shift2", "expected -31, found -32"}},
            Refusal{"Multiplier1",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->multiplier1 = 1; }),
                    kOperator,
                    {"multiplier1", "found 1"}},
            Refusal{"Multiplier2",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->multiplier2 = -2; }),
                    kOperator,
                    {"multiplier2", "found -2"}},
            Refusal{"OutputMultiplier",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->output_multiplier = 5; }),
                    kOperator,
                    {"output_multiplier", "found 5"}},
            Refusal{"OutputShift",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->output_shift = 31; }),
                    kOperator,
                    {"output_shift", "expected 30, found 31"}},
            Refusal{"ZeroPoint1",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->zero_point1 = 200; }),
                    kOperator,
                    {"zero_point1", "found 200"}},
            Refusal{"ZeroPoint2",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->zero_point2 = -129; }),
                    kOperator,
                    {"zero_point2", "found -129"}},
            Refusal{"OutputZeroPoint",
                    AddModel,
                    Set<AddSub>([](AddSub* p) { p->output_zero_point = 128; }),
                    kOperator,
                    {"output_zero_point", "found 128"}}}),
    NameOf);

using Mul = fb::MulT;
INSTANTIATE_TEST_SUITE_P(Mul, RefusesOperator,
                         ::testing::ValuesIn(std::vector<Refusal>{
                             Refusal{"Shift",
                                     MulModel,
                                     Set<Mul>([](Mul* p) { p->output_shift = -40; }),
                                     kOperator,
                                     {"operator 0 (product)", "output_shift", "found -40"}},
                             Refusal{"Multiplier",
                                     MulModel,
                                     Set<Mul>([](Mul* p) { p->output_multiplier = 12; }),
                                     kOperator,
                                     {"output_multiplier", "found 12"}},
                             Refusal{"Strides",
                                     MulModel,
                                     Set<Mul>([](Mul* p) {
                                       p->broadcast->strides1 = {4, 1};
                                     }),
                                     kOperator,
                                     {"strides of input 0", "expected 11, found 12"}}}),
                         NameOf);

INSTANTIATE_TEST_SUITE_P(Lut8, RefusesOperator,
                         ::testing::ValuesIn(std::vector<Refusal>{
                             Refusal{"Entries",
                                     Lut8Model,
                                     Set<fb::Lut8T>([](fb::Lut8T* p) { p->table.pop_back(); }),
                                     kOperator,
                                     {"entries of the table", "expected 256, found 255"}},
                             Refusal{"WideInput",
                                     Lut8Model,
                                     [](fb::ModelT* m) {
                                       T(m, 0).type = fb::TensorType::Int16;
                                       T(m, 0).shape = {8};
                                     },
                                     kOperator,
                                     {"bytes of an input element", "expected 1, found 2"}},
                             Refusal{"Elements",
                                     Lut8Model,
                                     [](fb::ModelT* m) { T(m, 1).shape = {14}; },
                                     kOperator,
                                     {"tensor 1", "number of elements", "expected 15, found 14"}}}),
                         NameOf);

using Softmax = fb::SoftmaxT;
INSTANTIATE_TEST_SUITE_P(Softmax, RefusesOperator,
                         ::testing::ValuesIn(std::vector<
                                             Refusal>{Refusal{"EmptyTable",
                                                              SoftmaxModel,
                                                              Set<Softmax>([](Softmax* p) {
                                                                p->exp_table.clear();
                                                              }),
                                                              kOperator,
                                                              {"entries of exp_table",
                                                               "expected 1, found 0"}},
                                                      Refusal{"LongTable",
                                                              SoftmaxModel,
                                                              Set<Softmax>([](Softmax* p) {
                                                                p->exp_table.resize(257);
                                                              }),
                                                              kOperator,
                                                              {"entries of exp_table",
                                                               "expected 256, found 257"}},
                                                      Refusal{"FirstEntry",
                                                              SoftmaxModel,
                                                              Set<Softmax>([](Softmax* p) {
                                                                p->exp_table[0] = 0;
                                                              }),
                                                              kOperator,
                                                              {"exp_table[0]",
                                                               "expected 2147483647, found 0"}},
                                                      Refusal{"NegativeEntry",
                                                              SoftmaxModel,
                                                              Set<Softmax>([](Softmax* p) {
                                                                p->exp_table[3] = -4;
                                                              }),
                                                              kOperator,
                                                              {"entry of exp_table", "found -4"}},
                                                      Refusal{"Scalar",
                                                              SoftmaxModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 0).shape.clear();
                                                                T(m, 1).shape.clear();
                                                              },
                                                              kOperator,
                                                              {"number of dimensions",
                                                               "expected 1, found 0"}},
                                                      Refusal{"Elements",
                                                              SoftmaxModel,
                                                              [](fb::ModelT* m) {
                                                                T(m, 1).shape = {2, 4};
                                                              },
                                                              kOperator,
                                                              {"number of elements",
                                                               "expected 10, found 8"}}}),
                         NameOf);

using Reduce = fb::ReduceT;
INSTANTIATE_TEST_SUITE_P(
    Reduce, RefusesOperator,
    ::testing::ValuesIn(std::vector<Refusal>{
        Refusal{"Kind",
                ReduceMeanModel,
                Set<Reduce>([](Reduce* p) { p->kind = static_cast<fb::ReduceKind>(4); }),
                kOperator,
                {"kind of reduction", "expected 3, found 4"}},
        Refusal{"Beyond",
                ReduceMaxModel,
                Set<Reduce>([](Reduce* p) { p->reduced_strides[0] = 3; }),
                kOperator,
                {"last element read", "expected 23, found 34"}},
        Refusal{"NegativeStride",
                ReduceSumModel,
                Set<Reduce>([](Reduce* p) { p->kept_strides[0] = -1; }),
                kOperator,
                {"stride", "expected 0, found -1"}},
        Refusal{"DimZero",
                ReduceMinModel,
                Set<Reduce>([](Reduce* p) { p->reduced_dims[0] = 0; }),
                kOperator,
                {"dimension", "expected 1, found 0"}},
        Refusal{"StrideEntries",
                ReduceMeanModel,
                Set<Reduce>([](Reduce* p) { p->kept_strides.clear(); }),
                kOperator,
                {"number of strides", "expected 1, found 0"}},
        Refusal{"SevenDims",
                ReduceMeanModel,
                Set<Reduce>([](Reduce* p) { p->kept_dims.resize(7, 1); }),
                kOperator,
                {"number of dimensions", "expected 6, found 7"}},
        Refusal{"OutputElements",
                ReduceMeanModel,
                [](fb::ModelT* m) { T(m, 1).shape = {3}; },
                kOperator,
                {"tensor 1", "number of elements", "expected 2, found 3"}},
        Refusal{"Multiplier",
                ReduceMeanModel,
                Set<Reduce>([](Reduce* p) { p->output_multiplier = -1; }),
                kOperator,
                {"output_multiplier", "expected 0, found -1"}},
        Refusal{"Shift",
                ReduceMeanModel,
                Set<Reduce>([](Reduce* p) { p->output_shift = 31; }),
                kOperator,
                {"output_shift", "found 31"}}}),
    NameOf);

using Copy = fb::StridedCopyT;
INSTANTIATE_TEST_SUITE_P(
    StridedCopy, RefusesOperator,
    ::testing::ValuesIn(std::vector<Refusal>{
        Refusal{"PieceInput",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->input = 2; }),
                kOperator,
                {"operator 0 (concat)", "input of a piece", "expected 1, found 2"}},
        Refusal{"RunBytesZero",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->run_bytes = 0; }),
                kOperator,
                {"run_bytes", "expected 1, found 0"}},
        Refusal{"SevenDims",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->dims.resize(7, 1); }),
                kOperator,
                {"dimensions of a piece", "expected 6, found 7"}},
        Refusal{"DimZero",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->dims[0] = 0; }),
                kOperator,
                {"dimension of a piece", "expected 1, found 0"}},
        Refusal{"DimsOverflow",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->dims[0] = INT32_MAX; }),
                kOperator,
                {"dimension of a piece", "expected 16"}},
        Refusal{"StrideEntries",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->source_strides.clear(); }),
                kOperator,
                {"source of a piece", "expected 1, found 0"}},
        Refusal{"SourceBefore",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->source_offset = 2; }),
                kOperator,
                {"source of a piece", "expected 0, found -1"}},
        Refusal{"SourceBehind",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->source_offset = 4; }),
                kOperator,
                {"source of a piece", "expected 6, found 7"}},
        Refusal{"SourceNegativeOffset",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[1]->source_offset = -1; }),
                kOperator,
                {"source of a piece", "expected 0, found -1"}},
        Refusal{"TargetBehind",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[1]->target_offset = 14; }),
                kOperator,
                {"target of a piece", "expected 16, found 17"}},
        Refusal{"TargetStrideZero",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->target_strides[0] = 0; }),
                kOperator,
                {"target stride of 0"}},
        Refusal{"HugeStride",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->pieces[0]->source_strides[0] = INT32_MIN; }),
                kOperator,
                {"source of a piece"}},
        Refusal{"NotCovered",
                StridedCopyModel,
                Set<Copy>([](Copy* p) { p->fill = false; }),
                kOperator,
                {"bytes of all pieces", "expected 16, found 9"}},
        Refusal{"Types",
                StridedCopyModel,
                [](fb::ModelT* m) { T(m, 1).type = fb::TensorType::UInt8; },
                kOperator,
                {"tensor 1 (second)", "tensor type", "expected 0, found 1"}},
        Refusal{"NoInputs",
                StridedCopyModel,
                [](fb::ModelT* m) { Op(m).inputs.clear(); },
                kOperator,
                {"number of inputs", "expected 1, found 0"}}}),
    NameOf);

using Nearest = fb::ResizeNearestT;
using Bilinear = fb::ResizeBilinearT;
INSTANTIATE_TEST_SUITE_P(
    Resize, RefusesOperator,
    ::testing::ValuesIn(
        std::vector<
            Refusal>{Refusal{"SourceBeyond",
                             ResizeNearestModel,
                             Set<Nearest>([](Nearest* p) { p->source_y[3] = 2; }),
                             kOperator,
                             {"operator 0 (resize)", "source_y", "expected 1, found 2"}},
                     Refusal{"SourceNegative",
                             ResizeNearestModel,
                             Set<Nearest>([](Nearest* p) { p->source_x[0] = -1; }),
                             kOperator,
                             {"source_x", "expected 0, found -1"}},
                     Refusal{"Entries",
                             ResizeNearestModel,
                             Set<Nearest>([](Nearest* p) { p->source_x.pop_back(); }),
                             kOperator,
                             {"source_x", "expected 3, found 2"}},
                     Refusal{
                         "Channels",
                         ResizeBilinearModel,
                         [](fb::ModelT* m) {
                           T(m, 1).shape = {1, 3, 2, 1};
                         },
                         kOperator,
                         {"channels", "expected 2, found 1"}},
                     Refusal{"RowBeyond",
                             ResizeBilinearModel,
                             Set<Bilinear>([](Bilinear* p) { p->y1[0] = 2; }),
                             kOperator,
                             {"y1", "expected 1, found 2"}},
                     Refusal{"RowNegative",
                             ResizeBilinearModel,
                             Set<Bilinear>([](Bilinear* p) { p->y0[0] = -1; }),
                             kOperator,
                             {"y0", "expected 0, found -1"}},
                     Refusal{"ColumnBeyond",
                             ResizeBilinearModel,
                             Set<Bilinear>([](Bilinear* p) { p->x0[0] = 3; }),
                             kOperator,
                             {"x0", "expected 2, found 3"}},
                     Refusal{"ColumnEntries",
                             ResizeBilinearModel,
                             Set<Bilinear>([](Bilinear* p) { p->x1.clear(); }),
                             kOperator,
                             {"x1", "expected 2, found 0"}},
                     Refusal{"RowWeight",
                             ResizeBilinearModel,
                             Set<Bilinear>([](Bilinear* p) { p->y_weight[0] = 1025; }),
                             kOperator,
                             {"y_weight", "expected 1024, found 1025"}},
                     Refusal{"ColumnWeight",
                             ResizeBilinearModel,
                             Set<Bilinear>([](Bilinear* p) { p->x_weight[1] = -1; }),
                             kOperator,
                             {"x_weight", "expected 0, found -1"}}}),
    NameOf);

using ArgMax = fb::ArgMaxT;
INSTANTIATE_TEST_SUITE_P(ArgMax, RefusesOperator,
                         ::testing::ValuesIn(std::vector<Refusal>{
                             Refusal{"OuterZero",
                                     ArgMaxModel,
                                     Set<ArgMax>([](ArgMax* p) { p->outer = 0; }),
                                     kOperator,
                                     {"operator 0 (best)", "outer", "expected 1, found 0"}},
                             Refusal{"Product",
                                     ArgMaxModel,
                                     Set<ArgMax>([](ArgMax* p) { p->axis = 4; }),
                                     kOperator,
                                     {"tensor 0", "number of elements", "expected 24, found 30"}},
                             Refusal{"Overflow",
                                     ArgMaxModel,
                                     Set<ArgMax>([](ArgMax* p) { p->inner = INT32_MAX; }),
                                     kOperator,
                                     {"inner", "expected 30"}},
                             Refusal{"OutputElements",
                                     ArgMaxModel,
                                     [](fb::ModelT* m) { T(m, 1).shape = {5}; },
                                     kOperator,
                                     {"tensor 1", "number of elements", "expected 6, found 5"}},
                             Refusal{"OutputType",
                                     ArgMaxModel,
                                     [](fb::ModelT* m) { T(m, 1).type = fb::TensorType::Int8; },
                                     kOperator,
                                     {"tensor 1", "tensor type", "expected 3, found 0"}}}),
                         NameOf);

using Quantize = fb::QuantizeFloatT;
using Dequantize = fb::DequantizeFloatT;
INSTANTIATE_TEST_SUITE_P(
    FloatBorder, RefusesOperator,
    ::testing::
        ValuesIn(std::vector<Refusal>{Refusal{"ScaleZero",
                                              QuantizeFloatModel,
                                              Set<Quantize>([](Quantize* p) { p->scale = 0; }),
                                              kOperator,
                                              {"operator 0 (quantize)", "bits of the scale",
                                               "found 0"}},
                                      Refusal{"ScaleNegative",
                                              QuantizeFloatModel,
                                              Set<Quantize>([](Quantize* p) { p->scale = -1; }),
                                              kOperator,
                                              {"bits of the scale"}},
                                      Refusal{"ScaleInfinite",
                                              DequantizeFloatModel,
                                              Set<Dequantize>([](Dequantize* p) {
                                                p->scale = 1e38F * 10;
                                              }),
                                              kOperator,
                                              {"operator 0 (dequantize)", "bits of the scale"}},
                                      Refusal{
                                          "ZeroPoint",
                                          DequantizeFloatModel,
                                          Set<Dequantize>([](Dequantize* p) {
                                            p->zero_point = 128;
                                          }),
                                          kOperator,
                                          {"zero_point", "expected 127, found 128"}},
                                      Refusal{"ZeroPointOfUInt8",
                                              DequantizeFloatModel,
                                              [](fb::ModelT* m) {
                                                T(m, 0).type = fb::TensorType::UInt8;
                                                static_cast<Dequantize*>(Op(m).params.value)
                                                    ->zero_point = -1;
                                              },
                                              kOperator,
                                              {"zero_point", "expected 0, found -1"}},
                                      Refusal{"ClampOfUInt8",
                                              QuantizeFloatModel,
                                              [](fb::ModelT* m) {
                                                T(m, 1).type = fb::TensorType::UInt8;
                                                static_cast<Quantize*>(Op(m).params.value)
                                                    ->zero_point = 1;
                                              },
                                              kOperator,
                                              {"clamp_min", "expected 0, found -128"}},
                                      Refusal{"InputType",
                                              QuantizeFloatModel,
                                              [](fb::ModelT*
                                                     m) { T(m, 0).type = fb::TensorType::Int32; },
                                              kOperator,
                                              {"tensor 0", "tensor type", "expected 5, found 3"}},
                                      Refusal{"Elements",
                                              DequantizeFloatModel,
                                              [](fb::ModelT* m) { T(m, 1).shape = {5}; },
                                              kOperator,
                                              {"number of elements", "expected 6, found 5"}}}),
    NameOf);

}  // namespace
}  // namespace quaver::testing
