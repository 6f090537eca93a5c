// What waits on disk comes into memory in time: the windows of the queue, and what has its hour.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

namespace {

constexpr std::size_t kRefillRows = Queue::kWindow;
constexpr std::size_t kLaterRows = 1'000;
constexpr std::int64_t kLookAheadMs = 60'000;  // later messages are brought into memory so long before

}  // namespace

// What waited for its time, and what was left on disk because too much waited.
void Appliance::bring_due() {
  const std::vector<Id> due = queue_.due(now_.unix_ms);
  for (auto id = due.rbegin(); id != due.rend(); ++id) {
    const Held* held = messages_.find(*id);
    if (held && held->record.state == MessageState::queued && held->token == 0)
      queue_.put_back(held->record.lane, held->record.owner, *id);
  }
  const bool wanted = later_horizon_ms_ != INT64_MAX && later_horizon_ms_ <= now_.unix_ms + kLookAheadMs;
  if (!wanted || later_reading_ || queue_.later_full() || !std::exchange(look_later_, false)) return;
  later_reading_ = true;
  if (turn_.open(left_.gates[0]) && turn_.open(left_.gates[1]))
    left_ = {};  // the reader sees all that was left so far
  ++row_reads_;
  read(store::Reading::brief, [this](store::Reader& rows) -> std::function<void()> {
    auto found = rows.due(INT64_MAX, kLaterRows);
    const bool failed = rows.failure().has_value();
    return [this, failed, found = std::move(found)]() mutable {
      --row_reads_;
      later_reading_ = false;
      if (!failed) later_read(std::move(found));
    };
  });
}

void Appliance::later_read(std::vector<MessageRecord> found) {
  const std::int64_t upto = found.size() < kLaterRows ? INT64_MAX : found.back().due_ms - 1;
  later_horizon_ms_ = std::min(upto, left_.due_ms == INT64_MAX ? INT64_MAX : left_.due_ms - 1);
  for (MessageRecord& record : found) {
    if (Held* held = messages_.find(record.id)) {
      if (std::exchange(held->left, false)) queue_.wait_in_any_case(held->record.due_ms, record.id);
      continue;
    }
    const Id id = record.id;
    if (!queue_.wait_until(record.due_ms, id)) {
      later_horizon_ms_ = std::min(later_horizon_ms_, record.due_ms - 1);
      return;
    }
    messages_.hold(std::move(record));
  }
}

// Its row alone says when it is due: the reader is asked for it in time.
void Appliance::leave_on_disk(Lane lane, std::int64_t due_ms) {
  later_horizon_ms_ = std::min(later_horizon_ms_, due_ms - 1);
  left_.due_ms = std::min(left_.due_ms, due_ms);
  const Gate gate = turn_.here(line_of(lane));
  left_.gates[static_cast<std::size_t>(gate.line)] = gate;
}

void Appliance::refill() {
  if (!refill_now_) return;
  refill_now_ = false;
  for (Queue::Flow* flow : queue_.flows_to_refill()) {
    const Lane lane = flow->lane;
    const Id owner = flow->owner, after = flow->last_loaded, newest = flow->max_accepted;
    const bool all_committed =
        !turn_.anything_to_seal() && !turn_.commit_in_flight();  // what failed and is tried again is not
    queue_.refill_started(*flow);
    read(store::Reading::brief, [this, lane, owner, after, newest, all_committed](store::Reader& rows) -> std::function<void()> {
      auto found = rows.ready(lane, owner, after, kRefillRows);
      const bool failed = rows.failure().has_value();
      return [this, lane, owner, newest, all_committed, failed, found = std::move(found)]() mutable {
        std::vector<Id> ids;
        std::optional<Id> upto;
        if (failed) return queue_.refilled(queue_.flow(lane, owner), ids, upto);
        // What stands behind a list that is not whole is in memory anyway; the window may not pass the list.
        if (const Id list = list_under_way(lane, owner))
          std::erase_if(found, [list](const MessageRecord& record) { return record.id >= list; });
        if (!found.empty()) upto = found.back().id;
        if (found.size() < kRefillRows && all_committed) upto = newest;
        for (MessageRecord& record : found) {
          const Id id = record.id;
          if (messages_.find(id)) continue;
          messages_.hold(std::move(record));
          ids.push_back(id);
        }
        queue_.refilled(queue_.flow(lane, owner), ids, upto);
        refill_now_ = refill_now_ || upto.has_value();
      };
    });
  }
}

}  // namespace klaxon
