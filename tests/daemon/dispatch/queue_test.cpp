#include "daemon/dispatch/queue.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "daemon/dispatch/messages.h"

using namespace klaxon;

namespace {

// Everything that would go now, in that order.
std::vector<Id> drain(Queue& queue, Lane lane, std::size_t most = 1'000'000) {
  std::vector<Id> out;
  queue.offer(lane, [&](Id id) {
    out.push_back(id);
    return Queue::Parking{Queue::Took::yes, {}};
  }, [&] { return out.size() < most; });
  return out;
}

std::vector<Id> ids(Id first, Id last) {
  std::vector<Id> out;
  for (Id id = first; id <= last; ++id) out.push_back(id);
  return out;
}

}  // namespace

TEST_GROUP(Window) { Queue queue; };

TEST(Window, takes_what_fits_and_notes_that_more_was_accepted) {
  for (Id id = 1; id <= Queue::kWindow; ++id) CHECK(queue.accept(Lane::bulk, 1, id));
  CHECK_FALSE(queue.accept(Lane::bulk, 1, Queue::kWindow + 1));
  CHECK_FALSE(queue.flow(Lane::bulk, 1).wants_refill());
  drain(queue, Lane::bulk, Queue::kWindow / 2);
  CHECK(queue.flow(Lane::bulk, 1).wants_refill());
}

TEST(Window, a_newer_one_never_passes_what_is_on_disk_alone) {
  for (Id id = 1; id <= Queue::kWindow + 1; ++id) queue.accept(Lane::bulk, 1, id);
  drain(queue, Lane::bulk);
  CHECK_FALSE(queue.accept(Lane::bulk, 1, Queue::kWindow + 2));
  Queue::Flow& flow = queue.flow(Lane::bulk, 1);
  queue.refill_started(flow);
  CHECK_FALSE(queue.accept(Lane::bulk, 1, Queue::kWindow + 3));
  queue.refilled(flow, ids(Queue::kWindow + 1, Queue::kWindow + 3), Queue::kWindow + 3);
  CHECK(queue.accept(Lane::bulk, 1, Queue::kWindow + 4));
  CHECK(drain(queue, Lane::bulk) == ids(Queue::kWindow + 1, Queue::kWindow + 4));
}

TEST(Window, an_empty_answer_of_the_reader_is_asked_for_again) {
  for (Id id = 1; id <= Queue::kWindow + 1; ++id) queue.accept(Lane::bulk, 1, id);
  drain(queue, Lane::bulk);
  Queue::Flow& flow = queue.flow(Lane::bulk, 1);
  queue.refill_started(flow);
  LONGS_EQUAL(0, queue.flows_to_refill().size());
  queue.refilled(flow, {}, std::nullopt);
  LONGS_EQUAL(1, queue.flows_to_refill().size());
}

// It became due after the rows were counted.
TEST(Window, the_next_one_enters_directly_when_the_reader_found_a_newer_one_than_was_known) {
  Queue::Flow& flow = queue.flow(Lane::alert, 1);
  flow.max_accepted = 7;
  queue.refill_started(flow);
  queue.refilled(flow, {7, 9}, 9);
  CHECK(queue.accept(Lane::alert, 1, 12));
  CHECK(drain(queue, Lane::alert) == (std::vector<Id>{7, 9, 12}));
}

TEST(Window, what_comes_back_keeps_its_order) {
  for (Id id = 1; id <= 5; ++id) queue.accept(Lane::normal, 1, id);
  drain(queue, Lane::normal, 3);
  for (const Id id : {1, 2, 3}) queue.put_back(Lane::normal, 1, id);
  CHECK(drain(queue, Lane::normal) == ids(1, 5));
}

TEST(Window, senders_take_turns) {
  for (Id id = 1; id <= 4; ++id) queue.accept(Lane::normal, 1, id);
  for (Id id = 5; id <= 6; ++id) queue.accept(Lane::normal, 2, id);
  CHECK(drain(queue, Lane::normal) == (std::vector<Id>{1, 5, 2, 6, 3, 4}));
}

