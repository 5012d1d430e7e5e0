weft_add_test(kernels SOURCES kernels_test.cc LIBS weft_emulator)
