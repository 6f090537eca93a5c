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

void Turn::end_piece() {
  for (const Line line : {Line::alert, Line::work}) {
    auto& ends = ends_[index(line)];
    const std::uint64_t last = ends.empty() ? sealed_[index(line)] : ends.back();
    if (appended_[index(line)] > last) ends.push_back(appended_[index(line)]);
  }
}

std::size_t Turn::whole_pieces(Line line, std::size_t room) {
  if (room == 0) return 0;
  auto& ends = ends_[index(line)];
  std::uint64_t upto = ends.empty() ? appended_[index(line)] : ends.front();
  while (!ends.empty() && (ends.front() == upto || ends.front() - sealed_[index(line)] <= room)) {
    upto = ends.front();
    ends.pop_front();
  }
  return static_cast<std::size_t>(upto - sealed_[index(line)]);
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
    const std::size_t take = whole_pieces(line, kMaxOps - std::min(kMaxOps, sealed.batch.size()));
    sealed_[index(line)] += take;
    if (sealed.batch.empty() && take == from.size()) {
      sealed.batch.swap(from);
      continue;
    }
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(take);
    std::move(from.begin(), end, std::back_inserter(sealed.batch));
    from.erase(from.begin(), end);
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
