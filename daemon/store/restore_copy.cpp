#include "daemon/store/restore_copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <utility>

#include "daemon/store/data_dir.h"
#include "daemon/store/message_rows.h"
#include "daemon/store/packed.h"
#include "daemon/store/schema.h"

namespace klaxon::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSlice = 1000;  // messages in memory at once
// Ids are never given twice, not even those that the copy does not know of. More than one a millisecond no
// bank of modems sends.
constexpr std::int64_t kIdsApart = 1'000'000;
constexpr const char* kHeld = "restored from a copy: it may have been sent since";

Failure failed(const std::string& text) {
  return {Failure::Kind::other, text};
}

// "20261122T123456Z"
std::string stamp(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return text.data();
}

std::optional<Failure> copy_file(const std::string& from, const std::string& to) {
  std::error_code error;
  if (fs::exists(from + "-wal", error) && fs::file_size(from + "-wal", error) > 0)
    return failed(from +
                  "-wal lies beside it: that is no copy that klaxon made, and half of it may be in there");
  std::ifstream in(from, std::ios::binary);
  std::array<char, 16> magic{};
  if (!in.read(magic.data(), magic.size()))
    return failed(from + ": " + (in.is_open() ? "is no copy of klaxon.db" : std::strerror(errno)));
  if (std::strncmp(magic.data(), "SQLite format 3", magic.size()) != 0)
    return failed(from + ": is no copy of klaxon.db");
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return failed(to + ": " + error.message());
  ::chmod(to.c_str(), 0640);
  return {};
}

std::optional<Failure> sync_path(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int number = errno;
  if (file >= 0) ::close(file);
  return synced ? std::nullopt : std::optional(failed(path + ": " + std::strerror(number)));
}

// root may restore; the files stay those of the user whom the daemon runs as.
void give_to_owner_of(const std::string& folder, const std::string& path) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &owner) != 0) return;
  if (::chown(path.c_str(), owner.st_uid, owner.st_gid) != 0)
    return;  // the daemon will name what it can't open
}

std::optional<Failure> check(Connection& db, const std::string& file) {
  const auto foreign = db.number("SELECT count(*) FROM sqlite_schema WHERE name IN ('messages','meta')");
  if (!db.failed() && foreign != 2) return failed(file + ": is no copy of klaxon.db");
  std::string damage;
  {
    Query rows = db.query("PRAGMA integrity_check(3)");
    while (rows.next()) {
      if (rows.view(0) != "ok") damage += (damage.empty() ? "" : "; ") + rows.text(0);
    }
  }
  if (db.failed()) damage = db.failure()->text;
  db.clear_failure();
  if (!damage.empty()) return failed(file + " is damaged: " + damage);
  return upgrade(db);
}

// False: it can't have gone since and stays as it is.
bool in_doubt_now(MessageRecord& message, std::int64_t now_ms) {
  const bool later =
      message.state == MessageState::queued && message.attempts == 0 && message.send_at_ms > now_ms;
  if (later) return false;
  for (PartRecord& part : message.parts) {
    if (part.state != MessageState::queued && part.state != MessageState::submitting) continue;
    part.state = MessageState::unknown;
    part.modem.clear();  // what is found at that port now says nothing of this attempt
  }
  message.state = MessageState::unknown;
  message.due_ms = 0;
  message.in_doubt_ms = now_ms;
  message.why = kHeld;
  return true;
}

std::vector<MessageRecord> slice_after(Connection& db, Id after, const char* states, const char* which = "") {
  const std::string rest = "WHERE id>?1 AND state IN (" + std::string(states) + ") " + which + "ORDER BY id LIMIT ?2";
  return rows_of(db.query(select_messages(rest), after, kSlice));
}

void fail_without_text(MessageRecord& message) {
  bool first = true;
  for (PartRecord& part : message.parts) {
    if (part.state != MessageState::queued && part.state != MessageState::submitting) continue;
    part.state = std::exchange(first, false) ? MessageState::failed : MessageState::cancelled;
  }
  message.state = MessageState::failed;
  message.due_ms = 0;
  message.why.clear();
  message.error_code = kTextGoneCode;
  message.error_text = std::string(kTextGoneText) + "; it may have been sent since";
}

