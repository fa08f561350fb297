#include "compiler/compare/histogram.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>

namespace quaver::compiler {
namespace {

void Widen(const std::vector<float>& values, Histogram* histogram) {
  for (float value : values) {
    if (!std::isfinite(value)) continue;
    const auto real = static_cast<double>(value);
    histogram->low = std::min(histogram->low, real);
    histogram->high = std::max(histogram->high, real);
    ++histogram->total;
  }
}

// `bounds` has the ends.
void CountValues(const std::vector<float>& values, const Histogram& bounds,
                 const std::optional<RealRange>& range, Histogram* counted) {
  counted->counts.resize(kLayerHistogramBins);
  const double width = (bounds.high - bounds.low) / static_cast<double>(kLayerHistogramBins);
  for (float value : values) {
    if (!std::isfinite(value)) continue;
    const auto real = static_cast<double>(value);
    const double bin = width > 0 ? (real - bounds.low) / width : 0;
    ++counted->counts[std::min(static_cast<std::size_t>(bin), kLayerHistogramBins - 1)];
    if (!range) continue;
    if (real < range->low - range->step / 2) ++counted->clipped_below;
    if (real > range->high + range->step / 2) ++counted->clipped_above;
  }
}

Histogram Empty() {
  Histogram histogram;
  histogram.low = std::numeric_limits<double>::infinity();
  histogram.high = -std::numeric_limits<double>::infinity();
  return histogram;
}

void Close(Histogram* histogram) {
  if (histogram->total == 0) histogram->low = histogram->high = 0;
  histogram->counts.resize(kLayerHistogramBins);
}

void AddCounts(const Histogram& part, Histogram* whole) {
  whole->counts.resize(kLayerHistogramBins);
  for (std::size_t b = 0; b < part.counts.size(); ++b) whole->counts[b] += part.counts[b];
  whole->clipped_below += part.clipped_below;
  whole->clipped_above += part.clipped_above;
}

// Runs all samples; `add` sees the values of each layer with a part of the result that is the
// thread's own; `join` takes the parts together.
void ForEachLayer(
    const Network& network, const std::vector<Sample>& samples, std::size_t threads,
    const ProgressFunction& progress,
    const std::function<void(std::size_t, const std::vector<float>&, Histogram*)>& add,
    const std::function<void(std::size_t, const Histogram&)>& join) {
  std::mutex mutex;
  std::vector<std::shared_ptr<std::vector<Histogram>>> parts;
  const auto make = [&]() -> std::function<void(std::size_t)> {
    const std::shared_ptr<NetworkRunner> runner = network.MakeRunner();
    const auto part = std::make_shared<std::vector<Histogram>>(network.layers().size(), Empty());
    {
      const std::lock_guard<std::mutex> lock(mutex);
      parts.push_back(part);
    }
    return [&, runner, part](std::size_t s) {
      const LayerValues values = runner->Run(samples[s]);
      for (std::size_t i = 0; i < values.size(); ++i) add(i, values[i], &(*part)[i]);
    };
  };
  RunParallel(samples.size(), threads, make, progress);
  // Extremes and counts: the order of the parts does not matter.
  for (const auto& part : parts) {
    for (std::size_t i = 0; i < part->size(); ++i) join(i, (*part)[i]);
  }
}

}  // namespace

std::optional<RealRange> RepresentableRange(const NetworkLayer& layer) {
  if (layer.scale == 0) return std::nullopt;
  double least = 0;
  double most = 0;
  switch (layer.type) {
    case DataType::kInt8:
      least = -128;
      most = 127;
      break;
    case DataType::kUInt8:
      most = 255;
      break;
    case DataType::kInt16:
      least = -32768;
      most = 32767;
      break;
    default:
      return std::nullopt;
  }
  const auto scale = static_cast<double>(layer.scale);
  return RealRange{(least - layer.zero_point) * scale, (most - layer.zero_point) * scale, scale};
}

Histogram MakeHistogram(const std::vector<float>& values, const std::optional<RealRange>& range) {
  Histogram histogram = Empty();
  Widen(values, &histogram);
  const Histogram bounds = histogram;
  CountValues(values, bounds, range, &histogram);
  Close(&histogram);
  return histogram;
}

std::vector<Histogram> LayerHistograms(const Network& network,
                                       const std::vector<std::optional<RealRange>>& ranges,
                                       const std::vector<Sample>& samples, std::size_t threads,
                                       const ProgressFunction& progress) {
  std::vector<Histogram> histograms(network.layers().size(), Empty());
  const auto pass = [&](std::size_t done_before) -> ProgressFunction {
    if (!progress) return nullptr;
    return [&progress, done_before](std::size_t done, std::size_t total) {
      progress(done_before * total + done, 2 * total);
    };
  };
  ForEachLayer(
      network, samples, threads, pass(0),
      [](std::size_t, const std::vector<float>& values, Histogram* part) { Widen(values, part); },
      [&](std::size_t i, const Histogram& part) {
        histograms[i].low = std::min(histograms[i].low, part.low);
        histograms[i].high = std::max(histograms[i].high, part.high);
        histograms[i].total += part.total;
      });
  ForEachLayer(
      network, samples, threads, pass(1),
      [&](std::size_t i, const std::vector<float>& values, Histogram* part) {
        CountValues(values, histograms[i], ranges[i], part);
      },
      [&](std::size_t i, const Histogram& part) { AddCounts(part, &histograms[i]); });
  for (Histogram& histogram : histograms) Close(&histogram);
  return histograms;
}

}  // namespace quaver::compiler
