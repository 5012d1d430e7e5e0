# Without their assertions, which would end the test: the vectors say what fired.
set(chk ${PROJECT_SOURCE_DIR}/tb/chk)
weft_add_bench(axi4_checker TOP weft_axi4_checker SV ${chk}/weft_axi4_checker.sv
               SOURCES axi4_checker_test.cc CONFIGS tiny ARGS --no-assert)
weft_add_bench(axil_checker TOP weft_axil_checker SV ${chk}/weft_axil_checker.sv
               SOURCES axil_checker_test.cc CONFIGS tiny ARGS --no-assert)
# With them, bound to the whole machine: a bus that breaks a rule must stop the simulation.
weft_add_bench(checkers_bound TOP weft_top SV ${chk}/weft_axi4_checker.sv ${chk}/weft_axil_checker.sv
               ${chk}/weft_chk_bind.sv SOURCES checkers_bound_test.cc CONFIGS tiny)
