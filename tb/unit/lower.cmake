weft_add_test(lower SOURCES lower_test.cc pack_test.cc plan_test.cc schedule_test.cc sync_test.cc LIBS weft_compiler)
