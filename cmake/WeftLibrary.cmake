# weft_library(<name> <directory> [LINK <libraries>])
#
# A static library of a directory's *.cc, *.c and *.fbs; include roots are sw/ and, for public headers,
# sw/include. While the directory has no source yet it is an interface library, so that others can
# link it already. A schema x.fbs becomes "<directory>/x_generated.h" (flatc --cpp --scoped-enums).
function(weft_library name directory)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/*.cc ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/*.c)
  file(GLOB schemas CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${directory}/*.fbs)
  set(headers)
  foreach(schema IN LISTS schemas)
    get_filename_component(stem ${schema} NAME_WE)
    set(into ${PROJECT_BINARY_DIR}/gen/include/${directory})
    add_custom_command(
      OUTPUT ${into}/${stem}_generated.h
      COMMAND ${FLATC} --cpp --scoped-enums -o ${into} ${schema}
      DEPENDS ${schema}
      COMMENT "Schema ${directory}/${stem}.fbs"
      VERBATIM)
    list(APPEND headers ${into}/${stem}_generated.h)
  endforeach()
  if(headers)
    add_custom_target(${name}_schemas DEPENDS ${headers})
  endif()

  if(sources)
    add_library(${name} STATIC ${sources})
    target_compile_options(${name} PRIVATE -Wall -Wextra)
    set(scope PUBLIC)
    add_dependencies(${name} weft_generated)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  if(headers)
    add_dependencies(${name} ${name}_schemas)
  endif()
  target_include_directories(${name} ${scope} ${PROJECT_SOURCE_DIR}/sw ${PROJECT_SOURCE_DIR}/sw/include)
  target_include_directories(${name} SYSTEM ${scope}
    ${PROJECT_BINARY_DIR}/gen/include ${FLATBUFFERS_INCLUDE})
  target_link_libraries(${name} ${scope} ${ARG_LINK})
endfunction()
