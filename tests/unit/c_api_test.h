/* Between the C program that uses the API and the test that runs it. Each returns 0, or the line
   that failed. */
#ifndef QUAVER_TESTS_UNIT_C_API_TEST_H_
#define QUAVER_TESTS_UNIT_C_API_TEST_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs a model of one int8 input, filled with 3, and compares its output. */
int c_api_runs(const void* bytes, size_t size, const signed char* expected, size_t count);
/* Makes every mistake that the API refuses. */
int c_api_refuses(const void* bytes, size_t size);
/* The text of the last failure. */
const char* c_api_message(void);

#ifdef __cplusplus
}
#endif

#endif /* QUAVER_TESTS_UNIT_C_API_TEST_H_ */
