/* One inference by the C interface, waited for and polled: digits_c MODEL.tflite BACKEND CONFIG */
#include <stdio.h>
#include <stdlib.h>
#include <weft/weft.h>

static int failed(const char* what) {
  fprintf(stderr, "digits_c: %s: %s\n", what, weft_last_error());
  return 1;
}

static int infer(weft_queue* queue, const weft_tensor_info* tensor) {
  weft_input input = {0};
  weft_request* request = NULL;
  weft_result* result = NULL;
  const void* scores = NULL;
  size_t count = 0;
  int status = 0, polls = 0;
  void* picture = calloc(1, (size_t)tensor->bytes);
  if (picture == NULL) return 1;
  input.data = picture;
  input.bytes = (size_t)tensor->bytes;
  input.type = tensor->type;
  input.name = tensor->name;
  if (weft_queue_submit(queue, &input, 1, &request) != WEFT_OK) status = failed("submit");
  while (status == 0 && weft_request_wait(request, 100) == WEFT_TIMEOUT) ++polls;
  if (status == 0 && weft_request_result(request, &result) != WEFT_OK) status = failed("result");
  if (status == 0 && weft_result_output(result, 0, &scores, &count) != WEFT_OK)
    status = failed("output");
  if (status == 0)
    printf("asked %d times; %lu scores, the first is %d\n", polls + 1, (unsigned long)count,
           *(const signed char*)scores);
  weft_result_destroy(result);
  weft_request_destroy(request);
  free(picture);
  return status;
}

int main(int argc, char** argv) {
  weft_device* device = NULL;
  weft_program* program = NULL;
  weft_queue* queue = NULL;
  weft_tensor_info tensor;
  int status = 1;
  if (argc != 4) {
    fprintf(stderr, "usage: digits_c MODEL.tflite BACKEND CONFIG\n");
    return 2;
  }
  printf("Weft %s (headers %s)\n", weft_version(), WEFT_VERSION);
  if (weft_program_compile(argv[1], argv[3], &program) != WEFT_OK) {
    failed(argv[1]);
  } else if (weft_device_open(argv[2], argv[3], NULL, &device) != WEFT_OK) {
    failed(argv[2]);
  } else if (weft_queue_create(device, program, NULL, &queue) != WEFT_OK) {
    failed("queue");
  } else if (weft_program_input(program, 0, &tensor) != WEFT_OK) {
    failed("input");
  } else {
    status = infer(queue, &tensor);
  }
  weft_queue_destroy(queue);
  weft_device_destroy(device);
  weft_program_destroy(program);
  return status;
}
