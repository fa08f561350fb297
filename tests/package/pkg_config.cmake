# What a Makefile would do: COMPILER main.cc $(pkg-config --cflags --libs quaver), then run it.
set(ENV{PKG_CONFIG_PATH} ${PREFIX}/${LIBDIR}/pkgconfig)
execute_process(COMMAND ${PKG_CONFIG} --cflags --libs quaver
  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")
separate_arguments(CXX_FLAGS UNIX_COMMAND "${CXX_FLAGS}")
execute_process(COMMAND ${CXX} ${CXX_FLAGS} -std=c++17 ${MAIN} ${flags} -o ${OUTPUT}
  COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${EMULATOR} ${OUTPUT} COMMAND_ERROR_IS_FATAL ANY)
