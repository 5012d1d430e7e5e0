# What users get, in a project that has nothing else.
if(TARGET weft_rtl_tiny AND tiny IN_LIST WEFT_CONFIGS)
  add_test(NAME install
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/install_test ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR} tiny)
  set_tests_properties(install PROPERTIES TIMEOUT 300)
endif()
# Skipped, in words, without doxygen.
add_test(NAME doxygen
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/doxygen ${PROJECT_BINARY_DIR}
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(doxygen PROPERTIES SKIP_RETURN_CODE 3 TIMEOUT 120)
