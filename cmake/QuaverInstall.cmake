# cmake --install: public headers, libraries, the command, the CMake package, the pkg-config file.
#
# Two components, each only where it was built: `runtime` (what goes onto the device) and `compiler`
# (host: the compiler's library and headers, and the command).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(quaver_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/quaver)

install(DIRECTORY include/quaver DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT runtime)
install(TARGETS quaver_runtime EXPORT quaver-runtime
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime)
install(EXPORT quaver-runtime NAMESPACE quaver:: FILE quaver-runtime-targets.cmake
  DESTINATION ${quaver_package_dir} COMPONENT runtime)

if(QUAVER_BUILD_COMPILER)
  # The compiler's headers include each other as "compiler/...".
  set(quaver_compiler_headers ${CMAKE_INSTALL_INCLUDEDIR}/quaver-compiler)
  target_include_directories(quaver_compiler PUBLIC $<INSTALL_INTERFACE:${quaver_compiler_headers}>)
  foreach(header compile.h data/dataset.h emit/emit.h execute/float_executor.h
                 execute/float_gemm.h import/import.h ir/error.h ir/graph.h quantize/evaluate.h
                 quantize/quantize.h)
    get_filename_component(folder compiler/${header} DIRECTORY)
    install(FILES compiler/${header} DESTINATION ${quaver_compiler_headers}/${folder}
      COMPONENT compiler)
  endforeach()
  install(TARGETS quaver_compiler EXPORT quaver-compiler
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT compiler)
  install(EXPORT quaver-compiler NAMESPACE quaver:: FILE quaver-compiler-targets.cmake
    DESTINATION ${quaver_package_dir} COMPONENT compiler)
  if(TARGET quaver_tool)
    install(TARGETS quaver_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT compiler)
  endif()
endif()

configure_package_config_file(cmake/quaver-config.cmake.in quaver-config.cmake
  INSTALL_DESTINATION ${quaver_package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(quaver-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/quaver-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/quaver-config-version.cmake
  DESTINATION ${quaver_package_dir} COMPONENT runtime)

# Paths relative to the file itself, so that an installed tree can be moved.
file(RELATIVE_PATH quaver_pc_prefix
  /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" quaver_pc_prefix "${quaver_pc_prefix}")
set(quaver_pc_libraries "")
if(TARGET quaver_xnnpack)
  string(APPEND quaver_pc_libraries " -lXNNPACK")
endif()
if(QUAVER_CPUINFO_IN_USE)
  string(APPEND quaver_pc_libraries " -lcpuinfo")
endif()
if(QUAVER_PTHREADPOOL_IN_USE)
  string(APPEND quaver_pc_libraries " -lpthreadpool")
endif()
configure_file(cmake/quaver.pc.in quaver.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/quaver.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT runtime)
