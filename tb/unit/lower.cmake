weft_add_test(lower SOURCES lower_test.cc sync_test.cc LIBS weft_compiler)
