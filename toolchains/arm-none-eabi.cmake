# Bare-metal Arm Cortex-M, with newlib: runtime and kernels as a static library to link into a
# firmware. Needs gcc-arm-none-eabi and libstdc++-arm-none-eabi-newlib.
#   cmake -B build-m4 -DCMAKE_TOOLCHAIN_FILE=<quaver>/toolchains/arm-none-eabi.cmake \
#         -DQUAVER_MCU=m4 -DCMAKE_BUILD_TYPE=MinSizeRel
set(QUAVER_MCU m0 CACHE STRING "Cortex-M core: m0 m0plus m3 m4 m7 m23 m33 m55 m85, or as -mcpu names it")
set(QUAVER_FLOAT_ABI "" CACHE STRING "soft, softfp or hard, as the rest of the firmware; empty: the core's usual one")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES QUAVER_MCU QUAVER_FLOAT_ABI)

string(REGEX REPLACE "^m([0-9])" "cortex-m\\1" quaver_mcu "${QUAVER_MCU}")
set(quaver_float_abi "${QUAVER_FLOAT_ABI}")
if(NOT quaver_float_abi AND quaver_mcu MATCHES "^cortex-m(55|85)$")
  set(quaver_float_abi hard)  # GCC has Helium's intrinsics with this one only.
endif()
set(quaver_mcu_flags "-mcpu=${quaver_mcu} -mthumb")
if(quaver_float_abi)
  string(APPEND quaver_mcu_flags " -mfloat-abi=${quaver_float_abi}")
endif()

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${quaver_mcu})
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_C_FLAGS_INIT "${quaver_mcu_flags}")
set(CMAKE_CXX_FLAGS_INIT "${quaver_mcu_flags}")
set(CMAKE_ASM_FLAGS_INIT "${quaver_mcu_flags}")

# A program needs the board's linker script, which is not ours: compiler checks make a library.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

list(APPEND CMAKE_FIND_ROOT_PATH ${CMAKE_PREFIX_PATH})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
