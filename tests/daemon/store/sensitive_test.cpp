// Texts of one-time codes: kept while they may have to be sent, then gone from every octet of every file.
#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "daemon/store/idle_work.h"
#include "daemon/store/message_rows.h"
#include "daemon/store/read_rows.h"
#include "daemon/store/restore_copy.h"
#include "daemon/store/restore_rows.h"
#include "daemon/store/write_ops.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;
using std::chrono::milliseconds;

namespace fs = std::filesystem;

namespace {

constexpr const char* kMark = "code 41";  // stands in every text, and nowhere else

MessageRecord sensitive(Id id, MessageState state = MessageState::queued) {
  MessageRecord m = message(id);
  m.text = "Your code 41" + std::to_string(7000 + id);
  m.sensitive = true;
  m.state = m.parts[0].state = state;
  return m;
}

// As the loop hands it over: a text that is needed no more is not in it any longer.
UpdateMessage now_in(MessageState state, Id id) {
  MessageRecord m = sensitive(id, state);
  m.parts[0].iccid = "8944000000000000001";
  m.parts[0].modem = "modem0";
  m.why = "the idle SIM that has sent least";
  if (!m.needs_text()) m.forget_text();
  return {m};
}

std::string content_of(const std::string& path) {
  std::string content(fs::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(content.data(), static_cast<std::streamsize>(content.size()));
  return content;
}

std::size_t marks_in(const std::string& content) {
  std::size_t found = 0;
  for (std::size_t at = content.find(kMark); at != std::string::npos; at = content.find(kMark, at + 1))
    ++found;
  return found;
}

}  // namespace

TEST_GROUP(Sensitive) {
  TempDir dir, there;

  std::size_t marks_in_files() {
    std::size_t found = 0;
    for (const auto& file : fs::directory_iterator(dir.path())) found += marks_in(content_of(file.path()));
    return found;
  }
  static std::string text_of(Desk & desk, Id id) {
    return desk.read([id](Reader& reader) { return reader.message(id); })->text;
  }
  // A copy as POST /v1/backup makes it, in `there`.
  std::string copy_of(Desk & desk) {
    BackupOutcome made = at::Unexpected{Failure{Failure::Kind::other, "not made"}};
    bool done = false;
    CHECK_TRUE(desk.store().back_up(kNowMs, [&](BackupOutcome outcome) {
      made = std::move(outcome);
      done = true;
    }));
    while (!done) {
      desk.wait_for_ring();
      for (auto& then : desk.store().finished()) then();
    }
    CHECK_TRUE(made.has_value());
    std::string content(static_cast<std::size_t>((*made)->octets), '\0');
    LONGS_EQUAL(content.size(), ::pread((*made)->descriptor, content.data(), content.size(), 0));
    const std::string path = there.path() + "/copy.db";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
};

TEST(Sensitive, a_text_is_there_until_its_message_is_submitted_or_final) {
  Desk desk(dir.path());
  desk.store().restore();
  for (const Id id : {1, 2, 3}) CHECK_TRUE(desk.commits({InsertMessage{sensitive(id)}}));
  STRCMP_EQUAL("Your code 417001", text_of(desk, 1).c_str());
  LONGS_EQUAL(3, desk.read([](Reader& reader) { return reader.ready(Lane::normal, 1, 0, 10); }).size());
  CHECK_TRUE(desk.commits({now_in(MessageState::submitting, 1)}));
  CHECK_TRUE(desk.commits({now_in(MessageState::unknown, 1)}));
  STRCMP_EQUAL("Your code 417001", text_of(desk, 1).c_str());
  CHECK_TRUE(desk.commits({now_in(MessageState::submitted, 1), now_in(MessageState::cancelled, 2)}));
  STRCMP_EQUAL("", text_of(desk, 1).c_str());
  STRCMP_EQUAL("", text_of(desk, 2).c_str());
  STRCMP_EQUAL("Your code 417003", text_of(desk, 3).c_str());
  CHECK_TRUE(desk.read([](Reader& reader) { return reader.message(1); })->lost_text());
  desk.close();
  LONGS_EQUAL(1, marks_in_files());
}

TEST(Sensitive, octets_and_a_restart) {
  {
    Desk desk(dir.path());
    desk.store().restore();
    MessageRecord octets = sensitive(1, MessageState::unknown);
    octets.octets = std::string("\0\x01code 41", 9);
    octets.text.clear();
    CHECK_TRUE(desk.commits({InsertMessage{octets}}));
  }
  Desk desk(dir.path());
  const Restored all = desk.store().restore();
  LONGS_EQUAL(1, all.unknown.size());
  CHECK_TRUE(std::string("\0\x01code 41", 9) == all.unknown[0].octets);
  CHECK_TRUE(all.unknown[0].sensitive);
}

// Rows that grow are moved from page to page. One in some thousand texts outlived that, in the unused part of
// a page, while they stood in these rows.
TEST(Sensitive, no_page_keeps_a_piece_of_what_was_there) {
  Desk desk(dir.path());
  desk.store().restore();
  constexpr Id kMessages = 1500, kBehind = 37;
  Batch batch;
  for (Id id = 1; id <= kMessages + kBehind; ++id) {
    if (id <= kMessages) batch.push_back(InsertMessage{sensitive(id)});
    if (id > kBehind / 2 && id % 3 != 0 && id <= kMessages)
      batch.push_back(now_in(MessageState::submitting, id - kBehind / 2));
    if (id > kBehind) batch.push_back(now_in(MessageState::submitted, id - kBehind));
    if (batch.size() < 150) continue;
    CHECK_TRUE(desk.commits(std::exchange(batch, {})));
  }
  CHECK_TRUE(desk.commits(std::move(batch)));
  desk.close();
  LONGS_EQUAL(0, marks_in_files());
}

TEST(Sensitive, the_padding_fills_a_page) {
  Connection db = fresh_database(dir);
  insert_message(db, sensitive(1));
  insert_form(db, 1, sensitive(0));
  const auto page = db.number("PRAGMA page_size");
  CHECK_TRUE(page && page <= db.number("SELECT length(pad) FROM sensitive_texts"));
  CHECK_TRUE(page && page <= db.number("SELECT length(pad) FROM sensitive_forms"));
}

TEST(Sensitive, a_broadcast_keeps_it_until_each_message_is_made) {
  BroadcastRecord b;
  b.id = 1;
  b.form = sensitive(0);
  b.numbers = {"+447700900001", "+447700900002"};
  {
    Desk desk(dir.path());
    desk.store().restore();
    CHECK_TRUE(desk.commits({SaveBroadcast{b}}));
    CHECK_TRUE(desk.commits({SaveBroadcastProgress{1, 1, false, 0}}));
    STRCMP_EQUAL("", desk.read([](Reader& reader) { return reader.broadcast(1); })->form.text.c_str());
  }
  Desk desk(dir.path());
  const Restored all = desk.store().restore();
  LONGS_EQUAL(1, all.broadcasts.size());
  CHECK_TRUE(all.broadcasts[0].form.sensitive);
  STRCMP_EQUAL(b.form.text.c_str(), all.broadcasts[0].form.text.c_str());
  CHECK_TRUE(desk.commits({SaveBroadcastProgress{1, 2, false, 0}}));
  desk.close();
  LONGS_EQUAL(0, marks_in_files());
}

TEST(Sensitive, a_list_that_was_never_whole_leaves_nothing) {
  {
    Desk desk(dir.path());
    desk.store().restore();
    CHECK_TRUE(desk.commits({OpenList{1}, InsertMessage{sensitive(1, MessageState::accepting)}}));
  }
  { Desk desk(dir.path()); }
  LONGS_EQUAL(0, marks_in_files());
}

TEST(Sensitive, no_copy_has_one_and_what_was_owed_has_failed_in_it) {
  Desk desk(dir.path());
  desk.store().restore();
  MessageRecord later = sensitive(2), parts = sensitive(3, MessageState::submitting);
  later.send_at_ms = later.due_ms = kNowMs + 1000;
  parts.parts.assign(3, parts.parts[0]);
  parts.parts[0].state = MessageState::submitted;
  parts.parts[2].state = MessageState::queued;
  BroadcastRecord half;
  half.id = 1;
  half.form = sensitive(0);
  half.numbers = {"+447700900001", "+447700900002"};
  half.expanded = 1;
  CHECK_TRUE(desk.commits({InsertMessage{sensitive(1)}, InsertMessage{later}, InsertMessage{parts},
                           InsertMessage{sensitive(4, MessageState::unknown)}, InsertMessage{message(5)},
                           SaveBroadcast{half}}));
  const std::string copy = copy_of(desk);
  LONGS_EQUAL(0, marks_in(content_of(copy)));
  STRCMP_EQUAL("Your code 417001", text_of(desk, 1).c_str());  // of the original nothing is taken

  for (const Owed owed : {Owed::hold, Owed::send}) {
    const TempDir here;
    const auto done = restore_copy(copy, here.path(), kNowMs, owed);
    CHECK_TEXT(done.has_value(), done ? "" : done.error().text.c_str());
    CHECK_EQUAL(3, done->without_text);
    CHECK_EQUAL(owed == Owed::hold ? 1 : 0, done->in_doubt);
    Desk restored(here.path());
    restored.store().restore();
    for (const Id id : {1, 2, 3}) {
      const auto row = restored.read([id](Reader& reader) { return reader.message(id); });
      CHECK_TRUE(row->state == MessageState::failed);
      STRCMP_EQUAL(kTextGoneCode, row->error_code.c_str());
    }
    const auto cut = restored.read([](Reader& reader) { return reader.message(3); });
    CHECK_TRUE(cut->parts[0].state == MessageState::submitted);
    CHECK_TRUE(cut->parts[1].state == MessageState::failed);
    CHECK_TRUE(cut->parts[2].state == MessageState::cancelled);
    CHECK_TRUE(restored.read([](Reader& reader) { return reader.message(4); })->state ==
               MessageState::unknown);
  }
}

TEST(Sensitive, half_a_copy_of_a_life_before_is_not_left_lying) {
  std::ofstream(dir.path() + "/klaxon.backup") << kMark;
  const Desk desk(dir.path());
  LONGS_EQUAL(0, marks_in_files());
}

// By the steps of the writer's idle moments, with a clock of the test's.
TEST_GROUP(SensitiveWal) {
  TempDir dir;
  Connection db = fresh_database(dir);
  Ballast ballast{dir.path() + "/klaxon.ballast"};
  OpWriter ops{db};
  const IdleWork::Instant start{};
  IdleWork idle{db, ballast, start};
  Id next = 1;

  bool in_wal() {
    return marks_in(content_of(dir.database() + "-wal")) > 0;
  }
  void send_one(IdleWork::Instant now) {
    CHECK_FALSE(ops.commit({InsertMessage{sensitive(next)}}));
    CHECK_FALSE(ops.take_erased());
    CHECK_FALSE(ops.commit({now_in(MessageState::submitted, next)}));
    CHECK_TRUE(ops.take_erased());
    CHECK_FALSE(ops.commit({now_in(MessageState::delivered, next++)}));
    CHECK_FALSE(ops.take_erased());
    idle.erased(now);
    idle.batch_done(now, false);
  }
  void tick_until(IdleWork::Instant end) {
    while (idle.deadline() <= end) idle.tick(idle.deadline());
  }
};

TEST(SensitiveWal, is_cut_off_in_the_first_pause) {
  send_one(start);
  CHECK_TRUE(in_wal());
  tick_until(start + milliseconds(1500));
  CHECK_FALSE(in_wal());
  LONGS_EQUAL(0, marks_in(content_of(dir.database())));
  CHECK_TRUE(fs::file_size(dir.database() + "-wal") >
             0);  // it is long again: an fsync has no length to write
}

TEST(SensitiveWal, is_cut_off_within_a_minute_where_there_is_no_pause) {
  for (int ms = 0; ms < 59'000; ms += 500) send_one(start + milliseconds(ms));
  CHECK_TRUE(in_wal());
  CHECK_FALSE(ops.commit({UpdateMessage{sensitive(next, MessageState::queued)}}));
  idle.batch_done(start + milliseconds(60'000), false);
  CHECK_FALSE(in_wal());
}

TEST(SensitiveWal, is_not_cut_off_for_each_of_many) {
  send_one(start);
  tick_until(start + milliseconds(1500));
  send_one(start + milliseconds(2000));
  tick_until(start + milliseconds(29'000));
  CHECK_TRUE(in_wal());
  const auto length = fs::file_size(dir.database() + "-wal");
  tick_until(start + milliseconds(32'000));
  CHECK_FALSE(in_wal());
  CHECK_TRUE(fs::file_size(dir.database() + "-wal") < length);  // no longer than it had to be of late
}

TEST(SensitiveWal, a_reader_in_the_way_puts_it_off_by_a_second) {
  auto reading = Connection::open(dir.database(), Connection::Use::read);
  {
    const Snapshot snapshot(*reading);
    CHECK_EQUAL(0, reading->number("SELECT count(*) FROM messages").value_or(-1));
    send_one(start);
    tick_until(start + milliseconds(1500));
    CHECK_TRUE(in_wal());
  }
  tick_until(start + milliseconds(2500));
  CHECK_FALSE(in_wal());
}
