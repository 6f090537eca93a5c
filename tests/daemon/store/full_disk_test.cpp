// A disk that is really full: a small tmpfs where root permits, else skipped with the reason.
#include <CppUTest/TestHarness.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "daemon/store/ballast.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {

constexpr std::int64_t kBallastOfSmallDisk = 100
                                             << 10;  // at least; a tenth of 8 MiB less what the store took

std::int64_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_size : -1;
}

// Takes everything that is free.
void fill_up(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  const std::string block(4096, 'x');
  while (::write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size())) {
  }
  ::close(file);
}

}  // namespace

TEST_GROUP(FullDisk) {
  TempDir dir;
  bool mounted = false;

  void setup() override {
    mounted = ::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=8m") == 0;
    if (!mounted) std::printf("skipped: no small tmpfs (%s) ", std::strerror(errno));
  }
  void teardown() override {
    if (mounted) ::umount2(dir.path().c_str(), MNT_DETACH);
  }
};

TEST(FullDisk, the_ballast_is_given_up_then_commits_fail_whole_and_work_when_there_is_room) {
  if (!mounted) return;
  const std::string ballast = dir.path() + "/klaxon.ballast", filler = dir.path() + "/filler";
  Desk desk(dir.path());
  CHECK_TRUE(size_of(ballast) > kBallastOfSmallDisk);
  CHECK_TRUE(desk.commits({InsertMessage{message(1)}}));
  fill_up(filler);
  Id durable = 1;
  bool failed = false;
  Batch batch;
  for (int round = 0; round < 500 && !failed; ++round) {
    batch.clear();
    for (Id id = durable + 1; id <= durable + 100; ++id) batch.push_back(InsertMessage{message(id)});
    const Completion completion = desk.commit(std::move(batch));
    failed = completion.failure.has_value();
    if (!failed) {
      durable += 100;
      continue;
    }
    CHECK_TRUE(completion.failure->kind == Failure::Kind::full);
    batch = desk.store().reclaim();
  }
  CHECK_TRUE(failed);
  LONGS_EQUAL(-1, size_of(ballast));
  CHECK_TRUE(durable > 101);  // what the ballast was for
  LONGS_EQUAL(100, batch.size());
  const auto rows = [&] {
    return desk.read([](Reader& reader) { return reader.messages_between(1, 10'000); }).size();
  };
  LONGS_EQUAL(durable, rows());
  ::unlink(filler.c_str());
  CHECK_TRUE(desk.commits(std::move(batch)));
  LONGS_EQUAL(durable + 100, rows());
}

TEST(FullDisk, the_ballast_is_made_again_when_there_is_room_and_grows) {
  if (!mounted) return;
  const std::string path = dir.path() + "/klaxon.ballast", filler = dir.path() + "/filler";
  Ballast ballast(path);
  fill_up(filler);
  ballast.keep();
  LONGS_EQUAL(-1, size_of(path));
  CHECK_FALSE(ballast.release());
  ::truncate(filler.c_str(), 6 << 20);
  ballast.keep();
  const std::int64_t small = size_of(path);
  CHECK_TRUE(small > kBallastOfSmallDisk);
  CHECK_TRUE(small <= (2 << 20) / 10);
  ::unlink(filler.c_str());
  ballast.keep();
  CHECK_TRUE(size_of(path) > 2 * small);
  CHECK_TRUE(ballast.release());
  LONGS_EQUAL(-1, size_of(path));
}

TEST(FullDisk, a_start_on_a_full_disk_takes_the_ballast) {
  if (!mounted) return;
  {
    Desk desk(dir.path());
    CHECK_TRUE(desk.commits({InsertMessage{message(1)}}));
  }
  fill_up(dir.path() + "/filler");
  Desk again(dir.path());
  CHECK_TRUE(again.commits({InsertMessage{message(2)}}));
}

TEST(FullDisk, a_store_that_cannot_begin_says_why) {
  if (!mounted) return;
  fill_up(dir.path() + "/filler");
  const auto opened = Store::open(dir.path(), kNowMs, [] {});
  CHECK_FALSE(opened.has_value());
  CHECK_TRUE(opened.error().kind == Failure::Kind::full);
}
