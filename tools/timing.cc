#include "tools/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <utility>

#include "kernels/isa.h"
#include "tools/error.h"
#include "tools/facts.h"
#include "tools/peak.h"

namespace quaver::tools {
namespace {

using Clock = std::chrono::steady_clock;

/// Without a number of runs: as many as fit this time, within these counts.
constexpr double kTargetSeconds = 1.0;
constexpr double kWarmUpSeconds = 0.1;
constexpr int kMinRuns = 10;
constexpr int kMaxRuns = 10000;

double Microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

/// The same bytes every time: the time of integer kernels does not depend on them.
void FillInputs(const LoadedModel& model, Session* session) {
  std::uint32_t state = 1;
  for (std::size_t i = 0; i < model.model.InputCount(); ++i) {
    const TensorView input = session->Input(i);
    auto* bytes = static_cast<std::uint8_t*>(input.data);
    for (std::size_t b = 0; b < input.bytes; ++b) {
      state = state * 1664525U + 1013904223U;
      bytes[b] = static_cast<std::uint8_t>(state >> 24);
    }
  }
}

void Observe(void* context, const Session& /*session*/, const OperatorEvent& event) {
  auto& operators = *static_cast<std::vector<OperatorTimes>*>(context);
  OperatorTimes& times = operators[event.index];
  times.kernel = event.kernel;
  times.sorted_us.push_back(static_cast<double>(event.nanoseconds) / 1000);
}

/// `operators`: null for the time of the whole only.
double TimeOne(const LoadedModel& model, Session* session, std::vector<OperatorTimes>* operators) {
  FillInputs(model, session);
  const Clock::time_point begin = Clock::now();
  const Status status = operators == nullptr ? session->Run() : session->Run(Observe, operators);
  const double microseconds = Microseconds(Clock::now() - begin);
  Check(status, model.path);
  return microseconds;
}

/// Returns the median.
double WarmUp(const LoadedModel& model, Session* session) {
  const Clock::time_point begin = Clock::now();
  std::vector<double> times;
  do {
    times.push_back(TimeOne(model, session, nullptr));
  } while (Microseconds(Clock::now() - begin) < kWarmUpSeconds * 1e6 || times.size() < 2);
  std::sort(times.begin(), times.end());
  return Quantile(times, 0.5);
}

template <typename Call>
double MedianMicroseconds(const Call& call) {
  constexpr std::size_t kCalls = 21;
  std::vector<double> times;
  for (std::size_t i = 0; i < kCalls; ++i) {
    const Clock::time_point begin = Clock::now();
    call();
    times.push_back(Microseconds(Clock::now() - begin));
  }
  std::sort(times.begin(), times.end());
  return Quantile(times, 0.5);
}

LoadTimes TimeLoad(const LoadedModel& model, const SessionOptions& options, LoadedSession* to) {
  LoadTimes times;
  times.load_us = MedianMicroseconds(
      [&] { Check(Model::Load(Span<const std::uint8_t>(model.bytes)).status(), model.path); });
  const Span<std::uint8_t> arena(to->arena.data(), to->arena.size());
  times.session_us = MedianMicroseconds([&] {
    const Result<Session> created = Session::Create(model.model, arena, options);
    Check(created.status(), model.path);
    to->session = *created;
  });
  const Result<std::size_t> packed = model.model.PackedAtLoadBytes(options);
  Check(packed.status(), model.path);
  times.packed_at_load_bytes = *packed;
  return times;
}

int ChooseRuns(double expected_us) {
  return static_cast<int>(std::clamp(kTargetSeconds * 1e6 / std::max(expected_us, 0.001),
                                     static_cast<double>(kMinRuns), static_cast<double>(kMaxRuns)));
}

/// Without a batch of 1.
std::string ShapeText(const TensorInfo& tensor) {
  std::string text;
  for (std::int32_t i = tensor.rank > 1 && tensor.shape[0] == 1 ? 1 : 0; i < tensor.rank; ++i) {
    text += (text.empty() ? "" : "x") + std::to_string(tensor.shape[i]);
  }
  return text;
}

std::string ShapeText(const Model& model, const OperatorFacts& facts) {
  const auto tensor = [&model](std::int32_t index) {
    return ShapeText(model.Tensor(static_cast<std::size_t>(index)));
  };
  std::string text;
  if (!facts.inputs.empty()) text = tensor(facts.inputs[0]);
  if (facts.macs > 0) text += " * " + tensor(facts.inputs[1]);
  if (!facts.outputs.empty()) text += " = " + tensor(facts.outputs[0]);
  return text;
}

std::vector<OperatorTimes> DescribeOperators(const LoadedModel& model, const ModelFacts& facts) {
  std::vector<OperatorTimes> operators;
  for (const OperatorFacts& op : facts.operators) {
    OperatorTimes times;
    times.kind = op.kind;
    times.name = op.name;
    times.shape = ShapeText(model.model, op);
    times.macs = op.macs;
    operators.push_back(std::move(times));
  }
  return operators;
}

double PeakOf(const char* isa_name, int threads) {
  Isa isa = Isa::kScalar;
  return IsaFromName(isa_name, &isa) ? PeakMacsPerSecond(isa) * threads : 0;
}

const char* OrNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

double Quantile(const std::vector<double>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(share * last))];
}

ModelTimes TimeModel(const LoadedModel& model, const TimingOptions& options) {
  LoadedSession loaded =
      MakeSession(model, OrNull(options.isa), OrNull(options.backend), options.threads);
  const ModelFacts facts = GatherFacts(model, OrNull(options.isa));
  ModelTimes times;
  times.model = model.path;
  times.isa = loaded.session.IsaName();
  times.threads = options.threads;
  times.macs = facts.macs;
  times.arena_bytes = loaded.arena.size();
  SessionOptions session;
  session.threads = options.threads;
  session.pool = &loaded.pool;
  session.isa = OrNull(options.isa);
  session.backend = OrNull(options.backend);
  times.load = TimeLoad(model, session, &loaded);
  times.peak = PeakOf(loaded.session.IsaName(), options.threads);
  if (options.operators) times.operators = DescribeOperators(model, facts);
  const double expected_us = WarmUp(model, &loaded.session);
  const int runs = options.runs == 0 ? ChooseRuns(expected_us) : options.runs;
  for (int i = 0; i < runs; ++i) {
    times.sorted_us.push_back(
        TimeOne(model, &loaded.session, options.operators ? &times.operators : nullptr));
  }
  std::sort(times.sorted_us.begin(), times.sorted_us.end());
  for (OperatorTimes& op : times.operators) std::sort(op.sorted_us.begin(), op.sorted_us.end());
  return times;
}

}  // namespace quaver::tools
