#include <weft/core.h>

#define CORE_ERRORS(X)                                                                           \
  X(ACCESS, "access", "a register or memory access was refused by the host's access function")   \
  X(ARGUMENT, "argument", "a value is not allowed here; weft/core.h says which are")             \
  X(NO_DEVICE, "no_device",                                                                      \
    "there is no Weft accelerator here: its id register does not read WEFT; check the address")  \
  X(VERSION, "version",                                                                          \
    "the device has another instruction set version than this driver; build the driver for it")  \
  X(RESET, "reset", "the device does not end its soft reset: the memory bus does not answer")    \
  X(FULL, "full", "every entry of the job ring is in use; poll for jobs that have ended")        \
  X(RING, "ring",                                                                                \
    "the device counts jobs that it was not given: its registers or the ring are not what they " \
    "should be; open the queue anew")                                                            \
  X(NO_RECORD, "no_record",                                                                      \
    "the device says that the job ended, but left neither a record nor an error")                \
  X(INTERRUPT, "interrupt",                                                                      \
    "the device's interrupt comes again and again, but no job ends; check the interrupt line")   \
  X(TIMEOUT, "timeout", "the job did not end within its limit and was abandoned")                \
  X(CONFIG, "config",                                                                            \
    "the program was compiled for another configuration than the device's; compile it again")    \
  X(MEMORY, "memory", "it does not fit into the memory that was given")                          \
  X(JOB_FAILED, "job_failed", "the device ended the job with an error; its end has the code")    \
  X(STOPPED, "stopped", "the queue is not open: open it first")

/* clang-format off */
#define NAME_OF(NAME, name, text) case WEFT_CORE_##NAME: return name;
#define TEXT_OF(NAME, name, text) case WEFT_CORE_##NAME: return text;
#define JOB_NAME_OF(NAME, value, name, text) case value: return name;
#define JOB_TEXT_OF(NAME, value, name, text) case value: return text;
/* clang-format on */

const char* weft_core_error_name(int code) {
  switch (code) {
    CORE_ERRORS(NAME_OF)
    WEFT_JOB_ERROR_LIST(JOB_NAME_OF)
    default: return "unknown";
  }
}

const char* weft_core_error_text(int code) {
  switch (code) {
    CORE_ERRORS(TEXT_OF)
    WEFT_JOB_ERROR_LIST(JOB_TEXT_OF)
    default:
      return "a code that this driver does not know: the device or its memory is not what it "
             "should be";
  }
}
