weft_add_test(cost
  SOURCES cost_test.cc graph_maker.cc random_graph.cc random_network.cc
          ../fuzz/differential.cc ../fuzz/footprint.cc ../fuzz/program.cc ../fuzz/random_program.cc
          ../fuzz/semaphores.cc
  LIBS weft_runtime weft_cost weft_gen TIMEOUT 1800 PER_CONFIG)
set_tests_properties(cost PROPERTIES COST 100)  # long, so it begins early
if(TARGET weft_rtl_base)
  add_dependencies(cost_test weft_rtl_base)
endif()
