#include "daemon/app/turn.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace klaxon {

namespace {
constexpr at::Millis kRetryGap{250};  // a full disk is asked four times a second, no more
}

Gate Turn::append(Line line, store::Op op) {
  queues_[index(line)].push_back(std::move(op));
  return {line, ++appended_[index(line)]};
}

Turn::Sealed Turn::seal(at::Instant now) {
  if (!stalled_since_) stalled_since_ = now;
  if (failed_) {
    in_flight_ = failed_->flight;
    Sealed again{failed_->flight.number, std::move(failed_->batch)};
    failed_.reset();
    return again;
  }
  Sealed sealed{next_number_++, {}};
  for (const Line line : {Line::alert, Line::work}) {
    auto& from = queues_[index(line)];
    const std::size_t take = std::min(from.size(), kMaxOps - sealed.batch.size());
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(take);
    std::move(from.begin(), end, std::back_inserter(sealed.batch));
    from.erase(from.begin(), end);
    sealed_[index(line)] += take;
  }
  in_flight_ = Flight{sealed.number, {sealed_[0], sealed_[1]}};
  return sealed;
}

void Turn::committed(const store::Completion& completion) {
  if (!in_flight_ || completion.failure || completion.batch != in_flight_->number) return;
  durable_[0] = in_flight_->upto[0];
  durable_[1] = in_flight_->upto[1];
  in_flight_.reset();
  stalled_since_.reset();
}

void Turn::failed(store::Batch whole, at::Instant now) {
  failed_ = Failed{*in_flight_, std::move(whole)};
  in_flight_.reset();
  retry_at_ = now + kRetryGap;
}

}  // namespace klaxon
