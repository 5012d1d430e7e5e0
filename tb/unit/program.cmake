weft_add_test(program SOURCES program_test.cc program_verify_test.cc program_steps_test.cc LIBS weft_compiler)
weft_add_test(report SOURCES report_test.cc LIBS weft_runtime)
