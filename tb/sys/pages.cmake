# The pages, held against the sources; and that this finds what it is to find.
add_test(NAME pages COMMAND ${PROJECT_SOURCE_DIR}/scripts/check_pages)
add_test(NAME pages_faults COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/pages_faults ${PROJECT_BINARY_DIR}/test/pages)
set_tests_properties(pages pages_faults PROPERTIES TIMEOUT 300)