// Whatever is said of the rest: nothing could be sent of these.
void fail_sensitive(Connection& db, RestoreReport* report) {
  const char* const which = "AND sensitive=1 ";
  Id after = 0;
  for (auto slice = slice_after(db, after, "0,1", which); !slice.empty(); slice = slice_after(db, after, "0,1", which)) {
    after = slice.back().id;
    for (MessageRecord& message : slice) {
      if (!message.lost_text()) continue;  // a file that somebody copied by hand
      fail_without_text(message);
      update_message(db, message);
      ++report->without_text;
    }
  }
}

// What was begun before the copy: its slot has been emptied since, and that must not look as if it had never
// been filled.
void forget_slots(Connection& db) {
  Id after = 0;
  for (auto slice = slice_after(db, after, "0,1,7"); !slice.empty();
       slice = slice_after(db, after, "0,1,7")) {
    after = slice.back().id;
    for (MessageRecord& message : slice) {
      bool changed = false;
      for (PartRecord& part : message.parts) {
        if (!part.stored_first() && !part.heard() && !part.passed()) continue;
        part.tp_mr = -1;
        changed = true;
      }
      if (changed) update_message(db, message);
    }
  }
}

void hold_owed(Connection& db, std::int64_t now_ms, RestoreReport* report) {
  Id after = 0;
  for (auto slice = slice_after(db, after, "0,1"); !slice.empty(); slice = slice_after(db, after, "0,1")) {
    after = slice.back().id;
    for (MessageRecord& message : slice) {
      if (!in_doubt_now(message, now_ms)) continue;
      update_message(db, message);
      ++report->in_doubt;
    }
  }
  // Lane alert would repeat by itself what is in doubt.
  db.run("UPDATE messages SET in_doubt=?1 WHERE state=7", DoubtPolicy::hold);
  // Who had not been reached yet has no message that could be settled.
  report->unsent_recipients =
      db.number("SELECT sum(recipients-expanded) FROM broadcasts WHERE open=1").value_or(0);
  db.run("UPDATE broadcasts SET expanded=recipients,answer_due=0,open=0 WHERE open=1");
  db.run("DELETE FROM sensitive_forms");
  db.run("UPDATE broadcast_numbers SET further=X'' WHERE further<>X''");
}

void raise(Connection& db, const char* name, const char* table, std::int64_t by) {
  db.run(std::string("INSERT INTO meta(name,value) SELECT '") + name + "',coalesce(max(id),0)+?1 FROM " +
             table + " WHERE 1 ON CONFLICT(name) DO UPDATE SET value=max(value+?1,excluded.value)",
         by);
}

// What the world did meanwhile: ids were given, modems have counted on.
void age(Connection& db, std::int64_t now_ms, std::int64_t since_copy_ms) {
  const std::int64_t by = kIdsApart + since_copy_ms;
  raise(db, "last_message", "messages", by);
  raise(db, "last_part", "inbound_parts", by);
  raise(db, "last_inbox", "inbox", by);
  raise(db, "last_broadcast", "broadcasts", by);
  raise(db, "last_token", "tokens", by);
  raise(db, "last_audit", "audit", by);
  db.run("UPDATE sqlite_sequence SET seq=seq+?1 WHERE name IN ('conversations','opt_outs')", by);
  // Nothing but its id: whoever followed the events is told of a gap, from wherever the copy left him.
  db.run(
      "INSERT INTO events(last,first,at_ms,changes) SELECT "
      "coalesce(max(last),0)+?1,coalesce(max(last),0)+?1,?2,X'' FROM events",
      by, now_ms);
  db.run("DELETE FROM events WHERE last<(SELECT max(last) FROM events)");
  forget_slots(db);
  db.run("UPDATE sims SET last_tp_mr=-1");  // or a count that fits by chance would have a doubt sent again
}

