# The RTL of every configuration, read by a second front end; skipped, in words, where none can be
# had. It comes first in a parallel run, for it is long. A test asks for no password: what is to be
# installed is installed before.
add_test(NAME elaborate
  COMMAND ${PROJECT_SOURCE_DIR}/scripts/elaborate WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(elaborate PROPERTIES
  SKIP_RETURN_CODE 3 TIMEOUT 900 COST 1000
  ENVIRONMENT "WEFT_BUILD=${PROJECT_BINARY_DIR};NO_INSTALL=1")
