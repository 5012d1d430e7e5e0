# weft_verilate(<target> PREFIX <class> TOP <module> CONFIG <config> FILES <sv files> [SHARDS <n>]
#               [ARGS <verilator arguments>] [TRACE])
#
# A static library with the Verilated <module>, its class header on the include path. Verilator
# runs while building, not while configuring: a block that does not compile stops nothing but what
# needs it. Modules that FILES does not hold are looked up by name below rtl/. TRACE: the model can
# write waves (FST), which costs it speed even while it writes none.

if(WEFT_BENCH)
  set(WEFT_VERILATOR_ARGS --cc -Wall --no-timing --no-assert -O3 --x-assign fast --x-initial fast)
else()
  set(WEFT_VERILATOR_ARGS --cc -Wall --no-timing --assert -O3 --x-assign fast --x-initial fast)
endif()
# Wide enough for descriptors and for a word of acc memory.
set(WEFT_TRACE_ARGS --trace-fst --trace-structs --trace-max-width 1024)

# Directories and packages of rtl/; the generated packages stand before the hand-written ones.
file(GLOB_RECURSE WEFT_RTL_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/rtl/*.sv)
set(WEFT_RTL_DIRS)
foreach(path IN LISTS WEFT_RTL_FILES)
  get_filename_component(directory ${path} DIRECTORY)
  list(APPEND WEFT_RTL_DIRS ${directory})
endforeach()
list(REMOVE_DUPLICATES WEFT_RTL_DIRS)

# Sources of a configuration up to the packages, in order of dependence.
function(weft_rtl_packages config out)
  set(more ${WEFT_RTL_FILES})
  list(FILTER more INCLUDE REGEX "/rtl/pkg/")
  list(FILTER more EXCLUDE REGEX "/weft(_math)?_pkg\\.sv$")
  set(${out}
    ${PROJECT_SOURCE_DIR}/rtl/weft.vlt
    ${PROJECT_SOURCE_DIR}/rtl/pkg/weft_math_pkg.sv
    ${WEFT_GEN_DIR}/rtl/${config}/weft_cfg_pkg.sv
    ${WEFT_GEN_DIR}/rtl/weft_isa_pkg.sv
    ${WEFT_GEN_DIR}/rtl/weft_csr_pkg.sv
    ${PROJECT_SOURCE_DIR}/rtl/pkg/weft_pkg.sv
    ${more}
    PARENT_SCOPE)
endfunction()

# Verilator's own run-time library, once for all models without waves and once for all with them.
set(runtime)
foreach(part verilated verilated_threads verilated_random verilated_cov)
  if(EXISTS ${VERILATOR_ROOT}/include/${part}.cpp)
    list(APPEND runtime ${VERILATOR_ROOT}/include/${part}.cpp)
  endif()
endforeach()
function(weft_verilator_runtime target trace)
  add_library(${target} STATIC EXCLUDE_FROM_ALL ${ARGN})
  target_include_directories(${target} SYSTEM PUBLIC
    ${VERILATOR_ROOT}/include ${VERILATOR_ROOT}/include/vltstd)
  target_compile_definitions(${target} PUBLIC
    VERILATOR=1 VM_COVERAGE=0 VM_SC=0 VM_TRACE_VCD=0 VM_TRACE=${trace} VM_TRACE_FST=${trace})
  target_compile_options(${target} PRIVATE -w)
  target_link_libraries(${target} PUBLIC Threads::Threads atomic)
endfunction()
weft_verilator_runtime(weft_verilated 0 ${runtime})
weft_verilator_runtime(weft_verilated_trace 1 ${runtime}
  ${VERILATOR_ROOT}/include/verilated_fst_c.cpp)
target_link_libraries(weft_verilated_trace PUBLIC ZLIB::ZLIB)

function(weft_verilate target)
  cmake_parse_arguments(ARG "TRACE" "PREFIX;TOP;CONFIG;SHARDS" "FILES;ARGS" ${ARGN})
  set(runtime weft_verilated)
  if(ARG_TRACE)
    set(runtime weft_verilated_trace)
    list(PREPEND ARG_ARGS ${WEFT_TRACE_ARGS})
  endif()
  if(NOT ARG_SHARDS)
    set(ARG_SHARDS 1)
  endif()
  set(dir ${PROJECT_BINARY_DIR}/models/${target})
  set(units ${dir}/${ARG_PREFIX}__slow.cc)
  foreach(i RANGE 1 ${ARG_SHARDS})
    list(APPEND units ${dir}/${ARG_PREFIX}__fast${i}.cc)
  endforeach()
  set(search)
  foreach(directory IN LISTS WEFT_RTL_DIRS)
    list(APPEND search -y ${directory})
  endforeach()
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    set(compiler clang)
  else()
    set(compiler gcc)
  endif()
  weft_rtl_packages(${ARG_CONFIG} packages)
  add_custom_command(
    OUTPUT ${units} ${dir}/${ARG_PREFIX}.h
    COMMAND bash ${PROJECT_SOURCE_DIR}/cmake/verilate.sh ${dir} ${ARG_PREFIX} ${ARG_SHARDS} ${units}
            -- ${VERILATOR_BIN} ${WEFT_VERILATOR_ARGS} --compiler ${compiler}
            --top-module ${ARG_TOP} ${ARG_ARGS} ${search} ${packages} ${ARG_FILES}
    DEPENDS ${PROJECT_SOURCE_DIR}/cmake/verilate.sh weft_generated ${packages} ${ARG_FILES}
    DEPFILE ${dir}/${ARG_PREFIX}.d
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    COMMENT "Verilating ${ARG_TOP} (${ARG_CONFIG})"
    VERBATIM)
  add_library(${target} STATIC EXCLUDE_FROM_ALL ${units})
  target_include_directories(${target} SYSTEM PUBLIC ${dir})
  # Verilator's C++ is not held to our warnings. What runs once, when a model is made, need not be
  # fast, but built fast.
  target_compile_options(${target} PRIVATE -w)
  set_source_files_properties(${units} PROPERTIES COMPILE_OPTIONS -O3)
  set_source_files_properties(${dir}/${ARG_PREFIX}__slow.cc PROPERTIES COMPILE_OPTIONS -O0)
  target_link_libraries(${target} PUBLIC ${runtime})
endfunction()
