/* The C API as a C program sees it. c_api_test.cc hands it a model. */
#include "tests/unit/c_api_test.h"

#include <string.h>

#include "quaver/quaver.h"

static unsigned char arena[4096] __attribute__((aligned(QUAVER_ARENA_ALIGNMENT)));
static char message[400];

const char* c_api_message(void) { return message; }

/* Ends the test: where, with the status's text. */
#define CHECK(condition)                                        \
  do {                                                          \
    if (!(condition)) {                                         \
      if (status.code != QUAVER_STATUS_Ok) {                    \
        quaver_status_format(&status, message, sizeof message); \
      } else {                                                  \
        strncpy(message, #condition, sizeof message - 1);       \
      }                                                         \
      return __LINE__;                                          \
    }                                                           \
  } while (0)

int c_api_runs(const void* bytes, size_t size, const signed char* expected, size_t count) {
  quaver_status status = {0};
  quaver_model model;
  quaver_session session;
  quaver_tensor input;
  quaver_tensor output;
  quaver_thread_pool pool = {NULL};
  quaver_session_options options = {NULL, 0, NULL};
  size_t arena_bytes = 0;
  size_t packed_bytes = 1;
  CHECK(quaver_model_load(&model, bytes, size, &status) == QUAVER_STATUS_Ok);
  CHECK(quaver_model_input_count(&model) == 1 && quaver_model_output_count(&model) == 1);
  CHECK(strcmp(quaver_model_name(&model), "test model") == 0);
  CHECK(quaver_model_label(&model, 0) == NULL);
  CHECK(quaver_model_input(&model, 0, &input) == QUAVER_STATUS_Ok);
  CHECK(input.data == NULL && input.rank == 2 && input.shape[1] == 10 && input.bytes == 20);
  CHECK(strcmp(quaver_data_type_name(input.type), "int8") == 0);
  CHECK(quaver_model_input(&model, 1, &input) == QUAVER_STATUS_IndexOutOfRange);
  CHECK(quaver_model_output(&model, 1, &output) == QUAVER_STATUS_IndexOutOfRange);
  CHECK(quaver_model_arena_bytes(&model, NULL, &arena_bytes, &status) == QUAVER_STATUS_Ok);
  CHECK(arena_bytes > 0 && arena_bytes <= sizeof arena);
  CHECK(quaver_model_packed_at_load_bytes(&model, "scalar", &packed_bytes, &status) ==
        QUAVER_STATUS_Ok);
  CHECK(packed_bytes == 0); /* scalar kernels read plain weights */
  CHECK(quaver_model_packed_at_load_bytes(&model, "sse9", &packed_bytes, &status) ==
        QUAVER_STATUS_UnknownIsa);

  CHECK(quaver_session_create(&session, &model, arena, arena_bytes, NULL, &status) ==
        QUAVER_STATUS_Ok);
  CHECK(quaver_session_input(&session, 0, &input) == QUAVER_STATUS_Ok);
  CHECK(quaver_session_input(&session, 1, &input) == QUAVER_STATUS_IndexOutOfRange);
  memset(input.data, 3, input.bytes);
  CHECK(quaver_session_run(&session, &status) == QUAVER_STATUS_Ok);
  CHECK(quaver_session_output(&session, 0, &output) == QUAVER_STATUS_Ok);
  CHECK(quaver_session_output(&session, 1, &output) == QUAVER_STATUS_IndexOutOfRange);
  CHECK(output.bytes == count && memcmp(output.data, expected, count) == 0);
  CHECK(quaver_session_isa(&session)[0] != '\0');
  quaver_session_reset_state(&session);
  CHECK(quaver_session_self_test(&session, NULL) == QUAVER_STATUS_NoTestVector);

  options.threads = 2;
  options.pool = &pool;
  CHECK(quaver_thread_pool_create(NULL, 2, NULL) == QUAVER_STATUS_InvalidArgument);
  CHECK(quaver_thread_pool_create(&pool, 17, NULL) == QUAVER_STATUS_InvalidArgument);
  if (quaver_thread_pool_create(&pool, 2, &status) == QUAVER_STATUS_NoThreads) {
    CHECK(quaver_model_arena_bytes(&model, &options, &arena_bytes, NULL) ==
          QUAVER_STATUS_NoThreads);
    return 0;
  }
  CHECK(status.code == QUAVER_STATUS_Ok);
  CHECK(quaver_model_arena_bytes(&model, &options, &arena_bytes, &status) == QUAVER_STATUS_Ok);
  CHECK(quaver_session_create(&session, &model, arena, arena_bytes, &options, &status) ==
        QUAVER_STATUS_Ok);
  CHECK(quaver_session_input(&session, 0, &input) == QUAVER_STATUS_Ok);
  memset(input.data, 3, input.bytes);
  CHECK(quaver_session_run(&session, &status) == QUAVER_STATUS_Ok);
  CHECK(quaver_session_output(&session, 0, &output) == QUAVER_STATUS_Ok);
  CHECK(memcmp(output.data, expected, count) == 0);
  quaver_thread_pool_destroy(&pool);
  CHECK(pool.opaque == NULL);
  return 0;
}

int c_api_refuses(const void* bytes, size_t size) {
  static const unsigned char picture[16]
      __attribute__((aligned(QUAVER_MODEL_ALIGNMENT))) = {0xFF, 0xD8, 0xFF};
  quaver_status status = {0};
  quaver_model model;
  quaver_session session = {NULL};
  const quaver_session_options z80 = {"z80", 0, NULL};
  const quaver_session_options scalar = {"scalar", 0, NULL};
  size_t arena_bytes = 0;
  CHECK(quaver_model_load(&model, picture, sizeof picture, &status) == QUAVER_STATUS_NotAModel);
  CHECK(status.code == QUAVER_STATUS_NotAModel);
  CHECK(quaver_status_format(&status, message, sizeof message) == strlen(message));
  CHECK(strstr(message, "not a Quaver model") != NULL);
  CHECK(quaver_model_input_count(&model) == 0);
  CHECK(quaver_model_load(NULL, bytes, size, NULL) == QUAVER_STATUS_InvalidArgument);
  CHECK(quaver_session_create(&session, &model, arena, sizeof arena, NULL, NULL) ==
        QUAVER_STATUS_InvalidArgument);
  CHECK(quaver_session_run(&session, NULL) == QUAVER_STATUS_InvalidArgument);
  CHECK(quaver_session_self_test(&session, NULL) == QUAVER_STATUS_InvalidArgument);
  CHECK(quaver_model_load(&model, bytes, size, &status) == QUAVER_STATUS_Ok);
  CHECK(quaver_model_arena_bytes(&model, &z80, &arena_bytes, &status) == QUAVER_STATUS_UnknownIsa);
  CHECK(quaver_model_arena_bytes(&model, &scalar, &arena_bytes, &status) == QUAVER_STATUS_Ok);
  CHECK(quaver_session_create(&session, &model, arena, arena_bytes - 1, &scalar, &status) ==
        QUAVER_STATUS_ArenaTooSmall);
  CHECK(status.has_values && status.expected == (int64_t)arena_bytes &&
        status.found == status.expected - 1);
  CHECK(strcmp(quaver_status_name(status.code), "arena is too small") == 0);
  CHECK(strcmp(quaver_version(), QUAVER_VERSION) == 0);
  return 0;
}
