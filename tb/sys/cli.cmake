# A device with a planted fault, which the test puts in the place of an RTL model.
add_library(faulty_device MODULE faulty_device.cc)
set_target_properties(faulty_device PROPERTIES
  PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test)
target_compile_options(faulty_device PRIVATE -Wall -Wextra)
target_link_options(faulty_device PRIVATE -Wl,-Bsymbolic)
target_link_libraries(faulty_device PRIVATE weft_emulator)

weft_add_test(cli SOURCES cli_test.cc LIBS weft_runtime)
add_dependencies(cli_test weft faulty_device)
if(TARGET weft_rtl_tiny)
  add_dependencies(cli_test weft_rtl_tiny)
endif()
