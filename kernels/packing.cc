#include "kernels/packing.h"

#include <cstring>

namespace quaver::kernels {
namespace {

constexpr std::size_t kPanelAlignment = 64;

constexpr std::size_t RoundUp(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

void StoreInt32(std::int32_t value, std::uint8_t* target) {
  std::memcpy(target, &value, sizeof value);
}

// One channel's weights, `stride` apart, as the channel number `lane` of a panel.
class PanelWriter {
 public:
  PanelWriter(const WeightLayout& layout, std::int32_t depth, std::uint8_t* panel)
      : nr_(layout.nr),
        kr_(layout.kr),
        input_offset_(layout.input_offset),
        depth_(depth),
        panel_(panel) {}

  void WriteChannel(std::size_t lane, const std::int8_t* weights, std::ptrdiff_t stride,
                    const OutputStage& stage, std::int32_t channel) {
    std::uint8_t* interleaved = panel_ + 3 * sizeof(std::int32_t) * nr_ + lane * kr_;
    std::uint32_t sum = 0;
    for (std::int32_t i = 0; i < depth_; ++i) {
      const std::int8_t weight = weights[i * stride];
      const auto k = static_cast<std::size_t>(i);
      interleaved[k / kr_ * nr_ * kr_ + k % kr_] = static_cast<std::uint8_t>(weight);
      sum += static_cast<std::uint32_t>(weight);
    }
    const std::uint32_t bias =
        static_cast<std::uint32_t>(stage.bias[channel]) - input_offset_ * sum;
    WriteHeader(0, lane, static_cast<std::int32_t>(bias));
    WriteHeader(1, lane, stage.multiplier[channel]);
    WriteHeader(2, lane, stage.shift[channel]);
  }

 private:
  void WriteHeader(std::size_t row, std::size_t lane, std::int32_t value) {
    StoreInt32(value, panel_ + (row * nr_ + lane) * sizeof(std::int32_t));
  }

  std::size_t nr_, kr_;
  std::uint32_t input_offset_;
  std::int32_t depth_;
  std::uint8_t* panel_;
};

std::int32_t PanelsOfGroup(const WeightLayout& layout, const WeightShape& shape) {
  const std::int32_t channels = shape.channels / shape.groups;
  return channels / layout.nr + (channels % layout.nr != 0 ? 1 : 0);
}

}  // namespace

std::size_t PanelBytes(const WeightLayout& layout, std::int32_t depth) {
  const std::size_t inputs = RoundUp(static_cast<std::size_t>(depth), layout.kr);
  return RoundUp((3 * sizeof(std::int32_t) + inputs) * layout.nr, kPanelAlignment);
}

std::uint64_t PackedBytes(const WeightLayout& layout, const WeightShape& shape) {
  if (layout.plain()) return 0;
  return std::uint64_t{PanelBytes(layout, shape.depth)} *
         static_cast<std::uint64_t>(PanelsOfGroup(layout, shape)) *
         static_cast<std::uint64_t>(shape.groups);
}

void PackWeights(const WeightLayout& layout, const WeightShape& shape, const std::int8_t* weights,
                 const OutputStage& stage, std::uint8_t* target) {
  const std::size_t panel_bytes = PanelBytes(layout, shape.depth);
  const bool depthwise = layout.kind == LayoutKind::kDepthwise;
  const std::ptrdiff_t channel_stride = depthwise ? 1 : shape.depth;
  const std::ptrdiff_t input_stride = depthwise ? shape.channels : 1;
  const std::int32_t group_channels = shape.channels / shape.groups;
  std::memset(target, 0, static_cast<std::size_t>(PackedBytes(layout, shape)));
  for (std::int32_t group = 0; group < shape.groups; ++group) {
    for (std::int32_t first = 0; first < group_channels; first += layout.nr) {
      PanelWriter writer(layout, shape.depth, target);
      for (std::int32_t lane = 0; lane < layout.nr && first + lane < group_channels; ++lane) {
        const std::int32_t channel = group * group_channels + first + lane;
        writer.WriteChannel(static_cast<std::size_t>(lane), weights + channel * channel_stride,
                            input_stride, stage, channel);
      }
      target += panel_bytes;
    }
  }
}

}  // namespace quaver::kernels
