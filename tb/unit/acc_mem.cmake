weft_add_bench(acc_mem TOP weft_acc_mem SOURCES acc_mem_test.cc)
