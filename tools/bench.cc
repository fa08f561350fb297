// quaver bench MODEL [--threads N] [--runs N] [--json] [--profile]
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/error.h"
#include "tools/model_file.h"
#include "tools/text.h"

namespace quaver::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string model;
  std::string isa;
  int threads = 1;
  int runs = 0;
  bool json = false;
  bool profile = false;
};

/// Without --runs: as many runs as fit this time, within these counts.
constexpr double kTargetSeconds = 1.0;
constexpr double kWarmUpSeconds = 0.1;
constexpr int kMinRuns = 10;
constexpr int kMaxRuns = 10000;

double Microseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

/// The value that the given share of the sorted values does not exceed.
double Quantile(const std::vector<double>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(std::lround(share * last))];
}

/// One operator over all runs.
struct OperatorTimes {
  std::string kind;
  std::string name;
  std::string kernel;
  std::vector<double> microseconds;
};

struct Times {
  std::vector<double> sorted_us;
  std::vector<OperatorTimes> operators;
};

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
  if (operators.size() <= event.index) operators.resize(event.index + 1);
  OperatorTimes& times = operators[event.index];
  times.kind = event.kind;
  times.name = event.name;
  times.kernel = event.kernel;
  times.microseconds.push_back(static_cast<double>(event.nanoseconds) / 1000);
}

double TimeOne(const LoadedModel& model, Session* session, std::vector<OperatorTimes>* operators) {
  FillInputs(model, session);
  const Clock::time_point begin = Clock::now();
  const Status status = operators == nullptr ? session->Run() : session->Run(Observe, operators);
  const double microseconds = Microseconds(Clock::now() - begin);
  Check(status, model.path);
  return microseconds;
}

/// Runs until caches, pages and the clock frequency have settled; the median of the last runs.
double WarmUp(const LoadedModel& model, Session* session) {
  const Clock::time_point begin = Clock::now();
  std::vector<double> times;
  do {
    times.push_back(TimeOne(model, session, nullptr));
  } while (Microseconds(Clock::now() - begin) < kWarmUpSeconds * 1e6 || times.size() < 2);
  std::sort(times.begin(), times.end());
  return Quantile(times, 0.5);
}

Times Measure(const LoadedModel& model, const Options& options, Session* session) {
  const double expected_us = std::max(WarmUp(model, session), 0.001);
  int runs = options.runs;
  if (runs == 0) {
    runs =
        static_cast<int>(std::clamp(kTargetSeconds * 1e6 / expected_us,
                                    static_cast<double>(kMinRuns), static_cast<double>(kMaxRuns)));
  }
  Times times;
  for (int i = 0; i < runs; ++i) {
    times.sorted_us.push_back(
        TimeOne(model, session, options.profile ? &times.operators : nullptr));
  }
  std::sort(times.sorted_us.begin(), times.sorted_us.end());
  for (OperatorTimes& op : times.operators) {
    std::sort(op.microseconds.begin(), op.microseconds.end());
  }
  return times;
}

/// From the bytes of a .qvr in memory to a session that is ready to run.
struct LoadTimes {
  double load_us = 0;  ///< Model::Load: verifies, copies nothing.
  double session_us =
      0;  ///< Session::Create: packs the weights that the file does not have packed.
  std::size_t packed_at_load_bytes = 0;
};

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

LoadTimes MeasureLoad(const LoadedModel& model, const SessionOptions& session, LoadedSession* to) {
  LoadTimes times;
  times.load_us = MedianMicroseconds(
      [&] { Check(Model::Load(Span<const std::uint8_t>(model.bytes)).status(), model.path); });
  const Span<std::uint8_t> arena(to->arena.data(), to->arena.size());
  times.session_us = MedianMicroseconds([&] {
    const Result<Session> created = Session::Create(model.model, arena, session);
    Check(created.status(), model.path);
    to->session = *created;
  });
  const Result<std::size_t> packed = model.model.PackedAtLoadBytes(session);
  Check(packed.status(), model.path);
  times.packed_at_load_bytes = *packed;
  return times;
}

