# quaver_flatbuffers_header(TARGET SCHEMA FOLDER OPTIONS...): an INTERFACE target with the header
# that flatc generates of SCHEMA by OPTIONS, in FOLDER of the build, on its include path; as a system
# header: generated code is not held to our warnings.

# flatc and the headers are the host's also in a cross build: the headers have no code of their own.
find_program(QUAVER_FLATC flatc REQUIRED)
# (For bare metal CMake looks nowhere by itself.)
find_path(QUAVER_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED
  PATHS /usr/local/include /usr/include NO_CMAKE_FIND_ROOT_PATH)

# Through a link of our own: a cross compiler must not see the rest of the host's /usr/include.
set(quaver_flatbuffers_include ${PROJECT_BINARY_DIR}/flatbuffers-include)
file(MAKE_DIRECTORY ${quaver_flatbuffers_include})
file(CREATE_LINK ${QUAVER_FLATBUFFERS_INCLUDE}/flatbuffers ${quaver_flatbuffers_include}/flatbuffers
  SYMBOLIC)

function(quaver_flatbuffers_header target schema folder)
  get_filename_component(name ${schema} NAME_WE)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/${folder})
  set(header ${directory}/${name}_generated.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${QUAVER_FLATC} --cpp --scoped-enums --cpp-std c++17 ${ARGN}
            -o ${directory} ${schema}
    DEPENDS ${schema}
    COMMENT "flatc ${name}.fbs (${target})")
  add_custom_target(${target}_header DEPENDS ${header})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_header)
  # Buffers of weights are aligned to 64 bytes; the library's own limit is 32.
  target_compile_definitions(${target} INTERFACE FLATBUFFERS_MAX_ALIGNMENT=64)
  target_include_directories(${target} SYSTEM INTERFACE
    $<BUILD_INTERFACE:${directory}> $<BUILD_INTERFACE:${quaver_flatbuffers_include}>)
endfunction()
