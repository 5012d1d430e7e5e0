weft_add_bench(array TOP weft_array SOURCES array_test.cc)
weft_add_bench(array_engine TOP weft_array_engine SOURCES array_engine_test.cc)
