#include "tools/report/gather.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "compiler/compare/histogram.h"
#include "compiler/compress/compress.h"
#include "runtime/tensor_access.h"
#include "tools/facts.h"
#include "tools/text.h"

namespace quaver::tools::report {
namespace {

using compiler::NetworkLayer;

bool IsDynamic(const NetworkLayer& layer) {
  return layer.kind == fb::EnumNameOperatorParams(fb::OperatorParams::DynamicFullyConnected);
}

std::string ShapeText(const NetworkLayer& layer) {
  std::string text;
  for (std::int32_t size : layer.shape) text += (text.empty() ? "" : "×") + std::to_string(size);
  return text;
}

std::string NameOf(const NetworkLayer& layer) {
  return layer.tensor.empty() ? layer.name : layer.tensor;
}

std::vector<std::string> NamesOf(const LoadedNetwork& network,
                                 const std::vector<std::size_t>& layers) {
  std::vector<std::string> names;
  for (std::size_t i : layers) {
    const NetworkLayer& layer = network.network->layers()[i];
    names.push_back(layer.kind + " " + NameOf(layer));
  }
  return names;
}

ErrorFacts ErrorOf(const compiler::LayerError& error) {
  return {error.Decibels(), error.Cosine(), error.max_error,
          error.signal > 0 ? std::sqrt(error.noise / error.signal) : (error.noise > 0 ? 1 : 0)};
}

std::optional<WeightsFacts> WeightsOf(const LoadedNetwork& a, const LoadedNetwork& b,
                                      const compiler::LayerMatch& match) {
  compiler::LayerWeights weights = a.network->Weights(match.a);
  if (weights.values.empty()) return std::nullopt;
  return WeightsFacts{compiler::MakeHistogram(weights.values, std::nullopt),
                      b.network->Weights(match.b).scales};
}

LayerFacts FactsOf(const LoadedNetwork& a, const LoadedNetwork& b, std::size_t index,
                   const compiler::LayerComparison& layer, compiler::Histogram histogram) {
  const NetworkLayer& first = a.network->layers()[layer.match.a];
  const NetworkLayer& second = b.network->layers()[layer.match.b];
  LayerFacts facts;
  facts.index = index;
  facts.kind = first.kind;
  facts.name = NameOf(first);
  if (NameOf(second) != facts.name) facts.other_name = NameOf(second);
  facts.shape = ShapeText(first);
  facts.error = ErrorOf(layer.error);
  facts.type = DataTypeName(second.type);
  facts.dynamic = IsDynamic(second);
  facts.scale = second.scale;
  facts.zero_point = second.zero_point;
  facts.activations = {std::move(histogram), compiler::RepresentableRange(second)};
  facts.weights = WeightsOf(a, b, layer.match);
  facts.bytes_before = first.constant_bytes;
  facts.bytes_after = second.constant_bytes;
  return facts;
}

std::uint64_t FileBytes(const std::string& path) {
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(path, failed);
  return failed ? 0 : bytes;
}

std::string Percent(double share, int decimals) { return Fixed(100 * share, decimals) + " %"; }

// What layers compute in where that is not int8 throughout.
void AddArithmeticTiles(const std::vector<LayerFacts>& layers, std::vector<Tile>* tiles) {
  std::size_t with_weights = 0;
  std::size_t int16 = 0;
  std::size_t dynamic = 0;
  for (const LayerFacts& layer : layers) {
    if (!layer.weights) continue;
    ++with_weights;
    if (layer.type == DataTypeName(DataType::kInt16)) ++int16;
    if (layer.dynamic) ++dynamic;
  }
  const std::string of = "of " + std::to_string(with_weights) + " layers with weights";
  if (int16 > 0) tiles->push_back({"in int16", std::to_string(int16), of});
  if (dynamic > 0) tiles->push_back({"quantized while running", std::to_string(dynamic), of});
}

StoredWeights FactsOf(const fb::Model& root, const fb::Operator& op, const fb::Tensor& tensor) {
  const std::vector<std::int8_t> values = compiler::PlainWeights(root, tensor);
  StoredWeights facts;
  facts.kind = fb::EnumNameOperatorParams(op.params_type());
  facts.layer = TextOr(op.name(), "");
  facts.form = compiler::StorageText(root, tensor);
  facts.weights = values.size();
  facts.stored_bytes = compiler::StoredBytes(root, tensor);
  facts.zeros =
      static_cast<std::uint64_t>(std::count(values.begin(), values.end(), std::int8_t{0}));
  return facts;
}

void AddWeightsTile(const std::vector<StoredWeights>& weights, std::vector<Tile>* tiles) {
  std::uint64_t as_int8 = 0;
  std::uint64_t stored = 0;
  for (const StoredWeights& layer : weights) {
    as_int8 += layer.weights;
    stored += layer.stored_bytes;
  }
  tiles->push_back({"weights", Grouped(stored) + " B",
                    Percent(Share(stored, as_int8), 0) + " of " + Grouped(as_int8) + " B in int8"});
}

}  // namespace

std::vector<compiler::Sample> SomeOf(const std::vector<compiler::Sample>& samples) {
  if (samples.size() <= kReportSamples) return samples;
  std::vector<compiler::Sample> some;
  for (std::size_t i = 0; i < kReportSamples; ++i) {
    some.push_back(samples[i * samples.size() / kReportSamples]);
  }
  return some;
}

void AddLayers(const LoadedNetwork& a, const LoadedNetwork& b,
               const compiler::Comparison& comparison, const std::vector<compiler::Sample>& samples,
               std::size_t threads, ReportFacts* facts) {
  std::vector<std::optional<compiler::RealRange>> ranges(a.network->layers().size());
  for (const compiler::LayerComparison& layer : comparison.layers) {
    ranges[layer.match.a] = compiler::RepresentableRange(b.network->layers()[layer.match.b]);
  }
  Progress progress("histograms");
  std::vector<compiler::Histogram> histograms = compiler::LayerHistograms(
      *a.network, ranges, samples, threads,
      [&](std::size_t done, std::size_t total) { progress.Show(done, total); });
  for (std::size_t i = 0; i < comparison.layers.size(); ++i) {
    const compiler::LayerComparison& layer = comparison.layers[i];
    facts->layers.push_back(FactsOf(a, b, i, layer, std::move(histograms[layer.match.a])));
  }
  facts->first_model = a.path;
  facts->second_model = b.path;
  facts->samples = samples.size();
  facts->only_in_first = NamesOf(a, comparison.only_in_a);
  facts->only_in_second = NamesOf(b, comparison.only_in_b);
  for (const compiler::LayerComparison& layer : comparison.layers) {
    if (a.network->layers()[layer.match.a].output != 0) continue;
    const double decibels = layer.error.Decibels();
    facts->tiles.push_back({"output SQNR",
                            std::isinf(decibels) ? "equal" : Fixed(decibels, 1) + " dB",
                            "on " + std::to_string(samples.size()) + " samples"});
  }
  AddArithmeticTiles(facts->layers, &facts->tiles);
}

void AddSizes(const std::string& before, const std::string& after, ReportFacts* facts) {
  SizeFacts size{before, after, FileBytes(before), FileBytes(after)};
  if (size.bytes_before == 0 || size.bytes_after == 0) return;
  facts->tiles.push_back({"file", Grouped(size.bytes_after) + " B",
                          Percent(Share(size.bytes_after, size.bytes_before), 0) + " of " +
                              Grouped(size.bytes_before) + " B"});
  facts->size = std::move(size);
}

void AddWeights(const LoadedModel& model, const std::vector<compiler::WeightSummary>& summaries,
                ReportFacts* facts) {
  const fb::Model& root = *model.model.root();
  bool any = !summaries.empty();
  std::vector<StoredWeights> weights;
  for (const fb::Operator* op : *root.operators()) {
    const std::int32_t input = compiler::WeightsInput(op->params_type());
    if (input < 0) continue;
    const fb::Tensor& tensor = TensorAt(root, At(*op->inputs(), input));
    // Weights that another operator makes, or a reshape of others.
    if (tensor.view_of() >= 0 || !IsConstant(tensor)) continue;
    any = any || IsCompressed(tensor);
    weights.push_back(FactsOf(root, *op, tensor));
    for (const compiler::WeightSummary& summary : summaries) {
      if (summary.name == weights.back().layer) weights.back().decibels = summary.decibels;
    }
  }
  if (!any || weights.empty()) return;
  AddWeightsTile(weights, &facts->tiles);
  facts->weights = std::move(weights);
}

void AddOperators(const LoadedModel& model, ReportFacts* facts) {
  for (const OperatorFacts& op : GatherFacts(model).operators) {
    const TensorInfo output = model.model.Tensor(static_cast<std::size_t>(op.outputs.at(0)));
    facts->operators.push_back(
        {op.kind, op.name, DescribeTensor(output), op.macs, op.weights_bytes});
  }
}

void AddAccuracy(AccuracyFacts accuracy, ReportFacts* facts) {
  const auto share =
      static_cast<double>(accuracy.accuracy.right) / static_cast<double>(accuracy.accuracy.total);
  facts->tiles.push_back(
      {"accuracy, " + accuracy.arithmetic, Percent(share, 2),
       Grouped(accuracy.accuracy.right) + " of " + Grouped(accuracy.accuracy.total)});
  facts->accuracy.push_back(std::move(accuracy));
}

}  // namespace quaver::tools::report
