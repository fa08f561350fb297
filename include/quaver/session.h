// A model ready to run, in memory that the caller owns.
#ifndef QUAVER_SESSION_H_
#define QUAVER_SESSION_H_

#include <cstddef>
#include <cstdint>

#include "quaver/model.h"
#include "quaver/span.h"
#include "quaver/status.h"
#include "quaver/tensor.h"
#include "quaver/thread_pool.h"

namespace quaver {

struct SessionState;

struct SessionOptions {
  /// Instruction set to use: "scalar", "avx2", "neon", ...; null: QUAVER_ISA if set, else the best
  /// that the CPU has. Unknown or unavailable names are refused. Every one gives the same bytes.
  /// In a build for a Cortex-M: the best one, "cortexm" or "mve", or null.
  const char* isa = nullptr;
  /// Whose kernels compute: "quaver", or "xnnpack" where the build has it (QUAVER_XNNPACK), for the
  /// operators that it takes; null: QUAVER_BACKEND if set, else "quaver". XNNPACK rounds in float:
  /// its bytes may differ by 1 an operator.
  const char* backend = nullptr;
  /// Threads that share each Run, the caller's among them, 1 to kMaxThreads. Every number gives the
  /// same bytes. More than one needs a pool, and arena for each: Model::ArenaBytes(options).
  std::int32_t threads = 1;
  /// Of at least `threads` threads; must outlive the session. Sessions may share it.
  const ThreadPool* pool = nullptr;
};

/// What an observer is told after each operator.
struct OperatorEvent {
  std::size_t index;  ///< Of the operator, in execution order.
  const char* kind;   ///< "Conv2D", ...
  const char* name;   ///< The source model's name of it, or "".
  /// The kernel that ran, "Conv2DScalar", ...; "" where the operator has run with the one before,
  /// whose output is transient.
  const char* kernel;
  std::uint64_t nanoseconds;  ///< 0 where the platform has no clock.
  /// Tensors that it has just written: indices into the model, and their bytes.
  Span<const std::int32_t> output_indices;
};

using OperatorObserver = void (*)(void* context, const class Session& session,
                                  const OperatorEvent& event);

/// Prepared operators and tensors in one arena. The arena stays the caller's and must outlive the
/// Session; the Session itself is a handle and may be copied (both are the same session). One
/// session is used by one thread at a time, whatever the number of threads that its Run has of its
/// own; different sessions are independent, also of one model.
class Session {
 public:
  Session() = default;

  /// Prepares `model` in `arena`: at least model.ArenaBytes(options) bytes, aligned to
  /// kArenaAlignment. No other memory is used, now or later. The model's bytes must stay.
  static Result<Session> Create(const Model& model, Span<std::uint8_t> arena,
                                const SessionOptions& options = {});

  /// Views of the inputs and outputs. Input bytes may be overwritten by Run: set them before each.
  /// Output bytes are valid from the end of one Run to the start of the next.
  /// Precondition: index < InputCount(), OutputCount() of the model.
  [[nodiscard]] TensorView Input(std::size_t index) const;
  [[nodiscard]] TensorView Output(std::size_t index) const;

  /// Any tensor, for debugging: its bytes are valid only between its producer and its last reader.
  /// A transient tensor, which is never whole, and compressed weights have no data: null.
  /// Precondition: index < TensorCount() of the model.
  [[nodiscard]] TensorView Tensor(std::size_t index) const;

  /// Runs the network once. Cannot fail but for custom operators.
  Status Run();

  /// As Run, telling `observer` after each operator.
  Status Run(OperatorObserver observer, void* context);

  /// Zeroes the state that recurrent models keep between runs.
  void ResetState();

  /// Runs the model's test vectors and compares every operator's bytes with what the host found;
  /// names the first operator that differs. Overwrites inputs and outputs, resets the state.
  Status SelfTest();

  /// The instruction set in use, "avx2".
  [[nodiscard]] const char* IsaName() const;

 private:
  SessionState* state_ = nullptr;
};

}  // namespace quaver

#endif  // QUAVER_SESSION_H_
