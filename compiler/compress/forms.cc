// The forms of compressed weights, and which is the smallest.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <numeric>
#include <utility>

#include "compiler/compress/compress.h"

namespace quaver::compiler {
namespace {

using Weights = std::vector<std::int8_t>;
using Values = std::vector<std::int8_t>;

/// What a table, its vectors' lengths and the padding between them take beside their contents.
constexpr std::size_t kTableBytes = 80;
/// Of values with multipliers: they and the weights fit int8 up to multipliers of 18.
constexpr std::int32_t kMostGroupValue = 7;

class BitWriter {
 public:
  void Write(std::uint32_t value, std::uint32_t bits) {
    if (used_ == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | value << used_);
    used_ = (used_ + bits) % 8;
  }
  [[nodiscard]] std::vector<std::uint8_t> Take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::uint32_t used_ = 0;  // bits of the last byte
};

/// The fewest bits of an index into `count` values; 0: there are too many.
std::uint32_t BitsFor(std::size_t count) {
  for (std::uint32_t bits : {1U, 2U, 4U, 8U}) {
    if (count <= std::size_t{1} << bits) return bits;
  }
  return 0;
}

/// In ascending order; without zeros where `present` says that those have a bit of their own.
Values ValuesOf(const std::int8_t* begin, std::size_t count, bool present) {
  std::array<bool, 256> taken{};  // by the value's byte
  for (std::size_t i = 0; i < count; ++i) taken[static_cast<std::uint8_t>(begin[i])] = true;
  if (present) taken[0] = false;
  Values values;
  for (std::int32_t value = INT8_MIN; value <= INT8_MAX; ++value) {
    if (taken[static_cast<std::uint8_t>(value)]) {
      values.push_back(static_cast<std::int8_t>(value));
    }
  }
  return values;
}

std::uint32_t IndexOf(const Values& values, std::int8_t value) {
  return static_cast<std::uint32_t>(std::lower_bound(values.begin(), values.end(), value) -
                                    values.begin());
}

std::vector<std::uint8_t> PresentBits(const Weights& weights) {
  BitWriter writer;
  for (std::int8_t weight : weights) writer.Write(weight != 0 ? 1 : 0, 1);
  return writer.Take();
}

/// With one table of values for each of `tables` equal parts of the weights.
std::optional<CompressedBytes> WithValues(const Weights& weights, std::size_t tables,
                                          bool present) {
  const std::size_t part = weights.size() / tables;
  std::vector<Values> values;
  std::size_t most = 0;
  for (std::size_t t = 0; t < tables; ++t) {
    values.push_back(ValuesOf(weights.data() + t * part, part, present));
    most = std::max(most, values.back().size());
  }
  const std::uint32_t bits = BitsFor(most);
  CompressedBytes result;
  result.table.bits = static_cast<std::uint8_t>(bits);
  // Values of 8 bits need no table; without a bit for each weight that is the plain weights.
  const bool has_values = bits < 8;
  if (!has_values && !present) return {};
  if (present) result.table.present = PresentBits(weights);
  BitWriter writer;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (present && weights[i] == 0) continue;
    writer.Write(
        has_values ? IndexOf(values[i / part], weights[i]) : static_cast<std::uint8_t>(weights[i]),
        bits);
  }
  result.indexes = writer.Take();
  for (Values& table : values) {
    if (!has_values) break;
    table.resize(std::size_t{1} << bits, 0);
    result.table.values.insert(result.table.values.end(), table.begin(), table.end());
  }
  return result;
}

/// The least multiplier with which all values are small integers; 0: there is none.
std::int32_t MultiplierOf(const std::int8_t* begin, std::size_t count) {
  std::int32_t divisor = 0;
  std::int32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    divisor = std::gcd(divisor, std::int32_t{begin[i]});
    largest = std::max(largest, std::abs(std::int32_t{begin[i]}));
  }
  if (largest == 0) return 1;
  for (std::int32_t multiplier = 1; multiplier <= divisor; ++multiplier) {
    if (divisor % multiplier == 0 && largest / multiplier <= kMostGroupValue) return multiplier;
  }
  return 0;
}

