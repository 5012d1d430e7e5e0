weft_add_bench(act_mem TOP act_mem_tb SV act_mem_tb.sv SOURCES act_mem_test.cc)
weft_add_bench(act_mem_more TOP act_mem_tb SV act_mem_tb.sv SOURCES act_mem_test.cc
               ARGS -GNumRd=5 -GNumWr=3 CONFIGS base)
