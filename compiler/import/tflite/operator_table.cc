// The operators that are supported: adding one is its importer and a line here.
#include <algorithm>

#include "compiler/import/tflite/importer.h"

namespace quaver::compiler::tflite {
namespace {

using Code = fbs::BuiltinOperator;
constexpr OperatorRole kCompute = OperatorRole::kCompute;
constexpr OperatorRole kMove = OperatorRole::kMove;
constexpr OperatorRole kBorder = OperatorRole::kBorder;

constexpr OperatorEntry kOperators[] = {
    {Code::CONV_2D, kCompute, ImportConv2D},
    {Code::DEPTHWISE_CONV_2D, kCompute, ImportDepthwiseConv2D},
    {Code::TRANSPOSE_CONV, kCompute, ImportTransposeConv},
    {Code::FULLY_CONNECTED, kCompute, ImportFullyConnected},
    {Code::AVERAGE_POOL_2D, kCompute, ImportAveragePool2D},
    {Code::MAX_POOL_2D, kCompute, ImportMaxPool2D},

    {Code::ADD, kCompute, ImportAdd},
    {Code::SUB, kCompute, ImportSub},
    {Code::MUL, kCompute, ImportMul},
    {Code::DIV, kCompute, ImportDiv},
    {Code::MAXIMUM, kCompute, ImportMaximum},
    {Code::MINIMUM, kCompute, ImportMinimum},

    {Code::RELU, kCompute, ImportUnary<UnaryKind::kRelu>},
    {Code::RELU6, kCompute, ImportUnary<UnaryKind::kRelu6>},
    {Code::RELU_N1_TO_1, kCompute, ImportUnary<UnaryKind::kReluN1To1>},
    {Code::RELU_0_TO_1, kCompute, ImportRelu0To1},
    {Code::PRELU, kCompute, ImportPRelu},
    {Code::LEAKY_RELU, kCompute, ImportLeakyRelu},
    {Code::ELU, kCompute, ImportElu},
    {Code::GELU, kCompute, ImportGelu},
    {Code::LOGISTIC, kCompute, ImportUnary<UnaryKind::kSigmoid>},
    {Code::TANH, kCompute, ImportUnary<UnaryKind::kTanh>},
    {Code::HARD_SWISH, kCompute, ImportUnary<UnaryKind::kHardSwish>},
    {Code::ABS, kCompute, ImportUnary<UnaryKind::kAbs>},
    {Code::NEG, kCompute, ImportUnary<UnaryKind::kNegate>},
    {Code::EXP, kCompute, ImportUnary<UnaryKind::kExp>},
    {Code::LOG, kCompute, ImportUnary<UnaryKind::kLog>},
    {Code::SQRT, kCompute, ImportUnary<UnaryKind::kSqrt>},
    {Code::RSQRT, kCompute, ImportUnary<UnaryKind::kRsqrt>},
    {Code::SQUARE, kCompute, ImportUnary<UnaryKind::kSquare>},
    {Code::SIN, kCompute, ImportUnary<UnaryKind::kSin>},
    {Code::COS, kCompute, ImportUnary<UnaryKind::kCos>},
    {Code::FLOOR, kCompute, ImportUnary<UnaryKind::kFloor>},
    {Code::CEIL, kCompute, ImportUnary<UnaryKind::kCeil>},
    {Code::ROUND, kCompute, ImportUnary<UnaryKind::kRound>},

    {Code::SOFTMAX, kCompute, ImportSoftmax},
    {Code::MEAN, kCompute, ImportMean},
    {Code::SUM, kCompute, ImportSum},
    {Code::REDUCE_MAX, kCompute, ImportReduceMax},
    {Code::REDUCE_MIN, kCompute, ImportReduceMin},
    {Code::ARG_MAX, kCompute, ImportArgMax},
    {Code::ARG_MIN, kCompute, ImportArgMin},

    {Code::QUANTIZE, kBorder, ImportQuantize},
    {Code::DEQUANTIZE, kBorder, ImportDequantize},

    {Code::RESHAPE, kMove, ImportReshape},
    {Code::SQUEEZE, kMove, ImportReshape},
    {Code::EXPAND_DIMS, kMove, ImportReshape},
    {Code::SHAPE, kMove, ImportShape},
    {Code::TRANSPOSE, kMove, ImportTranspose},
    {Code::PAD, kMove, ImportPad},
    {Code::PADV2, kMove, ImportPadV2},
    {Code::MIRROR_PAD, kMove, ImportMirrorPad},
    {Code::CONCATENATION, kMove, ImportConcatenation},
    {Code::PACK, kMove, ImportPack},
    {Code::UNPACK, kMove, ImportUnpack},
    {Code::SPLIT, kMove, ImportSplit},
    {Code::SPLIT_V, kMove, ImportSplitV},
    {Code::SLICE, kMove, ImportSlice},
    {Code::STRIDED_SLICE, kMove, ImportStridedSlice},
    {Code::SPACE_TO_DEPTH, kMove, ImportSpaceToDepth},
    {Code::DEPTH_TO_SPACE, kMove, ImportDepthToSpace},
    {Code::RESIZE_NEAREST_NEIGHBOR, kMove, ImportResizeNearest},
    {Code::RESIZE_BILINEAR, kCompute, ImportResizeBilinear},
};

}  // namespace

const OperatorEntry* FindOperator(fbs::BuiltinOperator code) {
  const auto* entry = std::find_if(std::begin(kOperators), std::end(kOperators),
                                   [code](const OperatorEntry& e) { return e.code == code; });
  return entry == std::end(kOperators) ? nullptr : entry;
}

}  // namespace quaver::compiler::tflite
