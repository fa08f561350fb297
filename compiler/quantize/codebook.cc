#include "compiler/quantize/codebook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace quaver::compiler {
namespace {

constexpr int kMostIterations = 40;
/// Of a large layer, so many vectors at equal steps are enough to find the entries.
constexpr std::size_t kMostVectors = 16384;

/// Vectors of weights and what their errors count for.
class Vectors {
 public:
  Vectors(const std::vector<double>& values, const std::vector<double>& importance,
          std::size_t vector)
      : values_(values), importance_(importance), vector_(vector) {}

  [[nodiscard]] std::size_t count() const { return (values_.size() + vector_ - 1) / vector_; }
  [[nodiscard]] std::size_t length(std::size_t v) const {
    return std::min(vector_, values_.size() - v * vector_);
  }
  [[nodiscard]] double value(std::size_t v, std::size_t i) const {
    return values_[v * vector_ + i];
  }
  [[nodiscard]] double importance(std::size_t v, std::size_t i) const {
    return importance_[v * vector_ + i];
  }

  /// Of the entries, `vector` values each, the nearest one; its distance is added to `error`.
  template <typename T>
  [[nodiscard]] std::size_t Nearest(std::size_t v, const std::vector<T>& entries,
                                    double* error) const {
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t e = 0; e * vector_ < entries.size(); ++e) {
      double distance = 0;
      for (std::size_t i = 0; i < length(v); ++i) {
        const double difference = value(v, i) - static_cast<double>(entries[e * vector_ + i]);
        distance += importance(v, i) * difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = e;
      }
    }
    *error += least;
    return nearest;
  }

 private:
  const std::vector<double>& values_;
  const std::vector<double>& importance_;
  const std::size_t vector_;
};

/// Different vectors at equal steps of their order.
std::vector<double> FirstEntries(const Vectors& vectors, const std::vector<std::size_t>& sample,
                                 std::size_t entries, std::size_t vector) {
  std::set<std::vector<double>> different;
  for (std::size_t v : sample) {
    std::vector<double> values(vector, 0);
    for (std::size_t i = 0; i < vectors.length(v); ++i) values[i] = vectors.value(v, i);
    different.insert(values);
  }
  const std::vector<std::vector<double>> sorted(different.begin(), different.end());
  entries = std::min(entries, sorted.size());
  std::vector<double> result;
  for (std::size_t e = 0; e < entries; ++e) {
    const std::vector<double>& entry = sorted[(2 * e + 1) * sorted.size() / (2 * entries)];
    result.insert(result.end(), entry.begin(), entry.end());
  }
  return result;
}

/// Entries at the weighted means of what is nearest to them. One that nothing is nearest to stays.
double Iterate(const Vectors& vectors, const std::vector<std::size_t>& sample, std::size_t vector,
               std::vector<double>* entries) {
  std::vector<double> sums(entries->size(), 0);
  std::vector<double> weights(entries->size(), 0);
  double error = 0;
  for (std::size_t v : sample) {
    const std::size_t entry = vectors.Nearest(v, *entries, &error);
    for (std::size_t i = 0; i < vectors.length(v); ++i) {
      sums[entry * vector + i] += vectors.importance(v, i) * vectors.value(v, i);
      weights[entry * vector + i] += vectors.importance(v, i);
    }
  }
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if (weights[i] > 0) (*entries)[i] = sums[i] / weights[i];
  }
  return error;
}

}  // namespace

std::vector<std::int8_t> MakeCodebook(const std::vector<double>& values,
                                      const std::vector<double>& importance, std::size_t entries,
                                      std::size_t vector) {
  const Vectors vectors(values, importance, vector);
  const std::size_t step = (vectors.count() + kMostVectors - 1) / kMostVectors;
  std::vector<std::size_t> sample;
  for (std::size_t v = 0; v < vectors.count(); v += std::max<std::size_t>(step, 1)) {
    sample.push_back(v);
  }
  std::vector<double> means = FirstEntries(vectors, sample, entries, vector);
  double last = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kMostIterations; ++i) {
    const double error = Iterate(vectors, sample, vector, &means);
    if (error >= last * 0.9999) break;
    last = error;
  }
  std::set<std::vector<std::int8_t>> rounded;
  for (std::size_t e = 0; e < means.size(); e += vector) {
    std::vector<std::int8_t> entry;
    for (std::size_t i = e; i < e + vector; ++i) {
      entry.push_back(static_cast<std::int8_t>(std::clamp(std::round(means[i]), -127.0, 127.0)));
    }
    rounded.insert(entry);
  }
  std::vector<std::int8_t> codebook;
  for (const auto& entry : rounded) codebook.insert(codebook.end(), entry.begin(), entry.end());
  return codebook;
}

std::vector<std::int8_t> LookUpNearest(const std::vector<double>& values,
                                       const std::vector<double>& importance,
                                       const std::vector<std::int8_t>& codebook,
                                       std::size_t vector) {
  const Vectors vectors(values, importance, vector);
  std::vector<std::int8_t> result;
  double error = 0;
  for (std::size_t v = 0; v < vectors.count(); ++v) {
    const std::size_t entry = vectors.Nearest(v, codebook, &error) * vector;
    for (std::size_t i = 0; i < vectors.length(v); ++i) result.push_back(codebook[entry + i]);
  }
  return result;
}

}  // namespace quaver::compiler
