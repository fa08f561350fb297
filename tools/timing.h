// Times of a model's inferences, and of each of its operators.
#ifndef QUAVER_TOOLS_TIMING_H_
#define QUAVER_TOOLS_TIMING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/model_file.h"

namespace quaver::tools {

/// The value that the given share of the sorted values does not exceed. Precondition: not empty.
double Quantile(const std::vector<double>& sorted, double share);

/// One operator over all runs.
struct OperatorTimes {
  std::string kind;
  std::string name;    ///< The source model's, or "".
  std::string kernel;  ///< "Conv2DAvx2"
  std::string shape;   ///< "32x32x3 * 16x3x3x3 = 32x32x16": input, weights, output
  std::uint64_t macs = 0;
  std::vector<double> sorted_us;

  [[nodiscard]] double MedianUs() const { return Quantile(sorted_us, 0.5); }
};

/// From the bytes of a .qvr in memory to a session that is ready to run; medians.
struct LoadTimes {
  double load_us = 0;     ///< Model::Load: verifies, copies nothing.
  double session_us = 0;  ///< Session::Create: packs what the file does not hold packed.
  std::size_t packed_at_load_bytes = 0;
};

struct ModelTimes {
  std::string model;
  std::string isa;
  int threads = 1;
  std::uint64_t macs = 0;
  std::uint64_t arena_bytes = 0;
  /// What the threads can do at most, in multiply-accumulates a second (peak.h); 0: not known.
  double peak = 0;
  LoadTimes load;
  std::vector<double> sorted_us;
  std::vector<OperatorTimes> operators;  ///< Empty unless asked for.

  [[nodiscard]] double MedianUs() const { return Quantile(sorted_us, 0.5); }
};

struct TimingOptions {
  std::string isa;      ///< "": QUAVER_ISA, else the best.
  std::string backend;  ///< "": QUAVER_BACKEND, else "quaver".
  int threads = 1;
  int runs = 0;  ///< 0: about a second of them.
  bool operators = false;
};

/// Runs until caches, pages and the clock frequency have settled, then as often as `options` say.
/// Throws Error.
ModelTimes TimeModel(const LoadedModel& model, const TimingOptions& options);

}  // namespace quaver::tools

#endif  // QUAVER_TOOLS_TIMING_H_
