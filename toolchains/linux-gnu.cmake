# Shared by the toolchain files of Debian's and Ubuntu's cross compilers (package g++-<triple>).
# They set quaver_triple and quaver_qemu before they include this file.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_C_COMPILER ${quaver_triple}-gcc)
set(CMAKE_CXX_COMPILER ${quaver_triple}-g++)

# Libraries and headers come from the target's folder, or from a prefix that the caller names.
# Programs (flatc, python) are the host's.
list(APPEND CMAKE_FIND_ROOT_PATH /usr/${quaver_triple} ${CMAKE_PREFIX_PATH})
list(REMOVE_DUPLICATES CMAKE_FIND_ROOT_PATH)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# Tests run under QEMU's user mode; QEMU_CPU=cortex-a53 in the environment chooses another CPU.
# A host of the target's own kind runs them as they are.
if(NOT CMAKE_HOST_SYSTEM_PROCESSOR STREQUAL CMAKE_SYSTEM_PROCESSOR)
  find_program(QUAVER_QEMU ${quaver_qemu})
  mark_as_advanced(QUAVER_QEMU)
  if(QUAVER_QEMU)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${QUAVER_QEMU} -L /usr/${quaver_triple})
  endif()
endif()
