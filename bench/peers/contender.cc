#include "bench/peers/contender.h"

#include <algorithm>
#include <chrono>

namespace quaver::bench {
namespace {

constexpr int kWarmUpRuns = 3;

}  // namespace

void Contender::ChooseBatch(double milliseconds) {
  static_cast<void>(MicrosecondsPerRun(kWarmUpRuns));
  batch_ = std::max(1, static_cast<int>(milliseconds * 1000 / MicrosecondsPerRun(kWarmUpRuns)));
}

void Contender::TakeTurn() { times_.push_back(MicrosecondsPerRun(batch_)); }

double Contender::Median() const {
  std::vector<double> sorted = times_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

double Contender::Best() const { return *std::min_element(times_.begin(), times_.end()); }

double Contender::MicrosecondsPerRun(int runs) const {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < runs; ++i) run_();
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count() / runs;
}

}  // namespace quaver::bench
