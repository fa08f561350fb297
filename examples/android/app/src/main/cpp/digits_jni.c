/* dev.quaver.digits.Recognizer, over Quaver's C API. */
#include <jni.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mnist.h"
#include "quaver/quaver.h"

enum { kPixels = 28 * 28, kClasses = 10 };

/* All the memory of one recognizer. */
typedef struct Recognizer {
  alignas(QUAVER_ARENA_ALIGNMENT) unsigned char arena[MNIST_ARENA_BYTES];
  quaver_model model;
  quaver_session session;
  quaver_tensor input;
  quaver_tensor output;
} Recognizer;

static void Throw(JNIEnv* env, const char* type, const char* message) {
  const jclass class = (*env)->FindClass(env, type);
  if (class != NULL) (*env)->ThrowNew(env, class, message);
}

static void ThrowStatus(JNIEnv* env, const quaver_status* status) {
  char text[256];
  quaver_status_format(status, text, sizeof text);
  Throw(env, "java/lang/IllegalStateException", text);
}

static Recognizer* FromHandle(JNIEnv* env, jlong handle) {
  if (handle == 0) Throw(env, "java/lang/IllegalStateException", "the recognizer is closed");
  return (Recognizer*)(intptr_t)handle;
}

/* 0 where it cannot; the reason is in `status`. */
static int Prepare(Recognizer* self, quaver_status* status) {
  return quaver_model_load(&self->model, mnist_model, MNIST_MODEL_BYTES, status) == 0 &&
         quaver_session_create(&self->session, &self->model, self->arena, sizeof self->arena, NULL,
                               status) == 0 &&
         quaver_session_input(&self->session, 0, &self->input) == 0 &&
         quaver_session_output(&self->session, 0, &self->output) == 0;
}

JNIEXPORT jlong JNICALL Java_dev_quaver_digits_Recognizer_create(JNIEnv* env, jclass class) {
  (void)class;
  void* memory = NULL;
  if (posix_memalign(&memory, QUAVER_ARENA_ALIGNMENT, sizeof(Recognizer)) != 0) {
    Throw(env, "java/lang/OutOfMemoryError", "no memory for a recognizer");
    return 0;
  }
  Recognizer* const self = memory;
  quaver_status status;
  if (!Prepare(self, &status)) {
    ThrowStatus(env, &status);
    free(self);
    return 0;
  }
  return (jlong)(intptr_t)self;
}

JNIEXPORT jintArray JNICALL Java_dev_quaver_digits_Recognizer_recognize(JNIEnv* env, jclass class,
                                                                        jlong handle,
                                                                        jbyteArray pixels) {
  (void)class;
  Recognizer* const self = FromHandle(env, handle);
  if (self == NULL) return NULL;
  if (pixels == NULL || (*env)->GetArrayLength(env, pixels) != kPixels) {
    Throw(env, "java/lang/IllegalArgumentException", "pixels: expected 28 * 28 bytes");
    return NULL;
  }
  /* The input has scale 1/255 and zero point -128, so that a pixel's quantized value is itself less
     128: the same bits with the highest one turned. */
  int8_t* const input = self->input.data;
  (*env)->GetByteArrayRegion(env, pixels, 0, kPixels, input);
  for (int i = 0; i < kPixels; ++i) input[i] = (int8_t)(input[i] ^ -128);
  quaver_status status;
  if (quaver_session_run(&self->session, &status) != 0) {
    ThrowStatus(env, &status);
    return NULL;
  }
  /* The output has scale 1/256 and zero point -128. */
  const int8_t* const output = self->output.data;
  jint scores[kClasses];
  for (int i = 0; i < kClasses; ++i) scores[i] = output[i] + 128;
  const jintArray result = (*env)->NewIntArray(env, kClasses);
  if (result != NULL) (*env)->SetIntArrayRegion(env, result, 0, kClasses, scores);
  return result;
}

JNIEXPORT jstring JNICALL Java_dev_quaver_digits_Recognizer_instructionSet(JNIEnv* env,
                                                                           jclass class,
                                                                           jlong handle) {
  (void)class;
  Recognizer* const self = FromHandle(env, handle);
  return self == NULL ? NULL : (*env)->NewStringUTF(env, quaver_session_isa(&self->session));
}

JNIEXPORT void JNICALL Java_dev_quaver_digits_Recognizer_destroy(JNIEnv* env, jclass class,
                                                                 jlong handle) {
  (void)env;
  (void)class;
  free((Recognizer*)(intptr_t)handle);
}
