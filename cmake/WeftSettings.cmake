# Compiler settings and the packages that everything needs.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # everything may end up in a model's shared library
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug" FORCE)
endif()
if(WEFT_BENCH)
  set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g0 -march=native")
else()
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0")
endif()
set(CMAKE_C_FLAGS_RELEASE "-O2 -g0")

# What one build tree has compiled, the others (benchmarks, wheels) need not.
find_program(CCACHE ccache)
if(CCACHE)
  set(WEFT_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${WEFT_LAUNCHER})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${WEFT_LAUNCHER})
endif()

# bin/weft, test/<name>_test, lib/weft_rtl_<config>.so
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
# Only Verilator's place is wanted of its package (cmake/WeftVerilate.cmake runs it); with these
# set it tries out no compiler flags.
set(VERILATOR_CFLAGS "")
set(VERILATOR_MT_CFLAGS "")
find_package(verilator QUIET HINTS $ENV{VERILATOR_ROOT} /usr/share/verilator)
if(NOT VERILATOR_BIN)
  message(FATAL_ERROR
    "Verilator was not found. `scripts/bootstrap` installs it; or set VERILATOR_ROOT.")
endif()

# FlatBuffers' CMake names differ between releases; the header and the compiler do not.
find_program(FLATC flatc REQUIRED)
find_path(FLATBUFFERS_INCLUDE flatbuffers/flatbuffers.h REQUIRED)

if(WEFT_TESTS)
  find_package(Catch2 3 QUIET)
  if(TARGET Catch2::Catch2WithMain)
    set(WEFT_CATCH Catch2::Catch2WithMain)
  else()
    find_package(Catch2 2 REQUIRED)
    set(WEFT_CATCH Catch2::Catch2)
  endif()
endif()
