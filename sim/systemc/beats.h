// An AXI4 burst as a TLM transaction whose every beat is a phase, so that the memory decides in which
// cycle each moves, and back-pressure goes both ways.
//
//                initiator (nb_transport_fw)             target (return, or nb_transport_bw)
//   AR, AW       BEGIN_REQ                               END_REQ
//   R beat       weft_beat_end                           weft_beat_begin
//   W beat       weft_beat_begin                         weft_beat_end
//   B            END_RESP                                BEGIN_RESP
//
// A begin is the channel's valid, an end its ready: who offers waits for the other's answer, which is
// TLM_UPDATED with the end phase for "in this cycle", or a call later. A read ends with its last
// beat's end, a write with END_RESP. Annotated times are zero.
//
// The payload is the whole burst: first address, bytes, data, byte enables of a write. Of it, so much
// has a meaning as has been offered. The response status is that of the beat (of a read) that is
// offered, or of the write: TLM_OK_RESPONSE for OKAY, TLM_ADDRESS_ERROR_RESPONSE for DECERR, any
// other for SLVERR.
//
// As AXI4 allows, beats of a write may be offered before its request, in the order of the requests:
// address, length and ID are known from BEGIN_REQ on. Transactions of one ID are answered in order.
//
// The accelerator calls in the middle of its cycles. What a target calls from a cycle's beginning
// until then, the accelerator sees in that cycle.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include <systemc>

#include <tlm>

namespace weft::systemc {

TLM_DECLARE_EXTENDED_PHASE(weft_beat_begin);
TLM_DECLARE_EXTENDED_PHASE(weft_beat_end);

struct BurstExtension final : tlm::tlm_extension<BurstExtension> {
  uint8_t id = 0;           // AXI
  unsigned beat_bytes = 0;  // of the bus; bursts are aligned to it, and incrementing
  // Of the beat that is offered, set by who offers it.
  unsigned beat = 0;
  bool last = false;
  uint64_t strobes = 0;  // of a write: byte i of the beat where bit i is set

  tlm_extension_base* clone() const override { return new BurstExtension(*this); }
  void copy_from(const tlm_extension_base& other) override {
    *this = static_cast<const BurstExtension&>(other);
  }
};

class BurstPool;

// A transaction with room for the longest burst: 4 KiB, which no burst crosses.
class Burst final : public tlm::tlm_generic_payload {
 public:
  static constexpr size_t kMostBytes = 4096;

  explicit Burst(BurstPool* pool);
  // As new.
  void clear(tlm::tlm_command command, unsigned beat_bytes);
  // What AR or AW say.
  void set_request(uint64_t address, uint8_t id, unsigned beats);

  BurstExtension& extension() { return *extension_; }
  uint8_t* beat_data() { return data_.data() + size_t{extension_->beat} * extension_->beat_bytes; }
  uint8_t* beat_enables() {
    return enables_.data() + size_t{extension_->beat} * extension_->beat_bytes;
  }
  void take_write_beat(const uint8_t* data, uint64_t strb, bool last);
  uint8_t axi_response() const;

  bool requested = false;  // BEGIN_REQ has been
  unsigned beats = 0;
  uint64_t due = 0;  // of blocking transports: the cycle of the first beat, or of the response
  bool answered = false;

 private:
  friend BurstPool;

  BurstPool* pool_;
  BurstExtension* extension_;  // the payload's
  std::vector<uint8_t> data_, enables_;
};

// Bursts by turns.
class BurstPool final : public tlm::tlm_mm_interface {
 public:
  // With one reference.
  Burst& take(tlm::tlm_command command, unsigned beat_bytes);
  void free(tlm::tlm_generic_payload* burst) override;
  // As one of these; nullptr: it is none.
  Burst* find(tlm::tlm_generic_payload& trans) const;

 private:
  std::vector<std::unique_ptr<Burst>> all_;
  std::vector<Burst*> free_;
};

// Writes of which the request or beats are still to come. Either may come first: AW and W each have
// their own order.
class WritesToCome {
 public:
  WritesToCome(BurstPool& pool, unsigned beat_bytes) : pool_(pool), beat_bytes_(beat_bytes) {}

  // The write whose request, or beat, is next.
  Burst& request() { return next(requests_); }
  Burst& data() { return next(data_); }
  // It has come; of beats, the last.
  void request_came() { requests_.pop_front(); }
  void data_came() { data_.pop_front(); }

 private:
  Burst& next(std::deque<Burst*>& mine);

  BurstPool& pool_;
  const unsigned beat_bytes_;
  std::deque<Burst*> requests_, data_;
};

// Of TLM's response status, and back.
uint8_t axi_response(tlm::tlm_response_status status);
tlm::tlm_response_status tlm_response(uint8_t axi_response);

}  // namespace weft::systemc
