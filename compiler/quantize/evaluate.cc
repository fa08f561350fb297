#include "compiler/quantize/evaluate.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>

#include "compiler/execute/float_executor.h"
#include "compiler/ir/error.h"
#include "quaver/session.h"

namespace quaver::compiler {
namespace {

constexpr std::size_t kProgressStep = 64;

// The values of output 0 for one sample.
using Run = std::function<std::vector<float>(const Sample&)>;

[[noreturn]] void Throw(const Status& status) {
  char text[512];
  status.Format(text, sizeof(text));
  throw Error(text);
}

template <typename T>
void Quantize(const TensorView& tensor, const std::vector<float>& values) {
  const Span<T> out = tensor.As<T>();
  const float low = std::numeric_limits<T>::min();
  const float high = std::numeric_limits<T>::max();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float q = std::round(values[i] / tensor.Scale()) + static_cast<float>(tensor.zero_point);
    out[i] = static_cast<T>(std::min(std::max(q, low), high));
  }
}

template <typename T>
std::vector<float> Dequantize(const TensorView& tensor) {
  std::vector<float> values;
  for (T q : tensor.As<T>()) {
    values.push_back(tensor.Scale() * static_cast<float>(q - tensor.zero_point));
  }
  return values;
}

// A session and the memory it lives in.
class OwnedSession {
 public:
  explicit OwnedSession(const Model& model) {
    const Result<std::size_t> bytes = model.ArenaBytes();
    if (!bytes.ok()) Throw(bytes.status());
    storage_.resize(*bytes + kArenaAlignment);
    void* start = storage_.data();
    std::size_t space = storage_.size();
    std::align(kArenaAlignment, *bytes, start, space);
    const Result<Session> session =
        Session::Create(model, {static_cast<std::uint8_t*>(start), *bytes});
    if (!session.ok()) Throw(session.status());
    session_ = *session;
  }

  std::vector<float> Run(const Sample& sample) {
    for (std::size_t i = 0; i < sample.size(); ++i) WriteTensor(session_.Input(i), sample[i]);
    const Status status = session_.Run();
    if (!status.ok()) Throw(status);
    return ReadTensor(session_.Output(0));
  }

 private:
  std::vector<std::uint8_t> storage_;
  Session session_;
};

// Samples are taken one by one by whichever thread is free; `make` gives each thread its own Run.
Accuracy Evaluate(const std::vector<Sample>& samples, const std::vector<std::int32_t>& labels,
                  const EvaluateOptions& options, const std::function<Run()>& make) {
  if (labels.size() < samples.size()) {
    throw Error("there are " + std::to_string(samples.size()) + " samples, but only " +
                std::to_string(labels.size()) + " labels");
  }
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> right{0};
  std::mutex mutex;
  std::exception_ptr failure;
  std::size_t done = 0;
  const auto tell = [&](std::size_t count) {
    const std::lock_guard<std::mutex> lock(mutex);
    done += count;
    if (options.progress) options.progress(done, samples.size());
  };
  const auto work = [&] {
    try {
      const Run run = make();
      std::size_t untold = 0;
      for (std::size_t i = next++; i < samples.size(); i = next++) {
        const std::vector<float> scores = run(samples[i]);
        const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
        if (best == labels[i]) ++right;
        if (++untold == kProgressStep) {
          tell(untold);
          untold = 0;
        }
      }
      if (untold > 0) tell(untold);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      failure = std::current_exception();
      next = samples.size();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t t = 1; t < options.threads; ++t) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
  return {right, samples.size()};
}

}  // namespace

void WriteTensor(const TensorView& tensor, const std::vector<float>& values) {
  if (tensor.type == DataType::kFloat32) {
    std::copy(values.begin(), values.end(), tensor.As<float>().begin());
    return;
  }
  if (tensor.scale_bits == 0) {
    throw Error(std::string("tensor '") + tensor.name +
                "' has no quantization: real values cannot "
                "be written to it");
  }
  switch (tensor.type) {
    case DataType::kInt8:
      return Quantize<std::int8_t>(tensor, values);
    case DataType::kUInt8:
      return Quantize<std::uint8_t>(tensor, values);
    case DataType::kInt16:
      return Quantize<std::int16_t>(tensor, values);
    default:
      throw Error(std::string("tensor '") + tensor.name + "' is " + DataTypeName(tensor.type) +
                  ", expected float32, int8, uint8 or int16");
  }
}

std::vector<float> ReadTensor(const TensorView& tensor) {
  switch (tensor.type) {
    case DataType::kFloat32: {
      const Span<float> values = tensor.As<float>();
      return {values.begin(), values.end()};
    }
    case DataType::kInt8:
      return Dequantize<std::int8_t>(tensor);
    case DataType::kUInt8:
      return Dequantize<std::uint8_t>(tensor);
    case DataType::kInt16:
      return Dequantize<std::int16_t>(tensor);
    default:
      throw Error(std::string("tensor '") + tensor.name + "' is " + DataTypeName(tensor.type) +
                  ", expected float32, int8, uint8 or int16");
  }
}

Accuracy EvaluateFloat(const Graph& graph, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels, const EvaluateOptions& options) {
  return Evaluate(samples, labels, options, [&graph]() -> Run {
    auto executor = std::make_shared<FloatExecutor>(graph);
    return [executor](const Sample& sample) { return executor->Run(sample)[0]; };
  });
}

Accuracy EvaluateModel(Span<const std::uint8_t> model, const std::vector<Sample>& samples,
                       const std::vector<std::int32_t>& labels, const EvaluateOptions& options) {
  const Result<Model> loaded = Model::Load(model);
  if (!loaded.ok()) Throw(loaded.status());
  return Evaluate(samples, labels, options, [&loaded]() -> Run {
    auto session = std::make_shared<OwnedSession>(*loaded);
    return [session](const Sample& sample) { return session->Run(sample); };
  });
}

}  // namespace quaver::compiler
