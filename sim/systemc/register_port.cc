#include "sim/systemc/register_port.h"

#include <algorithm>

#include "base/bytes.h"
#include "sim/systemc/beats.h"

namespace weft::systemc {
namespace {

// An access that takes longer means a broken model.
constexpr int kMostCycles = 1000;

}  // namespace

void RegisterPort::ask(Access access) {
  const auto first = waiting_.begin() + (state_ == State::kIdle ? 0 : 1);
  const auto later = std::upper_bound(first, waiting_.end(), access.start,
                                      [](const auto& t, const Access& a) { return t < a.start; });
  waiting_.insert(later, std::move(access));
}

const sim::RegisterInputs& RegisterPort::begin() {
  if (state_ != State::kIdle || waiting_.empty() ||
      waiting_.front().start > sc_core::sc_time_stamp()) {
    return now_;
  }
  const tlm::tlm_generic_payload& trans = *waiting_.front().trans;
  const auto address = static_cast<uint16_t>(trans.get_address());
  state_ = State::kRequest;
  cycles_ = 0;
  if (trans.is_read()) {
    now_.arvalid = true;
    now_.araddr = address;
  } else {
    now_.awvalid = now_.wvalid = true;
    now_.awaddr = address;
    now_.wdata = load_le32(trans.get_data_ptr());
  }
  return now_;
}

void RegisterPort::end(const sim::RegisterOutputs& pins) {
  if (state_ == State::kIdle) return;
  if (++cycles_ > kMostCycles) {
    SC_REPORT_ERROR("/weft/registers", "the register port of the model does not answer");
  }
  const bool read = waiting_.front().trans->is_read();
  if (state_ == State::kRequest) {
    if (!(read ? pins.arready : pins.awready)) return;
    now_ = {};
    now_.rready = read;
    now_.bready = !read;
    state_ = State::kResponse;
    cycles_ = 0;
  } else if (read && pins.rvalid) {
    store_le32(waiting_.front().trans->get_data_ptr(), pins.rdata);
    finish(pins.rresp);
  } else if (!read && pins.bvalid) {
    finish(pins.bresp);
  }
}

void RegisterPort::finish(uint8_t response) {
  const Access access = std::move(waiting_.front());
  waiting_.pop_front();
  now_ = {};
  state_ = State::kIdle;
  access.trans->set_response_status(tlm_response(response));
  access.answer();
}

}  // namespace weft::systemc
