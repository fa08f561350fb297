/* Made by quaver embed. */
#ifndef MNIST_H_
#define MNIST_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MNIST_MODEL_BYTES 43584
/* The .qvr file, aligned to 64 bytes: for quaver::Model::Load. */
extern const uint8_t mnist_model[MNIST_MODEL_BYTES];

/* Bytes of the arena, all the memory that a session uses: enough for every instruction set
   of the CPU family that this is compiled for. Declare it with alignas(64). */
#if defined(__x86_64__) || defined(_M_X64)
#define MNIST_ARENA_BYTES 48448
#elif defined(__aarch64__) || defined(_M_ARM64)
#define MNIST_ARENA_BYTES 51840
#elif UINTPTR_MAX > 0xFFFFFFFFu
#define MNIST_ARENA_BYTES 6672
#elif defined(__ARM_FEATURE_MVE)
#define MNIST_ARENA_BYTES 6648
#elif defined(__ARM_NEON)
#define MNIST_ARENA_BYTES 51520
#elif defined(__arm__) || defined(__ARM_ARCH)
#define MNIST_ARENA_BYTES 6648
#else
#define MNIST_ARENA_BYTES 6392
#endif
/* For a build with one instruction set only. */
#define MNIST_ARENA_BYTES_SCALAR_32 6392
#define MNIST_ARENA_BYTES_CORTEXM_32 6648
#define MNIST_ARENA_BYTES_MVE_32 6456
#define MNIST_ARENA_BYTES_NEON_32 51520
#define MNIST_ARENA_BYTES_SCALAR 6672
#define MNIST_ARENA_BYTES_AVX2 48384
#define MNIST_ARENA_BYTES_AVXVNNI 48448
#define MNIST_ARENA_BYTES_AVX512VNNI 47808
#define MNIST_ARENA_BYTES_NEON 51840
#define MNIST_ARENA_BYTES_NEONDOT 51136
#define MNIST_ARENA_BYTES_I8MM 51200

#define MNIST_INPUT_COUNT 1
/* int8, 'image' */
#define MNIST_INPUT_0_RANK 4
#define MNIST_INPUT_0_SHAPE {1, 28, 28, 1}
#define MNIST_INPUT_0_BYTES 784
#define MNIST_OUTPUT_COUNT 1
/* int8, 'probabilities' */
#define MNIST_OUTPUT_0_RANK 2
#define MNIST_OUTPUT_0_SHAPE {1, 10}
#define MNIST_OUTPUT_0_BYTES 10

#ifdef __cplusplus
}
#endif

#endif /* MNIST_H_ */
