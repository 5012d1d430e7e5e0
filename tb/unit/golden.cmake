weft_add_test(quant SOURCES quant_test.cc LIBS weft_quant)
weft_add_test(golden SOURCES golden_test.cc golden_ops_test.cc golden_networks_test.cc
  cmsis_vectors.cc cmsis_elements.cc cmsis_network.cc stored_results.cc LIBS weft_golden)
weft_add_test(networks SOURCES networks_test.cc LIBS weft_golden)
