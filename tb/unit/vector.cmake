weft_add_bench(vector TOP weft_vector_engine SOURCES vector_test.cc)
