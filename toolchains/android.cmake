# Android, with the NDK's own toolchain file: finds the NDK, and chooses what Quaver is tested for.
#   cmake -B build-android -DCMAKE_TOOLCHAIN_FILE=<quaver>/toolchains/android.cmake \
#         -DANDROID_ABI=arm64-v8a
#
# ANDROID_ABI       arm64-v8a (the default) or armeabi-v7a (with NEON); the NDK's others work too
# ANDROID_PLATFORM  the oldest Android to run on; android-21 where it is not set
# ANDROID_NDK       the NDK's folder; else ANDROID_NDK_HOME, ANDROID_NDK_ROOT or the newest of
#                   ANDROID_HOME/ndk, ANDROID_SDK_ROOT/ndk and ~/Android/Sdk/ndk
# Gradle passes all of these by itself: there, name Quaver in CMakeLists.txt and leave this file out.
set(ANDROID_ABI arm64-v8a CACHE STRING "ABI: arm64-v8a armeabi-v7a x86_64 x86")
set(ANDROID_PLATFORM android-21 CACHE STRING "Oldest Android to run on")
set(ANDROID_NDK "" CACHE PATH "The NDK's folder")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ANDROID_ABI ANDROID_PLATFORM ANDROID_NDK)

set(quaver_ndk_candidates "${ANDROID_NDK}" "$ENV{ANDROID_NDK}" "$ENV{ANDROID_NDK_HOME}"
  "$ENV{ANDROID_NDK_ROOT}")
foreach(quaver_sdk "$ENV{ANDROID_HOME}" "$ENV{ANDROID_SDK_ROOT}" "$ENV{HOME}/Android/Sdk"
        "$ENV{HOME}/Library/Android/sdk")
  if(quaver_sdk)
    file(GLOB quaver_ndks "${quaver_sdk}/ndk/*" "${quaver_sdk}/ndk-bundle")
    list(SORT quaver_ndks COMPARE NATURAL ORDER DESCENDING)
    list(APPEND quaver_ndk_candidates ${quaver_ndks})
  endif()
endforeach()

set(quaver_ndk "")
foreach(quaver_candidate IN LISTS quaver_ndk_candidates)
  if(quaver_candidate AND EXISTS "${quaver_candidate}/build/cmake/android.toolchain.cmake")
    set(quaver_ndk "${quaver_candidate}")
    break()
  endif()
endforeach()
if(NOT quaver_ndk)
  list(REMOVE_ITEM quaver_ndk_candidates "")
  list(JOIN quaver_ndk_candidates ", " quaver_ndk_candidates)
  if(NOT quaver_ndk_candidates)
    set(quaver_ndk_candidates "none is set")
  endif()
  message(FATAL_ERROR "The Android NDK was not found (r23 or newer; looked in: "
    "${quaver_ndk_candidates}). Install it with Android Studio (SDK Manager, SDK Tools, NDK) or "
    "from developer.android.com/ndk/downloads, then set ANDROID_NDK to its folder, the one with "
    "build/cmake/android.toolchain.cmake in it.")
endif()
set(ANDROID_NDK "${quaver_ndk}" CACHE PATH "The NDK's folder" FORCE)

# Devices with pages of 16 KB load only libraries aligned to them. NDK r27 has an option; older ones
# take the linker's.
set(ANDROID_SUPPORT_FLEXIBLE_PAGE_SIZES ON)
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-Wl,-z,max-page-size=16384")
set(CMAKE_MODULE_LINKER_FLAGS_INIT "-Wl,-z,max-page-size=16384")
set(ANDROID_ARM_NEON ON)
include("${quaver_ndk}/build/cmake/android.toolchain.cmake")
