#include <CppUTest/TestHarness.h>

#include <filesystem>
#include <fstream>

#include "daemon/store/damage_check.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

TEST_GROUP(Damage) {
  TempDir dir;

  void fill() {
    Desk desk(dir.path());
    Batch batch;
    for (Id id = 1; id <= 2000; ++id) batch.push_back(InsertMessage{message(id)});
    CHECK_TRUE(desk.commits(std::move(batch)));
  }
  // Pages in the middle of the file, with the tables' roots long past: rows and their index lie mixed there.
  void harm() {
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(dir.database()));
    std::fstream file(dir.database(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(size * 5 / 8 / 4096 * 4096);
    file << std::string(4 * 4096, '\x5A');
  }
};

TEST(Damage, is_found_after_an_unclean_end_while_the_store_works) {
  fill();
  harm();
  Desk desk(dir.path());
  CHECK_FALSE(desk.store().restore().clean_shutdown);
  while (!desk.store().check_finding()) desk.wait_for_ring();
  STRCMP_CONTAINS("messages: ", desk.store().check_finding()->c_str());
  CHECK_TRUE(desk.commits({SaveGroup{{"works", {}}}}));
}

TEST(Damage, a_whole_database_has_none) {
  fill();
  auto db = Connection::open(dir.database(), Connection::Use::read);
  STRCMP_EQUAL("", find_damage(*db).c_str());
}

TEST(Damage, a_reader_says_that_it_did_not_see_everything) {
  fill();
  harm();
  Desk desk(dir.path());
  const auto told = desk.read([](Reader& reader) {
    reader.messages({.ref = "nowhere"}, {});
    return reader.failure();
  });
  CHECK_TRUE(told && told->kind == Failure::Kind::corrupt);
  const auto later = desk.read([](Reader& reader) {
    reader.inbox_item(1);
    return reader.failure();
  });
  CHECK_FALSE(later.has_value());
}
