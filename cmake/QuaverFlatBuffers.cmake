# quaver_flatbuffers_header(TARGET SCHEMA): an INTERFACE target with SCHEMA's generated header on
# its include path, as a system header: generated code is not held to our warnings.

find_program(QUAVER_FLATC flatc REQUIRED)
find_path(QUAVER_FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)

function(quaver_flatbuffers_header target schema)
  get_filename_component(name ${schema} NAME_WE)
  set(directory ${CMAKE_CURRENT_BINARY_DIR}/generated)
  set(header ${directory}/${name}_generated.h)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${QUAVER_FLATC} --cpp --gen-object-api --scoped-enums --cpp-std c++17
            -o ${directory} ${schema}
    DEPENDS ${schema}
    COMMENT "flatc ${name}.fbs")
  add_custom_target(${target}_header DEPENDS ${header})
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_header)
  target_include_directories(${target} SYSTEM INTERFACE
    $<BUILD_INTERFACE:${directory}> $<BUILD_INTERFACE:${QUAVER_FLATBUFFERS_INCLUDE}>)
endfunction()