void PrintJson(const Options& options, const Times& times, const LoadTimes& load, const char* isa) {
  nlohmann::ordered_json json;
  json["model"] = options.model;
  json["isa"] = isa;
  json["threads"] = options.threads;
  json["runs"] = times.sorted_us.size();
  json["median_us"] = Quantile(times.sorted_us, 0.5);
  json["p90_us"] = Quantile(times.sorted_us, 0.9);
  json["min_us"] = times.sorted_us.front();
  json["load_us"] = load.load_us;
  json["session_us"] = load.session_us;
  json["packed_at_load_bytes"] = load.packed_at_load_bytes;
  if (options.profile) {
    json["operators"] = nlohmann::ordered_json::array();
    for (const OperatorTimes& op : times.operators) {
      json["operators"].push_back({{"kind", op.kind},
                                   {"name", op.name},
                                   {"kernel", op.kernel},
                                   {"median_us", Quantile(op.microseconds, 0.5)}});
    }
  }
  std::printf("%s\n", DumpJson(json).c_str());
}

void PrintProfile(const Times& times) {
  using Align = Table::Align;
  double total = 0;
  for (const OperatorTimes& op : times.operators) total += Quantile(op.microseconds, 0.5);
  Table table({{"#", Align::kRight},
               {"operator"},
               {"kernel"},
               {"us", Align::kRight},
               {"share", Align::kRight},
               {"name"}});
  for (std::size_t i = 0; i < times.operators.size(); ++i) {
    const OperatorTimes& op = times.operators[i];
    const double median = Quantile(op.microseconds, 0.5);
    table.Add({std::to_string(i), op.kind, op.kernel, Fixed(median, 1),
               Fixed(total > 0 ? 100 * median / total : 0, 1) + " %", Printable(op.name)});
  }
  std::printf("\n%s", table.Format().c_str());
}

void Bench(const Options& options) {
  if (options.threads != 1) {
    throw UsageError("--threads " + std::to_string(options.threads) +
                     ": this release runs a model on one thread; use --threads 1");
  }
  const LoadedModel model = LoadModel(options.model);
  SessionOptions session;
  session.isa = options.isa.empty() ? nullptr : options.isa.c_str();
  LoadedSession loaded = MakeSession(model, session.isa);
  const LoadTimes load = MeasureLoad(model, session, &loaded);
  const Times times = Measure(model, options, &loaded.session);
  if (options.json) return PrintJson(options, times, load, loaded.session.IsaName());
  std::printf("%s  (%s, %d thread, %zu runs)\n", options.model.c_str(), loaded.session.IsaName(),
              options.threads, times.sorted_us.size());
  std::printf(
      "  median %s us   p90 %s us   min %s us\n", Fixed(Quantile(times.sorted_us, 0.5), 1).c_str(),
      Fixed(Quantile(times.sorted_us, 0.9), 1).c_str(), Fixed(times.sorted_us.front(), 1).c_str());
  std::printf("  load   %s us   session %s us   weights packed then: %s bytes\n",
              Fixed(load.load_us, 1).c_str(), Fixed(load.session_us, 1).c_str(),
              Grouped(load.packed_at_load_bytes).c_str());
  if (options.profile) PrintProfile(times);
}

}  // namespace

void AddBench(CLI::App* app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand("bench", "Measure the time of one inference");
  command->footer(
      "\nExamples:\n  quaver bench model.qvr\n  quaver bench model.tflite --runs 100 --profile\n");
  command->add_option("MODEL", options->model, "A .qvr or .tflite")->required();
  command->add_option("--threads", options->threads, "Threads; this release has one")
      ->capture_default_str();
  command->add_option("--runs", options->runs, "Timed runs (default: about a second of them)")
      ->check(CLI::Range(1, 100000000));
  command->add_option("--isa", options->isa,
                      "Instruction set (default: QUAVER_ISA, else the best)");
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--profile", options->profile, "Also the time of each operator");
  command->callback([options] { Bench(*options); });
}

}  // namespace quaver::tools
