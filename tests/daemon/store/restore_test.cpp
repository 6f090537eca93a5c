#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "daemon/store/message_rows.h"
#include "daemon/store/restore_rows.h"
#include "daemon/store/write_ops.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {

constexpr std::int64_t kDay = 86'400'000;

PartRecord submitted_part(std::int64_t at_ms) {
  PartRecord part;
  part.state = MessageState::submitted;
  part.submitted_ms = at_ms;
  return part;
}

}  // namespace

TEST_GROUP(Restore) {
  TempDir dir;
  Connection db = fresh_database(dir);
  OpWriter ops{db};
  const std::int64_t now = message(1).created_ms + kDay;

  void put(Id id, MessageState state, std::vector<PartRecord> parts = std::vector<PartRecord>(1)) {
    MessageRecord row = message(id);
    row.state = state;
    row.parts = std::move(parts);
    row.attempts = 1;
    ops.apply(InsertMessage{row});
  }
  Restored restored() {
    ops.finish();
    Restored all = read_restored(db, now);
    CHECK_TEXT(!db.failed(), db.failed() ? db.failure()->text.c_str() : "");
    return all;
  }
  static std::vector<Id> part_ids(const Restored& all) {
    std::vector<Id> ids;
    for (const InboundPartRecord& part : all.open_parts) ids.push_back(part.id);
    return ids;
  }
};

TEST(Restore, an_empty_store_begins_with_one) {
  const Restored all = restored();
  CHECK_EQUAL(1U, all.next_message);
  CHECK_EQUAL(1U, all.next_part);
  CHECK_EQUAL(1U, all.next_inbox);
  CHECK_EQUAL(1U, all.next_broadcast);
  CHECK_EQUAL(1U, all.next_token);
  CHECK_EQUAL(1U, all.next_audit);
  LONGS_EQUAL(kLanes * kMessageStates, all.counts.size());
}

TEST(Restore, each_message_is_in_the_one_list_that_knows_what_to_do_with_it) {
  const std::int64_t sent = message(1).created_ms;
  put(1, MessageState::queued);
  put(2, MessageState::submitting);
  put(3, MessageState::unknown);
  put(4, MessageState::queued, {submitted_part(sent), PartRecord{}});
  put(5, MessageState::submitted, {submitted_part(sent)});
  PartRecord final_report = submitted_part(sent);
  final_report.tp_st = 0x00;
  put(6, MessageState::submitted, {final_report});
  PartRecord still_trying = submitted_part(sent);
  still_trying.tp_st = 0x30;
  put(7, MessageState::submitted, {still_trying});
  put(8, MessageState::submitted, {submitted_part(sent - 9 * kDay)});
  put(9, MessageState::failed, {submitted_part(sent), PartRecord{}});
  put(10, MessageState::delivered);
  const Restored all = restored();
  CHECK_TRUE((ids_of(all.submitting) == std::vector<Id>{2}));
  CHECK_TRUE((ids_of(all.unknown) == std::vector<Id>{3}));
  CHECK_TRUE((ids_of(all.partly) == std::vector<Id>{4}));
  CHECK_TRUE((ids_of(all.awaiting) == std::vector<Id>{5, 7, 9}));
  CHECK_EQUAL(11U, all.next_message);
  LONGS_EQUAL(1, all.flows.size());
  CHECK_EQUAL(4U, all.flows[0].last_id);
}

TEST(Restore, an_update_moves_a_message_between_the_lists) {
  const std::int64_t sent = message(1).created_ms;
  put(1, MessageState::submitting);
  MessageRecord row = message(1);
  row.attempts = 1;
  row.parts = {submitted_part(sent), PartRecord{}};
  ops.apply(UpdateMessage{row});
  CHECK_TRUE((ids_of(restored().partly) == std::vector<Id>{1}));
  row.state = MessageState::submitted;
  row.parts[1] = submitted_part(sent);
  ops.apply(UpdateMessage{row});
  const Restored all = restored();
  LONGS_EQUAL(0, all.partly.size());
  LONGS_EQUAL(0, all.flows.size());
  CHECK_TRUE((ids_of(all.awaiting) == std::vector<Id>{1}));
}

TEST(Restore, ids_are_not_given_again_when_the_newest_rows_are_gone) {
  put(41, MessageState::queued);
  ops.apply(InsertInbox{inbox_item(7)});
  ops.apply(InsertInboundPart{inbound_part(9)});
  ops.apply(InsertAudit{{3, 1, "a", "b", "c"}});
  ops.finish();
  for (const char* table : {"messages", "inbox", "inbound_parts", "audit"})
    db.run("DELETE FROM " + std::string(table));
  const Restored all = restored();
  CHECK_EQUAL(42U, all.next_message);
  CHECK_EQUAL(8U, all.next_inbox);
  CHECK_EQUAL(10U, all.next_part);
  CHECK_EQUAL(4U, all.next_audit);
}

