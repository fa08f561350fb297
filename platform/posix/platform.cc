#include "platform/platform.h"

#include <time.h>

#include <cstdio>
#include <cstdlib>

namespace quaver::platform {

const char* Environment(const char* name) { return std::getenv(name); }

std::uint64_t Nanoseconds() {
  timespec now{};
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000U +
         static_cast<std::uint64_t>(now.tv_nsec);
}

void Log(const char* line) { std::fprintf(stderr, "%s\n", line); }

}  // namespace quaver::platform
