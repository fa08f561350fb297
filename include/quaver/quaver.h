/* Quaver: int8 neural networks on small machines. The C API.
 *
 * A model (.qvr, made on a host by the `quaver` command) runs in memory that you own:
 *
 *   _Alignas(QUAVER_ARENA_ALIGNMENT) static unsigned char arena[MY_MODEL_ARENA_BYTES];
 *   quaver_model model;
 *   quaver_session session;
 *   quaver_tensor input, output;
 *   quaver_status status;
 *
 *   if (quaver_model_load(&model, bytes, size, &status)) goto failed;
 *   if (quaver_session_create(&session, &model, arena, sizeof arena, NULL, &status)) goto failed;
 *   quaver_session_input(&session, 0, &input);
 *   memcpy(input.data, pixels, input.bytes);
 *   quaver_session_run(&session, &status);
 *   quaver_session_output(&session, 0, &output);
 *   ...
 * failed:
 *   quaver_status_format(&status, text, sizeof text);
 *
 * Nothing is allocated, and nothing has to be freed: models and sessions are plain structs of
 * yours, which may be copied (a copy is the same model or session). Every network computes with
 * integers only, and gives the same bytes on every machine.
 *
 * Threads: call one session from one thread at a time; all else at any time. Sessions of one model
 * are independent. A run may have threads of its own, from a pool: the one thing that has to be
 * freed.
 */
#ifndef QUAVER_QUAVER_H_
#define QUAVER_QUAVER_H_

#include <stddef.h>
#include <stdint.h>

#include "quaver/status_list.h"
#include "quaver/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What can go wrong -------------------------------------------------------------------- */

/* QUAVER_STATUS_Ok is 0; the others are listed in quaver/status_list.h with what to do. */
typedef enum quaver_status_code {
#define QUAVER_X(name, number, text, advice) QUAVER_STATUS_##name = (number),
  QUAVER_STATUS_LIST(QUAVER_X)
#undef QUAVER_X
      QUAVER_STATUS_MAX_ = 255
} quaver_status_code;

/* A code and the facts around it. Strings are literals or point into the model's bytes. */
typedef struct quaver_status {
  quaver_status_code code;
  int32_t operator_index; /* in the model, in execution order; -1: none */
  int32_t tensor_index;   /* in the model; -1: none */
  int32_t has_values;     /* whether expected and found mean something */
  int64_t expected;
  int64_t found;
  const char* what;          /* what was checked; NULL where the code says it all */
  const char* operator_name; /* NULL: none */
  const char* tensor_name;   /* NULL: none */
} quaver_status;

/* In all functions below, `status` may be NULL; the returned code is always status->code. */

/* "arena is too small". Never NULL. */
const char* quaver_status_name(quaver_status_code code);

/* Writes one line for people: what, where, expected and found, what to do. At most `size` bytes
 * with the terminating zero; returns the length of the whole text without it. `text` may be NULL
 * if `size` is 0. */
size_t quaver_status_format(const quaver_status* status, char* text, size_t size);

/* ---- How do I load a model? --------------------------------------------------------------- */

/* Alignment that a model's bytes need; 64 is fastest. */
#define QUAVER_MODEL_ALIGNMENT 16

typedef struct quaver_model {
  const void* opaque;
} quaver_model;

/* Verifies `size` bytes of a .qvr file. They are used in place and must outlive the model, its
 * sessions and their statuses. What loads cannot read or write outside its bytes and its arena. */
quaver_status_code quaver_model_load(quaver_model* model, const void* bytes, size_t size,
                                     quaver_status* status);

/* ---- How much memory does it need? -------------------------------------------------------- */

/* Alignment that an arena needs. */
#define QUAVER_ARENA_ALIGNMENT 64

/* Threads that sessions share their work among: quaver_thread_pool_create. */
typedef struct quaver_thread_pool {
  void* opaque;
} quaver_thread_pool;

#define QUAVER_MAX_THREADS 16

/* How a session is to run. All zero, or a NULL pointer to it: on one thread, on the best
 * instruction set. Everything gives the same bytes. */
typedef struct quaver_session_options {
  /* "scalar", "avx2", "neon", ...; NULL: QUAVER_ISA of the environment if set, else the best that
   * the CPU has. */
  const char* isa;
  /* Threads that share each run, the caller's among them, up to QUAVER_MAX_THREADS; 0 is 1. More
   * than one needs a pool, and arena for each. */
  int32_t threads;
  /* Of at least so many threads; must outlive the session. Several sessions may share it. */
  const quaver_thread_pool* pool;
} quaver_session_options;

/* The exact bytes that quaver_session_create needs on this CPU with these options, of which the
 * pool may be NULL still; nothing else is ever used. `quaver embed` writes the number for one
 * thread into a header, for a static array. */
