weft_add_test(interleave SOURCES interleave_test.cc graph_maker.cc random_graph.cc random_network.cc
  LIBS weft_runtime TIMEOUT 600 PER_CONFIG)
weft_add_test(random_layers SOURCES random_layers_test.cc graph_maker.cc random_graph.cc
  LIBS weft_runtime TIMEOUT 900 PER_CONFIG)
weft_add_test(random_networks SOURCES random_networks_test.cc graph_maker.cc random_network.cc
  LIBS weft_runtime TIMEOUT 900 PER_CONFIG)
weft_add_test(large_layers SOURCES large_layers_test.cc graph_maker.cc
  LIBS weft_runtime TIMEOUT 600)
if(TARGET weft_rtl_base)
  weft_add_test(depthwise_rate SOURCES depthwise_rate_test.cc LIBS weft_runtime)
  add_dependencies(depthwise_rate_test weft_rtl_base)
endif()
weft_add_test(transposed SOURCES transposed_test.cc graph_maker.cc
  LIBS weft_runtime TIMEOUT 600 PER_CONFIG)
weft_add_test(mnist SOURCES mnist_test.cc LIBS weft_runtime TIMEOUT 900 PER_CONFIG)
if(WEFT_SYSTEMC)
  add_dependencies(mnist_test weft_systemc)
endif()
