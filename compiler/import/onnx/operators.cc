#include "compiler/import/onnx/operators.h"

#include <map>

namespace quaver::compiler::onnx_import {

Importer FindImporter(const std::string& op) {
  static const std::map<std::string, Importer> importers = {
      {"Abs", ImportUnary},
      {"Add", ImportBinary},
      {"ArgMax", ImportArgMax},
      {"ArgMin", ImportArgMax},
      {"AveragePool", ImportAveragePool},
      {"BatchNormalization", ImportBatchNormalization},
      {"Cast", ImportCast},
      {"Ceil", ImportUnary},
      {"Clip", ImportClip},
      {"Concat", ImportConcat},
      {"Constant", ImportConstant},
      {"ConstantOfShape", ImportConstantOfShape},
      {"Conv", ImportConv},
      {"Cos", ImportUnary},
      {"DepthToSpace", ImportDepthToSpace},
      {"Div", ImportBinary},
      {"Dropout", ImportIdentity},
      {"Elu", ImportUnary},
      {"Erf", ImportUnary},
      {"Exp", ImportUnary},
      {"Flatten", ImportFlatten},
      {"Floor", ImportUnary},
      {"Gather", ImportGather},
      {"Gelu", ImportUnary},
      {"Gemm", ImportGemm},
      {"GlobalAveragePool", ImportGlobalAveragePool},
      {"GlobalMaxPool", ImportGlobalMaxPool},
      {"HardSigmoid", ImportUnary},
      {"HardSwish", ImportUnary},
      {"Identity", ImportIdentity},
      {"LeakyRelu", ImportUnary},
      {"Log", ImportUnary},
      {"MatMul", ImportMatMul},
      {"Max", ImportBinary},
      {"MaxPool", ImportMaxPool},
      {"Min", ImportBinary},
      {"Mul", ImportBinary},
      {"Neg", ImportUnary},
      {"PRelu", ImportPRelu},
      {"Pad", ImportPad},
      {"Pow", ImportPow},
      {"ReduceMax", ImportReduce},
      {"ReduceMean", ImportReduce},
      {"ReduceMin", ImportReduce},
      {"ReduceSum", ImportReduce},
      {"Relu", ImportUnary},
      {"Reshape", ImportReshape},
      {"Resize", ImportResize},
      {"Round", ImportUnary},
      {"Shape", ImportShape},
      {"Sigmoid", ImportUnary},
      {"Sin", ImportUnary},
      {"Size", ImportSize},
      {"Slice", ImportSlice},
      {"Softmax", ImportSoftmax},
      {"Softplus", ImportUnary},
      {"SpaceToDepth", ImportSpaceToDepth},
      {"Split", ImportSplit},
      {"Sqrt", ImportUnary},
      {"Squeeze", ImportSqueeze},
      {"Sub", ImportBinary},
      {"Tanh", ImportUnary},
      {"Transpose", ImportTranspose},
      {"Unsqueeze", ImportUnsqueeze},
  };
  const auto found = importers.find(op);
  return found != importers.end() ? found->second : nullptr;
}

std::string Alternative(const std::string& op) {
  static const std::map<std::string, std::string> alternatives = {
      {"ConvTranspose", "use Resize (nearest) followed by Conv"},
      {"DequantizeLinear", "export the float model and let quaver quantize it"},
      {"DynamicQuantizeLinear", "export the float model and let quaver quantize it"},
      {"Einsum", "write it as Transpose, Reshape and MatMul"},
      {"Expand", "let Add or Mul broadcast instead"},
      {"GRU", "unroll it, or use convolutions over time"},
      {"GatherElements", "cut it off and do it in the application"},
      {"GlobalLpPool", "use GlobalAveragePool or GlobalMaxPool"},
      {"GroupNormalization", "use BatchNormalization, which costs nothing in int8"},
      {"If", "export the branch that is used (onnxsim folds constant conditions)"},
      {"InstanceNormalization", "use BatchNormalization, which costs nothing in int8"},
      {"LRN", "use BatchNormalization, which costs nothing in int8"},
      {"LSTM", "unroll it, or use convolutions over time"},
      {"LayerNormalization", "use BatchNormalization, which costs nothing in int8"},
      {"LogSoftmax", "use Softmax: the order of the classes is the same"},
      {"Loop", "unroll it when exporting"},
      {"LpPool", "use AveragePool or MaxPool"},
      {"Mish", "use HardSwish or Relu"},
      {"NonMaxSuppression", "cut it off and do it in the application"},
      {"QLinearConv", "export the float model and let quaver quantize it"},
      {"QLinearMatMul", "export the float model and let quaver quantize it"},
      {"QuantizeLinear", "export the float model and let quaver quantize it"},
      {"RNN", "unroll it, or use convolutions over time"},
      {"Reciprocal", "use Mul by a constant"},
      {"ReduceL1", "use ReduceMean"},
      {"ReduceL2", "use ReduceMean"},
      {"Scan", "unroll it when exporting"},
      {"Selu", "use Elu"},
      {"Softsign", "use Tanh"},
      {"Sum", "use Add, two inputs at a time"},
      {"TopK", "cut it off and do it in the application, or use ArgMax"},
      {"Upsample", "export with opset 11 or later, which writes Resize"},
      {"Where", "export with fixed shapes and constant folding (onnxsim does both)"},
  };
  const auto found = alternatives.find(op);
  return found != alternatives.end()
             ? found->second
             : "simplify the graph (onnxsim), or cut it before this node and do the rest in the "
               "application";
}

}  // namespace quaver::compiler::onnx_import
