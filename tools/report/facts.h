// What a report says, as plain data: gather.h finds it, page.h draws it, json.h writes it down.
#ifndef QUAVER_TOOLS_REPORT_FACTS_H_
#define QUAVER_TOOLS_REPORT_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/compare/histogram.h"
#include "compiler/quantize/evaluate.h"

namespace quaver::tools::report {

/// A number at the top of the page.
struct Tile {
  std::string label;
  std::string value;
  std::string note;
};

/// What was decided, and why.
struct Decision {
  std::string what;
  std::string choice;
  std::string why;
};

/// How one layer of the second model differs from the first model's.
struct ErrorFacts {
  double decibels = 0;  ///< Infinite: equal.
  double cosine = 1;
  double max_error = 0;
  double relative = 0;  ///< sqrt(noise / signal): the error beside the values.
};

/// Of the reference's values, with the range that the integers cover.
struct HistogramFacts {
  compiler::Histogram histogram;
  std::optional<compiler::RealRange> range;
};

struct WeightsFacts {
  compiler::Histogram histogram;
  std::vector<float> scales;  ///< Empty: float.
};

/// One layer of the first model, beside the second's.
struct LayerFacts {
  std::size_t index = 0;
  std::string kind;
  std::string name;        ///< The tensor's.
  std::string other_name;  ///< In the second model, where it differs.
  std::string shape;
  ErrorFacts error;
  std::string type;      ///< Of the second model's tensor: "int8".
  bool dynamic = false;  ///< The second model quantizes this layer's input while it runs.
  float scale = 0;
  std::int32_t zero_point = 0;
  HistogramFacts activations;
  std::optional<WeightsFacts> weights;
  std::uint64_t bytes_before = 0, bytes_after = 0;  ///< Of constants.
};

struct SizeFacts {
  std::string file_before, file_after;
  std::uint64_t bytes_before = 0, bytes_after = 0;
};

/// Bytes of the arena from operator `first` to operator `last`, both included; -1 is before the
/// first, the number of operators after the last.
struct MemoryBlock {
  enum class Kind : std::uint8_t { kInput, kOutput, kActivation, kState, kScratch };
  Kind kind = Kind::kActivation;
  std::string name;
  std::int32_t first = 0, last = 0;
  std::uint64_t offset = 0, bytes = 0;
};
const char* MemoryKindName(MemoryBlock::Kind kind);

struct MemoryFacts {
  std::vector<std::string> operators;  ///< "Conv2D 'name'", in order.
  std::vector<MemoryBlock> blocks;
  std::uint64_t activation_bytes = 0;
  std::uint64_t lower_bound_bytes = 0;
  std::uint64_t arena_bytes = 0;  ///< On `isa`: all that Session::Create needs.
  std::string isa;
  std::int32_t peak_operator = 0;  ///< Where most bytes are in use.
  std::uint64_t peak_bytes = 0;
};

struct AccuracyFacts {
  std::string model;
  std::string arithmetic;
  compiler::Accuracy accuracy;
};

/// One operator of a model that is looked at alone.
struct OperatorCost {
  std::string kind, name, output;
  std::uint64_t macs = 0, weights_bytes = 0;
};

/// A layer's weights in the file; as int8 they take a byte each.
struct StoredWeights {
  std::string kind, layer;
  std::string form;  ///< "4-bit, groups of 32".
  std::uint64_t weights = 0, stored_bytes = 0, zeros = 0;
  std::optional<double> decibels;  ///< Signal to noise against the float weights.
};

/// Which layers got int16 activations, and what was tried to find that.
struct PrecisionFacts {
  struct Try {
    std::size_t layers = 0;  ///< So many of the worst in int16.
    double score = 0;        ///< Accuracy in percent, or decibels.
    double int16_share = 0;  ///< Of the multiply-accumulates.
    std::uint64_t arena_bytes = 0;
    bool met = false;
    bool taken = false;
  };
  struct Layer {
    std::string name;
    std::optional<double> decibels;  ///< At the outputs, with it alone in int8; none: asked for.
  };
  bool by_accuracy = false;
  double target = 0;  ///< The least score.
  std::string target_note;
  bool met = true;
  std::vector<Try> tries;  ///< In order; may be empty.
  std::vector<Layer> layers;
};

struct ReportFacts {
  std::string title;     ///< Of the page: what was reported on.
  std::string subtitle;  ///< Of which files, on what data.
  std::vector<Tile> tiles;
  std::vector<Decision> decisions;
  std::string first_model, second_model;  ///< Those that `layers` compare.
  std::size_t samples = 0;                ///< That they were compared on.
  std::vector<LayerFacts> layers;         ///< In execution order.
  std::vector<std::string> only_in_first, only_in_second;
  std::optional<SizeFacts> size;
  std::optional<MemoryFacts> memory;
  std::vector<AccuracyFacts> accuracy;
  std::string accuracy_note;
  std::vector<std::string> labels;  ///< Of classes; may be empty.
  std::vector<OperatorCost> operators;
  std::vector<StoredWeights> weights;  ///< Empty: all int8 as they come.
  std::optional<PrecisionFacts> precision;
};

}  // namespace quaver::tools::report

#endif  // QUAVER_TOOLS_REPORT_FACTS_H_
