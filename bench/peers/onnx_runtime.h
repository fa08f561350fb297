// ONNX Runtime through its C API, loaded at run time: no headers and no link-time dependency.
#ifndef QUAVER_BENCH_PEERS_ONNX_RUNTIME_H_
#define QUAVER_BENCH_PEERS_ONNX_RUNTIME_H_

#include <cstdint>
#include <memory>
#include <string>

namespace quaver::bench {

/// One loaded library. Throws std::runtime_error where it cannot be used.
class OnnxRuntime {
 public:
  explicit OnnxRuntime(const std::string& library_path);
  ~OnnxRuntime();

  /// A model with one input and one output, ready to run: input bound to a buffer of random codes.
  class Session {
   public:
    virtual ~Session() = default;
    virtual void Run() = 0;
  };
  std::unique_ptr<Session> Load(const std::string& model_path, int threads);

  [[nodiscard]] const std::string& version() const { return version_; }

 private:
  void* library_ = nullptr;
  const void* const* api_ = nullptr;
  void* environment_ = nullptr;
  std::string version_;
};

}  // namespace quaver::bench

#endif  // QUAVER_BENCH_PEERS_ONNX_RUNTIME_H_
