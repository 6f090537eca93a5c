#include <CppUTest/TestHarness.h>

#include <chrono>
#include <filesystem>

#include "daemon/store/idle_work.h"
#include "daemon/store/message_rows.h"
#include "daemon/store/read_rows.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;
using std::chrono::milliseconds;

TEST_GROUP(Idle) {
  TempDir dir;
  Connection db = fresh_database(dir);

  void insert(Id first, Id last) {
    db.run("BEGIN");
    for (Id id = first; id <= last; ++id) {
      MessageRecord row = message(id, id % 2 ? "+447700900001" : "+447700900002");
      if (id % 10 == 0) row.ref = "tens";
      insert_message(db, row);
    }
    db.run("COMMIT");
    CHECK_FALSE(db.failed());
  }
  std::int64_t mark() {
    return db.number("SELECT value FROM meta WHERE name='indexed_up_to'").value_or(0);
  }
  std::vector<Id> to_one(const Page& page) {
    return ids_of(SqlReader(db).messages({.to = "+447700900001"}, page));
  }
};

TEST(Idle, the_index_of_recipients_grows_in_slices) {
  insert(1, 700);
  CHECK_TRUE(index_slice(db));
  CHECK_EQUAL(500, mark());
  CHECK_TRUE(index_slice(db));
  CHECK_EQUAL(700, mark());
  CHECK_FALSE(index_slice(db));
  CHECK_EQUAL(700, db.number("SELECT count(*) FROM recipients").value_or(0));
  CHECK_EQUAL(70, db.number("SELECT count(*) FROM refs").value_or(0));
}

TEST(Idle, a_list_is_the_same_wherever_the_mark_stands) {
  insert(1, 700);
  const Page pages[] = {{.after = 0, .limit = 1000},
                        {.after = 95, .limit = 300},
                        {.after = 490, .limit = 20},
                        {.after = 690, .limit = 100},
                        {.after = 400, .limit = 1000, .before = 600}};
  std::vector<std::vector<Id>> before;
  for (const Page& page : pages) before.push_back(to_one(page));
  LONGS_EQUAL(350, before[0].size());
  LONGS_EQUAL(100, before[4].size());
  while (index_slice(db)) {
    for (std::size_t i = 0; i < before.size(); ++i) CHECK_TRUE(to_one(pages[i]) == before[i]);
  }
  for (std::size_t i = 0; i < before.size(); ++i) CHECK_TRUE(to_one(pages[i]) == before[i]);
}

TEST(Idle, refs_are_found_on_both_sides_of_the_mark) {
  insert(1, 700);
  index_slice(db);
  LONGS_EQUAL(70, SqlReader(db).messages({.ref = "tens"}, {.limit = 1000}).size());
  LONGS_EQUAL(0, SqlReader(db).messages({.to = "+447700900001", .ref = "tens"}, {.limit = 1000}).size());
}

TEST(Idle, the_mark_stays_below_a_list_that_is_not_whole) {
  insert(1, 10);
  db.run("INSERT INTO open_lists(first_id) VALUES(6)");
  CHECK_TRUE(index_slice(db));
  CHECK_EQUAL(5, mark());
  CHECK_FALSE(index_slice(db));
  db.run("DELETE FROM open_lists");
  CHECK_TRUE(index_slice(db));
  CHECK_EQUAL(10, mark());
}

