if(WEFT_SYSTEMC)
  weft_add_test(systemc SOURCES systemc_test.cc graph_maker.cc random_graph.cc random_network.cc
    LIBS weft_runtime weft_cost PER_CONFIG)
  add_dependencies(systemc_test weft_systemc)
  weft_add_test(systemc_sockets SOURCES systemc_sockets_test.cc systemc_platform.cc
    LIBS weft_runtime weft_systemc)
  weft_add_test(systemc_rules SOURCES systemc_rules_test.cc systemc_platform.cc
    LIBS weft_runtime weft_systemc)
  if(TARGET weft_rtl_tiny)
    foreach(name systemc systemc_sockets systemc_rules)
      add_dependencies(${name}_test weft_rtl_tiny)
    endforeach()
  endif()
endif()
