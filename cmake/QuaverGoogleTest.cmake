# GTest::gtest and GTest::gtest_main: the installed package, or its sources (Debian's googletest
# package), which also serve a cross build.
find_package(GTest QUIET)
if(NOT GTest_FOUND)
  set(QUAVER_GOOGLETEST_SOURCE /usr/src/googletest CACHE PATH "Sources of GoogleTest")
  if(NOT EXISTS ${QUAVER_GOOGLETEST_SOURCE}/CMakeLists.txt)
    message(FATAL_ERROR "GoogleTest is not installed and ${QUAVER_GOOGLETEST_SOURCE} has no sources of it. "
      "Install googletest and libgtest-dev, set QUAVER_GOOGLETEST_SOURCE, or set QUAVER_BUILD_TESTS=OFF.")
  endif()
  set(INSTALL_GTEST OFF CACHE INTERNAL "")
  set(BUILD_GMOCK OFF CACHE INTERNAL "")
  add_subdirectory(${QUAVER_GOOGLETEST_SOURCE} ${PROJECT_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)
  if(NOT TARGET GTest::gtest)
    add_library(GTest::gtest ALIAS gtest)
    add_library(GTest::gtest_main ALIAS gtest_main)
  endif()
endif()
include(GoogleTest)