/// Small integers, and a multiplier for each `group` of a row.
std::optional<CompressedBytes> WithMultipliers(const Weights& weights, std::size_t rows,
                                               std::size_t group, bool present) {
  const std::size_t row_weights = weights.size() / rows;
  Weights small = weights;
  std::vector<std::uint8_t> multipliers;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t first = 0; first < row_weights; first += group) {
      std::int8_t* begin = small.data() + row * row_weights + first;
      const std::size_t count = std::min(group, row_weights - first);
      const std::int32_t multiplier = MultiplierOf(begin, count);
      if (multiplier == 0 || multiplier * kMostGroupValue > INT8_MAX) return {};
      multipliers.push_back(static_cast<std::uint8_t>(multiplier));
      for (std::size_t i = 0; i < count; ++i) {
        begin[i] = static_cast<std::int8_t>(begin[i] / multiplier);
      }
    }
  }
  std::optional<CompressedBytes> result = WithValues(small, 1, present);
  if (!result) return {};
  result->table.multipliers = std::move(multipliers);
  result->table.group_weights = static_cast<std::int32_t>(group);
  return result;
}

/// One index for each `vector` consecutive weights.
std::optional<CompressedBytes> WithVectors(const Weights& weights, std::size_t vector) {
  std::map<Values, std::uint32_t> indexes;
  const std::size_t whole = weights.size() / vector;
  for (std::size_t v = 0; v < whole; ++v) {
    const std::int8_t* begin = weights.data() + v * vector;
    indexes.emplace(Values(begin, begin + vector), 0);
    if (indexes.size() > 256) return {};
  }
  // Of the last one only what is there counts: another that begins so will do.
  Values last(weights.data() + whole * vector, weights.data() + weights.size());
  const std::size_t left = last.size();
  const auto same = indexes.lower_bound(last);
  const bool found =
      same != indexes.end() && std::equal(last.begin(), last.end(), same->first.begin());
  if (found) last = same->first;
  last.resize(vector, 0);
  if (left > 0) indexes.emplace(last, 0);
  const std::uint32_t bits = BitsFor(indexes.size());
  if (bits == 0) return {};
  CompressedBytes result;
  result.table.bits = static_cast<std::uint8_t>(bits);
  result.table.vector = static_cast<std::uint8_t>(vector);
  std::uint32_t next = 0;
  for (auto& [values, index] : indexes) {
    index = next++;
    result.table.values.insert(result.table.values.end(), values.begin(), values.end());
  }
  result.table.values.resize(vector << bits, 0);
  BitWriter writer;
  for (std::size_t v = 0; v < whole; ++v) {
    const std::int8_t* begin = weights.data() + v * vector;
    writer.Write(indexes.at(Values(begin, begin + vector)), bits);
  }
  if (left > 0) writer.Write(indexes.at(last), bits);
  result.indexes = writer.Take();
  return result;
}

}  // namespace

std::optional<CompressedBytes> CompressWeights(const std::vector<std::int8_t>& weights,
                                               std::size_t rows) {
  std::optional<CompressedBytes> best;
  std::size_t best_bytes = weights.size();
  const auto offer = [&](std::optional<CompressedBytes> form) {
    if (!form || form->bytes() + kTableBytes >= best_bytes) return;
    best_bytes = form->bytes() + kTableBytes;
    best = std::move(form);
  };
  const std::size_t row_weights = weights.size() / rows;
  for (const bool present : {false, true}) {
    offer(WithValues(weights, 1, present));
    if (rows > 1) offer(WithValues(weights, rows, present));
    for (std::size_t group = 8; group < row_weights; group *= 2) {
      offer(WithMultipliers(weights, rows, group, present));
    }
    offer(WithMultipliers(weights, rows, row_weights, present));
  }
  for (const std::size_t vector : {2U, 4U, 8U}) offer(WithVectors(weights, vector));
  return best;
}

}  // namespace quaver::compiler
