#include "compiler/quantize/weight_grid.h"

#include <algorithm>
#include <cmath>

namespace quaver::compiler {

std::int8_t NearestLevel(const std::vector<std::int8_t>& levels, double value) {
  const auto above = std::lower_bound(levels.begin(), levels.end(), value,
                                      [](std::int8_t level, double v) { return level < v; });
  if (above == levels.begin()) return *above;
  if (above == levels.end()) return levels.back();
  const std::int8_t below = *(above - 1);
  const double to_below = value - below;
  const double to_above = *above - value;
  if (to_below == to_above) return value > 0 ? *above : below;
  return to_below < to_above ? below : *above;
}

std::int8_t WeightGrid::Round(double value, std::int32_t multiplier) const {
  if (levels.empty()) return static_cast<std::int8_t>(std::clamp(std::round(value), -127.0, 127.0));
  return static_cast<std::int8_t>(NearestLevel(levels, value / multiplier) * multiplier);
}

}  // namespace quaver::compiler
