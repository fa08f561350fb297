// A model on Quaver, with random inputs.
#ifndef QUAVER_BENCH_PEERS_QUAVER_MODEL_H_
#define QUAVER_BENCH_PEERS_QUAVER_MODEL_H_

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "quaver/quaver.hpp"

namespace quaver::bench {

class QuaverModel {
 public:
  /// `file`: a .qvr; `options` without a pool. Throws std::runtime_error.
  QuaverModel(const std::vector<std::uint8_t>& file, SessionOptions options);

  void Run();
  [[nodiscard]] const char* isa() const { return session_.IsaName(); }

 private:
  struct AlignedDelete {
    void operator()(std::uint8_t* bytes) const {
      operator delete[](bytes, std::align_val_t{kArenaAlignment});
    }
  };
  using AlignedBytes = std::unique_ptr<std::uint8_t[], AlignedDelete>;
  static AlignedBytes Allocate(std::size_t size);
  void FillInputs(const Model& model);

  ThreadPool pool_;
  AlignedBytes model_bytes_;
  AlignedBytes arena_;
  Session session_;
};

/// Whether this build has the backend and the CPU is one that it supports.
bool HasBackend(const std::vector<std::uint8_t>& file, const char* name);

}  // namespace quaver::bench

#endif  // QUAVER_BENCH_PEERS_QUAVER_MODEL_H_
