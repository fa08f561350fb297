# 64-bit Arm Linux: Raspberry Pi 3 and later, most boards and servers.
# Needs g++-aarch64-linux-gnu; qemu-user runs the tests.
#   cmake -B build-aarch64 -DCMAKE_TOOLCHAIN_FILE=<quaver>/toolchains/aarch64-linux-gnu.cmake
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(quaver_triple aarch64-linux-gnu)
set(quaver_qemu qemu-aarch64)
include(${CMAKE_CURRENT_LIST_DIR}/linux-gnu.cmake)
