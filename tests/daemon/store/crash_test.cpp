#include <CppUTest/TestHarness.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {

constexpr Id kBatch = 20;

void tell(int pipe, Id id) {
  if (::write(pipe, &id, sizeof id) != static_cast<ssize_t>(sizeof id)) ::_exit(1);
}

// In the child: batches for ever, each told once it is durable.
[[noreturn]] void write_for_ever(const std::string& data_dir, int pipe) {
  Desk desk(data_dir);
  for (Id next = 1;; next += kBatch) {
    Batch batch;
    for (Id id = next; id < next + kBatch; ++id) batch.push_back(InsertMessage{message(id)});
    if (!desk.commits(std::move(batch))) ::_exit(2);
    tell(pipe, next + kBatch - 1);
  }
}

// In the child: one batch that works, one whose fsync fails, then nothing more.
[[noreturn]] void fail_and_wait(const std::string& data_dir, int pipe) {
  auto faults = std::make_shared<Faults>();
  Desk desk(data_dir, faults);
  if (!desk.commits({InsertMessage{message(1)}})) ::_exit(2);
  faults->failing = 1;
  if (desk.commits({InsertMessage{message(2)}, InsertMessage{message(3)}})) ::_exit(3);
  tell(pipe, 1);
  while (true) ::pause();
}

// In the child: two slices of a list, the last one missing.
[[noreturn]] void half_a_list(const std::string& data_dir, int pipe) {
  Desk desk(data_dir);
  Batch first = {InsertMessage{message(1)}, OpenList{2}};
  Batch second;
  for (Id id = 2; id <= 30; ++id) {
    MessageRecord row = message(id);
    row.state = MessageState::accepting;
    (id <= 20 ? first : second).push_back(InsertMessage{row});
  }
  second.push_back(InsertMessage{message(31)});
  if (!desk.commits(std::move(first)) || !desk.commits(std::move(second))) ::_exit(2);
  tell(pipe, 31);
  while (true) ::pause();
}

}  // namespace

TEST_GROUP(Crash) {
  TempDir dir;

  // Runs the life in a child until it has told `told` ids, kills it, and gives the last id it told.
  Id kill_after(int told, void (*life)(const std::string&, int)) {
    int ends[2];
    CHECK_EQUAL(0, ::pipe(ends));
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      life(dir.path(), ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    Id last = 0, id = 0;
    while (::read(ends[0], &id, sizeof id) == static_cast<ssize_t>(sizeof id)) {
      last = id;
      if (--told == 0) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK_TRUE(WIFSIGNALED(status));
    return last;
  }
};

TEST(Crash, what_was_reported_survives_kill_9_and_batches_stay_whole) {
  for (int life = 0; life < 3; ++life) {
    const TempDir fresh;
    const Id told =
        kill_after(5 + 20 * life, [](const std::string& path, int pipe) { write_for_ever(path, pipe); });
    Desk desk(dir.path());
    const Restored after = desk.store().restore();
    CHECK_FALSE(after.clean_shutdown);
    const Id found = after.next_message - 1;
    CHECK_TRUE(found >= told);
    CHECK_EQUAL(0U, found % kBatch);
    const auto rows = desk.read([](Reader& reader) { return reader.messages_between(1, 10'000); });
    LONGS_EQUAL(found, rows.size());
    CHECK_EQUAL(found, rows.back().id);
    CHECK_TRUE(rows.front() == message(1));
    desk.close();
    for (const char* name : {"klaxon.db", "klaxon.db-wal", "klaxon.db-shm"}) {
      ::unlink((dir.path() + "/" + name).c_str());
    }
  }
}

TEST(Crash, a_commit_that_failed_does_not_come_back_from_the_wal) {
  kill_after(1, [](const std::string& path, int pipe) { fail_and_wait(path, pipe); });
  Desk desk(dir.path());
  const auto rows = desk.read([](Reader& reader) { return reader.messages({}, {}); });
  LONGS_EQUAL(1, rows.size());
  CHECK_EQUAL(2U, desk.store().restore().next_message);
}

TEST(Crash, a_list_that_was_never_whole_is_dropped_and_its_ids_are_not_given_again) {
  kill_after(1, [](const std::string& path, int pipe) { half_a_list(path, pipe); });
  Desk desk(dir.path());
  const auto rows = desk.read([](Reader& reader) { return reader.messages_between(1, 100); });
  CHECK_TRUE((ids_of(rows) == std::vector<Id>{1, 31}));
  CHECK_EQUAL(32U, desk.store().restore().next_message);
}
