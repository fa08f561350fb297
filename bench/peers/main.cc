// Quaver beside other runtimes: the same networks, in one run, taking turns, so that whatever
// disturbs the machine disturbs all. Prints medians and ratios; --json for machines.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/peers/contender.h"
#include "bench/peers/onnx_runtime.h"
#include "bench/peers/quaver_model.h"
#include "compiler/compile.h"
#include "compiler/import/import.h"

namespace quaver::bench {
namespace {

struct Options {
  std::string models;
  std::string mnist;
  std::string onnx;
  std::string library;
  std::string json;
  std::vector<std::string> isas;
  std::vector<std::string> networks = {
      "pretrainedResnet_quant",       "kws_ref_model", "vww_96_int8", "ad01_int8", "person_detect",
      "tf2_mobilenet_v2_1.0_224_ptq", "mnist"};
  int threads = 1;
  int rounds = 50;
  double batch_milliseconds = 5;
};

std::vector<std::uint8_t> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot open " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::uint8_t> LoadNetwork(const Options& options, const std::string& name) {
  if (name == "mnist") return ReadFile(options.mnist);
  const std::string path = options.models + "/" + name + ".tflite";
  const std::vector<std::uint8_t> bytes = ReadFile(path);
  return compiler::Compile(compiler::ImportTflite(bytes, path));
}

/// One network on every runtime; the first contender is what the others are compared with.
class Race {
 public:
  Race(const Options& options, OnnxRuntime* peer, const std::string& network) : network_(network) {
    const std::vector<std::uint8_t> file = LoadNetwork(options, network);
    Enter("Quaver", file, options.threads, nullptr, "quaver");
    isa_ = models_.front()->isa();
    for (const std::string& isa : options.isas) {
      Enter("Quaver " + isa, file, options.threads, isa.c_str(), "quaver");
    }
    // The backend's operators run on one thread.
    if (options.threads == 1 && HasBackend(file, "xnnpack")) {
      Enter("XNNPACK", file, 1, nullptr, "xnnpack");
    }
    onnx_session_ = peer->Load(options.onnx + "/" + network + ".onnx", options.threads);
    contenders_.emplace_back("ONNX Runtime", [this] { onnx_session_->Run(); });
  }

  void Run(int rounds, double batch_milliseconds) {
    for (Contender& contender : contenders_) contender.ChooseBatch(batch_milliseconds);
    for (int round = 0; round < rounds; ++round) {
      for (Contender& contender : contenders_) contender.TakeTurn();
    }
  }

  [[nodiscard]] const std::vector<Contender>& contenders() const { return contenders_; }
  /// How many times as long as the first.
  [[nodiscard]] double Ratio(const Contender& contender) const {
    return contender.Median() / contenders_.front().Median();
  }

  [[nodiscard]] nlohmann::ordered_json ToJson() const {
    nlohmann::ordered_json json = {{"network", network_}, {"isa", isa_}};
    for (const Contender& contender : contenders_) {
      json["runtimes"].push_back({{"name", contender.name()},
                                  {"median_us", contender.Median()},
                                  {"min_us", contender.Best()},
                                  {"ratio", Ratio(contender)}});
    }
    return json;
  }

 private:
  void Enter(const std::string& name, const std::vector<std::uint8_t>& file, int threads,
             const char* isa, const char* backend) {
    SessionOptions session;
    session.isa = isa;
    session.backend = backend;
    session.threads = threads;
    models_.push_back(std::make_unique<QuaverModel>(file, session));
    contenders_.emplace_back(name, [model = models_.back().get()] { model->Run(); });
  }

  std::string network_;
  std::string isa_;
  std::vector<std::unique_ptr<QuaverModel>> models_;
  std::unique_ptr<OnnxRuntime::Session> onnx_session_;
  std::vector<Contender> contenders_;
};

void PrintTitles(const Race& race) {
  std::printf("%-29s", "network");
  for (const Contender& contender : race.contenders()) {
    const bool is_first = &contender == &race.contenders().front();
    std::printf(is_first ? " %17s" : " | %17s", contender.name().c_str());
    if (!is_first) std::printf(" %6s", "ratio");
  }
  std::printf("\n");
}

/// Of each: the median, the least, and but for the first the ratio.
void PrintRow(const std::string& network, const Race& race) {
  std::printf("%-29s", network.c_str());
  for (const Contender& contender : race.contenders()) {
    if (&contender == &race.contenders().front()) {
      std::printf(" %8.1f %8.1f", contender.Median(), contender.Best());
    } else {
      std::printf(" | %8.1f %8.1f %6.2f", contender.Median(), contender.Best(),
                  race.Ratio(contender));
    }
  }
  std::printf("\n");
  std::fflush(stdout);
}

void WriteJson(const Options& options, const std::string& version,
               const nlohmann::ordered_json& networks) {
  nlohmann::ordered_json json;
  json["onnxruntime"] = version;
  json["threads"] = options.threads;
  json["rounds"] = options.rounds;
  json["networks"] = networks;
  std::ofstream file(options.json);
  file << json.dump(2) << "\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + options.json);
}

void RunAll(const Options& options) {
  OnnxRuntime peer(options.library);
  std::printf(
      "%d thread%s; microseconds, medians of %d turns (then the least); ratio: times as long "
      "as Quaver; ONNX Runtime %s\n",
      options.threads, options.threads == 1 ? "" : "s", options.rounds, peer.version().c_str());
  nlohmann::ordered_json results = nlohmann::ordered_json::array();
  for (const std::string& network : options.networks) {
    Race race(options, &peer, network);
    race.Run(options.rounds, options.batch_milliseconds);
    if (results.empty()) PrintTitles(race);
    PrintRow(network, race);
    results.push_back(race.ToJson());
  }
  if (!options.json.empty()) WriteJson(options, peer.version(), results);
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Quaver beside ONNX Runtime and XNNPACK, in one run");
  app.add_option("--models", options.models, "Folder with the .tflite models")->required();
  app.add_option("--mnist", options.mnist, "mnist.qvr")->required();
  app.add_option("--onnx", options.onnx, "Folder that networks.py has written")->required();
  app.add_option("--onnxruntime", options.library, "libonnxruntime.so")->required();
  app.add_option("--networks", options.networks, "Only these");
  app.add_option("--isa", options.isas, "Quaver also with these instruction sets: avx2, ...");
  app.add_option("--threads", options.threads, "Threads of each")
      ->check(CLI::Range(1, kMaxThreads));
  app.add_option("--rounds", options.rounds, "Turns of each")->check(CLI::PositiveNumber);
  app.add_option("--json", options.json, "Write the figures here");
  CLI11_PARSE(app, argc, argv);
  RunAll(options);
  return 0;
}

}  // namespace
}  // namespace quaver::bench

int main(int argc, char** argv) {
  try {
    return quaver::bench::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_peers: %s\n", error.what());
    return 1;
  }
}
