# Options, and the flags that every target of ours compiles with.

if(CMAKE_SOURCE_DIR STREQUAL PROJECT_SOURCE_DIR)
  set(QUAVER_IS_TOP_LEVEL ON)
else()
  set(QUAVER_IS_TOP_LEVEL OFF)
endif()
if(CMAKE_CROSSCOMPILING)
  set(quaver_host_default OFF)
  # Cross compilers come without it.
  set(quaver_threads_default OFF)
else()
  set(quaver_host_default ON)
  set(quaver_threads_default ON)
endif()

option(QUAVER_BUILD_COMPILER "Build the compiler and the quaver command (host)" ${quaver_host_default})
option(QUAVER_BUILD_TESTS "Build the tests" ${QUAVER_IS_TOP_LEVEL})
option(QUAVER_TEST_PROJECT "Tests of the project: install and use the package, layers, integers only" ON)
option(QUAVER_BUILD_EXAMPLES "Build the examples" ${QUAVER_IS_TOP_LEVEL})
option(QUAVER_BUILD_BENCH "Build the benchmarks" OFF)
option(QUAVER_FLOAT_BORDER "Runtime operators that take or give float32 tensors" ON)
option(QUAVER_PTHREADPOOL "Sessions of several threads, by pthreadpool" ${quaver_threads_default})
option(QUAVER_CPUINFO "Ask cpuinfo for the CPU's instruction sets (x86)" ON)
set(QUAVER_XNNPACK OFF CACHE STRING
  "XNNPACK as a backend to choose (QUAVER_BACKEND=xnnpack): ON, OFF, or AUTO: where it is installed")
set(QUAVER_TEST_OPTIONS "" CACHE STRING
  "Compile options of tests and of the quaver command, after all others: \"-O0\"")
option(QUAVER_WERROR "Warnings are errors" ${QUAVER_IS_TOP_LEVEL})
option(QUAVER_FETCH_DEPS "Download dependencies that the system does not have" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES AND QUAVER_IS_TOP_LEVEL)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# The CPU family decides which kernel folders are compiled.
string(TOLOWER "${CMAKE_SYSTEM_PROCESSOR}" quaver_cpu)
if(quaver_cpu MATCHES "^(x86_64|amd64)$")
  set(QUAVER_CPU_FAMILY x86_64)
elseif(quaver_cpu MATCHES "^(aarch64|arm64)$")
  set(QUAVER_CPU_FAMILY aarch64)
elseif(quaver_cpu MATCHES "^(arm|armv7.*|armv6.*)$")
  set(QUAVER_CPU_FAMILY arm)
elseif(quaver_cpu MATCHES "^cortex-m")
  set(QUAVER_CPU_FAMILY cortex-m)
else()
  set(QUAVER_CPU_FAMILY other)
endif()

# Warnings for all our code; the runtime and kernels also do without exceptions and RTTI.
function(quaver_warnings target)
  target_compile_features(${target} PUBLIC cxx_std_17)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion $<$<BOOL:${QUAVER_WERROR}>:-Werror>)
endfunction()

# What goes onto the device is compiled file by file in every build, as it is in what users build:
# its kernels have flags of their own, and the linker picks its objects.
# With an operating system they may become part of a shared library (an Android app's, say).
function(quaver_freestanding target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  if(NOT CMAKE_SYSTEM_NAME STREQUAL Generic)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(${target} PRIVATE -fno-semantic-interposition)
  endif()
  target_compile_options(${target} PRIVATE
    -fno-exceptions -ffunction-sections -fdata-sections
    $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti> $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>)
endfunction()
