# QUAVER_FETCH_DEPS=ON: what the system does not have is downloaded and built along, in the versions
# below. The find_package calls elsewhere stay as they are: OVERRIDE_FIND_PACKAGE redirects them.
# zlib is the one library that every system has to have.
if(CMAKE_VERSION VERSION_LESS 3.24)
  message(FATAL_ERROR "QUAVER_FETCH_DEPS needs CMake 3.24 (this is ${CMAKE_VERSION}). "
    "Update CMake, or install the packages that scripts/setup lists.")
endif()
include(FetchContent)

# quaver_fetch(PACKAGE REPOSITORY TAG): PACKAGE, as find_package calls it, where it is not installed.
function(quaver_fetch package repository tag)
  find_package(${package} QUIET)
  if(NOT ${package}_FOUND)
    FetchContent_Declare(${package} GIT_REPOSITORY https://github.com/${repository}.git
      GIT_TAG ${tag} GIT_SHALLOW ON OVERRIDE_FIND_PACKAGE)
  endif()
endfunction()

# Their own tests and installation are not ours.
foreach(option BENCHMARK_ENABLE_TESTING BENCHMARK_ENABLE_GTEST_TESTS CLI11_BUILD_TESTS
               CLI11_BUILD_EXAMPLES INSTALL_GTEST FLATBUFFERS_BUILD_TESTS FLATBUFFERS_INSTALL
               JSON_BuildTests protobuf_BUILD_TESTS)
  set(${option} OFF CACHE INTERNAL "")
endforeach()

if(QUAVER_BUILD_TESTS)
  quaver_fetch(GTest google/googletest v1.14.0)
endif()
if(QUAVER_BUILD_BENCH)
  quaver_fetch(benchmark google/benchmark v1.8.3)
endif()
if(QUAVER_BUILD_COMPILER)
  quaver_fetch(CLI11 CLIUtils/CLI11 v2.4.1)
  quaver_fetch(nlohmann_json nlohmann/json v3.11.3)
  quaver_fetch(Protobuf protocolbuffers/protobuf v21.12)

  # Of ONNX only the .proto file.
  find_path(QUAVER_ONNX_INCLUDE onnx/onnx.proto)
  if(NOT QUAVER_ONNX_INCLUDE)
    FetchContent_Declare(onnx GIT_REPOSITORY https://github.com/onnx/onnx.git
      GIT_TAG v1.12.0 GIT_SHALLOW ON SOURCE_SUBDIR onnx/no-cmake-here)
    FetchContent_MakeAvailable(onnx)
    set(QUAVER_ONNX_INCLUDE ${onnx_SOURCE_DIR} CACHE PATH "Folder of onnx/onnx.proto" FORCE)
  endif()
endif()

# pthreadpool has no versions to pin either; without it a session has one thread.
find_library(QUAVER_PTHREADPOOL_LIBRARY pthreadpool)
find_path(QUAVER_PTHREADPOOL_INCLUDE pthreadpool.h)
if(NOT QUAVER_PTHREADPOOL_LIBRARY OR NOT QUAVER_PTHREADPOOL_INCLUDE)
  set(QUAVER_PTHREADPOOL OFF)
endif()

# cpuinfo has no versions to pin, and without it the runtime asks the CPU itself.
find_library(QUAVER_CPUINFO_LIBRARY cpuinfo)
find_path(QUAVER_CPUINFO_INCLUDE cpuinfo.h)
if(NOT QUAVER_CPUINFO_LIBRARY OR NOT QUAVER_CPUINFO_INCLUDE)
  set(QUAVER_CPUINFO OFF)
endif()

# FlatBuffers: flatc runs on the host, so a cross build takes it from there.
find_program(QUAVER_FLATC flatc)
find_path(QUAVER_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h NO_CMAKE_FIND_ROOT_PATH)
if(NOT QUAVER_FLATC OR NOT QUAVER_FLATBUFFERS_INCLUDE)
  if(CMAKE_CROSSCOMPILING)
    message(FATAL_ERROR "A cross build needs FlatBuffers on the host: set QUAVER_FLATC to a flatc "
      "and QUAVER_FLATBUFFERS_INCLUDE to the folder of its flatbuffers/flatbuffers.h; a host build "
      "with QUAVER_FETCH_DEPS=ON makes both (_deps/flatbuffers-build, _deps/flatbuffers-src/include).")
  endif()
  FetchContent_Declare(flatbuffers GIT_REPOSITORY https://github.com/google/flatbuffers.git
    GIT_TAG v23.5.26 GIT_SHALLOW ON)
  FetchContent_MakeAvailable(flatbuffers)
  set(QUAVER_FLATC flatc)
  set(QUAVER_FLATBUFFERS_INCLUDE ${flatbuffers_SOURCE_DIR}/include)
endif()
