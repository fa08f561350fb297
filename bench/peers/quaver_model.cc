#include "bench/peers/quaver_model.h"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace quaver::bench {
namespace {

void Check(const Status& status) {
  if (status.ok()) return;
  char text[512];
  status.Format(text, sizeof(text));
  throw std::runtime_error(text);
}

}  // namespace

QuaverModel::QuaverModel(const std::vector<std::uint8_t>& file, SessionOptions options)
    : model_bytes_(Allocate(file.size())) {
  Result<ThreadPool> pool = ThreadPool::Create(options.threads);
  Check(pool.status());
  pool_ = std::move(*pool);
  options.pool = &pool_;
  std::copy(file.begin(), file.end(), model_bytes_.get());
  const Result<Model> model = Model::Load({model_bytes_.get(), file.size()});
  Check(model.status());
  const Result<std::size_t> bytes = model->ArenaBytes(options);
  Check(bytes.status());
  arena_ = Allocate(*bytes);
  const Result<Session> session = Session::Create(*model, {arena_.get(), *bytes}, options);
  Check(session.status());
  session_ = *session;
  FillInputs(*model);
}

void QuaverModel::Run() { Check(session_.Run()); }

QuaverModel::AlignedBytes QuaverModel::Allocate(std::size_t size) {
  return AlignedBytes(new (std::align_val_t{kArenaAlignment}) std::uint8_t[size]);
}

void QuaverModel::FillInputs(const Model& model) {
  std::minstd_rand random;
  for (std::size_t i = 0; i < model.InputCount(); ++i) {
    const TensorView input = session_.Input(i);
    auto* codes = static_cast<std::uint8_t*>(input.data);
    std::generate(codes, codes + input.bytes,
                  [&random] { return static_cast<std::uint8_t>(random()); });
  }
}

bool HasBackend(const std::vector<std::uint8_t>& file, const char* name) {
  SessionOptions options;
  options.backend = name;
  try {
    const QuaverModel model(file, options);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace quaver::bench
