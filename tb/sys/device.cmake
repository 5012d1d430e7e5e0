weft_add_test(device SOURCES device_test.cc LIBS weft_runtime)
weft_add_test(device_error SOURCES device_error_test.cc LIBS weft_runtime)
