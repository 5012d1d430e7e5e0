# libweft.so: what sw/include/weft/weft.hpp and weft.h declare, and nothing else of the stack that is in
# it. Target weft_sdk; installed, weft::weft.
configure_file(${PROJECT_SOURCE_DIR}/sw/include/weft/version.h.in
  ${WEFT_GEN_DIR}/include/weft/version.h @ONLY)

file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sw/sdk/*.cc)
set(exports ${PROJECT_SOURCE_DIR}/sw/sdk/exports.map)
add_library(weft_sdk SHARED ${sources})
# Before 1.0 a minor version may change anything, the binary interface too.
set_target_properties(weft_sdk PROPERTIES
  OUTPUT_NAME weft
  LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
  CXX_VISIBILITY_PRESET hidden
  VISIBILITY_INLINES_HIDDEN ON
  LINK_DEPENDS ${exports})
target_compile_options(weft_sdk PRIVATE -Wall -Wextra)
target_include_directories(weft_sdk INTERFACE
  ${PROJECT_SOURCE_DIR}/sw/include ${WEFT_GEN_DIR}/include)
target_link_libraries(weft_sdk PRIVATE weft_runtime)
target_link_options(weft_sdk PRIVATE
  -Wl,--exclude-libs,ALL -Wl,--no-undefined -Wl,--version-script=${exports})
add_dependencies(weft_sdk weft_generated)
