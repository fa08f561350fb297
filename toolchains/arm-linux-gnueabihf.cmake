# 32-bit Arm Linux with NEON: ARMv7-A, Raspberry Pi 2 and later in 32-bit mode.
# Needs g++-arm-linux-gnueabihf; qemu-user runs the tests.
#   cmake -B build-arm -DCMAKE_TOOLCHAIN_FILE=<quaver>/toolchains/arm-linux-gnueabihf.cmake
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(quaver_triple arm-linux-gnueabihf)
set(quaver_qemu qemu-arm)
# Debian's armhf leaves NEON out by default.
set(CMAKE_C_FLAGS_INIT "-march=armv7-a -mfpu=neon")
set(CMAKE_CXX_FLAGS_INIT "-march=armv7-a -mfpu=neon")
include(${CMAKE_CURRENT_LIST_DIR}/linux-gnu.cmake)
