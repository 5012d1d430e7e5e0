weft_add_bench(dw_engine TOP weft_dw_engine SOURCES dw_engine_test.cc)
