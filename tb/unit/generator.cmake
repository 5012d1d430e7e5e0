weft_add_test(generator SOURCES generator_test.cc LIBS weft_gen)
weft_add_test(codec SOURCES codec_test.cc)
weft_add_test(table SOURCES table_test.cc)
