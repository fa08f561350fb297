#include "compiler/quantize/weight_form.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>

#include "compiler/quantize/codebook.h"

namespace quaver::compiler {
namespace {

using Kind = WeightForm::Kind;

/// With groups, levels of -7 to 7 times multipliers of 1 to 18: within int8.
constexpr std::int32_t kMostMultiplier = 18;
/// Weights of a vector in a codebook of 256.
constexpr std::size_t kCodebookVector = 2;
/// Of ternary weights, those nearer to 0 than this part of their mean magnitude are 0: Li and Liu,
/// Ternary Weight Networks (2016), formula 6.
constexpr double kTernaryThreshold = 0.7;

/// Real weights of a channel that are not pruned.
using Values = std::vector<double>;

double LargestMagnitude(const Values& values) {
  double largest = 0;
  for (double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

double MeanMagnitude(const Values& values) {
  double sum = 0;
  for (double value : values) sum += std::abs(value);
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

std::vector<std::int8_t> LevelsOf(const WeightForm& form) {
  switch (form.kind) {
    case Kind::kInt4: {
      std::vector<std::int8_t> levels;
      for (std::int8_t level = form.group > 0 ? -7 : -8; level <= 7; ++level) {
        levels.push_back(level);
      }
      return levels;
    }
    case Kind::kTernary:
      return {-1, 0, 1};
    case Kind::kBinary:
      return {-1, 1};
    case Kind::kPow2:
      return {-64, -32, -16, -8, -4, -2, -1, 0, 1, 2, 4, 8, 16, 32, 64};
    default:
      return {};
  }
}

double SquaredError(const Values& values, const std::vector<std::int8_t>& levels, double scale) {
  double error = 0;
  for (double value : values) {
    const double difference = value - scale * NearestLevel(levels, value / scale);
    error += difference * difference;
  }
  return error;
}

/// The scale of the least squared error, of 64 from `low` to `high` times the one at which the
/// largest weight is the largest level; 0 for nothing but zeros.
double BestScale(const Values& values, const std::vector<std::int8_t>& levels, double low,
                 double high) {
  constexpr int kSteps = 64;
  const double most = LargestMagnitude(values) / levels.back();
  if (!(most > 0)) return 0;
  double best = most;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= kSteps; ++i) {
    const double scale = most * (low + (high - low) * i / kSteps);
    const double error = SquaredError(values, levels, scale);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

/// The mean magnitude of those beyond the threshold: with it the error of the others is least.
double TernaryScale(const Values& values) {
  const double threshold = kTernaryThreshold * MeanMagnitude(values);
  Values beyond;
  for (double value : values) {
    if (std::abs(value) > threshold) beyond.push_back(value);
  }
  return MeanMagnitude(beyond);
}

double ScaleOf(const WeightForm& form, const Values& values) {
  switch (form.kind) {
    case Kind::kTernary:
      return TernaryScale(values);
    case Kind::kBinary:
      return MeanMagnitude(values);
    case Kind::kPow2:
      // Beyond an octave the levels repeat themselves, but for the smallest and the largest.
      return BestScale(values, LevelsOf(form), 0.35, 1.4);
    case Kind::kInt4:
      return BestScale(values, LevelsOf(form), 0.4, 1.1);
    default:
      return LargestMagnitude(values) / 127;
  }
}

class FormApplier {
 public:
  FormApplier(const FloatLayer& original, const WeightForm& form, const SchemeOptions& scheme,
              double input_scale, double output_scale, QuantizedLayer* layer)
      : original_(original),
        form_(form),
        scheme_(scheme),
        input_scale_(input_scale),
        output_scale_(output_scale),
        layer_(*layer) {}

  void Apply() {
    layer_.grid.levels = LevelsOf(form_);
    const bool groups = form_.kind == Kind::kInt4 && form_.group > 0;
    SetScales(groups);
    if (groups) SetMultipliers();
    if (form_.kind == Kind::kCodebook) {
      ApplyCodebook();
    } else {
      RoundAll();
    }
  }

 private:
  [[nodiscard]] double Weight(std::size_t i) const {
    return static_cast<double>(original_.weights[i]);
  }
  [[nodiscard]] double Scale(std::size_t c) const {
    return static_cast<double>(layer_.weights_quantization.scale[c]);
  }

  /// Of `count` weights of a channel from `first` on, those that are not pruned.
  [[nodiscard]] Values ValuesOf(std::size_t c, std::size_t first, std::size_t count) const {
    Values values;
    for (std::size_t k = first; k < first + count; ++k) {
      const std::size_t i = original_.Index(c, k);
      if (!layer_.grid.IsPruned(i)) values.push_back(Weight(i));
    }
    return values;
  }

  /// The scale at which the group's best one has the multiplier kMostMultiplier.
  [[nodiscard]] double GroupedScale(std::size_t c) const {
    double most = 0;
    for (std::size_t first = 0; first < original_.depth(); first += form_.group) {
      most = std::max(most, ScaleOf(form_, ValuesOf(c, first, GroupSize(first))));
    }
    return most / kMostMultiplier;
  }
  [[nodiscard]] std::size_t GroupSize(std::size_t first) const {
    return std::min(form_.group, original_.depth() - first);
  }

  void SetScales(bool groups) {
    std::vector<double> scales;
    if (scheme_.per_channel_weights) {
      for (std::size_t c = 0; c < original_.channels; ++c) {
        scales.push_back(groups ? GroupedScale(c)
                                : ScaleOf(form_, ValuesOf(c, 0, original_.depth())));
      }
    } else {
      Values all;
      for (std::size_t c = 0; c < original_.channels; ++c) {
        const Values values = ValuesOf(c, 0, original_.depth());
        all.insert(all.end(), values.begin(), values.end());
      }
      scales.assign(original_.channels, ScaleOf(form_, all) / (groups ? kMostMultiplier : 1));
    }
    SetWeightScales(scales, original_.bias, input_scale_, output_scale_, scheme_, &layer_);
  }

  void SetMultipliers() {
    WeightGrid& grid = layer_.grid;
    grid.group = form_.group;
    for (std::size_t c = 0; c < original_.channels; ++c) {
      for (std::size_t first = 0; first < original_.depth(); first += form_.group) {
        const Values values = ValuesOf(c, first, GroupSize(first));
        std::int32_t best = 1;
        double least = std::numeric_limits<double>::infinity();
        for (std::int32_t multiplier = 1; multiplier <= kMostMultiplier; ++multiplier) {
          const double error = SquaredError(values, grid.levels, Scale(c) * multiplier);
          if (error < least) {
            least = error;
            best = multiplier;
          }
        }
        grid.multipliers.push_back(static_cast<std::uint8_t>(best));
      }
    }
  }

  void RoundAll() {
    for (std::size_t c = 0; c < original_.channels; ++c) {
      const double threshold =
          form_.kind == Kind::kTernary
              ? kTernaryThreshold * MeanMagnitude(ValuesOf(c, 0, original_.depth()))
              : -1;
      for (std::size_t k = 0; k < original_.depth(); ++k) {
        const std::size_t i = original_.Index(c, k);
        std::int8_t& weight = layer_.weights[i];
        weight = 0;
        if (layer_.grid.IsPruned(i)) continue;
        if (threshold >= 0) {
          if (std::abs(Weight(i)) > threshold) weight = Weight(i) < 0 ? -1 : 1;
        } else {
          weight = layer_.grid.Round(Weight(i) / Scale(c),
                                     layer_.grid.Multiplier(c, k, original_.depth()));
        }
      }
    }
  }

  void ApplyCodebook() {
    const std::size_t vector = form_.entries == 256 ? kCodebookVector : 1;
    std::vector<double> values(original_.weights.size());
    std::vector<double> importance(values.size(), 0);
    for (std::size_t c = 0; c < original_.channels; ++c) {
      for (std::size_t k = 0; k < original_.depth(); ++k) {
        const std::size_t i = original_.Index(c, k);
        values[i] = Weight(i) / Scale(c);
        importance[i] = layer_.grid.IsPruned(i) ? 0 : Scale(c) * Scale(c);
      }
    }
    // Pruned ones have a form of their own: no entry is for them.
    std::vector<double> kept;
    std::vector<double> kept_importance;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (layer_.grid.IsPruned(i)) continue;
      kept.push_back(values[i]);
      kept_importance.push_back(importance[i]);
    }
    const auto codebook = MakeCodebook(kept, kept_importance, form_.entries, vector);
    const auto found = LookUpNearest(kept, kept_importance, codebook, vector);
    std::size_t next = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      layer_.weights[i] = layer_.grid.IsPruned(i) ? std::int8_t{0} : found[next++];
    }
    layer_.grid.vectors = vector > 1;
    if (vector == 1) layer_.grid.levels = codebook;
  }

  const FloatLayer& original_;
  const WeightForm& form_;
  const SchemeOptions& scheme_;
  const double input_scale_;
  const double output_scale_;
  QuantizedLayer& layer_;
};

}  // namespace

void ApplyWeightForm(const FloatLayer& original, const WeightForm& form, std::vector<bool> pruned,
                     float input_scale, float output_scale, const SchemeOptions& scheme,
                     QuantizedLayer* layer) {
  layer->grid = {};
  layer->grid.pruned = std::move(pruned);
  WeightForm fitting = form;
  // One group is what the scale of the channel is for.
  if (fitting.group >= original.depth() || original.axis == ChannelAxis::kLast) fitting.group = 0;
  FormApplier(original, fitting, scheme, static_cast<double>(input_scale),
              static_cast<double>(output_scale), layer)
      .Apply();
}

}  // namespace quaver::compiler
