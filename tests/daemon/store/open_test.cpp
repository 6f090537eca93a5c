#include <CppUTest/TestHarness.h>
#include <sys/stat.h>

#include <fstream>

#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

TEST_GROUP(Open) {
  TempDir dir;

  static unsigned mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
};

TEST(Open, makes_a_directory_and_files_that_others_cannot_read) {
  const std::string data = dir.path() + "/var/lib/klaxon";
  const mode_t before = ::umask(0);
  Desk desk(data + "/");
  ::umask(before);
  LONGS_EQUAL(0750, mode_of(data));
  for (const char* name : {"/klaxon.db", "/klaxon.db-wal", "/klaxon.lock", "/klaxon.ballast"}) {
    LONGS_EQUAL(0640, mode_of(data + name));
  }
}

TEST(Open, a_second_daemon_on_the_same_directory_is_refused) {
  Desk desk(dir.path());
  const auto second = Store::open(dir.path(), kNowMs, [] {});
  CHECK_FALSE(second.has_value());
  CHECK_TRUE(second.error().kind == Failure::Kind::busy);
  STRCMP_CONTAINS("another klaxon daemon (pid ", second.error().text.c_str());
  STRCMP_CONTAINS(dir.path().c_str(), second.error().text.c_str());
  CHECK_TRUE(desk.commits({InsertMessage{message(1)}}));
}

// It has everything in it, also what somebody asked to have forgotten since.
TEST(Open, a_copy_that_a_life_was_ended_in_does_not_stay) {
  { Desk desk(dir.path()); }
  for (const char* name : {"/klaxon.backup", "/klaxon.restoring", "/klaxon.restoring-wal"})
    std::ofstream(dir.path() + name) << "half of it";
  Desk again(dir.path());
  for (const char* name : {"/klaxon.backup", "/klaxon.restoring", "/klaxon.restoring-wal"})
    LONGS_EQUAL(0, mode_of(dir.path() + name));
}

TEST(Open, the_lock_goes_with_the_store) {
  { Desk desk(dir.path()); }
  Desk again(dir.path());
}

TEST(Open, a_file_that_is_no_database_is_refused_untouched) {
  const std::string text(5000, 'x');
  std::ofstream(dir.database()) << text;
  const auto opened = Store::open(dir.path(), kNowMs, [] {});
  CHECK_FALSE(opened.has_value());
  CHECK_TRUE(opened.error().kind == Failure::Kind::corrupt);
  std::ifstream after(dir.database());
  CHECK_TRUE(std::string(std::istreambuf_iterator<char>(after), {}) == text);
}

TEST(Open, a_path_that_cannot_be_a_directory_is_named) {
  std::ofstream(dir.path() + "/file") << "x";
  const auto opened = Store::open(dir.path() + "/file", kNowMs, [] {});
  CHECK_FALSE(opened.has_value());
  STRCMP_CONTAINS("/file", opened.error().text.c_str());
}

TEST(Open, a_clean_end_is_told_from_an_unclean_one) {
  {
    Desk first(dir.path());
    CHECK_TRUE(first.store().restore().clean_shutdown);  // there was no life before
  }
  {
    Desk second(dir.path());
    CHECK_FALSE(second.store().restore().clean_shutdown);
    CHECK_TRUE(second.commits({InsertMessage{message(1)}}));
    second.store().mark_clean_shutdown();
  }
  Desk third(dir.path());
  CHECK_TRUE(third.store().restore().clean_shutdown);
}
