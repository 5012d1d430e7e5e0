# They build what they run, so that one build needs one compiler; skipped, in words, where there is no
# sanitizer.
foreach(kind thread address)
  add_test(NAME sanitize_${kind}
    COMMAND ${PROJECT_SOURCE_DIR}/tb/sanitize/run ${kind} ${PROJECT_BINARY_DIR})
  set_tests_properties(sanitize_${kind} PROPERTIES SKIP_RETURN_CODE 3 TIMEOUT 900 COST 500)
endforeach()
