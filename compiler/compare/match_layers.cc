#include "compiler/compare/match_layers.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace quaver::compiler {
namespace {

constexpr char kInput[] = "Input";

// What aligning by order adds up: a pair of equal size is worth something, more if the operator is
// the same and the shape is, too.
constexpr int kPairScore = 1;
constexpr int kSameKindScore = 4;
constexpr int kSameShapeScore = 2;

class Matcher {
 public:
  Matcher(const std::vector<NetworkLayer>& a, const std::vector<NetworkLayer>& b)
      : a_(a), b_(b), of_a_(a.size()), taken_(b.size()) {}

  std::vector<LayerMatch> Run() {
    MatchInputs();
    MatchBy<std::int32_t>(MatchReason::kPosition, [](const NetworkLayer& layer) {
      return layer.output < 0 ? std::nullopt : std::optional(layer.output);
    });
    MatchBy<std::string>(MatchReason::kName, [](const NetworkLayer& layer) {
      return layer.tensor.empty() ? std::nullopt : std::optional(layer.tensor);
    });
    MatchBy<std::int32_t>(MatchReason::kSourceIndex, [](const NetworkLayer& layer) {
      return layer.source_index < 0 ? std::nullopt : std::optional(layer.source_index);
    });
    MatchByOrder();
    std::vector<LayerMatch> matches;
    for (const auto& match : of_a_) {
      if (match) matches.push_back(*match);
    }
    return matches;
  }

 private:
  void Take(std::size_t a, std::size_t b, MatchReason reason) {
    of_a_[a] = LayerMatch{a, b, reason};
    taken_[b] = true;
  }

  // The inputs are the first layers of both.
  void MatchInputs() {
    for (std::size_t i = 0; i < std::min(a_.size(), b_.size()); ++i) {
      if (a_[i].kind != kInput || b_[i].kind != kInput) return;
      if (a_[i].elements == b_[i].elements) Take(i, i, MatchReason::kPosition);
    }
  }

  // Pairs what is left of equal key and size; of several layers with one key the last counts.
  template <typename Key>
  void MatchBy(MatchReason reason,
               const std::function<std::optional<Key>(const NetworkLayer&)>& key_of) {
    std::map<std::pair<Key, std::size_t>, std::size_t> last;
    for (std::size_t j = 0; j < b_.size(); ++j) {
      if (const auto key = key_of(b_[j]); key && !taken_[j]) last[{*key, b_[j].elements}] = j;
    }
    for (std::size_t i = a_.size(); i-- > 0;) {
      const auto key = key_of(a_[i]);
      if (!key || of_a_[i]) continue;
      const auto entry = last.find({*key, a_[i].elements});
      if (entry == last.end() || taken_[entry->second]) continue;
      // Indices of two different source models have nothing to do with each other: names tell.
      if (reason == MatchReason::kSourceIndex && !a_[i].tensor.empty() &&
          !b_[entry->second].tensor.empty()) {
        continue;
      }
      Take(i, entry->second, reason);
    }
  }

  [[nodiscard]] int Score(std::size_t i, std::size_t j) const {
    const NetworkLayer& a = a_[i];
    const NetworkLayer& b = b_[j];
    if (a.elements != b.elements || a.has_weights != b.has_weights) return 0;
    return kPairScore + (a.kind == b.kind ? kSameKindScore : 0) +
           (a.shape == b.shape ? kSameShapeScore : 0);
  }

  // The runs of layers between two pairs that do not cross others are aligned one by one.
  void MatchByOrder() {
    std::size_t begin_a = 0;
    std::size_t begin_b = 0;
    for (std::size_t i = 0; i < a_.size(); ++i) {
      if (!of_a_[i] || of_a_[i]->b < begin_b) continue;
      Align(begin_a, i, begin_b, of_a_[i]->b);
      begin_a = i + 1;
      begin_b = of_a_[i]->b + 1;
    }
    Align(begin_a, a_.size(), begin_b, b_.size());
  }

  // The alignment of highest score of a's layers [begin_a, end_a) with b's that are free, by
  // dynamic programming (Needleman and Wunsch, 1970, without a price for gaps).
  void Align(std::size_t begin_a, std::size_t end_a, std::size_t begin_b, std::size_t end_b) {
    std::vector<std::size_t> left, right;
    for (std::size_t i = begin_a; i < end_a; ++i) {
      if (!of_a_[i]) left.push_back(i);
    }
    for (std::size_t j = begin_b; j < end_b; ++j) {
      if (!taken_[j]) right.push_back(j);
    }
    // best[i][j]: of the layers from i and j on.
    std::vector<std::vector<int>> best(left.size() + 1, std::vector<int>(right.size() + 1, 0));
    const auto paired = [&](std::size_t i, std::size_t j) {
      const int score = Score(left[i], right[j]);
      return score == 0 ? 0 : score + best[i + 1][j + 1];
    };
    for (std::size_t i = left.size(); i-- > 0;) {
      for (std::size_t j = right.size(); j-- > 0;) {
        best[i][j] = std::max({best[i + 1][j], best[i][j + 1], paired(i, j)});
      }
    }
    for (std::size_t i = 0, j = 0; i < left.size() && j < right.size() && best[i][j] > 0;) {
      if (best[i][j] == paired(i, j)) {
        Take(left[i++], right[j++], MatchReason::kOrder);
      } else if (best[i][j] == best[i + 1][j]) {
        ++i;
      } else {
        ++j;
      }
    }
  }

  const std::vector<NetworkLayer>& a_;
  const std::vector<NetworkLayer>& b_;
  std::vector<std::optional<LayerMatch>> of_a_;
  std::vector<bool> taken_;
};

}  // namespace

const char* MatchReasonName(MatchReason reason) {
  switch (reason) {
    case MatchReason::kPosition:
      return "position";
    case MatchReason::kName:
      return "name";
    case MatchReason::kSourceIndex:
      return "source index";
    case MatchReason::kOrder:
      return "order";
  }
  return "?";
}

std::vector<LayerMatch> MatchLayers(const std::vector<NetworkLayer>& a,
                                    const std::vector<NetworkLayer>& b) {
  return Matcher(a, b).Run();
}

}  // namespace quaver::compiler