TEST(Window, who_waits_for_a_sim_stands_in_nobodys_way_and_comes_back_in_order) {
  for (Id id = 1; id <= 200; ++id) queue.accept(Lane::normal, 1, id);
  const auto all_but_last_parked = [](Id id) {
    return id < 200 ? Queue::Parking{Queue::Took::park, "sim"} : Queue::Parking{Queue::Took::yes, {}};
  };
  int rounds = 0;
  queue.offer(Lane::normal, all_but_last_parked, [&] { return ++rounds < 3; });
  LONGS_EQUAL(199, queue.parked());
  CHECK(queue.empty(Lane::normal));
  queue.unpark("another", [](Id) { return Id{1}; });
  LONGS_EQUAL(199, queue.parked());
  queue.unpark("sim", [](Id) { return Id{1}; });
  LONGS_EQUAL(0, queue.parked());
  CHECK(drain(queue, Lane::normal) == ids(1, 199));
}

TEST(Window, who_has_come_to_wait_for_another_sim_goes_there) {
  queue.accept(Lane::normal, 1, 7);
  bool offered = false;
  const auto parked_at = [&](const char* iccid) {
    return [&offered, iccid](Id) {
      offered = true;
      return Queue::Parking{Queue::Took::park, iccid};
    };
  };
  queue.offer(Lane::normal, parked_at("one"), [&] { return !offered; });
  CHECK_FALSE(queue.offer_parked(Lane::normal, "one", parked_at("another")));
  LONGS_EQUAL(1, queue.parked());
  CHECK_FALSE(queue.offer_parked(Lane::normal, "one", [](Id) {
    return Queue::Parking{Queue::Took::yes, {}};
  }));
  CHECK(queue.offer_parked(Lane::normal, "another", [](Id id) {
    return Queue::Parking{id == 7 ? Queue::Took::yes : Queue::Took::gone, {}};
  }));
  LONGS_EQUAL(0, queue.parked());
}

TEST(Window, what_has_ended_meanwhile_hides_nobody_behind_it) {
  for (Id id = 1; id <= 400; ++id) queue.accept(Lane::normal, 1, id);
  std::vector<Id> taken;
  queue.offer(Lane::normal, [&](Id id) {
    if (id < 400) return Queue::Parking{Queue::Took::gone, {}};
    taken.push_back(id);
    return Queue::Parking{Queue::Took::yes, {}};
  }, [&] { return taken.empty(); });
  CHECK(taken == std::vector<Id>{400});
}

