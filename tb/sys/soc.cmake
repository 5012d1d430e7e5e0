# What other systems take Weft in by, with their own tools; skipped, in words, where those cannot be
# had. They come early, and one after the other, for both may fetch them.
foreach(name rdl fusesoc)
  add_test(NAME ${name}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES
    SKIP_RETURN_CODE 3 TIMEOUT 600 COST 500 RESOURCE_LOCK soc_tools
    ENVIRONMENT "WEFT_BUILD=${PROJECT_BINARY_DIR};NO_INSTALL=1")
endforeach()
