weft_add_bench(requant TOP weft_requant_lanes SOURCES requant_test.cc)
