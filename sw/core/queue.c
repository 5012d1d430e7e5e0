/* The job ring. `head`, `ended` and `taken` count jobs modulo 65536, as the device's head and tail do,
 * and taken <= ended <= head in that order; a job's place in the ring is its count modulo the ring's
 * size. Before a job is reported its entry is not used again. */
#include "access.h"
#include "entry.h"

enum { kMaxEntries = 32768, kLine = 64 };
enum {
  kCauses = WEFT_REG_IRQ_STATUS_DONE_MASK | WEFT_REG_IRQ_STATUS_ERROR_MASK,
  /* Far above what outstanding bursts take: each read costs the device some cycles. */
  kDrainReads = 100000,
  /* An end that was seen before its interrupt gives one without an end; more are a fault. */
  kIdleInterrupts = 8
};

static uint16_t distance(uint16_t from, uint16_t to) { return (uint16_t)(to - from); }

static uint64_t entry_address(const struct weft_core_queue* q, uint16_t count) {
  return q->ring + (uint64_t)(count & (q->entries - 1)) * WEFT_JOB_BYTES;
}

static int soft_reset(const struct weft_core_host* host, uint32_t enable) {
  uint32_t control = 0;
  if (write_reg(host, WEFT_REG_CONTROL_OFFSET, enable | WEFT_REG_CONTROL_SOFT_RESET_MASK) != 0) {
    return WEFT_CORE_ACCESS;
  }
  for (uint32_t i = 0; i < kDrainReads; ++i) {
    if (read_reg(host, WEFT_REG_CONTROL_OFFSET, &control) != 0) return WEFT_CORE_ACCESS;
    if ((control & WEFT_REG_CONTROL_SOFT_RESET_MASK) == 0) return 0;
  }
  return WEFT_CORE_RESET;
}

int weft_core_open(struct weft_core_queue* q, const struct weft_core_host* host, uint64_t ring,
                   uint64_t ring_bytes) {
  struct weft_core_info info;
  uint32_t log2 = 0, tail = 0;
  q->open = false;
  while (log2 < 16 && (uint64_t)WEFT_JOB_BYTES << log2 < ring_bytes) ++log2;
  if (ring % kLine != 0 || ring_bytes != (uint64_t)WEFT_JOB_BYTES << log2 ||
      1u << log2 > kMaxEntries) {
    return WEFT_CORE_ARGUMENT;
  }
  int result = weft_core_probe(host, &info);
  if (result != 0) return result;
  if (write_reg(host, WEFT_REG_CONTROL_OFFSET, 0) != 0) return WEFT_CORE_ACCESS;
  result = soft_reset(host, 0);
  if (result != 0) return result;
  if (write_reg(host, WEFT_REG_RING_BASE_LO_OFFSET, (uint32_t)ring) != 0 ||
      write_reg(host, WEFT_REG_RING_BASE_HI_OFFSET, (uint32_t)(ring >> 32)) != 0 ||
      write_reg(host, WEFT_REG_RING_SIZE_OFFSET, log2) != 0 ||
      read_reg(host, WEFT_REG_RING_TAIL_OFFSET, &tail) != 0 ||
      write_reg(host, WEFT_REG_IRQ_STATUS_OFFSET, kCauses) != 0 ||
      write_reg(host, WEFT_REG_IRQ_ENABLE_OFFSET, kCauses) != 0 ||
      write_reg(host, WEFT_REG_CONTROL_OFFSET, WEFT_REG_CONTROL_ENABLE_MASK) != 0) {
    return WEFT_CORE_ACCESS;
  }
  q->host = host;
  q->ring = ring;
  q->next_id = 1;
  q->entries = 1u << log2;
  q->head = q->ended = q->taken = (uint16_t)tail;
  q->given_up = 0;
  q->giving_up = false;
  q->open = true;
  return 0;
}

uint32_t weft_core_in_flight(const struct weft_core_queue* q) {
  return distance(q->taken, q->head);
}

bool weft_core_full(const struct weft_core_queue* q) {
  return weft_core_in_flight(q) >= q->entries;
}

int weft_core_submit(struct weft_core_queue* q, const struct weft_core_job* job, uint64_t* id) {
  uint8_t entry[WEFT_JOB_BYTES];
  if (!q->open) return WEFT_CORE_STOPPED;
  /* In the entry they are the rights. Whatever else is wrong with a job the device finds. */
  for (unsigned r = 0; r < WEFT_NUM_REGIONS; ++r) {
    if ((job->regions[r].base & 3) != 0) return WEFT_CORE_ARGUMENT;
  }
  if (weft_core_full(q)) return WEFT_CORE_FULL;
  weft_core_encode_job(entry, job, q->next_id);
  const struct weft_core_host* host = q->host;
  if (host->write_memory(host->context, entry_address(q, q->head), entry, sizeof entry) != 0 ||
      write_reg(host, WEFT_REG_RING_HEAD_OFFSET, (uint16_t)(q->head + 1)) != 0) {
    return WEFT_CORE_ACCESS;
  }
  if (id != NULL) *id = q->next_id;
  ++q->head;
  ++q->next_id;
  return 0;
}

