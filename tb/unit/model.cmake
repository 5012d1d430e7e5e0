weft_add_test(attributes SOURCES attributes_test.cc LIBS weft_model)
weft_add_test(graph SOURCES graph_test.cc LIBS weft_model)
weft_add_test(idx SOURCES idx_test.cc LIBS weft_model)
weft_add_test(tflite SOURCES
  tflite_test.cc tflite_hostile_test.cc tflite_spoilt_tensors_test.cc tflite_spoilt_ops_test.cc
  tflite_operators_test.cc tflite_spoilt_operators_test.cc
  LIBS weft_model)
