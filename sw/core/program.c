#include <weft/core_program.h>

enum { kLine = 64 };

static uint64_t lines_of(uint64_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

uint64_t weft_core_memory_needed(const struct weft_core_program* program) {
  uint64_t bytes = 0;
  for (uint32_t r = 0; r < program->region_count; ++r) bytes += lines_of(program->regions[r].bytes);
  return bytes;
}

int weft_core_load(struct weft_core_session* session, struct weft_core_queue* queue,
                   const struct weft_core_program* program, uint64_t memory,
                   uint64_t memory_bytes) {
  struct weft_core_info info;
  if (memory % kLine != 0 || program->region_count > WEFT_NUM_REGIONS) return WEFT_CORE_ARGUMENT;
  if (!queue->open) return WEFT_CORE_STOPPED;
  const struct weft_core_host* host = queue->host;
  const int probed = weft_core_probe(host, &info);
  if (probed != 0) return probed;
  if (info.config_hash != program->config_hash) return WEFT_CORE_CONFIG;
  if (weft_core_memory_needed(program) > memory_bytes) return WEFT_CORE_MEMORY;
  for (uint32_t r = 0; r < program->region_count; ++r) {
    const struct weft_core_region* region = &program->regions[r];
    if (region->image_bytes > region->bytes) return WEFT_CORE_ARGUMENT;
    if (region->image_bytes > 0 && host->write_memory(host->context, memory, region->image,
                                                      (size_t)region->image_bytes) != 0) {
      return WEFT_CORE_ACCESS;
    }
    session->region_address[r] = memory;
    memory += lines_of(region->bytes);
  }
  session->queue = queue;
  session->program = program;
  return 0;
}

static bool same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

int weft_core_find_tensor(const struct weft_core_program* program, const char* name) {
  for (uint32_t t = 0; t < program->tensor_count; ++t) {
    if (same(program->tensors[t].name, name)) return (int)t;
  }
  return WEFT_CORE_ARGUMENT;
}

/* NULL where there is no such tensor, or `bytes` is not its size. */
static const struct weft_core_tensor* checked(const struct weft_core_session* session,
                                              uint32_t tensor, uint64_t bytes) {
  if (tensor >= session->program->tensor_count) return NULL;
  const struct weft_core_tensor* t = &session->program->tensors[tensor];
  return t->bytes == bytes ? t : NULL;
}

int weft_core_write_tensor(struct weft_core_session* session, uint32_t tensor, const void* data,
                           uint64_t bytes) {
  const struct weft_core_tensor* t = checked(session, tensor, bytes);
  if (t == NULL) return WEFT_CORE_ARGUMENT;
  const struct weft_core_host* host = session->queue->host;
  const uint64_t address = session->region_address[t->region] + t->offset;
  return host->write_memory(host->context, address, data, (size_t)bytes) == 0 ? 0
                                                                              : WEFT_CORE_ACCESS;
}

int weft_core_read_tensor(struct weft_core_session* session, uint32_t tensor, void* data,
                          uint64_t bytes) {
  const struct weft_core_tensor* t = checked(session, tensor, bytes);
  if (t == NULL) return WEFT_CORE_ARGUMENT;
  const struct weft_core_host* host = session->queue->host;
  const uint64_t address = session->region_address[t->region] + t->offset;
  return host->read_memory(host->context, address, data, (size_t)bytes) == 0 ? 0 : WEFT_CORE_ACCESS;
}

int weft_core_step_job(const struct weft_core_session* session, uint32_t step,
                       struct weft_core_job* job) {
  const struct weft_core_program* program = session->program;
  const struct weft_core_job nothing = {0};
  if (step >= program->step_count) return WEFT_CORE_ARGUMENT;
  *job = nothing;
  job->config_hash = program->config_hash;
  job->descriptor_region = program->descriptor_region;
  job->descriptor_offset =
      program->descriptor_offset + (uint64_t)program->steps[step].first * WEFT_DESCRIPTOR_BYTES;
  job->descriptor_count = program->steps[step].count;
  for (uint32_t r = 0; r < program->region_count; ++r) {
    const struct weft_core_region* region = &program->regions[r];
    if (region->bytes == 0) continue;
    job->regions[r].base = session->region_address[r];
    job->regions[r].bytes = region->bytes;
    job->regions[r].readable = region->readable;
    job->regions[r].writable = region->writable;
  }
  return 0;
}

static int give_up(struct weft_core_queue* queue, struct weft_core_ended* ended) {
  int result = weft_core_abandon(queue);
  while (result == 0 && weft_core_in_flight(queue) > 0) {
    result = weft_core_poll(queue, ended) < 0 ? WEFT_CORE_ACCESS : 0;
  }
  return result == 0 ? WEFT_CORE_TIMEOUT : result;
}

int weft_core_run(struct weft_core_session* session, uint64_t max_cycles,
                  struct weft_core_ended* ended) {
  struct weft_core_job job;
  uint64_t cycles = 0;
  struct weft_core_queue* queue = session->queue;
  if (weft_core_in_flight(queue) > 0) return WEFT_CORE_ARGUMENT;
  for (uint32_t s = 0; s < session->program->step_count; ++s) {
    int result = weft_core_step_job(session, s, &job);
    if (result == 0) result = weft_core_submit(queue, &job, NULL);
    if (result != 0) return result;
    result = weft_core_wait(queue, max_cycles, ended);
    if (result == 0) return give_up(queue, ended);
    if (result < 0) return result;
    cycles += ended->cycles;
    ended->index += session->program->steps[s].first;
    if (ended->code != WEFT_JOB_ERROR_NONE) return WEFT_CORE_JOB_FAILED;
  }
  ended->cycles = cycles;
  return 0;
}