TEST(Restore, parts_of_sets_that_are_not_whole_come_back_and_others_do_not) {
  const auto add = [&](Id id, int sequence, int total, int reference, bool released) {
    InboundPartRecord part = inbound_part(id, sequence, total);
    part.reference = reference;
    part.released = released;
    ops.apply(InsertInboundPart{part});
  };
  add(1, 1, 2, 10, true);  // whole
  add(2, 2, 2, 10, true);
  add(3, 1, 3, 11, true);  // given out incomplete
  add(4, 3, 3, 11, true);
  add(5, 2, 2, 10, false);  // the reference again: a new set
  add(6, 1, 2, 12, true);   // whole, but the row that gives it out is missing
  add(7, 2, 2, 12, false);
  add(8, 1, 1, 0, true);  // single, given out
  add(9, 1, 1, 0, false);
  CHECK_TRUE((part_ids(restored()) == std::vector<Id>{3, 4, 5, 6, 7, 9}));
}

TEST(Restore, a_reference_used_anew_leaves_the_old_set_behind) {
  const auto add = [&](Id id, int sequence, const char* units) {
    InboundPartRecord part = inbound_part(id, sequence, 3);
    part.released = true;
    part.units = units;
    ops.apply(InsertInboundPart{part});
  };
  add(1, 1, "old one");
  add(2, 2, "old two");
  add(3, 2, "new two");
  add(4, 1, "new one");
  add(5, 1, "new one");  // a repeat
  CHECK_TRUE((part_ids(restored()) == std::vector<Id>{3, 4}));
}

TEST(Restore, old_parts_are_forgotten_unless_nobody_has_seen_them) {
  for (Id id = 1; id <= 4; ++id) {
    InboundPartRecord part = inbound_part(id, 1, 2);
    part.reference = static_cast<int>(id);
    part.released = id != 2;
    if (id <= 2) part.received_ms -= 8 * kDay;
    ops.apply(InsertInboundPart{part});
  }
  const Restored all = restored();
  CHECK_TRUE((part_ids(all) == std::vector<Id>{2, 3, 4}));
  auto keys = all.known_keys;
  std::sort(keys.begin(), keys.end());
  CHECK_TRUE((keys == std::vector<std::uint64_t>{inbound_part(3).key_hash, inbound_part(4).key_hash}));
}

TEST(Restore, a_clock_that_is_wrong_forgets_nothing) {
  put(1, MessageState::submitted, {submitted_part(message(1).created_ms)});
  ops.apply(InsertInboundPart{inbound_part(1, 1, 2)});
  for (const std::int64_t clock : {std::int64_t{0}, message(1).created_ms + 20'000 * kDay}) {
    const Restored all = read_restored(db, clock);
    LONGS_EQUAL(1, all.awaiting.size());
    LONGS_EQUAL(1, all.open_parts.size());
    LONGS_EQUAL(1, all.known_keys.size());
  }
}

TEST(Restore, what_was_being_accepted_is_not_counted) {
  StateCounts counts(kLanes * kMessageStates, 4);
  ops.apply(SaveCounts{counts});
  const Restored all = restored();
  CHECK_EQUAL(4, all.counts[0]);
  for (std::size_t lane = 0; lane < kLanes; ++lane) CHECK_EQUAL(0, all.counts[lane * kMessageStates + 8]);
}

TEST(Restore, sim_days_of_a_month_from_any_day_on) {
  for (const char* day : {"2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01"}) {
    ops.apply(SaveSimDay{{"8944000000000000001", day, 1, 500, 1, 30'059, 2, 3}});
    ops.apply(SaveSimDay{{"8944000000000000002", day, 2}});
  }
  Restored all = restored();
  LONGS_EQUAL(6, all.sim_days.size());
  STRCMP_EQUAL("2026-10-01", all.sim_days.front().day.c_str());
  LONGS_EQUAL(500, all.sim_days.front().hour);
  LONGS_EQUAL(1, all.sim_days.front().in_hour);
  LONGS_EQUAL(30'059, all.sim_days.front().minute);
  LONGS_EQUAL(2, all.sim_days.front().in_minute);
  LONGS_EQUAL(3, all.sim_days.front().abroad);
  for (const char* day : {"2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"})
    ops.apply(SaveSimDay{{"8944000000000000001", day, 1}});
  all = restored();
  STRCMP_EQUAL("2026-10-31", all.sim_days.front().day.c_str());
}

TEST(Restore, whom_a_sim_wrote_to_this_month) {
  ops.apply(SaveSimDay{{"8944000000000000001", "2026-11-22", 1}});
  ops.apply(NoteRecipient{{"8944000000000000001", "2026-09-30", 5}});
  for (int twice = 0; twice < 2; ++twice) ops.apply(NoteRecipient{{"8944000000000000001", "2026-11-15", -7}});
  const auto met = restored().sim_recipients;
  LONGS_EQUAL(1, met.size());
  LONGS_EQUAL(-7, met.front().recipient);
}

TEST(Restore, what_a_person_set_for_a_sim) {
  SimOverrideRecord row{"8944000000000000001", {std::nullopt, 10, std::nullopt, 0, 7, 250}, 0.5};
  ops.apply(SaveSimOverride{row});
  CHECK_TRUE(restored().sim_overrides == std::vector{row});
  row = {.iccid = row.iccid};
  ops.apply(SaveSimOverride{row});
  CHECK_TRUE(restored().sim_overrides.empty());
}
