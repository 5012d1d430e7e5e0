weft_add_test(models SOURCES models_test.cc ../unit/stored_results.cc LIBS weft_runtime TIMEOUT 900 PER_CONFIG)
set_tests_properties(models PROPERTIES COST 100)  # long, so it begins early
weft_add_test(cmsis SOURCES cmsis_test.cc ../unit/cmsis_vectors.cc ../unit/cmsis_elements.cc ../unit/cmsis_network.cc
  LIBS weft_runtime PER_CONFIG)
