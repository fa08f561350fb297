#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/cortexm/depthwise_columns.h"
#include "kernels/cortexm/output_stage.h"
#include "kernels/inventory.h"

namespace quaver::kernels {
namespace {

/// Two pairs: a column of four input rows.
struct Column {
  Pair upper, lower;
};

inline Column LoadColumn(const Pair* source) {
  std::uint64_t pairs;  // one LDRD
  std::memcpy(&pairs, __builtin_assume_aligned(source, 8), sizeof pairs);
  return {static_cast<Pair>(pairs), static_cast<Pair>(pairs >> 32)};
}

/// Where the results of an output row, or of two, go.
struct Target {
  std::int8_t* output;
  std::int32_t pixel_step, row_step;
};

// The accumulators of `count` outputs of a row and, where kRows is 2, the next one, alternately.
template <int kRows>
__attribute__((noinline)) void StoreRow(ChannelScale scale, const std::int32_t* sums,
                                        std::int32_t count, Target target) {
  for (; count > 0; --count) {
    target.output[0] = static_cast<std::int8_t>(scale.Fast(*sums++));
    if constexpr (kRows == 2) {
      target.output[target.row_step] = static_cast<std::int8_t>(scale.Fast(*sums++));
    }
    target.output += target.pixel_step;
  }
}

/// The same where scale.fast() is false.
__attribute__((noinline)) void StoreRowSlow(const CommonStage& common, std::int32_t channel,
                                            int rows, const std::int32_t* sums, std::int32_t count,
                                            Target target) {
  const ChannelScale scale(common, channel);
  for (; count > 0; --count) {
    for (int r = 0; r < rows; ++r) {
      target.output[r * target.row_step] =
          static_cast<std::int8_t>(AnyScale(common, scale, channel, *sums++));
    }
    target.output += target.pixel_step;
  }
}

template <int kRows>
inline void StoreRow(const CommonStage& common, std::int32_t channel, const std::int32_t* sums,
                     std::int32_t count, Target target) {
  const ChannelScale scale(common, channel);
  if (scale.fast()) {
    StoreRow<kRows>(scale, sums, count, target);
  } else {
    StoreRowSlow(common, channel, kRows, sums, count, target);
  }
}

/// The windows of an output row.
struct Windows {
  std::int32_t count;
  std::int32_t step;  // pairs from one to the next
};

// Each of the following leaves the accumulators where the inputs were: one or two at a time, before
// the first pair that the next window needs.

// Windows of 3 columns of 2 pairs.
__attribute__((noinline)) void Sum3x3(Pair* columns, const Pair* weights, Windows windows,
                                      std::int32_t bias) {
  const Column w0 = LoadColumn(weights);
  const Column w1 = LoadColumn(weights + 2);
  const Column w2 = LoadColumn(weights + 4);
  std::int32_t* sums = columns;
  for (; windows.count > 0; --windows.count) {
    const Column x0 = LoadColumn(columns);
    std::int32_t sum = MultiplyAdd(x0.upper, w0.upper, bias);
    sum = MultiplyAdd(x0.lower, w0.lower, sum);
    const Column x1 = LoadColumn(columns + 2);
    sum = MultiplyAdd(x1.upper, w1.upper, sum);
    sum = MultiplyAdd(x1.lower, w1.lower, sum);
    const Column x2 = LoadColumn(columns + 4);
    sum = MultiplyAdd(x2.upper, w2.upper, sum);
    sum = MultiplyAdd(x2.lower, w2.lower, sum);
    *sums++ = sum;
    columns += windows.step;
  }
}

// (w0, w1), (w2, 0) to (w0, w1), (w1, w2).
inline Column OverlapWeights(Column w) {
  const auto lower = static_cast<std::uint32_t>(w.upper) >> 16 | static_cast<std::uint32_t>(w.lower)
                                                                     << 16;
  return {w.upper, static_cast<Pair>(lower)};
}

inline Column AddColumn(Column x, Column w, Column sums) {
  sums.upper = MultiplyAdd(x.upper, w.upper, sums.upper);
  sums.lower = MultiplyAddHighLow(x.upper, w.upper, sums.lower);
  sums.upper = MultiplyAddLowHigh(x.lower, w.lower, sums.upper);
  sums.lower = MultiplyAdd(x.lower, w.lower, sums.lower);
  return sums;
}

// Two output rows from four input rows r0 to r3, as pairs (r0, r1) and (r2, r3). With the weights
// of a column as (w0, w1) and (w1, w2), the upper output is SMLAD and SMLABT, the lower one SMLATB
// and SMLAD.
__attribute__((noinline)) void SumTwo3x3(Pair* columns, const Pair* weights, std::int32_t count,
                                         std::int32_t bias) {
  const Column w0 = OverlapWeights(LoadColumn(weights));
  const Column w1 = OverlapWeights(LoadColumn(weights + 2));
  const Column w2 = OverlapWeights(LoadColumn(weights + 4));
  for (; count > 0; --count) {
    Column sums = AddColumn(LoadColumn(columns), w0, {bias, bias});
    sums = AddColumn(LoadColumn(columns + 2), w1, sums);
    sums = AddColumn(LoadColumn(columns + 4), w2, sums);
    columns[0] = sums.upper;
    columns[1] = sums.lower;
    columns += 2;
  }
}

// Four output channels at a time. Of the rows under the window each two are interleaved, into
// scratch, as one array of pairs for each channel; so are the weights. An output is then a few
// SMLAD over neighbours in that array.
class DepthwiseCortexM {
 public:
  DepthwiseCortexM(const DepthwiseConv2DParams& params, std::int32_t worker)
      : p_(params),
        stage_(params.stage),
        plan_(PlanDepthwiseColumns(params)),
        is_3x3_(params.kernel_h == 3 && params.kernel_w == 3 && params.dilation_w == 1),
        two_rows_(is_3x3_ && params.stride_h == 1 && params.stride_w == 1 &&
                  params.dilation_h == 1) {
    columns_ = reinterpret_cast<Pair*>(params.scratch + static_cast<std::size_t>(worker) *
                                                            DepthwiseConv2DCortexMScratch(params));
    weights_ = columns_ + kDepthwiseChannels * plan_.channel_columns;
  }