TEST(Window, the_waiting_room_is_bounded_but_not_for_what_was_begun) {
  for (Id id = 1; id <= Queue::kLater; ++id) CHECK(queue.wait_until(1'000, id));
  CHECK_FALSE(queue.wait_until(1'000, 99'999));
  queue.wait_in_any_case(500, 99'999);
  LONGS_EQUAL(500, *queue.next_due_ms());
  CHECK(queue.due(500) == std::vector<Id>{99'999});
  LONGS_EQUAL(Queue::kLater, queue.due(1'000).size());
}

TEST(Window, any_looks_at_the_head_of_each_flow) {
  for (Id id = 1; id <= 100; ++id) queue.accept(Lane::alert, 1, id);
  queue.accept(Lane::alert, 2, 101);
  CHECK(queue.any(Lane::alert, [](Id id) { return id == 101; }));
  CHECK(queue.any(Lane::alert, [](Id id) { return id == Queue::kLookAhead; }));
  CHECK_FALSE(queue.any(Lane::alert, [](Id id) { return id == 100; }));
  CHECK_FALSE(queue.any(Lane::bulk, [](Id) { return true; }));
}

TEST_GROUP(Held) {
  Turn turn;
  Messages messages{turn};
  static MessageRecord message(Id id, std::vector<MessageState> parts) {
    MessageRecord record;
    record.id = id;
    for (const MessageState state : parts) {
      record.parts.emplace_back();
      record.parts.back().state = state;
    }
    return record;
  }
};

TEST(Held, the_worst_part_counts) {
  using enum MessageState;
  const std::vector<MessageState> from_worst{unknown, failed, expired, cancelled, queued, submitting, submitted, delivered};
  for (std::size_t i = 0; i < from_worst.size(); ++i)
    for (std::size_t k = i; k < from_worst.size(); ++k)
      CHECK(worst_state(message(1, {from_worst[k], from_worst[i]}).parts) == from_worst[i]);
}

TEST(Held, what_is_final_leaves_the_memory_when_it_is_on_disk) {
  Messages::Held& held = messages.hold(message(1, {MessageState::queued}));
  held.record.parts[0].state = MessageState::failed;
  messages.save(held);
  messages.forget_settled(false, 10);
  LONGS_EQUAL(1, messages.size());
  const auto sealed = turn.seal({});
  turn.committed({sealed.number, {}, 0});
  messages.forget_settled(true, 10);
  LONGS_EQUAL(1, messages.size());
  messages.forget_settled(false, 10);
  LONGS_EQUAL(0, messages.size());
}

TEST(Held, the_counts_of_a_batch_are_those_of_its_rows) {
  for (Id id = 1; id <= Turn::kMaxOps + 500; ++id) {
    turn.append(Line::work, store::InsertMessage{message(id, {MessageState::queued})});
    messages.count(Lane::normal, MessageState::queued, 1);
    turn.end_piece();
  }
  const std::size_t cell = static_cast<std::size_t>(Lane::normal) * kMessageStates;
  auto sealed = turn.seal({});
  LONGS_EQUAL(Turn::kMaxOps, sealed.batch.size());
  LONGS_EQUAL(Turn::kMaxOps, messages.take_counts()->counts[cell]);
  turn.committed({sealed.number, {}, 0});
  sealed = turn.seal({});
  LONGS_EQUAL(Turn::kMaxOps + 500, messages.take_counts()->counts[cell]);
  CHECK_FALSE(messages.take_counts().has_value());
}

TEST_GROUP(TurnOfOps) {
  Turn turn;
  static store::Op op(Id id) { return store::InsertAudit{{id, 0, "", "", ""}}; }
  static Id id_of(const store::Op& given) { return std::get<store::InsertAudit>(given).audit.id; }
};

TEST(TurnOfOps, alerts_go_first_and_a_gate_opens_with_its_own_commit) {
  const Gate work = turn.append(Line::work, op(1)), alert = turn.append(Line::alert, op(2));
  auto sealed = turn.seal({});
  LONGS_EQUAL(2, id_of(sealed.batch[0]));
  LONGS_EQUAL(1, id_of(sealed.batch[1]));
  const Gate later = turn.append(Line::work, op(3));
  turn.committed({sealed.number, {}, 0});
  CHECK(turn.open(work) && turn.open(alert));
  CHECK_FALSE(turn.open(later));
}

TEST(TurnOfOps, what_belongs_together_is_never_parted) {
  for (Id id = 1; id <= Turn::kMaxOps - 1; ++id) {
    turn.append(Line::work, op(id));
    turn.end_piece();
  }
  turn.append(Line::work, op(1));
  turn.append(Line::work, op(2));
  turn.end_piece();
  auto sealed = turn.seal({});
  LONGS_EQUAL(Turn::kMaxOps - 1, sealed.batch.size());
  turn.committed({sealed.number, {}, 0});
  LONGS_EQUAL(2, turn.seal({}).batch.size());
}

TEST(TurnOfOps, a_piece_that_is_too_long_goes_alone) {
  turn.append(Line::work, op(1));
  turn.end_piece();
  for (Id id = 1; id <= Turn::kMaxOps + 1; ++id) turn.append(Line::work, op(id));
  turn.end_piece();
  auto sealed = turn.seal({});
  LONGS_EQUAL(1, sealed.batch.size());
  turn.committed({sealed.number, {}, 0});
  LONGS_EQUAL(Turn::kMaxOps + 1, turn.seal({}).batch.size());
}

TEST(TurnOfOps, a_failed_batch_is_tried_again_whole_before_anything_newer) {
  const at::Instant now{};
  const Gate gate = turn.append(Line::work, op(1));
  auto sealed = turn.seal(now);
  turn.append(Line::alert, op(2));
  turn.failed(std::move(sealed.batch), now);
  CHECK_FALSE(turn.retry_due(now));
  CHECK(turn.retry_due(*turn.retry_at()));
  sealed = turn.seal(*turn.retry_at());
  LONGS_EQUAL(1, sealed.batch.size());
  LONGS_EQUAL(1, id_of(sealed.batch[0]));
  CHECK(turn.stalled_since() == now);
  turn.committed({sealed.number, {}, 0});
  CHECK(turn.open(gate));
  CHECK_FALSE(turn.stalled_since().has_value());
}
