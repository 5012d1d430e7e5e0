weft_add_test(inputs SOURCES inputs_test.cc LIBS weft_runtime)
weft_add_test(expected SOURCES expected_test.cc LIBS weft_runtime)
weft_add_test(batch SOURCES batch_test.cc LIBS weft_runtime)
