#include "compiler/quantize/patch_statistics.h"

#include <Eigen/Core>
#include <algorithm>
#include <memory>

#include "compiler/execute/float_ops.h"
#include "compiler/execute/patches.h"

namespace quaver::compiler {
namespace {

// Sums of real numbers depend on their order: the samples are split into this many parts, whatever
// the number of threads, and the parts are added in order.
constexpr std::size_t kParts = 4;

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

ConvGeometry GeometryOf(const Graph& graph, const Node& node) {
  static const Window2D kNone;
  if (node.As<FullyConnectedOp>() != nullptr) return {kNone, 1, 1, 1, 1, 1, 1, 1};
  const auto* conv = node.As<Conv2DOp>();
  const Shape& in = graph.tensor(node.inputs[0]).shape;
  const Shape& filter = graph.tensor(node.inputs[1]).shape;
  const Shape& out = graph.tensor(node.outputs[0]).shape;
  return {conv != nullptr ? conv->window : node.As<DepthwiseConv2DOp>()->window,
          Dim(in, 1),
          Dim(in, 2),
          Dim(in, 3),
          Dim(filter, 1),
          Dim(filter, 2),
          Dim(out, 1),
          Dim(out, 2)};
}

// How the patches of one layer are laid out in its input.
struct Layout {
  bool convolution, depthwise;
  ConvGeometry geometry;  // of convolutions
  std::int64_t images, blocks, depth, rows;

  Layout(const Graph& graph, const Node& node)
      : convolution(node.As<FullyConnectedOp>() == nullptr),
        depthwise(node.As<DepthwiseConv2DOp>() != nullptr),
        geometry(GeometryOf(graph, node)) {
    const Shape& in = graph.tensor(node.inputs[0]).shape;
    if (!convolution) {
      images = blocks = 1;
      depth = Dim(graph.tensor(node.inputs[1]).shape, 1);
      rows = ElementCount(in) / depth;
      return;
    }
    images = Dim(in, 0);
    blocks = depthwise ? geometry.in_c : node.As<Conv2DOp>()->groups;
    depth = geometry.filter_h * geometry.filter_w * (depthwise ? 1 : geometry.in_c / blocks);
    rows = images * geometry.out_h * geometry.out_w;
  }

  // Row `row` of block `block`: the patch that this output pixel sees there.
  void Gather(const float* input, std::int64_t block, std::int64_t row, float* patch) const {
    if (!convolution) {
      std::copy(input + row * depth, input + (row + 1) * depth, patch);
      return;
    }
    const std::int64_t pixels = geometry.out_h * geometry.out_w;
    const float* image = input + row / pixels * geometry.in_h * geometry.in_w * geometry.in_c;
    const std::int64_t channels = geometry.in_c / blocks;
    GatherPatch(geometry, image, row % pixels / geometry.out_w, row % pixels % geometry.out_w,
                block * channels, channels, patch);
  }
};

void AddPatches(const Layout& layout, const float* input, std::int64_t first, std::int64_t step,
                bool products, std::vector<PatchMoments>* moments) {
  std::vector<float> patch(static_cast<std::size_t>(layout.depth));
  const std::int64_t count = (layout.rows - first + step - 1) / step;
  RowMatrix matrix(count, layout.depth);
  for (std::int64_t block = 0; block < layout.blocks; ++block) {
    for (std::int64_t i = 0; i < count; ++i) {
      layout.Gather(input, block, first + i * step, patch.data());
      for (std::int64_t k = 0; k < layout.depth; ++k) {
        matrix(i, k) = static_cast<double>(patch[static_cast<std::size_t>(k)]);
      }
    }
    PatchMoments& into = (*moments)[static_cast<std::size_t>(block)];
    into.count += static_cast<double>(count);
    Eigen::Map<Eigen::RowVectorXd>(into.sum.data(), layout.depth) += matrix.colwise().sum();
    if (!products) continue;
    Eigen::Map<RowMatrix> target(into.products.data(), layout.depth, layout.depth);
    target.selfadjointView<Eigen::Lower>().rankUpdate(matrix.transpose());
  }
}

// Adds up what one part of the samples gives.
class Collector {
 public:
  Collector(const Graph& graph, std::size_t samples, const PatchOptions& options)
      : executor_(graph), samples_(samples), options_(options) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const Node& node = graph.nodes[n];
      if (!WeightsAxis(node)) continue;
      Layer layer{n, Layout(graph, node), {}};
      const auto depth = static_cast<std::size_t>(layer.layout.depth);
      const PatchMoments empty{0, std::vector<double>(depth),
                               std::vector<double>(options.products ? depth * depth : 0)};
      layer.moments.assign(static_cast<std::size_t>(layer.layout.blocks), empty);
      layers_[node.inputs[0]].push_back(std::move(layer));
    }
  }

  void Run(const Sample& sample, std::size_t index, const FloatExecutor::Observer& observer) {
    executor_.Run(sample, [&](TensorId id, std::vector<float>& values) {
      if (observer) observer(id, values);
      const auto found = layers_.find(id);
      if (found == layers_.end()) return;
      for (Layer& layer : found->second) {
        const auto wanted = static_cast<std::int64_t>(
            std::max<std::size_t>(1, options_.patches / std::max<std::size_t>(1, samples_)));
        const std::int64_t step = std::max<std::int64_t>(1, layer.layout.rows / wanted);
        AddPatches(layer.layout, values.data(), static_cast<std::int64_t>(index) % step, step,
                   options_.products, &layer.moments);
      }
    });
  }

  void AddTo(PatchStatistics* statistics) const {
    for (const auto& [input, layers] : layers_) {
      for (const Layer& layer : layers) {
        std::vector<PatchMoments>& into = (*statistics)[layer.node];
        if (into.empty()) {
          into = layer.moments;
          continue;
        }
        for (std::size_t b = 0; b < into.size(); ++b) {
          into[b].count += layer.moments[b].count;
          Add(layer.moments[b].sum, &into[b].sum);
          Add(layer.moments[b].products, &into[b].products);
        }
      }
    }
  }

 private:
  struct Layer {
    std::size_t node;
    Layout layout;
    std::vector<PatchMoments> moments;
  };
  static void Add(const std::vector<double>& from, std::vector<double>* to) {
    for (std::size_t i = 0; i < from.size(); ++i) (*to)[i] += from[i];
  }

  FloatExecutor executor_;
  std::map<TensorId, std::vector<Layer>> layers_;  // by input
  const std::size_t samples_;
  const PatchOptions options_;
};

}  // namespace

PatchStatistics CollectPatches(const Graph& graph, const std::vector<Sample>& samples,
                               const FloatExecutor::Observer& observer,
                               const PatchOptions& options) {
  std::vector<std::unique_ptr<Collector>> parts(kParts);
  RunParallel(
      kParts, options.threads,
      [&] {
        return [&](std::size_t part) {
          parts[part] = std::make_unique<Collector>(graph, samples.size(), options);
          for (std::size_t s = part; s < samples.size(); s += kParts) {
            parts[part]->Run(samples[s], s, observer);
          }
        };
      },
      options.progress);
  PatchStatistics statistics;
  for (const auto& part : parts) part->AddTo(&statistics);
  return statistics;
}

}  // namespace quaver::compiler