void count_anew(Connection& db) {
  StateCounts counts(kLanes * kMessageStates, 0);
  {
    Query rows = db.query("SELECT lane,state,count(*) FROM messages GROUP BY lane,state");
    while (rows.next()) {
      const auto at =
          static_cast<std::size_t>(rows.small(0)) * kMessageStates + static_cast<std::size_t>(rows.small(1));
      if (at < counts.size()) counts[at] = rows.integer(2);
    }
  }
  const std::string packed = pack_numbers(counts);
  db.run("INSERT OR REPLACE INTO meta(name,value) VALUES('counts',?1)", Blob{packed});
}

void audit(Connection& db, std::int64_t now_ms, const RestoreReport& report) {
  const std::string detail =
      "of " + (report.copied_ms == 0 ? std::string("an unknown day") : stamp(report.copied_ms)) + ", " +
      std::to_string(report.in_doubt) + " messages held" +
      (report.without_text == 0 ? "" : ", " + std::to_string(report.without_text) + " without their text");
  const std::int64_t id = db.number("SELECT value+1 FROM meta WHERE name='last_audit'").value_or(1);
  db.run("INSERT INTO audit(id,at_ms,actor,action,detail) VALUES(?1,?2,'klaxond','backup.restored',?3)", id,
         now_ms, detail);
  db.run("UPDATE meta SET value=?1 WHERE name='last_audit'", id);
}

std::optional<Failure> prepare(const std::string& path, const std::string& file, std::int64_t now_ms,
                               Owed owed, RestoreReport* report) {
  auto opened = Connection::open(path, Connection::Use::write);
  if (!opened) return failed(file + " is damaged: " + opened.error().text);
  Connection& db = *opened;
  if (auto failure = check(db, file)) return failure;
  report->copied_ms = db.number("SELECT value FROM meta WHERE name='backup_ms'").value_or(0);
  db.run("BEGIN IMMEDIATE");
  db.run("DELETE FROM messages WHERE state=8");  // of lists that were not whole: nobody was promised them
  db.run("DELETE FROM open_lists");
  db.run("DELETE FROM sensitive_texts WHERE id NOT IN (SELECT id FROM messages)");
  fail_sensitive(db, report);
  if (owed == Owed::hold) hold_owed(db, now_ms, report);
  age(db, now_ms, report->copied_ms == 0 ? 0 : std::max<std::int64_t>(0, now_ms - report->copied_ms));
  count_anew(db);
  audit(db, now_ms, *report);
  db.run("DELETE FROM meta WHERE name IN ('backup_ms','life')");
  db.run("INSERT OR REPLACE INTO meta(name,value) VALUES('clean',1)");
  report->messages = db.number("SELECT count(*) FROM messages").value_or(0);
  db.run("COMMIT");
  if (!db.failed() && !db.checkpoint(WalAfter::empty)) return failed(path + ": its WAL can't be emptied");
  return db.failure();
}

}  // namespace

at::Expected<RestoreReport, Failure> restore_copy(const std::string& file, const std::string& data_dir,
                                                  std::int64_t now_ms, Owed owed) {
  auto dir = DataDir::open(data_dir);
  if (!dir) return at::Unexpected{dir.error()};
  const std::string staged = (*dir)->path() + "/klaxon.restoring";
  RestoreReport report;
  auto failure = copy_file(file, staged);
  if (!failure) failure = prepare(staged, file, now_ms, owed, &report);
  std::error_code ignored;
  for (const char* part : {"-wal", "-shm"}) fs::remove(staged + part, ignored);
  if (!failure) failure = sync_path(staged);
  if (failure) {
    fs::remove(staged, ignored);
    return at::Unexpected{*failure};
  }
  give_to_owner_of((*dir)->path(), staged);
  report.kept_in = (*dir)->aside(stamp(now_ms));
  if (auto late = (*dir)->replace_database(staged, stamp(now_ms))) return at::Unexpected{*late};
  give_to_owner_of((*dir)->path(), report.kept_in);
  return report;
}

}  // namespace klaxon::store
