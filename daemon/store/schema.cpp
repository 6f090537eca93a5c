#include "daemon/store/schema.h"

#include <string>

namespace klaxon::store {
namespace {

// How to change the schema once a version has been released:
//   1. Never edit a step that was released: databases made by it exist. Append {n + 1, kVersionN1} instead.
//      A new database walks the whole chain, so it can't differ from an upgraded one.
//   2. A step may add tables, columns (with a DEFAULT) and indexes, and fill them. Prefer what needs no
//      rewrite of `messages`: it may have tens of millions of rows, and nothing is sent while a step runs.
//   3. An index that the accept path writes must be partial or grow at its right end (see README.md): look at
//      the rows per second of tests/bench/store_bench before and after.
//   4. A blob's format has its own version byte (packed.cpp) and needs no step.
//   5. Before the release: `.dump` a small database of the version before into
//      tests/daemon/store/schemas/v<n>.sql and end it with `PRAGMA user_version=<n>;`. The suite opens each
//      file there, upgrades it and compares the result with a new database.
//   6. An older daemon refuses a newer file; only the backup leads back. Say so in the release notes.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE messages(
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL, broadcast INTEGER NOT NULL,
  to_number TEXT NOT NULL, text TEXT NOT NULL, octets BLOB NOT NULL,
  lane INTEGER NOT NULL, encoding INTEGER NOT NULL, flash INTEGER NOT NULL, report INTEGER NOT NULL,
  valid_for_ms INTEGER NOT NULL, send_at_ms INTEGER NOT NULL, sim TEXT NOT NULL, in_doubt INTEGER NOT NULL,
  ref TEXT NOT NULL, concat_reference INTEGER NOT NULL, created_ms INTEGER NOT NULL, durable_late INTEGER NOT NULL,
  state INTEGER NOT NULL, parts BLOB NOT NULL, due_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,
  submitted_ms INTEGER NOT NULL, delivered_ms INTEGER NOT NULL, in_doubt_ms INTEGER NOT NULL,
  unconfirmed INTEGER NOT NULL, error_code TEXT NOT NULL, error_text TEXT NOT NULL, why TEXT NOT NULL,
  avoid_iccid TEXT NOT NULL, plain INTEGER NOT NULL,
  awaits INTEGER NOT NULL, partly INTEGER NOT NULL);
CREATE INDEX messages_ready ON messages(lane, owner, id) WHERE state=0 AND due_ms=0;
CREATE INDEX messages_later ON messages(due_ms, id, state) WHERE state=0 AND due_ms>0;
CREATE INDEX messages_in_flight ON messages(id) WHERE state IN (1,7);
CREATE INDEX messages_partly ON messages(id) WHERE partly=1;
CREATE INDEX messages_awaiting ON messages(id) WHERE awaits=1;
CREATE INDEX messages_lost ON messages(id) WHERE state IN (4,5,6);
CREATE INDEX messages_broadcast ON messages(broadcast, state) WHERE broadcast>0;
CREATE TABLE recipients(to_number TEXT, id INTEGER, PRIMARY KEY(to_number, id)) WITHOUT ROWID;
CREATE TABLE refs(ref TEXT, id INTEGER, PRIMARY KEY(ref, id)) WITHOUT ROWID;
CREATE TABLE open_lists(first_id INTEGER PRIMARY KEY);

CREATE TABLE inbound_parts(
  id INTEGER PRIMARY KEY,
  iccid TEXT NOT NULL, modem TEXT NOT NULL, mem TEXT NOT NULL, idx INTEGER NOT NULL, pdu TEXT NOT NULL,
  key_hash INTEGER NOT NULL, sender TEXT NOT NULL, sender_ton INTEGER NOT NULL,
  sent_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL,
  reference_bits INTEGER NOT NULL, reference INTEGER NOT NULL, total INTEGER NOT NULL, sequence INTEGER NOT NULL,
  alphabet INTEGER NOT NULL, units BLOB NOT NULL, secret_verdict INTEGER NOT NULL, keyword TEXT NOT NULL,
  defects TEXT NOT NULL, released INTEGER NOT NULL);
CREATE INDEX inbound_parts_unreleased ON inbound_parts(id) WHERE released=0;
CREATE INDEX inbound_parts_keys ON inbound_parts(id, received_ms, key_hash);
CREATE INDEX inbound_parts_sets ON inbound_parts(
  id, received_ms, total, sequence, reference_bits, reference, iccid, sender, sender_ton) WHERE total>1;

CREATE TABLE inbox(
  id INTEGER PRIMARY KEY,
  from_number TEXT NOT NULL, iccid TEXT NOT NULL, text TEXT NOT NULL, octets BLOB NOT NULL,
  received_ms INTEGER NOT NULL, sent_ms INTEGER NOT NULL, segments INTEGER NOT NULL, complete INTEGER NOT NULL,
  missing BLOB NOT NULL, replaces INTEGER NOT NULL, keyword TEXT NOT NULL, defects TEXT NOT NULL,
  durable_late INTEGER NOT NULL);
CREATE INDEX inbox_from ON inbox(from_number, id);

CREATE TABLE broadcasts(
  id INTEGER PRIMARY KEY,
  owner INTEGER NOT NULL, group_name TEXT NOT NULL, keyword TEXT NOT NULL, from_number TEXT NOT NULL,
  from_iccid TEXT NOT NULL, form BLOB NOT NULL, recipients INTEGER NOT NULL, expanded INTEGER NOT NULL,
  created_ms INTEGER NOT NULL, answer_due INTEGER NOT NULL, answered_ms INTEGER NOT NULL, open INTEGER NOT NULL);
CREATE INDEX broadcasts_open ON broadcasts(id) WHERE open=1;
CREATE TABLE broadcast_numbers(broadcast INTEGER PRIMARY KEY, numbers BLOB NOT NULL);

CREATE TABLE groups(name TEXT PRIMARY KEY, members BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE keywords(
  word TEXT PRIMARY KEY,
  from_list BLOB NOT NULL, from_given INTEGER NOT NULL, secret TEXT NOT NULL, action TEXT NOT NULL,
  group_name TEXT NOT NULL, text TEXT NOT NULL, lane INTEGER NOT NULL, report INTEGER NOT NULL,
  cooldown_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tokens(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL, team TEXT NOT NULL, sha256 BLOB NOT NULL, scopes BLOB NOT NULL,
  created_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL);
CREATE TABLE sims(
  iccid TEXT PRIMARY KEY,
  imsi TEXT NOT NULL, number TEXT NOT NULL, modem TEXT NOT NULL, first_seen_ms INTEGER NOT NULL,
  last_seen_ms INTEGER NOT NULL, last_tp_mr INTEGER NOT NULL, pin_tried_sha256 BLOB NOT NULL,
  pin_refused INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sim_days(
  day TEXT, iccid TEXT, segments INTEGER NOT NULL, PRIMARY KEY(day, iccid)) WITHOUT ROWID;
CREATE TABLE audit(
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE locks(
  number TEXT PRIMARY KEY, failures INTEGER NOT NULL, locks INTEGER NOT NULL,
  locked_until_ms INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// A message of version 1 was cut without national tables, and inbound parts were read without.
constexpr const char* kVersion2 = R"sql(
ALTER TABLE messages ADD COLUMN replace_type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN languages INTEGER NOT NULL DEFAULT -1;
ALTER TABLE messages ADD COLUMN locking INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN single INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbound_parts ADD COLUMN locking INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbound_parts ADD COLUMN single INTEGER NOT NULL DEFAULT 0;
)sql";

// SQLite builds a table of the list for every row that meets an IN of three.
constexpr const char* kVersion3 = R"sql(
DROP INDEX messages_lost;
CREATE INDEX messages_lost ON messages(id) WHERE state BETWEEN 4 AND 6;
)sql";

// -1 in sim_overrides: not set. erasures: who asked to be forgotten, until it is done: in which rows, and how far that is.
// Events: a row for each commit, behind all others; what changed is in the blob, and what never changes stays
// in the row it speaks of. A conversation is known from the first text that comes in, or from when the
// recipients' index is filled. after_message: how far `messages` was when a text came; -1: not known, its
// time has to tell.
constexpr const char* kVersion4 = R"sql(
ALTER TABLE sim_days ADD COLUMN hour INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim_days ADD COLUMN in_hour INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sim_overrides(
  iccid TEXT PRIMARY KEY, hourly_limit INTEGER NOT NULL, daily_limit INTEGER NOT NULL, monthly_limit INTEGER NOT NULL,
  weight_millionths INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE contacts(name TEXT PRIMARY KEY, numbers BLOB NOT NULL, tags BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE erasures(
  number TEXT PRIMARY KEY, last_message INTEGER NOT NULL, last_inbox INTEGER NOT NULL, last_part INTEGER NOT NULL,
  last_broadcast INTEGER NOT NULL, stage INTEGER NOT NULL, cursor INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE events(
  last INTEGER PRIMARY KEY, first INTEGER NOT NULL, at_ms INTEGER NOT NULL, changes BLOB NOT NULL);
ALTER TABLE messages ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN conversation TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE inbox ADD COLUMN after_message INTEGER NOT NULL DEFAULT -1;
UPDATE inbox SET conversation=from_number;
CREATE INDEX inbox_conversation ON inbox(conversation, id);
CREATE TABLE contexts(number TEXT PRIMARY KEY, message INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE conversations(id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE);
CREATE TABLE opt_outs(
  id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE, source TEXT NOT NULL, since_ms INTEGER NOT NULL);
INSERT INTO conversations(number) SELECT from_number FROM inbox GROUP BY from_number ORDER BY min(id);
INSERT OR IGNORE INTO conversations(number) SELECT DISTINCT to_number FROM recipients;
)sql";

// -1 in sim_overrides: not set. sim_recipients: whom a SIM wrote to since that day, where that is limited; a hash stands for the number.
//
// Texts that have to be gone for certain are not in rows that change: when a row grows, SQLite builds pages anew, and what was in one before
// may stay in its unused part. `pad` is longer than a page, so the text behind it lies in pages that are its alone, are never
// moved, and are written over with zeros when the row is deleted. A copy has these tables empty.
//
// instead_of: the message that did not arrive. further: what is tried after a number, until it is tried or not needed any more.
// The stages of an erasure have another order since.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE sim_days ADD COLUMN minute INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim_days ADD COLUMN in_minute INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim_days ADD COLUMN abroad INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sim_overrides ADD COLUMN minute_limit INTEGER NOT NULL DEFAULT -1;
ALTER TABLE sim_overrides ADD COLUMN international_limit INTEGER NOT NULL DEFAULT -1;
ALTER TABLE sim_overrides ADD COLUMN recipients_limit INTEGER NOT NULL DEFAULT -1;
CREATE TABLE sim_recipients(
  month TEXT, iccid TEXT, recipient INTEGER, PRIMARY KEY(month, iccid, recipient)) WITHOUT ROWID;
ALTER TABLE messages ADD COLUMN sensitive INTEGER NOT NULL DEFAULT 0;
CREATE TABLE sensitive_texts(id INTEGER PRIMARY KEY, pad BLOB NOT NULL, text TEXT NOT NULL, octets BLOB NOT NULL);
CREATE TABLE sensitive_forms(id INTEGER PRIMARY KEY, pad BLOB NOT NULL, text TEXT NOT NULL, octets BLOB NOT NULL);
ALTER TABLE messages ADD COLUMN instead_of INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN further BLOB NOT NULL DEFAULT X'';
ALTER TABLE broadcast_numbers ADD COLUMN further BLOB NOT NULL DEFAULT X'';
CREATE INDEX messages_following ON messages(broadcast, instead_of) WHERE instead_of>0;
CREATE INDEX messages_further ON messages(id) WHERE further<>X'';
UPDATE erasures SET stage=0, cursor=0;
)sql";

constexpr SchemaStep kSteps[] = {{1, kVersion1}, {2, kVersion2}, {3, kVersion3}, {4, kVersion4}, {5, kVersion5}};

std::optional<Failure> step_up(Connection& db, const SchemaStep& step) {
  db.run("BEGIN IMMEDIATE");
  db.script(step.sql);
  db.script(("PRAGMA user_version=" + std::to_string(step.to)).c_str());
  db.run("COMMIT");
  if (db.failed()) db.rollback();
  return db.failure();
}

}  // namespace

std::span<const SchemaStep> schema_steps() {
  return kSteps;
}

std::optional<Failure> upgrade(Connection& db, std::span<const SchemaStep> steps) {
  const auto version = db.number("PRAGMA user_version");
  const auto tables = db.number("SELECT count(*) FROM sqlite_schema");
  if (db.failed()) return db.failure();
  if (version.value_or(0) == 0 && tables.value_or(0) != 0) {
    return Failure{Failure::Kind::other, "klaxon.db holds tables of another program"};
  }
  if (version.value_or(0) > steps.back().to) {
    return Failure{Failure::Kind::other, "klaxon.db has schema " + std::to_string(*version) +
                                             ", this version knows " + std::to_string(steps.back().to) +
                                             " at most: it was written by a newer klaxon"};
  }
  for (const SchemaStep& step : steps) {
    if (step.to <= version.value_or(0)) continue;
    if (auto failure = step_up(db, step)) return failure;
  }
  return {};
}

}  // namespace klaxon::store
