#ifndef QUAVER_STATUS_LIST_H_
#define QUAVER_STATUS_LIST_H_

/* Every status, for the C and the C++ API: enumerator, number, name for people, what to do. Numbers
   are stable: 1-9 the call, 10-29 the file, 30-49 the device, 50-59 the run. */
#define QUAVER_STATUS_LIST(X)                                                                      \
  X(Ok, 0, "ok", "")                                                                               \
  X(InvalidArgument, 1, "invalid argument", "check the call against the header")                   \
  X(IndexOutOfRange, 2, "index out of range", "ask the model how many there are")                  \
  X(NotAModel, 10, "not a Quaver model",                                                           \
    "make one with: quaver convert MODEL.tflite -o MODEL.qvr")                                     \
  X(Truncated, 11, "model file is truncated or damaged", "copy or convert the file again")         \
  X(UnsupportedVersion, 12, "model file version is not supported",                                 \
    "convert the model again with this release, or update the runtime")                            \
  X(InvalidModel, 13, "model is not valid", "convert the model again; the file may be damaged")    \
  X(InvalidOperator, 14, "operator is not valid",                                                  \
    "convert the model again; the file may be damaged")                                            \
  X(InvalidPlan, 15, "memory plan is not valid",                                                   \
    "convert the model again; the file may be damaged")                                            \
  X(Misaligned, 30, "memory is not aligned",                                                       \
    "align the buffer: alignas(quaver::kArenaAlignment) for the arena, "                           \
    "alignas(quaver::kModelAlignment) for the model")                                              \
  X(ArenaTooSmall, 31, "arena is too small",                                                       \
    "give Session::Create the bytes that Model::ArenaBytes says")                                  \
  X(MissingOperator, 32, "operator is not in this build",                                          \
    "build the runtime with this operator (QUAVER_OPERATORS, QUAVER_FLOAT_BORDER), or register "   \
    "it if it is custom")                                                                          \
  X(UnknownIsa, 33, "instruction set is not available",                                            \
    "unset QUAVER_ISA, or set it to one that this CPU and build have")                             \
  X(NoThreads, 34, "threads are not available",                                                    \
    "use one thread, or build the runtime with pthreadpool (QUAVER_PTHREADPOOL=ON)")               \
  X(UnknownBackend, 35, "backend is not available",                                                \
    "unset QUAVER_BACKEND, or build the runtime with that backend (QUAVER_XNNPACK=ON)")            \
  X(BackendFailed, 36, "backend cannot make an operator",                                          \
    "unset QUAVER_BACKEND, or report it with the model and the backend's version")                 \
  X(SelfTestFailed, 50, "self test failed",                                                        \
    "the operator named computes other bytes than the host did: report it with the model and CPU") \
  X(NoTestVector, 51, "model has no test vector", "convert the model again with this release")     \
  X(CustomOperatorFailed, 52, "custom operator failed", "see the operator's own documentation")

#endif /* QUAVER_STATUS_LIST_H_ */
