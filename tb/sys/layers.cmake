weft_add_test(interleave SOURCES interleave_test.cc random_graph.cc LIBS weft_compiler weft_emulator weft_model)
weft_add_test(random_layers SOURCES random_layers_test.cc random_graph.cc LIBS weft_runtime TIMEOUT 900 PER_CONFIG)
weft_add_test(mnist SOURCES mnist_test.cc LIBS weft_runtime TIMEOUT 900 PER_CONFIG)
