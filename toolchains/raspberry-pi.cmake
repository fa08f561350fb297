# Raspberry Pi, cross-compiled on a PC with Debian's or Ubuntu's compilers.
#   cmake -B build-pi4 -DCMAKE_TOOLCHAIN_FILE=<quaver>/toolchains/raspberry-pi.cmake -DRASPBERRY_PI=4
#
# RASPBERRY_PI       1, zero, 2, 3, zero2, 4 or 5
# RASPBERRY_PI_BITS  of the operating system: 64 (from the 3 on, the default there) or 32
#
# The 1 and the Zero have an ARMv6 core without NEON. Debian's hard-float compiler links a C library
# for ARMv7, which they cannot execute, so programs for them use the soft-float one
# (g++-arm-linux-gnueabi) and are linked statically: they bring the library along and run on any
# Raspberry Pi OS. Quaver computes with integers, so soft float costs nothing.
set(RASPBERRY_PI 4 CACHE STRING "Raspberry Pi: 1 zero 2 3 zero2 4 5")
set(RASPBERRY_PI_BITS "" CACHE STRING "Of its operating system: 32 or 64; empty: 64 where it can")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES RASPBERRY_PI RASPBERRY_PI_BITS)

if(RASPBERRY_PI MATCHES "^(1|zero)$")
  set(quaver_pi_bits 32)
  set(quaver_pi_march armv6)
  set(quaver_pi_core arm1176jzf-s)
elseif(RASPBERRY_PI STREQUAL 2)
  set(quaver_pi_bits 32)
  set(quaver_pi_core cortex-a7)
elseif(RASPBERRY_PI MATCHES "^(3|zero2)$")
  set(quaver_pi_bits 64)
  set(quaver_pi_march armv8-a+crc)
  set(quaver_pi_core cortex-a53)
elseif(RASPBERRY_PI STREQUAL 4)
  set(quaver_pi_bits 64)
  set(quaver_pi_march armv8-a+crc)
  set(quaver_pi_core cortex-a72)
elseif(RASPBERRY_PI STREQUAL 5)
  set(quaver_pi_bits 64)
  set(quaver_pi_march armv8.2-a+fp16+dotprod)
  set(quaver_pi_core cortex-a76)
else()
  message(FATAL_ERROR "RASPBERRY_PI is '${RASPBERRY_PI}'; it can be 1, zero, 2, 3, zero2, 4 or 5")
endif()
if(RASPBERRY_PI_BITS AND NOT RASPBERRY_PI_BITS EQUAL quaver_pi_bits)
  if(NOT RASPBERRY_PI_BITS EQUAL 32)
    message(FATAL_ERROR "RASPBERRY_PI_BITS is '${RASPBERRY_PI_BITS}'; a Raspberry Pi ${RASPBERRY_PI} "
      "can have 32 (and from the 3 on 64)")
  endif()
  set(quaver_pi_bits 32)
  unset(quaver_pi_march)
endif()

if(quaver_pi_bits EQUAL 64)
  set(CMAKE_SYSTEM_PROCESSOR aarch64)
  set(quaver_triple aarch64-linux-gnu)
  set(quaver_qemu qemu-aarch64)
  set(quaver_pi_flags "-march=${quaver_pi_march} -mtune=${quaver_pi_core}")
elseif(quaver_pi_march STREQUAL armv6)
  set(CMAKE_SYSTEM_PROCESSOR armv6l)
  set(quaver_triple arm-linux-gnueabi)
  set(quaver_qemu qemu-arm)
  set(quaver_pi_flags "-march=armv6 -marm -mtune=${quaver_pi_core}")
  set(CMAKE_EXE_LINKER_FLAGS_INIT "-static")
else()
  set(CMAKE_SYSTEM_PROCESSOR armv7l)
  set(quaver_triple arm-linux-gnueabihf)
  set(quaver_qemu qemu-arm)
  set(quaver_pi_flags "-march=armv7-a -mfpu=neon-vfpv4 -mtune=${quaver_pi_core}")
endif()
set(CMAKE_C_FLAGS_INIT "${quaver_pi_flags}")
set(CMAKE_CXX_FLAGS_INIT "${quaver_pi_flags}")
include(${CMAKE_CURRENT_LIST_DIR}/linux-gnu.cmake)
