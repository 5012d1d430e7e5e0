#include "entry.h"

#include "access.h"

enum { kRecordByte = WEFT_JOB_DONE_JOB_ID_BYTE, kRecordBytes = WEFT_JOB_BYTES - kRecordByte };
enum { kReadable = 1, kWritable = 2, kGrantBytes = 16 };

#define PUT(entry, FIELD, value) \
  store_le((entry) + WEFT_JOB_##FIELD##_BYTE, (value), WEFT_JOB_##FIELD##_BYTES)
#define GET(record, FIELD) \
  load_le((record) + WEFT_JOB_##FIELD##_BYTE - kRecordByte, WEFT_JOB_##FIELD##_BYTES)

void weft_core_encode_job(uint8_t entry[WEFT_JOB_BYTES], const struct weft_core_job* job,
                          uint64_t id) {
  for (unsigned i = 0; i < WEFT_JOB_BYTES; ++i) entry[i] = 0;
  PUT(entry, DESC_OFFSET, job->descriptor_offset);
  PUT(entry, DESC_COUNT, job->descriptor_count);
  PUT(entry, DESC_REGION, job->descriptor_region);
  PUT(entry, CONFIG_HASH, job->config_hash);
  PUT(entry, JOB_ID, id);
  for (unsigned r = 0; r < WEFT_NUM_REGIONS; ++r) {
    const struct weft_core_grant* grant = &job->regions[r];
    uint8_t* at = entry + WEFT_JOB_REGIONS_BYTE + kGrantBytes * r;
    store_le(at,
             grant->base | (grant->readable ? kReadable : 0u) | (grant->writable ? kWritable : 0u),
             8);
    store_le(at + 8, grant->base + grant->bytes, 8);
  }
}

int weft_core_read_record(const struct weft_core_host* host, uint64_t address, uint64_t id,
                          struct weft_core_ended* ended) {
  uint8_t record[kRecordBytes];
  if (host->read_memory(host->context, address + kRecordByte, record, sizeof record) != 0) {
    return WEFT_CORE_ACCESS;
  }
  if (GET(record, DONE_MAGIC) != WEFT_JOB_DONE_MAGIC_VALUE || GET(record, DONE_JOB_ID) != id) {
    return 0;
  }
  ended->recorded = true;
  ended->code = (uint32_t)GET(record, DONE_CODE);
  ended->engine = (uint32_t)GET(record, DONE_ENGINE);
  ended->index = (uint32_t)GET(record, DONE_INDEX);
  ended->response = (uint32_t)GET(record, DONE_RESP);
  ended->address = GET(record, DONE_ADDRESS);
  ended->cycles = GET(record, DONE_CYCLES);
  return 1;
}

int weft_core_read_halt(const struct weft_core_host* host, struct weft_core_ended* ended) {
  uint32_t status = 0, code = 0;
  if (read_reg(host, WEFT_REG_STATUS_OFFSET, &status) != 0 ||
      read_reg(host, WEFT_REG_ERROR_CODE_OFFSET, &code) != 0 ||
      read_reg(host, WEFT_REG_ERROR_INDEX_OFFSET, &ended->index) != 0) {
    return WEFT_CORE_ACCESS;
  }
  ended->code = (code & WEFT_REG_ERROR_CODE_CODE_MASK) >> WEFT_REG_ERROR_CODE_CODE_SHIFT;
  ended->engine = (code & WEFT_REG_ERROR_CODE_ENGINE_MASK) >> WEFT_REG_ERROR_CODE_ENGINE_SHIFT;
  ended->response = (code & WEFT_REG_ERROR_CODE_RESP_MASK) >> WEFT_REG_ERROR_CODE_RESP_SHIFT;
  if (read_pair(host, WEFT_REG_ERROR_ADDR_LO_OFFSET, WEFT_REG_ERROR_ADDR_HI_OFFSET,
                &ended->address) != 0) {
    return WEFT_CORE_ACCESS;
  }
  return (status & WEFT_REG_STATUS_HALTED_MASK) != 0 && ended->code != WEFT_JOB_ERROR_NONE;
}