/* Asks the device how many jobs have ended. An end after the causes were cleared raises them again. */
static int count_ended(struct weft_core_queue* q) {
  uint32_t tail = 0;
  if (write_reg(q->host, WEFT_REG_IRQ_STATUS_OFFSET, kCauses) != 0 ||
      read_reg(q->host, WEFT_REG_RING_TAIL_OFFSET, &tail) != 0) {
    return WEFT_CORE_ACCESS;
  }
  if (tail > UINT16_MAX || distance(q->ended, (uint16_t)tail) > distance(q->ended, q->head)) {
    return WEFT_CORE_RING;
  }
  q->ended = (uint16_t)tail;
  return 0;
}

/* Only a job that halted the device may be without a record, and it is the last that ended. */
static int read_end(struct weft_core_queue* q, struct weft_core_ended* ended) {
  const int recorded = weft_core_read_record(q->host, entry_address(q, q->taken), ended->id, ended);
  if (recorded != 0) return recorded;
  if (q->giving_up) {
    ended->abandoned = true;
    return 1;
  }
  if (distance(q->taken, q->ended) != 1) return 0;
  return weft_core_read_halt(q->host, ended);
}

int weft_core_poll(struct weft_core_queue* q, struct weft_core_ended* ended) {
  if (!q->open) return WEFT_CORE_STOPPED;
  if (q->taken == q->head) return 0;
  if (q->taken == q->ended) {
    const int counted = count_ended(q);
    if (counted != 0) return counted;
    if (q->taken == q->ended) return 0;
  }
  const struct weft_core_ended nothing = {0};
  *ended = nothing;
  ended->id = q->next_id - distance(q->taken, q->head);
  const int found = read_end(q, ended);
  if (found < 0) return found;
  /* Of jobs that were given up the soft reset has cleared the halt. */
  if (!q->giving_up && (found == 0 || ended->code != WEFT_JOB_ERROR_NONE) &&
      write_reg(q->host, WEFT_REG_CONTROL_OFFSET,
                WEFT_REG_CONTROL_ENABLE_MASK | WEFT_REG_CONTROL_RESUME_MASK) != 0) {
    return WEFT_CORE_ACCESS;
  }
  ++q->taken;
  if (q->taken == q->given_up) q->giving_up = false;
  return found == 1 ? 1 : WEFT_CORE_NO_RECORD;
}

/* Without interrupts: the device works on while it is asked. */
static int ask_until_ended(struct weft_core_queue* q, uint64_t times,
                           struct weft_core_ended* ended) {
  int found = weft_core_poll(q, ended);
  for (uint64_t i = 0; i < times && found == 0; ++i) found = weft_core_poll(q, ended);
  return found;
}

int weft_core_wait(struct weft_core_queue* q, uint64_t max_cycles, struct weft_core_ended* ended) {
  if (!q->open) return WEFT_CORE_STOPPED;
  if (q->taken == q->head) return 0;
  if (q->taken != q->ended) return weft_core_poll(q, ended);
  const struct weft_core_host* host = q->host;
  if (host->wait_interrupt == NULL) return ask_until_ended(q, max_cycles, ended);
  const uint64_t start = host->now != NULL ? host->now(host->context) : 0;
  uint64_t left = max_cycles;
  for (int i = 0; i < kIdleInterrupts; ++i) {
    const int woken = host->wait_interrupt(host->context, left);
    if (woken < 0) return WEFT_CORE_ACCESS;
    const int found = weft_core_poll(q, ended);
    if (found != 0 || woken == 0) return found;
    const uint64_t passed = host->now != NULL ? host->now(host->context) - start : 0;
    left = passed < max_cycles ? max_cycles - passed : 0;
  }
  return WEFT_CORE_INTERRUPT;
}

int weft_core_abandon(struct weft_core_queue* q) {
  if (!q->open) return WEFT_CORE_STOPPED;
  const int result = soft_reset(q->host, WEFT_REG_CONTROL_ENABLE_MASK);
  if (result != 0) return result;
  /* One may have ended after all before the reset reached it. */
  if (write_reg(q->host, WEFT_REG_IRQ_STATUS_OFFSET, kCauses) != 0) return WEFT_CORE_ACCESS;
  q->ended = q->given_up = q->head;
  q->giving_up = q->taken != q->head;
  return 0;
}

int weft_core_set_watchdog(struct weft_core_queue* q, uint32_t cycles) {
  return q->open ? write_reg(q->host, WEFT_REG_WATCHDOG_OFFSET, cycles) : WEFT_CORE_STOPPED;
}

int weft_core_stop(struct weft_core_queue* q) {
  if (!q->open) return WEFT_CORE_STOPPED;
  q->open = false;
  return write_reg(q->host, WEFT_REG_CONTROL_OFFSET, 0);
}
