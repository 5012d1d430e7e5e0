# libweft, through its headers alone; tb/sanitize builds them with AddressSanitizer, too.
if(TARGET weft_rtl_tiny)
  weft_add_test(sdk SOURCES sdk_test.cc sdk_c_test.cc sdk_c.c LIBS weft_sdk)
  target_compile_options(sdk_test PRIVATE $<$<COMPILE_LANGUAGE:C>:-pedantic>)
  add_dependencies(sdk_test weft_rtl_tiny)
endif()
