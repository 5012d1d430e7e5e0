weft_add_test(evaluate SOURCES evaluate_test.cc LIBS weft_runtime)
add_dependencies(evaluate_test weft weft_rtl_tiny weft_rtl_base)
