// Every kernel of this build against the scalar one on a board, byte for byte, over generated
// shapes: the boards' part of tests/conformance, which needs a heap and GoogleTest.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels/inventory.h"
#include "kernels/registry.h"
#include "platform/bare_metal/boards/board.h"

namespace quaver::kernels {
namespace {

using board::Print;
using board::PrintDecimal;

constexpr std::size_t kInputBytes = 8192;
constexpr std::size_t kWeightBytes = 16384;
constexpr std::size_t kOutputBytes = 16384;
constexpr std::size_t kScratchBytes = 8192;
constexpr std::int32_t kMaxChannels = 256;
constexpr std::size_t kGuard = 64;
constexpr std::uint8_t kPattern = 0xA5;

/// Numerical Recipes' linear congruential generator; the upper bits are the random ones.
class Random {
 public:
  std::uint32_t Next() {
    state_ = state_ * 1664525U + 1013904223U;
    return state_ >> 8;
  }
  std::int32_t Between(std::int32_t low, std::int32_t high) {
    return low + static_cast<std::int32_t>(Next() % static_cast<std::uint32_t>(high - low + 1));
  }

 private:
  std::uint32_t state_ = 1;
};

/// As those of tests/conformance/cases.h.
enum Values { kTypical, kExtreme, kEveryShift, kValuesCount };

struct Buffers {
  alignas(64) std::int8_t input1[kInputBytes + kGuard];
  alignas(64) std::int8_t input2[kInputBytes + kGuard];
  alignas(64) std::int8_t weights[kWeightBytes + kGuard];
  alignas(64) std::uint8_t scratch[2 * kScratchBytes + kGuard];
  std::uint8_t output[kGuard + kOutputBytes + kGuard];
  std::uint8_t expected[kOutputBytes];
  std::int32_t bias[kMaxChannels], bias_high[kMaxChannels], multiplier[kMaxChannels];
  std::int8_t shift[kMaxChannels];
  std::int32_t dims[kMaxDims], strides1[kMaxDims], strides2[kMaxDims];
};
Buffers buffers;

/// What is printed of a case that fails.
struct Shape {
  const char* name;
  std::int32_t value;
};

void PrintSigned(std::int32_t value) {
  if (value < 0) Print("-");
  PrintDecimal(static_cast<std::uint64_t>(value < 0 ? -std::int64_t{value} : value));
}

template <std::size_t kCount>
void PrintShape(const Shape (&shape)[kCount]) {
  for (const Shape& part : shape) {
    Print(" ");
    Print(part.name);
    Print(" ");
    PrintSigned(part.value);
  }
  Print("\n");
}

template <typename T, typename Stage>
void PrintCase(const ConvolutionParamsOf<T, Stage>& p) {
  PrintShape({{"batch", p.batch},
              {"input_h", p.input_h},
              {"input_w", p.input_w},
              {"input_c", p.input_c},
              {"output_h", p.output_h},
              {"output_w", p.output_w},
              {"output_c", p.output_c},
              {"kernel_h", p.kernel_h},
              {"kernel_w", p.kernel_w},
              {"stride_h", p.stride_h},
              {"stride_w", p.stride_w},
              {"dilation_h", p.dilation_h},
              {"dilation_w", p.dilation_w},
              {"pad_top", p.pad_top},
              {"pad_left", p.pad_left}});
}
void PrintCase(const FullyConnectedParams& p) {
  PrintShape({{"rows", p.rows}, {"depth", p.depth}, {"output_c", p.output_c}});
}
void PrintCase(const FullyConnectedInt16Params& p) {
  PrintShape({{"rows", p.rows}, {"depth", p.depth}, {"output_c", p.output_c}});
}
void PrintCase(const Pool2DParams& p) {
  PrintShape({{"batch", p.batch},
              {"input_h", p.input_h},
              {"input_w", p.input_w},
              {"channels", p.channels},
              {"output_h", p.output_h},
              {"output_w", p.output_w},
              {"filter_h", p.filter_h},
              {"filter_w", p.filter_w},
              {"stride_h", p.stride_h},
              {"stride_w", p.stride_w},
              {"pad_top", p.pad_top},
              {"pad_left", p.pad_left}});
}
void PrintCase(const BroadcastParams& p) {
  PrintShape({{"dim0", p.dims[0]},
              {"dim1", p.dims[1]},
              {"dim2", p.dims[2]},
              {"stride1", p.strides1[2]},
              {"stride2", p.strides2[2]}});
}

void FillBytes(std::int8_t* bytes, std::int32_t count, bool extreme, Random* random) {
  for (std::int32_t i = 0; i < count; ++i) {
    const std::uint32_t value = random->Next();
    bytes[i] = extreme ? static_cast<std::int8_t>(value % 4 == 0 ? 127 : -128)
                       : static_cast<std::int8_t>(value);
  }
}

std::int32_t Multiplier(Values values, Random* random) {
  const std::uint32_t kind = values == kEveryShift ? random->Next() % 5 : 4;
  return kind == 0   ? 0
         : kind == 1 ? 1 << 30
         : kind == 2 ? INT32_MAX
                     : static_cast<std::int32_t>((1U << 30) + (random->Next() << 6) % (1U << 30));
}

/// `depth` products a sum.
OutputStage MakeStage(Values values, std::int32_t channels, std::int32_t depth, Random* random) {
  std::int32_t typical_shift = -6;
  for (std::int32_t d = depth; d > 1; d /= 4) --typical_shift;
  std::int32_t every_shift = random->Between(-31, 30);
  for (std::int32_t c = 0; c < channels; ++c) {
    buffers.multiplier[c] = Multiplier(values, random);
    if (values == kEveryShift) {
      const std::uint32_t kind = random->Next() % 6;
      buffers.bias[c] = kind == 0 ? INT32_MAX : kind == 1 ? INT32_MIN : random->Between(-300, 300);
      buffers.shift[c] = static_cast<std::int8_t>(every_shift);
      every_shift = every_shift == 30 ? -31 : every_shift + 1;
    } else {
      buffers.bias[c] = random->Between(-2000, 2000);
      buffers.shift[c] = static_cast<std::int8_t>(typical_shift + random->Between(-1, 1));
    }
  }
  OutputStage stage{
      buffers.bias, buffers.multiplier, buffers.shift, random->Between(-128, 127), 0, 0};
  stage.clamp_min = random->Next() % 2 == 0 ? -128 : stage.zero_point;
  stage.clamp_max = random->Next() % 2 == 0 ? 127 : random->Between(stage.clamp_min, 127);
  return stage;
}

/// The same of int16 layers, whose biases have 47 bits and multipliers 15.
OutputStageInt16 MakeStageInt16(Values values, std::int32_t channels, std::int32_t depth,
                                Random* random) {
  std::int32_t typical_shift = -6;
  for (std::int32_t d = depth; d > 1; d /= 4) --typical_shift;
  std::int32_t every_shift = random->Between(-31, 7);
  for (std::int32_t c = 0; c < channels; ++c) {
    const bool any = values == kEveryShift;
    const std::int64_t bias =
        any ? std::int64_t{random->Between(-(1 << 14), (1 << 14) - 1)} * (std::int64_t{1} << 32) +
                  random->Next()
            : random->Between(-1000000, 1000000);
    buffers.bias[c] = static_cast<std::int32_t>(static_cast<std::uint32_t>(bias));
    buffers.bias_high[c] = static_cast<std::int32_t>(bias >> 32);
    buffers.multiplier[c] = any && random->Next() % 5 == 0 ? 0 : random->Between(1 << 14, 32767);
    buffers.shift[c] =
        static_cast<std::int8_t>(any ? every_shift : typical_shift + random->Between(-1, 1));
    every_shift = every_shift == 7 ? -31 : every_shift + 1;
  }
  OutputStageInt16 stage{buffers.bias, buffers.bias_high, buffers.multiplier, buffers.shift, -32768,
                         32767};
  if (random->Next() % 2 == 0) stage.clamp_min = random->Between(-32768, 0);
  if (random->Next() % 2 == 0) stage.clamp_max = random->Between(stage.clamp_min, 32767);
  return stage;
}

/// One direction of a window.
struct Extent {
  std::int32_t input, kernel, stride, dilation, pad, output;
};

Extent MakeExtent(std::int32_t max_kernel, std::int32_t max_input, Random* random) {
  Extent e{};
  e.kernel = random->Between(1, max_kernel);
  e.stride = random->Between(1, 3);
  e.dilation = random->Next() % 4 == 0 ? 2 : 1;
  const std::int32_t span = (e.kernel - 1) * e.dilation + 1;
  e.pad = random->Next() % 2 == 0 ? 0 : random->Between(0, span - 1);
  const std::int32_t after = random->Between(0, e.pad);
  const std::int32_t need = span - e.pad - after;
  e.input = (need > 1 ? need : 1) + random->Between(0, max_input);
  e.output = (e.input + e.pad + after - span) / e.stride + 1;
  return e;
}

/// One call; what its parameters point to is in `buffers`.
template <typename Params>
struct Case {
  Params params;
  std::int32_t units;
  std::int32_t output_bytes;
};

template <typename Params>
Case<Params> MakeWindow(std::int32_t input_c, std::int32_t output_c, Values values,
                        Random* random) {
  Case<Params> c{};
  Params& p = c.params;
  const bool plain = random->Next() % 3 == 0;
  const Extent h = MakeExtent(plain ? 1 : 4, 4, random);
  const Extent w = MakeExtent(plain ? 1 : 4, 8, random);
  p.batch = random->Between(1, 2);
  p.input_h = h.input, p.kernel_h = h.kernel, p.stride_h = h.stride, p.dilation_h = h.dilation;
  p.pad_top = h.pad, p.output_h = h.output;
  p.input_w = w.input, p.kernel_w = w.kernel, p.stride_w = w.stride, p.dilation_w = w.dilation;
  p.pad_left = w.pad, p.output_w = w.output;
  p.input_c = input_c, p.output_c = output_c;
  p.pad_value = values == kExtreme ? -128 : random->Between(-128, 127);
  c.units = p.batch * p.output_h;
  c.output_bytes = c.units * p.output_w * output_c;
  return c;
}

template <typename Params>
Case<Params> Make(Values values, Random* random);

template <typename Params>
Case<Params> MakeConv2D(Values values, Random* random) {
  const std::int32_t groups = random->Next() % 4 == 0 ? random->Between(2, 3) : 1;
  const std::int32_t limit = random->Next() % 8 == 0 ? 70 : 20;
  Case<Params> c = MakeWindow<Params>(groups * random->Between(1, 40 / groups),
                                      groups * random->Between(1, limit / groups), values, random);
  c.params.groups = groups;
  return c;
}

template <typename Params>
Case<Params> MakeDepthwise(Values values, Random* random) {
  const std::int32_t multiplier = random->Next() % 4 == 0 ? random->Between(2, 9) : 1;
  const std::int32_t limit = random->Next() % 8 == 0 ? 90 : 40;
  const std::int32_t inputs = multiplier != 1           ? random->Between(1, 5)
                              : random->Next() % 4 == 0 ? 1 << random->Between(0, 3)
                                                        : random->Between(1, limit);
  return MakeWindow<Params>(inputs, inputs * multiplier, values, random);
}

template <typename Params>
Case<Params> MakeFullyConnected(Random* random) {
  Case<Params> c{};
  c.params.rows = random->Between(1, 4);
  c.params.depth = random->Between(1, 90);
  c.params.output_c = random->Between(1, 150);
  c.units = c.params.output_c;
  c.output_bytes = c.params.rows * c.params.output_c;
  return c;
}

template <>
Case<Conv2DParams> Make(Values values, Random* random) {
  return MakeConv2D<Conv2DParams>(values, random);
}
template <>
Case<DepthwiseConv2DParams> Make(Values values, Random* random) {
  return MakeDepthwise<DepthwiseConv2DParams>(values, random);
}
template <>
Case<FullyConnectedParams> Make(Values /*values*/, Random* random) {
  return MakeFullyConnected<FullyConnectedParams>(random);
}

/// Values of two bytes, and no padding but zeros.
template <typename Params>
Case<Params> Widened(Case<Params> c) {
  c.output_bytes *= 2;
  if constexpr (std::is_base_of_v<ConvolutionInt16Params, Params>) c.params.pad_value = 0;
  return c;
}

template <>
Case<Conv2DInt16Params> Make(Values values, Random* random) {
  return Widened(MakeConv2D<Conv2DInt16Params>(values, random));
}
template <>
Case<DepthwiseConv2DInt16Params> Make(Values values, Random* random) {
  return Widened(MakeDepthwise<DepthwiseConv2DInt16Params>(values, random));
}
template <>
Case<FullyConnectedInt16Params> Make(Values /*values*/, Random* random) {
  Case<FullyConnectedInt16Params> c = MakeFullyConnected<FullyConnectedInt16Params>(random);
  // More products than lanes of 32 bits hold.
  if (random->Next() % 4 == 0) c.params.depth = random->Between(500, 1100), c.params.output_c = 9;
  c.units = c.params.output_c;
  c.output_bytes = c.params.rows * c.params.output_c;
  return Widened(c);
}

template <typename Params>
Case<Params> MakePool(Random* random) {
  Case<Params> c{};
  Params& p = c.params;
  Extent h{}, w{};
  do {  // Every window must hold an input.
    h = MakeExtent(5, 5, random), w = MakeExtent(5, 9, random);
  } while (h.dilation != 1 || w.dilation != 1);
  p.batch = random->Between(1, 2);
  p.input_h = h.input, p.filter_h = h.kernel, p.stride_h = h.stride, p.pad_top = h.pad;
  p.input_w = w.input, p.filter_w = w.kernel, p.stride_w = w.stride, p.pad_left = w.pad;
  p.output_h = h.output, p.output_w = w.output;
  p.channels = random->Between(1, 40);
  p.clamp_min = random->Between(-128, 20);
  p.clamp_max = random->Between(p.clamp_min, 127);
  c.units = p.batch * p.output_h;
  c.output_bytes = c.units * p.output_w * p.channels;
  return c;
}

template <>
Case<AveragePool2DParams> Make(Values /*values*/, Random* random) {
  return MakePool<AveragePool2DParams>(random);
}
template <>
Case<MaxPool2DParams> Make(Values /*values*/, Random* random) {
  return MakePool<MaxPool2DParams>(random);
}

/// Three dimensions, of which an input may lack some.
template <typename Params>
Case<Params> MakeBroadcast(Random* random) {
  Case<Params> c{};
  std::int32_t size1 = 1, size2 = 1;
  const bool same = random->Next() % 2 == 0;
  c.output_bytes = 1;
  for (int d = 2; d >= 0; --d) {
    const std::int32_t size = random->Between(1, d == 2 ? 40 : 6);
    const bool has1 = same || random->Next() % 4 != 0;
    const bool has2 = same || random->Next() % 4 != 0;
    buffers.dims[d] = size;
    buffers.strides1[d] = has1 ? size1 : 0;
    buffers.strides2[d] = has2 ? size2 : 0;
    size1 *= has1 ? size : 1;
    size2 *= has2 ? size : 1;
    c.output_bytes *= size;
  }
  Params& p = c.params;
  p.dims = buffers.dims, p.strides1 = buffers.strides1, p.strides2 = buffers.strides2;
  p.rank = 3;
  p.zero_point1 = random->Between(-128, 127);
  p.zero_point2 = random->Between(-128, 127);
  p.output_zero_point = random->Between(-128, 127);
  p.clamp_min = random->Between(-128, 20);
  p.clamp_max = random->Between(p.clamp_min, 127);
  c.units = p.dims[0];
  return c;
}

template <typename Params>
Case<Params> MakeSum(Values values, Random* random) {
  Case<Params> c = MakeBroadcast<Params>(random);
  Params& p = c.params;
  const bool real = values != kEveryShift;
  p.left_shift = real ? 20 : random->Between(0, 22);
  p.multiplier1 = Multiplier(values, random), p.multiplier2 = Multiplier(values, random);
  p.shift1 = real ? random->Between(-3, 0) : random->Between(-31, 0);
  p.shift2 = real ? random->Between(-3, 0) : random->Between(-31, 0);
  p.output_multiplier = Multiplier(values, random);
  p.output_shift = real ? random->Between(-20, -18) : random->Between(-31, 30);
  return c;
}

template <>
Case<AddParams> Make(Values values, Random* random) {
  return MakeSum<AddParams>(values, random);
}
template <>
Case<SubParams> Make(Values values, Random* random) {
  return MakeSum<SubParams>(values, random);
}
template <>
Case<MulParams> Make(Values values, Random* random) {
  Case<MulParams> c = MakeBroadcast<MulParams>(random);
  c.params.output_multiplier = Multiplier(values, random);
  c.params.output_shift =
      values == kEveryShift ? random->Between(-31, 30) : random->Between(-9, -5);
  return c;
}

template <typename Params>
inline constexpr bool kIsInt16Layer = std::is_base_of_v<ConvolutionInt16Params, Params> ||
                                      std::is_same_v<Params, FullyConnectedInt16Params>;
template <typename Params>
inline constexpr bool kIsLayer =
    kIsInt16Layer<Params> || std::is_base_of_v<ConvolutionParams, Params> ||
    std::is_same_v<Params, FullyConnectedParams>;

template <typename Params>
std::int32_t InputBytes(const Params& p) {
  if constexpr (std::is_base_of_v<Pool2DParams, Params>) {
    return p.batch * p.input_h * p.input_w * p.channels;
  } else if constexpr (std::is_same_v<Params, FullyConnectedParams>) {
    return p.rows * p.depth;
  } else if constexpr (std::is_same_v<Params, FullyConnectedInt16Params>) {
    return 2 * p.rows * p.depth;
  } else {
    const std::int32_t inputs = p.batch * p.input_h * p.input_w * p.input_c;
    return kIsInt16Layer<Params> ? 2 * inputs : inputs;
  }
}

/// [channels, depth] of a layer's weights.
struct WeightCounts {
  std::int32_t channels, depth;
};
template <typename Params>
WeightCounts CountWeights(const Params& p) {
  if constexpr (std::is_same_v<Params, FullyConnectedParams> ||
                std::is_same_v<Params, FullyConnectedInt16Params>) {
    return {p.output_c, p.depth};
  } else if constexpr (std::is_same_v<Params, Conv2DParams> ||
                       std::is_same_v<Params, Conv2DInt16Params>) {
    return {p.output_c, p.kernel_h * p.kernel_w * (p.input_c / p.groups)};
  } else {
    return {p.output_c, p.kernel_h * p.kernel_w};
  }
}

template <typename Params>
bool FillWeights(Params* p, Values values, Random* random) {
  const auto [channels, depth] = CountWeights(*p);
  const std::int32_t count = channels * depth;
  if (count > static_cast<std::int32_t>(kWeightBytes) || channels > kMaxChannels) return false;
  FillBytes(buffers.weights, count, values == kExtreme, random);
  if (values == kTypical) {  // As a quantizer makes them: no -128.
    for (std::int32_t i = 0; i < count; ++i) {
      if (buffers.weights[i] == INT8_MIN) buffers.weights[i] = -127;
    }
  }
  p->weights = buffers.weights;
  if constexpr (kIsInt16Layer<Params>) {
    p->stage = MakeStageInt16(values, channels, depth, random);
  } else {
    p->stage = MakeStage(values, channels, depth, random);
  }
  return true;
}

/// -32768, sometimes 32767.
void MakeExtremeInt16(std::int8_t* bytes, std::size_t count) {
  for (std::size_t i = 0; i + 1 < count; i += 2) {
    const bool high = bytes[i] == 127;
    bytes[i] = static_cast<std::int8_t>(high ? -1 : 0);
    bytes[i + 1] = static_cast<std::int8_t>(high ? 127 : -128);
  }
}

// Weights, and tensors where they are to lie. Returns false for a case that is too big.
template <typename Params>
bool Fill(Case<Params>* c, Values values, std::size_t misalign, Random* random) {
  Params& p = c->params;
  FillBytes(buffers.input1, sizeof buffers.input1, values == kExtreme, random);
  if constexpr (std::is_base_of_v<BroadcastParams, Params>) {
    FillBytes(buffers.input2, sizeof buffers.input2, values == kExtreme, random);
    p.input1 = buffers.input1 + misalign, p.input2 = buffers.input2 + misalign / 2;
  } else {
    if (InputBytes(p) > static_cast<std::int32_t>(kInputBytes)) return false;
    if constexpr (kIsInt16Layer<Params>) {
      std::int8_t* input = buffers.input1 + 2 * misalign;
      if (values == kExtreme) MakeExtremeInt16(input, kInputBytes);
      p.input = reinterpret_cast<const std::int16_t*>(input);
    } else {
      p.input = buffers.input1 + misalign;
    }
  }
  if constexpr (kIsLayer<Params>) {
    if (!FillWeights(&p, values, random)) return false;
  }
  return c->output_bytes <= static_cast<std::int32_t>(kOutputBytes);
}

template <typename Params>
void SetOutput(Params* p, void* output) {
  p->output = static_cast<decltype(p->output)>(output);
}

bool GuardIntact(const std::uint8_t* bytes) {
  for (std::size_t i = 0; i < kGuard; ++i) {
    if (bytes[i] != kPattern) return false;
  }
  return true;
}

/// Runs in parts of `part` units, two workers taking turns, and compares. Null, or what is wrong.
template <typename Params>
const char* Check(const Kernel<Params>& kernel, Case<Params> c, std::int32_t part) {
  const std::size_t scratch_bytes =
      kernel.scratch_bytes == nullptr ? 0 : kernel.scratch_bytes(c.params);
  if (scratch_bytes > kScratchBytes) return "more scratch than the test has";
  std::memset(buffers.output, kPattern, sizeof buffers.output);
  std::memset(buffers.scratch, kPattern, sizeof buffers.scratch);
  const auto output_bytes = static_cast<std::size_t>(c.output_bytes);
  std::uint8_t* output = buffers.output + kGuard;
  SetOutput(&c.params, output);
  if constexpr (kIsLayer<Params>) {
    c.params.scratch = reinterpret_cast<std::int8_t*>(buffers.scratch);
  }
  std::int32_t call = 0;
  for (std::int32_t begin = 0; begin < c.units; begin += part, ++call) {
    kernel.run(c.params, {begin, begin + part < c.units ? begin + part : c.units, call % 2});
  }
  if (std::memcmp(output, buffers.expected, output_bytes) != 0) return "differs from scalar";
  if (!GuardIntact(buffers.output)) return "wrote before the output";
  if (!GuardIntact(output + output_bytes)) return "wrote beyond the output";
  return GuardIntact(buffers.scratch + 2 * scratch_bytes) ? nullptr : "wrote beyond the scratch";
}

/// Prints how many cases the kernel took, or the first that fails.
template <typename Params>
bool CheckKernel(const char* name) {
  constexpr int kCases = 400;
  const KernelList<Params>& list = KernelsOf<Params>();
  const Kernel<Params>* kernel = list.rows;
  while (std::strcmp(kernel->name, name) != 0) ++kernel;
  Random random;
  std::uint32_t taken = 0;
  for (int i = 0; i < kCases; ++i) {
    const auto values = static_cast<Values>(i % kValuesCount);
    Case<Params> c = Make<Params>(values, &random);
    if (!Fill(&c, values, static_cast<std::size_t>(i) % 5, &random)) continue;
    if (kernel->supports != nullptr && !kernel->supports(c.params)) continue;
    ++taken;
    SetOutput(&c.params, buffers.expected);
    list.rows[list.count - 1].run(c.params, {0, c.units, 0});
    const std::int32_t parts[] = {c.units, 1, 3};
    for (const std::int32_t part : parts) {
      const char* wrong = Check(*kernel, c, part);
      if (wrong == nullptr) continue;
      Print(name);
      Print(": ");
      Print(wrong);
      Print(", values ");
      PrintDecimal(values);
      Print(", case ");
      PrintDecimal(static_cast<std::uint64_t>(i));
      Print(", units of work a call ");
      PrintSigned(part);
      PrintCase(c.params);
      return false;
    }
  }
  Print(name);
  Print(" equals scalar in ");
  PrintDecimal(taken);
  Print(" cases\n");
  return taken > 0;
}

template <typename Params>
inline constexpr bool kHasCases = kIsLayer<Params> || std::is_base_of_v<Pool2DParams, Params> ||
                                  std::is_base_of_v<BroadcastParams, Params>;

/// One line of kernels.inc. Scalar lines, too, must not depend on how the work is divided; those of
/// operators that no other instruction set has kernels for on these boards have no cases.
template <typename Params, Isa kIsa>
bool CheckLine(const char* name) {
  if constexpr (kHasCases<Params>) {
    return CheckKernel<Params>(name);
  } else {
    static_assert(kIsa == Isa::kScalar, "a kernel for these boards without cases");
    return true;
  }
}

int Main() {
  bool ok = true;
#define QUAVER_KERNEL(op, isa, name, layout, supports, scratch_bytes) \
  QUAVER_IF_BUILT(isa)(ok = CheckLine<op##Params, Isa::k##isa>(#name) && ok;)
#include "kernels/kernels.inc"
#undef QUAVER_KERNEL
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace quaver::kernels

int main() { return quaver::kernels::Main(); }
