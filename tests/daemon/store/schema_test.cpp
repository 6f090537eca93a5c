#include <CppUTest/TestHarness.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "daemon/store/schema.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {

constexpr SchemaStep kChain[] = {
    {1, "CREATE TABLE a(x INTEGER PRIMARY KEY); INSERT INTO a VALUES(1);"},
    {2, "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 5;"},
    {3, "CREATE TABLE b(z); INSERT INTO b SELECT x + y FROM a;"},
};
constexpr SchemaStep kBroken[] = {
    {1, "CREATE TABLE a(x INTEGER PRIMARY KEY);"},
    {2, "CREATE TABLE b(z); CREATE TABLE a(again);"},
};

std::string shape_of(Connection& db) {
  std::string all;
  Query rows = db.query(
      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'idem_*' ORDER BY type, name");
  while (rows.next()) all += rows.text(0) + ";\n";
  return all;
}

}  // namespace

TEST_GROUP(Schema) {
  TempDir dir;

  Connection empty() {
    ::close(::open(dir.database().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    auto db = Connection::open(dir.database(), Connection::Use::write);
    CHECK_TRUE(db.has_value());
    return std::move(*db);
  }
  static std::int64_t version(Connection & db) {
    return db.number("PRAGMA user_version").value_or(-1);
  }
};

TEST(Schema, the_chain_has_no_gap) {
  int before = 0;
  for (const SchemaStep& step : schema_steps()) {
    CHECK_EQUAL(before + 1, step.to);
    before = step.to;
  }
}

TEST(Schema, a_database_walks_up_from_wherever_it_stands) {
  Connection db = empty();
  CHECK_FALSE(upgrade(db, std::span(kChain).first(1)));
  CHECK_EQUAL(1, version(db));
  CHECK_FALSE(upgrade(db, kChain));
  CHECK_EQUAL(3, version(db));
  CHECK_EQUAL(6, db.number("SELECT z FROM b").value_or(0));
  CHECK_FALSE(upgrade(db, kChain));
  CHECK_EQUAL(1, db.number("SELECT count(*) FROM b").value_or(0));
}

TEST(Schema, a_step_that_fails_leaves_the_version_before) {
  Connection db = empty();
  CHECK_TRUE(upgrade(db, kBroken).has_value());
  db.clear_failure();
  CHECK_EQUAL(1, version(db));
  CHECK_EQUAL(0, db.number("SELECT count(*) FROM sqlite_schema WHERE name='b'").value_or(-1));
}

TEST(Schema, a_newer_database_is_refused_untouched) {
  {
    Connection db = empty();
    CHECK_FALSE(upgrade(db, kChain));
    db.run("PRAGMA user_version=1000");
  }
  const auto opened = Store::open(dir.path(), kNowMs, [] {});
  CHECK_FALSE(opened.has_value());
  STRCMP_CONTAINS("newer klaxon", opened.error().text.c_str());
}

TEST(Schema, the_database_of_another_program_is_refused) {
  { CHECK_TRUE(empty().script("CREATE TABLE theirs(x)")); }
  const auto opened = Store::open(dir.path(), kNowMs, [] {});
  CHECK_FALSE(opened.has_value());
  STRCMP_CONTAINS("another program", opened.error().text.c_str());
}

// Each file is a dump of a small database as a version wrote it. See the recipe in daemon/store/schema.cpp.
TEST(Schema, every_released_schema_upgrades_to_what_a_new_one_is) {
  const TempDir other;
  Connection fresh = fresh_database(other);
  const std::string today = shape_of(fresh);
  int tried = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(KLAXON_SOURCE_DIR "/tests/daemon/store/schemas")) {
    const TempDir place;
    std::ifstream text(file.path());
    const std::string dump(std::istreambuf_iterator<char>(text), {});
    ::close(::open(place.database().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    {
      auto old = Connection::open(place.database(), Connection::Use::write);
      CHECK_TRUE(old && old->script(dump.c_str()));
    }
    Desk desk(place.path());
    const Restored all = desk.store().restore();
    CHECK_EQUAL(3U, all.next_message);
    LONGS_EQUAL(1, all.awaiting.size());
    STRCMP_EQUAL("+447700900124", desk.read([](Reader& reader) { return reader.message(2); })->to.c_str());
    const auto old = desk.read([](Reader& reader) { return reader.message(1); });
    CHECK_TRUE(old->languages == -1 && old->replace_type == 0 && old->locking == 0 && old->single == 0);
    CHECK_TRUE(all.open_parts.front().locking == 0 && all.open_parts.front().single == 0);
    const auto broadcast = desk.read([](Reader& reader) { return reader.broadcast(1); });
    STRCMP_EQUAL("Pump 3 is dry", broadcast->form.text.c_str());
    CHECK_EQUAL(-1, broadcast->form.languages);
    CHECK_TRUE(desk.commits({InsertMessage{message(3)}, InsertInbox{inbox_item(50)}}));
    auto now = Connection::open(place.database(), Connection::Use::read);
    STRCMP_EQUAL(today.c_str(), shape_of(*now).c_str());
    ++tried;
  }
  LONGS_EQUAL(schema_steps().size() - 1, tried);
}
