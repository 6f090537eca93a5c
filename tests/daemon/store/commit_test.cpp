#include <CppUTest/TestHarness.h>

#include <thread>

#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

TEST_GROUP(Commit) {
  TempDir dir;
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();

  static std::size_t rows(Desk & desk) {
    return desk.read([](Reader& reader) { return reader.messages({}, {.limit = 1000}); }).size();
  }
};

TEST(Commit, tells_its_number_and_how_long_it_took) {
  Desk desk(dir.path());
  CHECK_TRUE(desk.commits({InsertMessage{message(1)}}));
  const Completion second = desk.commit({InsertMessage{message(2)}});
  CHECK_EQUAL(2U, second.batch);
  CHECK_TRUE(second.micros > 0);
}

TEST(Commit, a_batch_is_all_or_nothing) {
  Desk desk(dir.path());
  const auto completion =
      desk.commit({InsertMessage{message(1)}, InsertMessage{message(2)}, InsertMessage{message(1)}});
  CHECK_TRUE(completion.failure.has_value());
  LONGS_EQUAL(0, rows(desk));
  LONGS_EQUAL(3, desk.store().reclaim().size());
  CHECK_TRUE(desk.commits({InsertMessage{message(1)}}));
  LONGS_EQUAL(1, rows(desk));
}

TEST(Commit, what_failed_comes_back_whole_and_in_order_and_works_later) {
  Desk desk(dir.path(), faults);
  Id id = 0;
  for (const auto kind :
       {Failure::Kind::other, Failure::Kind::read_only, Failure::Kind::full, Failure::Kind::busy}) {
    faults->kind = kind;
    faults->failing = 1000;
    Batch batch;
    for (int i = 0; i < 50; ++i) batch.push_back(InsertMessage{message(++id)});
    batch.push_back(SaveGroup{{"last", {std::to_string(id)}}});
    for (int attempt = 0; attempt < 2; ++attempt) {
      const Completion completion = desk.commit(std::move(batch));
      CHECK_TRUE(completion.failure && completion.failure->kind == kind);
      batch = desk.store().reclaim();
      LONGS_EQUAL(51, batch.size());
      for (int i = 0; i < 50; ++i) {
        CHECK_EQUAL(id - 49 + static_cast<Id>(i),
                    std::get<InsertMessage>(batch[static_cast<std::size_t>(i)]).message.id);
      }
      CHECK_TRUE(std::holds_alternative<SaveGroup>(batch.back()));
      LONGS_EQUAL(0, desk.store().reclaim().size());
      LONGS_EQUAL(id - 50, rows(desk));
    }
    faults->failing = 0;
    CHECK_TRUE(desk.commits(std::move(batch)));
    LONGS_EQUAL(id, rows(desk));
  }
}

TEST(Commit, a_table_made_in_a_batch_that_failed_is_made_again) {
  Desk desk(dir.path(), faults);
  faults->failing = 1;
  const Batch batch = {SaveIdempotency{{"key", "body", "2026-11-22", 1, 1, 0}}};
  CHECK_FALSE(desk.commits(batch));
  CHECK_TRUE(desk.commits(desk.store().reclaim()));
  CHECK_TRUE(desk.read([](Reader& reader) { return reader.idempotency("key"); }).has_value());
}

TEST(Commit, one_failure_for_want_of_room_is_cured_by_the_ballast) {
  Desk desk(dir.path(), faults);
  faults->kind = Failure::Kind::full;
  faults->failing = 1;
  CHECK_TRUE(desk.commits({InsertMessage{message(1)}}));
  LONGS_EQUAL(0, faults->failing);
}

TEST(Commit, a_reader_sees_committed_rows_only) {
  Desk desk(dir.path(), faults);
  CHECK_TRUE(desk.commits({InsertMessage{message(1)}}));
  faults->stalled = true;
  desk.begin({InsertMessage{message(2)}});
  LONGS_EQUAL(1, rows(desk));
  CHECK_FALSE(desk.store().completed().has_value());
  faults->stalled = false;
  faults->stalled.notify_all();
  CHECK_FALSE(desk.wait().failure.has_value());
  LONGS_EQUAL(2, rows(desk));
}

TEST(Commit, a_hung_disk_does_not_hold_the_end_and_its_thread_wakes_nobody_later) {
  {
    Desk desk(dir.path(), faults);
    faults->stalled = true;
    desk.begin({InsertMessage{message(1)}});
    desk.close();
    CHECK_FALSE(Store::open(dir.path(), kNowMs, [] {
                }).has_value());  // the thread that hangs still holds the directory
  }
  faults->stalled = false;
  faults->stalled.notify_all();
  while (faults.use_count() > 1) std::this_thread::yield();
  Desk again(dir.path());
  LONGS_EQUAL(1, rows(again));
}

TEST(Commit, jobs_answer_in_order_and_may_answer_nothing) {
  Desk desk(dir.path());
  std::string order;
  for (const char letter : {'a', 'b', 'c'}) {
    desk.store().read(Reading::brief, [&order, letter](Reader&) -> std::function<void()> {
      if (letter == 'b') return {};
      return [&order, letter] { order.push_back(letter); };
    });
  }
  desk.read([](Reader&) { return 0; });
  STRCMP_EQUAL("ac", order.c_str());
  LONGS_EQUAL(0, desk.store().finished().size());
}

// Letters in the order in which the jobs ran, all of which waited while the first one did.
std::string order_of(Desk& desk, const std::vector<std::pair<Reading, char>>& jobs) {
  std::atomic<bool> hold{true};
  std::string order;
  desk.store().read(Reading::brief, [&hold](Reader&) -> std::function<void()> {
    hold.wait(true);
    return {};
  });
  for (const auto& [kind, letter] : jobs)
    desk.store().read(kind, [&order, letter = letter](Reader&) -> std::function<void()> {
      order.push_back(letter);
      return {};
    });
  hold = false;
  hold.notify_all();
  desk.read(Reading::brief, [](Reader&) { return 0; });
  desk.read(Reading::lengthy, [](Reader&) { return 0; });
  return order;
}

TEST(Commit, a_brief_read_passes_by_those_that_are_lengthy) {
  Desk desk(dir.path());
  const auto lengthy = Reading::lengthy, brief = Reading::brief;
  STRCMP_EQUAL("acbd", order_of(desk, {{lengthy, 'b'}, {brief, 'a'}, {lengthy, 'd'}, {brief, 'c'}}).c_str());
}

TEST(Commit, a_lengthy_read_has_its_turn_however_many_brief_ones_come) {
  Desk desk(dir.path());
  std::vector<std::pair<Reading, char>> jobs{{Reading::lengthy, 'L'}};
  for (int i = 0; i < 200; ++i) jobs.emplace_back(Reading::brief, 'b');
  const std::string order = order_of(desk, jobs);
  LONGS_EQUAL(201, order.size());
  CHECK(order.find('L') > 0 && order.find('L') < 100);
}

TEST(Commit, reads_that_wait_are_counted_and_dropped_at_the_end) {
  Desk desk(dir.path());
  std::atomic<bool> hold{true};
  for (int i = 0; i < 3; ++i) {
    desk.store().read(Reading::brief, [&hold](Reader&) -> std::function<void()> {
      hold.wait(true);
      return {};
    });
  }
  LONGS_EQUAL(3, desk.store().reads_waiting());
  hold = false;
  hold.notify_all();
}
