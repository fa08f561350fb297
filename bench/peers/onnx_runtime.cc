#include "bench/peers/onnx_runtime.h"

#include <dlfcn.h>

#include <array>
#include <cstddef>
#include <random>
#include <stdexcept>
#include <vector>

namespace quaver::bench {
namespace {

// OrtApi is a struct of function pointers that only ever grows at its end, so a function is found
// by its position; the positions are those of onnxruntime_c_api.h since version 1.
enum ApiIndex : std::size_t {
  kGetErrorMessage = 2,
  kCreateEnv = 3,
  kCreateSession = 7,
  kRun = 9,
  kCreateSessionOptions = 10,
  kSetSessionGraphOptimizationLevel = 23,
  kSetIntraOpNumThreads = 24,
  kSessionGetInputTypeInfo = 33,
  kSessionGetOutputName = 37,
  kCreateTensorWithDataAsOrtValue = 49,
  kCastTypeInfoToTensorInfo = 55,
  kGetTensorElementType = 60,
  kGetDimensionsCount = 61,
  kGetDimensions = 62,
  kCreateCpuMemoryInfo = 69,
  kGetAllocatorWithDefaultOptions = 78,
};
constexpr std::uint32_t kApiVersion = 1;
constexpr int kWarning = 2;
constexpr int kAllOptimizations = 99;
constexpr int kDeviceAllocator = 0;
constexpr int kDefaultMemory = 0;

struct ApiBase {
  const void* const* (*get_api)(std::uint32_t version);
  const char* (*get_version)();
};

using Api = const void* const*;

/// Calls function `index`, whose arguments are `arguments`; throws with ORT's message on failure.
template <typename... Arguments>
void Call(Api api, ApiIndex index, Arguments... arguments) {
  using Function = void* (*)(Arguments...);
  void* status = reinterpret_cast<Function>(const_cast<void*>(api[index]))(arguments...);
  if (status == nullptr) return;
  using Message = const char* (*)(const void*);
  throw std::runtime_error(
      std::string("ONNX Runtime: ") +
      reinterpret_cast<Message>(const_cast<void*>(api[kGetErrorMessage]))(status));
}

class SessionImpl : public OnnxRuntime::Session {
 public:
  SessionImpl(Api api, const void* environment, const std::string& path, int threads) : api_(api) {
    void* options = nullptr;
    Call(api, kCreateSessionOptions, &options);
    Call(api, kSetSessionGraphOptimizationLevel, options, kAllOptimizations);
    Call(api, kSetIntraOpNumThreads, options, threads);
    Call(api, kCreateSession, environment, path.c_str(), static_cast<const void*>(options),
         &session_);
    BindInput();
    char* name = nullptr;
    void* allocator = nullptr;
    Call(api, kGetAllocatorWithDefaultOptions, &allocator);
    Call(api, kSessionGetOutputName, static_cast<const void*>(session_), std::size_t{0}, allocator,
         &name);
    output_name_ = name;
  }

  void Run() override {
    const char* input_name = "input";
    const char* output_name = output_name_.c_str();
    const void* input = input_;
    // The first run allocates the output; the later ones write into it.
    Call(api_, kRun, session_, static_cast<const void*>(nullptr), &input_name, &input,
         std::size_t{1}, &output_name, std::size_t{1}, &output_);
  }

 private:
  void BindInput() {
    void* type_info = nullptr;
    const void* tensor_info = nullptr;
    int type = 0;
    std::size_t rank = 0;
    Call(api_, kSessionGetInputTypeInfo, static_cast<const void*>(session_), std::size_t{0},
         &type_info);
    Call(api_, kCastTypeInfoToTensorInfo, static_cast<const void*>(type_info), &tensor_info);
    Call(api_, kGetTensorElementType, tensor_info, &type);
    Call(api_, kGetDimensionsCount, tensor_info, &rank);
    std::vector<std::int64_t> shape(rank);
    Call(api_, kGetDimensions, tensor_info, shape.data(), rank);
    std::size_t size = 1;
    for (std::int64_t dim : shape) size *= static_cast<std::size_t>(dim);
    data_.resize(size);
    std::minstd_rand random;
    for (auto& code : data_) code = static_cast<std::uint8_t>(random());
    void* memory = nullptr;
    Call(api_, kCreateCpuMemoryInfo, kDeviceAllocator, kDefaultMemory, &memory);
    Call(api_, kCreateTensorWithDataAsOrtValue, static_cast<const void*>(memory),
         static_cast<void*>(data_.data()), size, static_cast<const std::int64_t*>(shape.data()),
         rank, type, &input_);
  }

  Api api_;
  void* session_ = nullptr;
  void* input_ = nullptr;
  void* output_ = nullptr;
  std::string output_name_;
  std::vector<std::uint8_t> data_;
};

}  // namespace

OnnxRuntime::OnnxRuntime(const std::string& library_path) {
  library_ = dlopen(library_path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) throw std::runtime_error(dlerror());
  using GetBase = const ApiBase* (*)();
  auto get_base = reinterpret_cast<GetBase>(dlsym(library_, "OrtGetApiBase"));
  if (get_base == nullptr) throw std::runtime_error(library_path + ": not ONNX Runtime");
  version_ = get_base()->get_version();
  api_ = get_base()->get_api(kApiVersion);
  Call(api_, kCreateEnv, kWarning, static_cast<const char*>("bench"), &environment_);
}

// The library stays loaded until the process ends: its threads and caches do not survive dlclose.
OnnxRuntime::~OnnxRuntime() = default;

std::unique_ptr<OnnxRuntime::Session> OnnxRuntime::Load(const std::string& model_path,
                                                        int threads) {
  return std::make_unique<SessionImpl>(api_, environment_, model_path, threads);
}

}  // namespace quaver::bench
