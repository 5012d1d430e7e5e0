# Asynchronous inference; tb/sanitize builds the first four sources with sanitizers, too.
set(programs ${PROJECT_BINARY_DIR}/test/programs)
add_executable(make_programs make_programs.cc)
set_target_properties(make_programs PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test)
target_compile_definitions(make_programs PRIVATE WEFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_include_directories(make_programs PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(make_programs PRIVATE weft_compiler)
add_custom_command(OUTPUT ${programs}/mnist.weft ${programs}/mixed.weft
  COMMAND make_programs ${programs}
  DEPENDS make_programs ${PROJECT_SOURCE_DIR}/models/mnist_convnet.tflite
  COMMENT "Programs of the tests"
  VERBATIM)
add_custom_target(test_programs ALL DEPENDS ${programs}/mnist.weft)

set(sources infer_queue_test.cc infer_faults_test.cc infer_doubt_test.cc
  infer_storm_test.cc)
if(TARGET weft_rtl_tiny)
  list(APPEND sources infer_rtl_test.cc)
endif()
weft_add_test(infer_queue SOURCES ${sources} LIBS weft_runtime)
target_compile_definitions(infer_queue_test PRIVATE WEFT_PROGRAMS="${programs}")
add_dependencies(infer_queue_test test_programs)
if(TARGET weft_rtl_tiny)
  add_dependencies(infer_queue_test weft_rtl_tiny)
endif()
