# weftgen and what it writes from configs/: packages, headers, and (target docs) manuals.
#
#   gen/rtl/weft_{isa,csr}_pkg.sv  gen/rtl/<config>/weft_cfg_pkg.sv
#   gen/include/weft_gen/{isa,registers,configs}.h  gen/include/weft/registers.h
#   gen/bench/<config>/bench_config.h
set(WEFT_GEN_DIR ${PROJECT_BINARY_DIR}/gen)

file(GLOB WEFT_HARDWARE_FILES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/hardware/*.yaml)
set(WEFT_ALL_CONFIGS)
set(outputs ${WEFT_GEN_DIR}/rtl/weft_isa_pkg.sv ${WEFT_GEN_DIR}/rtl/weft_csr_pkg.sv)
foreach(header weft_gen/isa weft_gen/registers weft_gen/configs weft/registers)
  list(APPEND outputs ${WEFT_GEN_DIR}/include/${header}.h)
endforeach()
foreach(path IN LISTS WEFT_HARDWARE_FILES)
  get_filename_component(config ${path} NAME_WE)
  list(APPEND WEFT_ALL_CONFIGS ${config})
  list(APPEND outputs
    ${WEFT_GEN_DIR}/rtl/${config}/weft_cfg_pkg.sv
    ${WEFT_GEN_DIR}/bench/${config}/bench_config.h)
endforeach()
foreach(config IN LISTS WEFT_CONFIGS)
  if(NOT config IN_LIST WEFT_ALL_CONFIGS)
    message(FATAL_ERROR "WEFT_CONFIGS names '${config}'; there are ${WEFT_ALL_CONFIGS}")
  endif()
endforeach()

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sw/tools/weftgen/*.cc)
list(FILTER sources EXCLUDE REGEX "/main.cc$")
add_library(weft_gen STATIC ${sources})
target_include_directories(weft_gen PUBLIC ${PROJECT_SOURCE_DIR}/sw ${PROJECT_SOURCE_DIR}/sw/include)
target_compile_options(weft_gen PRIVATE -Wall -Wextra -O1)
target_link_libraries(weft_gen PUBLIC fmt::fmt yaml-cpp)
add_executable(weftgen ${PROJECT_SOURCE_DIR}/sw/tools/weftgen/main.cc)
# -O0: CLI11 is most of it, and takes half as long.
target_compile_options(weftgen PRIVATE -Wall -Wextra -O0)
target_link_libraries(weftgen PRIVATE weft_gen CLI11::CLI11)

# The stamp is what is rebuilt; a generated file whose text did not change keeps its time.
set(stamp ${WEFT_GEN_DIR}/weftgen.stamp)
add_custom_command(
  OUTPUT ${stamp}
  BYPRODUCTS ${outputs}
  COMMAND weftgen --configs ${PROJECT_SOURCE_DIR}/configs --out ${WEFT_GEN_DIR}
  COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
  DEPENDS weftgen ${PROJECT_SOURCE_DIR}/configs/isa.yaml
          ${PROJECT_SOURCE_DIR}/configs/registers.yaml ${WEFT_HARDWARE_FILES}
  COMMENT "Facts of configs/"
  VERBATIM)
add_custom_target(weft_generated DEPENDS ${stamp})

add_custom_target(docs
  COMMAND weftgen --configs ${PROJECT_SOURCE_DIR}/configs --docs ${PROJECT_SOURCE_DIR}/docs
  COMMENT "docs/isa.md, docs/registers.md, docs/weft.rdl"
  VERBATIM)
