# Bare-metal Arm Cortex-M, with newlib: runtime and kernels as a static library to link into a
# firmware. Needs gcc-arm-none-eabi and libstdc++-arm-none-eabi-newlib.
#   cmake -B build-m4 -DCMAKE_TOOLCHAIN_FILE=<quaver>/toolchains/arm-none-eabi.cmake \
#         -DQUAVER_MCU=cortex-m4 -DCMAKE_BUILD_TYPE=MinSizeRel
set(QUAVER_MCU cortex-m0 CACHE STRING "CPU, as GCC's -mcpu names it")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES QUAVER_MCU)

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR ${QUAVER_MCU})
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_C_FLAGS_INIT "-mcpu=${QUAVER_MCU} -mthumb")
set(CMAKE_CXX_FLAGS_INIT "-mcpu=${QUAVER_MCU} -mthumb")

# A program needs the board's linker script, which is not ours: compiler checks make a library.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

list(APPEND CMAKE_FIND_ROOT_PATH ${CMAKE_PREFIX_PATH})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
