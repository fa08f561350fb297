// One of several runtimes that take turns, and its times.
#ifndef QUAVER_BENCH_PEERS_CONTENDER_H_
#define QUAVER_BENCH_PEERS_CONTENDER_H_

#include <functional>
#include <string>
#include <vector>

namespace quaver::bench {

class Contender {
 public:
  /// `run`: one inference.
  Contender(std::string name, std::function<void()> run)
      : name_(std::move(name)), run_(std::move(run)) {}

  /// Chooses how many inferences take about `milliseconds`: a turn.
  void ChooseBatch(double milliseconds);
  void TakeTurn();

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Of the turns' means, in microseconds. Precondition: a turn has been taken.
  [[nodiscard]] double Median() const;
  [[nodiscard]] double Best() const;

 private:
  [[nodiscard]] double MicrosecondsPerRun(int runs) const;

  std::string name_;
  std::function<void()> run_;
  int batch_ = 1;
  std::vector<double> times_;
};

}  // namespace quaver::bench

#endif  // QUAVER_BENCH_PEERS_CONTENDER_H_