TEST(Idle, comes_after_a_pause_and_ends_with_a_wal_to_write_over) {
  Ballast ballast(dir.path() + "/klaxon.ballast");
  const IdleWork::Instant start{};
  IdleWork idle(db, ballast, start);
  insert(1, 600);
  idle.batch_done(start, true);
  idle.tick(start);  // nothing is due yet
  CHECK_EQUAL(0, mark());
  CHECK_TRUE(idle.deadline() == start + milliseconds(20));
  idle.tick(start + milliseconds(20));
  CHECK_EQUAL(9 << 20, std::filesystem::file_size(dir.database() + "-wal"));
  CHECK_TRUE(idle.deadline() == start + milliseconds(50));
  idle.tick(start + milliseconds(50));
  CHECK_EQUAL(500, mark());
  CHECK_TRUE(idle.deadline() == start + milliseconds(50));  // more of it
  idle.tick(start + milliseconds(51));
  CHECK_EQUAL(600, mark());
  idle.tick(start + milliseconds(52));
  CHECK_TRUE(db.wal_pages() > 0);
  idle.tick(idle.deadline());
  CHECK_EQUAL(0, db.wal_pages());
  CHECK_TRUE(idle.deadline() == start + milliseconds(10'000));  // nothing but a look at the ballast
  const auto size = std::filesystem::file_size(dir.database() + "-wal");
  CHECK_TRUE(size > 0);
  insert(601, 601);
  CHECK_EQUAL(size, std::filesystem::file_size(dir.database() + "-wal"));  // an fsync has no length to write
}

TEST(Idle, a_batch_without_messages_asks_for_no_indexing) {
  Ballast ballast(dir.path() + "/klaxon.ballast");
  IdleWork idle(db, ballast, {});
  idle.tick(idle.deadline());  // the index
  idle.tick(idle.deadline());  // the WAL's length
  idle.batch_done({}, false);
  CHECK_TRUE(idle.deadline() == IdleWork::Instant{} + milliseconds(1000));  // the checkpoint
  idle.batch_done({}, true);
  CHECK_TRUE(idle.deadline() == IdleWork::Instant{} + milliseconds(50));
  idle.batch_done(IdleWork::Instant{} + milliseconds(40), false);  // the pause begins anew
  CHECK_TRUE(idle.deadline() == IdleWork::Instant{} + milliseconds(90));
}

TEST(Idle, a_reader_in_the_way_puts_the_checkpoint_off) {
  Ballast ballast(dir.path() + "/klaxon.ballast");
  IdleWork idle(db, ballast, {});
  auto reading = Connection::open(dir.database(), Connection::Use::read);
  insert(1, 10);
  while (index_slice(db)) {
  }
  idle.tick(idle.deadline());  // the WAL's length
  idle.batch_done({}, true);
  idle.tick(idle.deadline());
  {
    const Snapshot snapshot(*reading);
    CHECK_EQUAL(10, reading->number("SELECT count(*) FROM messages").value_or(0));
    insert(11, 11);
    idle.tick(idle.deadline());
    CHECK_TRUE(db.wal_pages() > 0);
  }
  idle.tick(idle.deadline());
  CHECK_EQUAL(0, db.wal_pages());
}

TEST(Idle, the_wal_is_long_before_it_is_needed) {
  const std::string wal = dir.database() + "-wal";
  db.lengthen_wal(1 << 20);
  LONGS_EQUAL(1 << 20, std::filesystem::file_size(wal));
  for (Id id = 1; id <= 50; ++id) insert(id, id);
  LONGS_EQUAL(1 << 20, std::filesystem::file_size(wal));  // written over
  db.lengthen_wal(1 << 10);
  LONGS_EQUAL(1 << 20, std::filesystem::file_size(wal));
}

TEST(Idle, a_wal_of_frames_and_zeros_is_recovered_to_its_last_frame) {
  db.lengthen_wal(1 << 20);
  insert(1, 3);
  const TempDir other;  // as a power cut leaves it: the files as they are, no connection's memory
  std::filesystem::copy_file(dir.database(), other.database());
  std::filesystem::copy_file(dir.database() + "-wal", other.database() + "-wal");
  auto again = Connection::open(other.database(), Connection::Use::write);
  CHECK_TRUE(again.has_value());
  LONGS_EQUAL(3, again->number("SELECT count(*) FROM messages").value_or(-1));
  again->lengthen_wal(2 << 20);
  CHECK_TRUE(again->run("DELETE FROM messages WHERE id=2"));
  LONGS_EQUAL(2, again->number("SELECT count(*) FROM messages").value_or(-1));
}