  void Run(std::int32_t begin, std::int32_t end) const {
    for (std::int32_t channel = 0; channel < p_.output_c; channel += kDepthwiseChannels) {
      PairWeights(p_, plan_, channel, weights_);
      const PairInputs inputs(p_, plan_, channel);
      for (std::int32_t row = begin; row < end;) {
        const bool two = two_rows_ && row + 1 < end && (row + 1) % p_.output_h != 0;
        inputs.Row(row, p_.kernel_h + (two ? 1 : 0), columns_);
        RunRow(row, channel, two);
        row += two ? 2 : 1;
      }
    }
  }

 private:
  void RunRow(std::int32_t row, std::int32_t first, bool two) const {
    const std::int32_t left = p_.output_c - first;
    const std::int32_t count = left < kDepthwiseChannels ? left : kDepthwiseChannels;
    const std::int32_t row_step = p_.output_w * p_.output_c;
    std::int8_t* output = p_.output + std::ptrdiff_t{row} * row_step + first;
    Pair* columns = columns_;
    const Pair* weights = weights_;
    for (std::int32_t channel = first; channel < first + count; ++channel) {
      const std::int32_t bias = p_.stage.bias[channel];
      if (two) {
        SumTwo3x3(columns, weights, p_.output_w, bias);
        StoreRow<2>(stage_, channel, columns, p_.output_w, {output, p_.output_c, row_step});
      } else {
        if (is_3x3_) {
          Sum3x3(columns, weights, {p_.output_w, p_.stride_w * 2}, bias);
        } else {
          SumWindows(columns, weights, bias);
        }
        StoreRow<1>(stage_, channel, columns, p_.output_w, {output, p_.output_c, 0});
      }
      columns += plan_.channel_columns;
      weights += plan_.channel_weights;
      ++output;
    }
  }

  void SumWindows(Pair* columns, const Pair* weights, std::int32_t bias) const {
    std::int32_t* sums = columns;
    for (std::int32_t ox = 0; ox < p_.output_w; ++ox) {
      const Pair* column = columns;
      const Pair* weight = weights;
      std::int32_t sum = bias;
      for (std::int32_t kx = 0; kx < p_.kernel_w; ++kx) {
        for (std::int32_t j = 0; j < plan_.pairs; ++j) {
          sum = MultiplyAdd(column[j], *weight++, sum);
        }
        column += p_.dilation_w * plan_.pairs;
      }
      *sums++ = sum;
      columns += p_.stride_w * plan_.pairs;
    }
  }

  const DepthwiseConv2DParams& p_;
  const CommonStage stage_;
  const DepthwiseColumns plan_;
  const bool is_3x3_, two_rows_;
  Pair* columns_;  // [kDepthwiseChannels, columns, pairs]
  Pair* weights_;  // [kDepthwiseChannels, kernel_w, pairs]
};

}  // namespace

void DepthwiseConv2DCortexM(const DepthwiseConv2DParams& params, const Work& work) {
  DepthwiseCortexM(params, work.worker).Run(work.begin, work.end);
}

}  // namespace quaver::kernels
