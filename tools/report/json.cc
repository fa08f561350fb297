#include "tools/report/json.h"

#include <cmath>

namespace quaver::tools::report {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json HistogramJson(const compiler::Histogram& histogram) {
  return {{"low", histogram.low},
          {"high", histogram.high},
          {"total", histogram.total},
          {"clipped_below", histogram.clipped_below},
          {"clipped_above", histogram.clipped_above}};
}

Json LayerJson(const LayerFacts& layer) {
  Json json = {{"index", layer.index},
               {"kind", layer.kind},
               {"tensor", layer.name},
               {"shape", layer.shape},
               {"sqnr_db", Number(layer.error.decibels)},
               {"cosine", Number(layer.error.cosine)},
               {"max_error", Number(layer.error.max_error)},
               {"type", layer.type},
               {"scale", layer.scale},
               {"zero_point", layer.zero_point},
               {"bytes_before", layer.bytes_before},
               {"bytes_after", layer.bytes_after},
               {"activations", HistogramJson(layer.activations.histogram)}};
  if (!layer.other_name.empty()) json["tensor_b"] = layer.other_name;
  if (layer.activations.range) {
    json["range"] = {layer.activations.range->low, layer.activations.range->high};
  }
  if (layer.weights) json["weights"] = HistogramJson(layer.weights->histogram);
  if (layer.dynamic) json["dynamic"] = true;
  return json;
}

Json MemoryJson(const MemoryFacts& memory) {
  Json json = {{"activation_bytes", memory.activation_bytes},
               {"lower_bound_bytes", memory.lower_bound_bytes},
               {"arena_bytes", memory.arena_bytes},
               {"isa", memory.isa},
               {"peak_operator", memory.peak_operator},
               {"peak_bytes", memory.peak_bytes},
               {"operators", memory.operators},
               {"blocks", Json::array()}};
  for (const MemoryBlock& block : memory.blocks) {
    json["blocks"].push_back({{"kind", MemoryKindName(block.kind)},
                              {"name", block.name},
                              {"first", block.first},
                              {"last", block.last},
                              {"offset", block.offset},
                              {"bytes", block.bytes}});
  }
  return json;
}

Json AccuracyJson(const AccuracyFacts& accuracy) {
  return {{"model", accuracy.model},
          {"arithmetic", accuracy.arithmetic},
          {"right", accuracy.accuracy.right},
          {"total", accuracy.accuracy.total}};
}

Json WeightsJson(const StoredWeights& weights) {
  Json json = {{"kind", weights.kind},           {"layer", weights.layer},
               {"form", weights.form},           {"weights", weights.weights},
               {"stored", weights.stored_bytes}, {"zeros", weights.zeros}};
  if (weights.decibels) json["sqnr_db"] = Number(*weights.decibels);
  return json;
}

Json PrecisionJson(const PrecisionFacts& precision) {
  Json json = {{"score", precision.by_accuracy ? "accuracy" : "sqnr_db"},
               {"met", precision.met},
               {"tries", Json::array()},
               {"layers", Json::array()}};
  if (!precision.tries.empty()) json["target"] = Number(precision.target);
  for (const PrecisionFacts::Try& found : precision.tries) {
    json["tries"].push_back({{"layers", found.layers},
                             {"score", Number(found.score)},
                             {"int16_share", found.int16_share},
                             {"arena_bytes", found.arena_bytes},
                             {"met", found.met},
                             {"taken", found.taken}});
  }
  for (const PrecisionFacts::Layer& layer : precision.layers) {
    Json entry = {{"layer", layer.name}};
    if (layer.decibels) entry["sqnr_db_in_int8"] = Number(*layer.decibels);
    json["layers"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

nlohmann::ordered_json ToJson(const ReportFacts& facts) {
  Json json = {{"title", facts.title}, {"samples", facts.samples}, {"layers", Json::array()}};
  for (const LayerFacts& layer : facts.layers) json["layers"].push_back(LayerJson(layer));
  if (facts.size) {
    json["size"] = {{"bytes_before", facts.size->bytes_before},
                    {"bytes_after", facts.size->bytes_after}};
  }
  if (facts.memory) json["memory"] = MemoryJson(*facts.memory);
  for (const StoredWeights& weights : facts.weights) {
    json["weights"].push_back(WeightsJson(weights));
  }
  if (facts.precision) json["precision"] = PrecisionJson(*facts.precision);
  json["accuracy"] = Json::array();
  for (const AccuracyFacts& accuracy : facts.accuracy) {
    json["accuracy"].push_back(AccuracyJson(accuracy));
  }
  return json;
}

}  // namespace quaver::tools::report
