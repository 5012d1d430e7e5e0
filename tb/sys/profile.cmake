if(TARGET weft_rtl_tiny)
  weft_add_test(profile SOURCES profile_test.cc LIBS weft_profile)
  add_dependencies(profile_test weft weft_rtl_tiny faulty_device)
  # The page in a browser; skipped, in words, where there is none.
  add_test(NAME profile_page
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/profile_page $<TARGET_FILE:profile_test>)
  set_tests_properties(profile_page PROPERTIES SKIP_RETURN_CODE 3 TIMEOUT 600)
endif()
