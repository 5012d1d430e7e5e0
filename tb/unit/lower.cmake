weft_add_test(lower SOURCES
  act_allocator_test.cc compile_report_test.cc lower_test.cc pack_test.cc placing_test.cc plan_test.cc
  schedule_test.cc scratch_test.cc sync_test.cc
  LIBS weft_compiler)
