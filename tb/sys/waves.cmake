# The model with waves with a planted fault, which the test puts in its place.
add_library(faulty_rtl_device MODULE EXCLUDE_FROM_ALL faulty_rtl_device.cc)
set_target_properties(faulty_rtl_device PROPERTIES
  PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test)
target_compile_options(faulty_rtl_device PRIVATE -Wall -Wextra)
target_compile_definitions(faulty_rtl_device PRIVATE WEFT_BUILD_DIR="${PROJECT_BINARY_DIR}")
target_link_options(faulty_rtl_device PRIVATE -Wl,-Bsymbolic)
target_link_libraries(faulty_rtl_device PRIVATE weft_driver ${CMAKE_DL_LIBS})

# Verilator brings the reader of the files its models write.
if(TARGET weft_rtl_tiny_waves AND EXISTS ${VERILATOR_ROOT}/include/gtkwave/fstapi.h)
  weft_add_test(waves SOURCES waves_test.cc LIBS weft_runtime weft_verilated_trace)
  add_dependencies(waves_test weft weft_rtl_tiny_waves weft_rtl_tiny_waves_pes faulty_rtl_device)
else()
  message(STATUS "The test of waves is left out: no model, or no gtkwave/fstapi.h in Verilator")
endif()
