# weft_add_test(<name> SOURCES <cc files> [LIBS <libraries>] [TIMEOUT <seconds>] [PER_CONFIG])
#   A Catch2 test <name>_test of plain C++, registered with ctest as <name>. PER_CONFIG: its cases
#   tagged [config] are <name>_<config>, one for each of WEFT_CONFIGS (tb/configs.h), which run on
#   the configuration's models.
#
# weft_add_bench(<name> TOP <module> SOURCES <cc files> [SV <sv files>] [CONFIGS <configs>]
#                [LIBS <libraries>] [ARGS <verilator arguments>] [TIMEOUT <seconds>])
#   The same with <module> Verilated as class Vdut, once for each configuration of WEFT_CONFIGS
#   (or those given): <name>_<config>.
#   The configuration's numbers are macros: WEFT_CONFIG ("tiny"), WEFT_ROWS, WEFT_ACT_WORDS,
#   WEFT_ACT_BANKS, WEFT_WGT_WORDS, WEFT_ACC_BANKS, WEFT_ACC_DEPTH, WEFT_PARAM_WORDS,
#   WEFT_BUS_BITS, WEFT_QUEUE_DEPTH.
#
# Files are relative to the caller's directory. Include roots: that directory, the repository
# ("tb/catch_compat.h", "sim/..."), sw/.
add_library(weft_catch STATIC ${PROJECT_SOURCE_DIR}/tb/catch_main.cc)
# All of Catch2 version 2: three times as long to build when optimised, and no test runs faster.
target_compile_options(weft_catch PRIVATE -O0)
target_link_libraries(weft_catch PUBLIC ${WEFT_CATCH})
target_include_directories(weft_catch PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/sw)

# As C++ has it: no semicolons, which would end the command.
string(REPLACE ";" "," WEFT_TEST_CONFIGS "${WEFT_CONFIGS}")

function(weft_test_executable name)
  cmake_parse_arguments(ARG "PER_CONFIG" "TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name}_test ${ARG_SOURCES})
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test)
  # -O1: the tests themselves are short, and Catch2's header is long.
  target_compile_options(${name}_test PRIVATE -Wall -Wextra -O1)
  target_compile_definitions(${name}_test PRIVATE
    WEFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}" WEFT_BUILD_DIR="${PROJECT_BINARY_DIR}"
    WEFT_TEST_CONFIGS="${WEFT_TEST_CONFIGS}" WEFT_WITH_SYSTEMC=$<BOOL:${WEFT_SYSTEMC}>)
  target_include_directories(${name}_test PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name}_test PRIVATE ${ARG_LIBS} weft_isa weft_base weft_catch)
  add_dependencies(${name}_test weft_generated)
  if(NOT ARG_PER_CONFIG)
    add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
    return()
  endif()
  add_test(NAME ${name} COMMAND ${name}_test ~[config] WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  foreach(config IN LISTS WEFT_CONFIGS)
    add_test(NAME ${name}_${config} COMMAND ${name}_test [config] WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name}_${config} PROPERTIES
      TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT WEFT_CONFIGURATION=${config})
    if(TARGET weft_rtl_${config})
      add_dependencies(${name}_test weft_rtl_${config})
    endif()
  endforeach()
endfunction()

function(weft_add_test name)
  weft_test_executable(${name} ${ARGN})
endfunction()

function(weft_add_bench name)
  cmake_parse_arguments(ARG "" "TOP;TIMEOUT" "SOURCES;SV;CONFIGS;LIBS;ARGS" ${ARGN})
  if(NOT ARG_CONFIGS)
    set(ARG_CONFIGS ${WEFT_CONFIGS})
  endif()
  # The top comes from the bench's own files, or from rtl/ by its name.
  set(files)
  foreach(file IN LISTS ARG_SV)
    get_filename_component(file ${file} ABSOLUTE)
    list(APPEND files ${file})
  endforeach()
  if(NOT files MATCHES "/${ARG_TOP}\\.sv(;|$)")
    set(tops ${WEFT_RTL_FILES})
    list(FILTER tops INCLUDE REGEX "/${ARG_TOP}\\.sv$")
    if(tops)
      list(APPEND files ${tops})
    elseif(NOT files)
      message(WARNING "Bench ${name}: there is no ${ARG_TOP}.sv below rtl/; it is left out")
      return()
    endif()
  endif()
  foreach(config IN LISTS ARG_CONFIGS)
    weft_verilate(${name}_${config}_dut
      PREFIX Vdut TOP ${ARG_TOP} CONFIG ${config} FILES ${files} ARGS ${ARG_ARGS})
    weft_test_executable(${name}_${config}
      SOURCES ${ARG_SOURCES} LIBS ${name}_${config}_dut ${ARG_LIBS} TIMEOUT ${ARG_TIMEOUT})
    target_compile_options(${name}_${config}_test PRIVATE
      -include ${WEFT_GEN_DIR}/bench/${config}/bench_config.h)
  endforeach()
endfunction()
