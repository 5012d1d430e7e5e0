weft_add_test(device SOURCES device_test.cc LIBS weft_runtime PER_CONFIG)
weft_add_test(device_error SOURCES device_error_test.cc LIBS weft_runtime PER_CONFIG)
weft_add_test(job_queue SOURCES job_queue_test.cc LIBS weft_runtime PER_CONFIG)
weft_add_test(bring_up SOURCES bring_up_test.cc LIBS weft_runtime PER_CONFIG)
