weft_add_test(core SOURCES core_test.cc core_facts_test.cc LIBS weft_runtime)

# A network as C source, compiled into its test.
set(core_network ${CMAKE_CURRENT_BINARY_DIR}/core_network)
file(MAKE_DIRECTORY ${core_network})
add_custom_command(
  OUTPUT ${core_network}/network.c ${core_network}/network.h
  BYPRODUCTS ${core_network}/network.weft
  COMMAND weft compile ${PROJECT_SOURCE_DIR}/models/mnist_convnet.tflite --config tiny
    -o ${core_network}/network.weft --emit-c ${core_network}/network.c
  DEPENDS weft ${PROJECT_SOURCE_DIR}/models/mnist_convnet.tflite
  COMMENT "A network as C source"
  VERBATIM)
weft_add_test(core_program SOURCES core_program_test.cc ${core_network}/network.c LIBS weft_runtime)
target_include_directories(core_program_test PRIVATE ${core_network})
if(TARGET weft_rtl_tiny)
  add_dependencies(core_program_test weft_rtl_tiny)
endif()

# Without a C library; for RISC-V skipped, in words, where its compiler is not here.
function(weft_add_freestanding name compiler nm)
  add_test(NAME core_freestanding_${name}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/core_freestanding ${PROJECT_BINARY_DIR}
      ${PROJECT_SOURCE_DIR}/sw/core ${compiler} ${nm} ${ARGN})
  set_tests_properties(core_freestanding_${name} PROPERTIES SKIP_RETURN_CODE 3)
endfunction()
weft_add_freestanding(host ${CMAKE_C_COMPILER} nm)
foreach(target rv32imac/ilp32 rv64imac/lp64)
  get_filename_component(arch ${target} DIRECTORY)
  get_filename_component(abi ${target} NAME)
  weft_add_freestanding(${arch} riscv64-unknown-elf-gcc riscv64-unknown-elf-nm
    -march=${arch} -mabi=${abi} -Wstack-usage=1024)
endforeach()
