# SystemC as the imported target weft_systemc_kernel: from its own CMake package, or, where there is
# none (Debian's), by its header and library. WEFT_SYSTEMC says whether it is here.
find_package(SystemCLanguage QUIET)
if(TARGET SystemC::systemc)
  add_library(weft_systemc_kernel INTERFACE)
  target_link_libraries(weft_systemc_kernel INTERFACE SystemC::systemc)
  set(WEFT_SYSTEMC ON)
  return()
endif()

find_path(SYSTEMC_INCLUDE systemc HINTS $ENV{SYSTEMC_HOME}/include)
find_library(SYSTEMC_LIBRARY systemc
  HINTS $ENV{SYSTEMC_HOME}/lib $ENV{SYSTEMC_HOME}/lib-linux64)
if(NOT SYSTEMC_INCLUDE OR NOT SYSTEMC_LIBRARY)
  set(WEFT_SYSTEMC OFF)
  message(STATUS "No SystemC: its backends, tests and example are left out (`scripts/bootstrap` installs it)")
  return()
endif()
set(WEFT_SYSTEMC ON)
add_library(weft_systemc_kernel INTERFACE)
target_include_directories(weft_systemc_kernel SYSTEM INTERFACE ${SYSTEMC_INCLUDE})
target_link_libraries(weft_systemc_kernel INTERFACE ${SYSTEMC_LIBRARY} Threads::Threads)
# The headers ask for the library of the same C++ standard, by the name of a function, though none of
# what they share depends on it. The library knows its own.
file(STRINGS ${SYSTEMC_LIBRARY} standard REGEX "sc_api_version_.*cxx[0-9]+L" LIMIT_COUNT 1)
if(standard MATCHES "cxx([0-9]+L)")
  target_compile_definitions(weft_systemc_kernel INTERFACE SC_CPLUSPLUS=${CMAKE_MATCH_1})
endif()