quaver_status_code quaver_model_arena_bytes(const quaver_model* model,
                                            const quaver_session_options* options, size_t* bytes,
                                            quaver_status* status);

/* Of those, the bytes for weights that quaver_session_create packs, since the file does not hold
 * them as this CPU's kernels want them. 0: all weights are used in place, in the file's bytes;
 * `quaver pack` makes such a file. */
quaver_status_code quaver_model_packed_at_load_bytes(const quaver_model* model, const char* isa,
                                                     size_t* bytes, quaver_status* status);

/* ---- What goes in, what comes out? -------------------------------------------------------- */

typedef enum quaver_data_type {
  QUAVER_INT8 = 0,
  QUAVER_UINT8 = 1,
  QUAVER_INT16 = 2,
  QUAVER_INT32 = 3,
  QUAVER_INT64 = 4,
  QUAVER_FLOAT32 = 5,
  QUAVER_BOOL = 6
} quaver_data_type;

#define QUAVER_MAX_RANK 6

typedef struct quaver_tensor {
  const char* name; /* never NULL */
  quaver_data_type type;
  int32_t rank;
  int32_t shape[QUAVER_MAX_RANK]; /* row-major, images as NHWC; the first `rank` are valid */
  size_t bytes;
  /* real = scale * (q - zero_point). The scale as the bits of an IEEE binary32, so that an
   * integer-only program never touches one; 0: not quantized per tensor. */
  uint32_t scale_bits;
  int32_t zero_point;
  void* data; /* in the arena; NULL where a model, not a session, was asked */
} quaver_tensor;

/* "int8", "float32", ... Never NULL. */
const char* quaver_data_type_name(quaver_data_type type);

size_t quaver_model_input_count(const quaver_model* model);
size_t quaver_model_output_count(const quaver_model* model);

/* Refuse an index out of range. */
quaver_status_code quaver_model_input(const quaver_model* model, size_t index,
                                      quaver_tensor* tensor);
quaver_status_code quaver_model_output(const quaver_model* model, size_t index,
                                       quaver_tensor* tensor);

/* The model's name, "" if it has none. */
const char* quaver_model_name(const quaver_model* model);
/* What class `index` of output 0 is called, or NULL. */
const char* quaver_model_label(const quaver_model* model, size_t index);

/* ---- How do I run it? --------------------------------------------------------------------- */

typedef struct quaver_session {
  void* opaque;
} quaver_session;

/* Prepares a model in your arena. `options` may be NULL. */
quaver_status_code quaver_session_create(quaver_session* session, const quaver_model* model,
                                         void* arena, size_t arena_bytes,
                                         const quaver_session_options* options,
                                         quaver_status* status);

/* Input bytes may be overwritten by a run: set them before each. Output bytes are valid from the
 * end of one run to the start of the next. Refuse an index out of range. */
quaver_status_code quaver_session_input(const quaver_session* session, size_t index,
                                        quaver_tensor* tensor);
quaver_status_code quaver_session_output(const quaver_session* session, size_t index,
                                         quaver_tensor* tensor);

/* Runs the network once. Cannot fail but for custom operators. */
quaver_status_code quaver_session_run(quaver_session* session, quaver_status* status);

/* Zeroes what recurrent models keep from one run to the next. */
void quaver_session_reset_state(quaver_session* session);

/* ---- Several threads? --------------------------------------------------------------------- */

/* Starts `threads` threads, 1 to QUAVER_MAX_THREADS, of which the one that runs a session is one:
 * the one call in this library that takes memory from the system. Refused where the build or the
 * system has no threads. Sessions that run on one pool at the same time take turns.
 *
 *   quaver_thread_pool pool;
 *   quaver_session_options options = {0};
 *   if (quaver_thread_pool_create(&pool, 4, &status)) goto failed;
 *   options.threads = 4;
 *   options.pool = &pool;
 *   if (quaver_model_arena_bytes(&model, &options, &bytes, &status)) goto failed;
 *   if (quaver_session_create(&session, &model, arena, bytes, &options, &status)) goto failed;
 */
quaver_status_code quaver_thread_pool_create(quaver_thread_pool* pool, int32_t threads,
                                             quaver_status* status);

/* Ends them. No session that uses the pool may run any more. */
void quaver_thread_pool_destroy(quaver_thread_pool* pool);

/* ---- Is it right on this device? ---------------------------------------------------------- */

/* Runs the model's test vectors and compares every operator's bytes with what the host found; the
 * status names the first operator that differs. Overwrites inputs and outputs, resets the state. */
quaver_status_code quaver_session_self_test(quaver_session* session, quaver_status* status);

/* The instruction set in use, "avx2". */
const char* quaver_session_isa(const quaver_session* session);

/* Version of the library, "0.1.0". */
const char* quaver_version(void);

#ifdef __cplusplus
}
#endif

#endif /* QUAVER_QUAVER_H_ */
