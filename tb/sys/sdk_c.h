/* Checks of the C interface, in C. Each gives 0, or the line of the first that failed. */
#ifndef WEFT_TB_SDK_C_H
#define WEFT_TB_SDK_C_H

#ifdef __cplusplus
extern "C" {
#endif

int sdk_c_facts(void);
int sdk_c_session(const char* model, const char* backend);
int sdk_c_queue(const char* model, const char* backend);
int sdk_c_nulls(const char* model);
int sdk_c_wrong_inputs(const char* model);
int sdk_c_orders(const char* model);
int sdk_c_own_device(const char* model);

#ifdef __cplusplus
}
#endif

#endif
