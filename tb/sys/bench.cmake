weft_add_test(bench SOURCES bench_test.cc LIBS nlohmann_json::nlohmann_json TIMEOUT 1800 PER_CONFIG)
add_dependencies(bench_test weft faulty_device)
