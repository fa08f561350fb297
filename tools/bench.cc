// quaver bench MODEL... [--threads N] [--runs N] [--isa NAME] [--backend NAME] [--json] [--profile]
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/command.h"
#include "tools/error.h"
#include "tools/model_file.h"
#include "tools/text.h"
#include "tools/timing.h"

namespace quaver::tools {
namespace {

struct BenchOptions {
  std::vector<std::string> models;
  TimingOptions timing;
  bool json = false;
};

/// In billions of multiply-accumulates a second.
double GmacsPerSecond(std::uint64_t macs, double microseconds) {
  return microseconds > 0 ? static_cast<double>(macs) / microseconds / 1e3 : 0;
}

double PercentOfPeak(double gmacs_per_second, const ModelTimes& times) {
  return times.peak > 0 ? 100e9 * gmacs_per_second / times.peak : 0;
}

/// "" where there is nothing to say: no multiplications, or no known peak.
std::string FixedOrNone(double value, int decimals) {
  return value > 0 ? Fixed(value, decimals) : "";
}

nlohmann::ordered_json ToJson(const ModelTimes& times) {
  nlohmann::ordered_json json;
  const double gmacs = GmacsPerSecond(times.macs, times.MedianUs());
  json["model"] = times.model;
  json["isa"] = times.isa;
  json["threads"] = times.threads;
  json["runs"] = times.sorted_us.size();
  json["median_us"] = times.MedianUs();
  json["p90_us"] = Quantile(times.sorted_us, 0.9);
  json["min_us"] = times.sorted_us.front();
  json["load_us"] = times.load.load_us;
  json["session_us"] = times.load.session_us;
  json["packed_at_load_bytes"] = times.load.packed_at_load_bytes;
  json["macs"] = times.macs;
  json["gmacs_per_second"] = gmacs;
  json["peak_gmacs_per_second"] = times.peak / 1e9;
  json["arena_bytes"] = times.arena_bytes;
  if (times.operators.empty()) return json;
  json["operators"] = nlohmann::ordered_json::array();
  for (const OperatorTimes& op : times.operators) {
    json["operators"].push_back({{"kind", op.kind},
                                 {"name", op.name},
                                 {"shape", op.shape},
                                 {"kernel", op.kernel},
                                 {"macs", op.macs},
                                 {"median_us", op.MedianUs()}});
  }
  return json;
}

void PrintProfile(const ModelTimes& times) {
  using Align = Table::Align;
  double total_us = 0;
  for (const OperatorTimes& op : times.operators) total_us += op.MedianUs();
  Table table({{"#", Align::kRight},
               {"operator"},
               {"shape"},
               {"kernel"},
               {"us", Align::kRight},
               {"share", Align::kRight},
               {"GMAC/s", Align::kRight},
               {"% of peak", Align::kRight},
               {"name"}});
  for (std::size_t i = 0; i < times.operators.size(); ++i) {
    const OperatorTimes& op = times.operators[i];
    const double gmacs = GmacsPerSecond(op.macs, op.MedianUs());
    // What takes a transient tensor runs with the operator that makes it.
    const std::string kernel = op.kernel.empty() ? "with " + std::to_string(i - 1) : op.kernel;
    table.Add({std::to_string(i), op.kind, op.shape, kernel, Fixed(op.MedianUs(), 2),
               Fixed(total_us > 0 ? 100 * op.MedianUs() / total_us : 0, 1) + " %",
               FixedOrNone(gmacs, 1), FixedOrNone(PercentOfPeak(gmacs, times), 0),
               Printable(op.name)});
  }
  std::printf("\n%s", table.Format().c_str());
}

void PrintOne(const ModelTimes& times) {
  const double gmacs = GmacsPerSecond(times.macs, times.MedianUs());
  std::printf("%s  (%s, %d thread%s, %zu runs)\n", times.model.c_str(), times.isa.c_str(),
              times.threads, times.threads == 1 ? "" : "s", times.sorted_us.size());
  std::printf("  median %s us   p90 %s us   min %s us\n", Fixed(times.MedianUs(), 1).c_str(),
              Fixed(Quantile(times.sorted_us, 0.9), 1).c_str(),
              Fixed(times.sorted_us.front(), 1).c_str());
  std::printf("  load   %s us   session %s us   weights packed then: %s bytes\n",
              Fixed(times.load.load_us, 1).c_str(), Fixed(times.load.session_us, 1).c_str(),
              Grouped(times.load.packed_at_load_bytes).c_str());
  std::printf("  %s MMAC   %s GMAC/s", Fixed(static_cast<double>(times.macs) / 1e6, 2).c_str(),
              Fixed(gmacs, 1).c_str());
  if (times.peak > 0) {
    std::printf(" (%s %% of the %s that this machine can do)",
                Fixed(PercentOfPeak(gmacs, times), 0).c_str(), Fixed(times.peak / 1e9, 1).c_str());
  }
  std::printf("   arena %s bytes\n", Grouped(times.arena_bytes).c_str());
  if (!times.operators.empty()) PrintProfile(times);
}

std::string FileName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

void PrintTable(const std::vector<ModelTimes>& all) {
  using Align = Table::Align;
  Table table({{"model"},
               {"isa"},
               {"median us", Align::kRight},
               {"min us", Align::kRight},
               {"MMAC", Align::kRight},
               {"GMAC/s", Align::kRight},
               {"% of peak", Align::kRight},
               {"load us", Align::kRight},
               {"arena bytes", Align::kRight}});
  for (const ModelTimes& times : all) {
    const double gmacs = GmacsPerSecond(times.macs, times.MedianUs());
    table.Add({Printable(FileName(times.model)), times.isa, Fixed(times.MedianUs(), 1),
               Fixed(times.sorted_us.front(), 1), Fixed(static_cast<double>(times.macs) / 1e6, 2),
               Fixed(gmacs, 1), FixedOrNone(PercentOfPeak(gmacs, times), 0),
               Fixed(times.load.load_us + times.load.session_us, 1), Grouped(times.arena_bytes)});
  }
  std::printf("%s", table.Format().c_str());
}

ModelTimes TimeFile(const std::string& path, const TimingOptions& options) {
  return TimeModel(LoadModel(path), options);
}

/// Several models: what Quaver does not run is named, and the others are timed.
void BenchAll(const BenchOptions& options) {
  std::vector<ModelTimes> all;
  std::string left_out;
  for (const std::string& path : options.models) {
    try {
      all.push_back(TimeFile(path, options.timing));
    } catch (const Error&) {
      left_out += " " + FileName(path);
    }
  }
  if (options.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const ModelTimes& times : all) json.push_back(ToJson(times));
    std::printf("%s\n", DumpJson(json).c_str());
  } else if (options.timing.operators) {
    for (const ModelTimes& times : all) PrintOne(times);
  } else {
    PrintTable(all);
  }
  if (all.empty()) throw Error("none of the models can be run; quaver bench MODEL says why");
  if (left_out.empty()) return;
  std::fprintf(stderr, "left out (quaver bench MODEL says why):%s\n", OneLine(left_out).c_str());
}

void Bench(const BenchOptions& options) {
  if (options.models.size() > 1) return BenchAll(options);
  const ModelTimes times = TimeFile(options.models.front(), options.timing);
  if (options.json) {
    std::printf("%s\n", DumpJson(ToJson(times)).c_str());
  } else {
    PrintOne(times);
  }
}

}  // namespace

void AddBench(CLI::App* app) {
  auto options = std::make_shared<BenchOptions>();
  TimingOptions& timing = options->timing;
  CLI::App* command = app->add_subcommand("bench", "Measure the time of one inference");
  command->footer(
      "\nExamples:\n  quaver bench model.qvr\n  quaver bench model.tflite --runs 100 --profile\n"
      "  quaver bench *.tflite\n");
  command->add_option("MODEL", options->models, "A .qvr or .tflite; several: a table")->required();
  command->add_option("--threads", timing.threads, "Threads that share each inference")
      ->check(CLI::Range(1, kMaxThreads))
      ->capture_default_str();
  command->add_option("--runs", timing.runs, "Timed runs (default: about a second of them)")
      ->check(CLI::Range(1, 100000000));
  command->add_option("--isa", timing.isa, "Instruction set (default: QUAVER_ISA, else the best)");
  command->add_option("--backend", timing.backend,
                      "quaver or xnnpack (default: QUAVER_BACKEND, else quaver)");
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--profile", timing.operators, "Also the time of each operator");
  command->callback([options] { Bench(*options); });
}

}  // namespace quaver::tools
