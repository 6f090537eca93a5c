#include "daemon/store/forgetting.h"

#include <algorithm>
#include <utility>

#include "daemon/store/message_rows.h"
#include "daemon/store/packed.h"

namespace klaxon::store {
namespace {

constexpr std::size_t kLooked = 5 * Forgetting::kSlice;
constexpr std::size_t kBroadcastsASlice = 20;  // each with a list of up to 10 000 numbers
// What an erasure goes through. The inbox comes last: it knows in which spellings the network gave that
// number.
enum Stage : int { kOfMessages, kOfParts, kOfBroadcasts, kStillToTry, kOfInbox, kStages };
const std::string kAnySpelling = "IN (SELECT ?1 UNION SELECT from_number FROM inbox WHERE conversation=?1)";

struct Old {
  Id id = 0;
  std::size_t cell = 0;  // of StateCounts
  std::string to, ref;
};

bool all_zero(const StateCounts& counts) {
  return std::all_of(counts.begin(), counts.end(), [](std::int64_t n) { return n == 0; });
}

// In the same transaction, so that a crash leaves rows and counts in agreement.
void take_off(Connection& db, const StateCounts& gone) {
  if (all_zero(gone)) return;
  StateCounts kept;
  {
    Query rows = db.query("SELECT value FROM meta WHERE name='counts'");
    if (rows.next()) unpack_numbers(rows.view(0), &kept);
  }
  if (kept.size() < gone.size()) return;  // none were ever written
  for (std::size_t i = 0; i < gone.size(); ++i) kept[i] -= gone[i];
  const std::string packed = pack_numbers(kept);
  db.run("UPDATE meta SET value=?1 WHERE name='counts'", Blob{packed});
}

}  // namespace

void Forgetting::older_than(std::int64_t before_ms) {
  before_ms_ = before_ms;
  if (table_ != Table::none) return;  // goes on where it is; the next hour begins anew
  table_ = Table::messages;
  cursor_ = 0;
}

bool Forgetting::wal_holds_it() {
  return std::exchange(deleted_, false);
}

StateCounts Forgetting::take_counts() {
  return std::exchange(counts_, {});
}

bool Forgetting::slice() {
  erasing_ = erasing_ && owes_erasures();
  if (!erasing_ && table_ == Table::none) return false;
  slice_counts_.assign(kLanes * kMessageStates, 0);
  db_.run("BEGIN IMMEDIATE");
  const bool more = erasing_ ? erase_slice() : retain_slice();
  return finish() && more;
}

bool Forgetting::finish() {
  take_off(db_, slice_counts_);
  db_.run("COMMIT");
  if (db_.failed()) {
    db_.rollback();
    return false;
  }
  if (counts_.empty() && !all_zero(slice_counts_)) counts_.assign(slice_counts_.size(), 0);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += slice_counts_[i];
  return true;
}

void Forgetting::remove_message(const std::string& to, const std::string& ref, Id id) {
  db_.run("DELETE FROM recipients WHERE to_number=?1 AND id=?2", to, id);
  if (!ref.empty()) db_.run("DELETE FROM refs WHERE ref=?1 AND id=?2", ref, id);
  db_.run("DELETE FROM messages WHERE id=?1", id);
  deleted_ = true;
}

// The rows of one table after the other. Ids ascend with time, but for a clock that was wrong: a whole look
// without an old row ends a table, not the first row that is young.
bool Forgetting::retain_slice() {
  bool more = false;
  switch (table_) {
    case Table::messages:
      more = old_messages();
      break;
    case Table::inbox:
      more = old_rows("SELECT id,received_ms<?2,1 FROM inbox WHERE id>?1 ORDER BY id LIMIT ?3",
                      {"DELETE FROM inbox WHERE id=?1"});
      break;
    case Table::parts:
      more = old_rows("SELECT id,received_ms<?2,released FROM inbound_parts WHERE id>?1 ORDER BY id LIMIT ?3",
                      {"DELETE FROM inbound_parts WHERE id=?1"});
      break;
    case Table::audit:
      more = old_rows("SELECT id,at_ms<?2,1 FROM audit WHERE id>?1 ORDER BY id LIMIT ?3",
                      {"DELETE FROM audit WHERE id=?1"});
      break;
    case Table::broadcasts:
      more = old_rows(
          "SELECT id,created_ms<?2,open=0 AND NOT EXISTS(SELECT 1 FROM messages INDEXED BY messages_broadcast"
          " WHERE broadcast>0 AND broadcast=broadcasts.id) FROM broadcasts WHERE id>?1 ORDER BY id LIMIT ?3",
          {"DELETE FROM broadcast_numbers WHERE broadcast=?1", "DELETE FROM broadcasts WHERE id=?1"});
      break;
    case Table::conversations:  // of which nothing is left
      more = old_rows(
          "SELECT id,?2>0,NOT EXISTS(SELECT 1 FROM recipients WHERE to_number=number) AND NOT EXISTS(SELECT "
          "1 FROM"
          " inbox WHERE conversation=number) FROM conversations WHERE id>?1 ORDER BY id LIMIT ?3",
          {"DELETE FROM contexts WHERE number=(SELECT number FROM conversations WHERE id=?1)",
           "DELETE FROM conversations WHERE id=?1"});
      break;
    case Table::none:
      break;
  }
  if (more || db_.failed()) return true;
  table_ = static_cast<Table>(static_cast<int>(table_) + 1);
  cursor_ = 0;
  return table_ != Table::none;
}

// A message's age counts from the last thing that happened to it.
bool Forgetting::old_messages() {
  std::vector<Old> old;
  Id last = cursor_;
  bool some_old = false;
  {
    Query rows = db_.query(
        "SELECT id,max(created_ms,submitted_ms,delivered_ms,send_at_ms)<?2,lane,state,to_number,ref FROM "
        "messages"
        " WHERE id>?1 ORDER BY id LIMIT ?3",
        cursor_, before_ms_, kLooked);
    while (old.size() < kSlice && rows.next()) {
      last = rows.id(0);
      if (!rows.flag(1)) continue;
      some_old = true;
      const int state = rows.small(3);
      // submitted is the end where no report comes.
      if (state < 2 || state > 6) continue;
      old.push_back(
          {last, static_cast<std::size_t>(rows.small(2)) * kMessageStates + static_cast<std::size_t>(state),
           rows.text(4), rows.text(5)});
    }
  }
  for (const Old& row : old) {
    remove_message(row.to, row.ref, row.id);
    if (row.cell < slice_counts_.size()) ++slice_counts_[row.cell];
  }
  cursor_ = last;
  return some_old;
}

// select: id, whether it is older than ?2, whether it may go at all; after ?1, at most ?3.
bool Forgetting::old_rows(const char* select, const std::vector<const char*>& removals) {
  std::vector<Id> old;
  Id last = cursor_;
  bool some_old = false;
  {
    Query rows = db_.query(select, cursor_, before_ms_, kLooked);
    while (old.size() < kSlice && rows.next()) {
      last = rows.id(0);
      some_old = some_old || rows.flag(1);
      if (rows.flag(1) && rows.flag(2)) old.push_back(last);
    }
  }
  for (const Id id : old) {
    for (const char* removal : removals) db_.run(removal, id);
    deleted_ = true;
  }
  cursor_ = last;
  return some_old;
}

// One step of the first erasure that is not done.
bool Forgetting::erase_slice() {
  std::string number;
  Id last[kStages] = {}, cursor = 0;
  int stage = 0;
  {
    Query rows = db_.query(
        "SELECT number,last_message,last_part,last_broadcast,last_message,last_inbox,stage,cursor"
        " FROM erasures ORDER BY number LIMIT 1");
    if (!rows.next()) {
      erasing_ = false;
      return table_ != Table::none;
    }
    number = rows.text(0);
    for (int i = 0; i < kStages; ++i) last[i] = rows.id(i + 1);
    stage = rows.small(kStages + 1);
    cursor = rows.id(kStages + 2);
  }
  deleted_ = true;
  if (const auto at = erase_step(number, stage, cursor, last[std::clamp(stage, 0, kStages - 1)])) {
    db_.run("UPDATE erasures SET cursor=?2 WHERE number=?1", number, *at);
  } else if (stage + 1 < kStages) {
    db_.run("UPDATE erasures SET stage=?2,cursor=0 WHERE number=?1", number, stage + 1);
  } else {
    db_.run("DELETE FROM contexts WHERE number=?1", number);
    db_.run("DELETE FROM sim_recipients WHERE recipient=?1", recipient_key(number));
    db_.run("DELETE FROM conversations WHERE number=?1", number);
    db_.run("DELETE FROM erasures WHERE number=?1", number);
  }
  return true;
}

// How far it is; none: this stage is done.
std::optional<Id> Forgetting::erase_step(const std::string& number, int stage, Id cursor, Id last) {
  switch (stage) {
    case kOfMessages:
      return erase_messages(number, cursor, last);
    case kOfParts:
      return erase_parts(number, cursor, last);
    case kOfBroadcasts:
      return erase_broadcasts(number, cursor, last);
    case kStillToTry:
      return erase_further(number, cursor, last);
    default:
      return erase_inbox(number, cursor, last);
  }
}

// By the index of recipients, which is filled before this runs. What is not final keeps its row for the
// report that may come.
std::optional<Id> Forgetting::erase_messages(const std::string& number, Id cursor, Id last) {
  std::vector<Old> found;
  std::optional<Id> at;
  {
    Query rows = db_.query(
        "SELECT r.id,m.lane,m.state,m.ref FROM recipients r JOIN messages m ON m.id=r.id WHERE "
        "r.to_number=?1 AND r.id>?2 AND"
        " r.id<=?3 ORDER BY r.id LIMIT ?4",
        number, cursor, last, kSlice);
    while (rows.next()) {
      at = rows.id(0);
      const int state = rows.small(2);
      if (state >= 2 && state <= 6)
        found.push_back(
            {*at,
             static_cast<std::size_t>(rows.small(1)) * kMessageStates + static_cast<std::size_t>(state),
             {},
             rows.text(3)});
    }
  }
  for (const Old& row : found) {
    if (row.cell % kMessageStates != static_cast<std::size_t>(MessageState::submitted)) {
      remove_message(number, row.ref, row.id);
      if (row.cell < slice_counts_.size()) ++slice_counts_[row.cell];
      continue;
    }
    db_.run("DELETE FROM recipients WHERE to_number=?1 AND id=?2", number, row.id);
    if (!row.ref.empty()) db_.run("DELETE FROM refs WHERE ref=?1 AND id=?2", row.ref, row.id);
    db_.run("UPDATE messages SET to_number='',text='',octets=X'',ref='',context='',further=X'' WHERE id=?1",
            row.id);
  }
  return at;
}

std::optional<Id> Forgetting::erase_inbox(const std::string& number, Id cursor, Id last) {
  std::vector<Id> found;
  {
    Query rows =
        db_.query("SELECT id FROM inbox WHERE conversation=?1 AND id>?2 AND id<=?3 ORDER BY id LIMIT ?4",
                  number, cursor, last, kSlice);
    while (rows.next()) found.push_back(rows.id(0));
  }
  for (const Id id : found) db_.run("DELETE FROM inbox WHERE id=?1", id);
  return found.empty() ? std::nullopt : std::optional(found.back());
}

// The row stays for the hash in it: the same text, read again from its SIM, must not come again.
std::optional<Id> Forgetting::erase_parts(const std::string& number, Id cursor, Id last) {
  static const std::string sql =
      "SELECT id,sender " + kAnySpelling + " FROM inbound_parts WHERE id>?2 AND id<=?3 ORDER BY id LIMIT ?4";
  std::vector<Id> found;
  std::optional<Id> at;
  {
    Query rows = db_.query(sql, number, cursor, last, kLooked);
    while (rows.next()) {
      at = rows.id(0);
      if (rows.flag(1)) found.push_back(*at);
    }
  }
  for (const Id id : found)
    db_.run(
        "UPDATE inbound_parts SET pdu='',units=X'',sender='',keyword='',defects='',released=1 WHERE id=?1",
        id);
  return at;
}

// Of one that is under way the places stay, and whoever it has not come to yet: that is still to be sent.
std::optional<Id> Forgetting::erase_broadcasts(const std::string& number, Id cursor, Id last) {
  std::optional<Id> at;
  std::vector<std::pair<Id, std::vector<std::string>>> changed;
  {
    Query rows = db_.query(
        "SELECT b.id,n.numbers,b.open,b.expanded FROM broadcasts b"
        " JOIN broadcast_numbers n ON n.broadcast=b.id WHERE b.id>?1 AND b.id<=?2 ORDER BY b.id LIMIT ?3",
        cursor, last, kBroadcastsASlice);
    while (rows.next()) {
      at = rows.id(0);
      std::vector<std::string> numbers;
      unpack_strings(rows.view(1), &numbers);
      const auto reached =
          numbers.begin() + std::min(rows.integer(3), static_cast<std::int64_t>(numbers.size()));
      if (std::find(numbers.begin(), reached, number) == reached) continue;
      std::replace(numbers.begin(), reached, number, std::string());
      if (!rows.flag(2)) std::erase(numbers, std::string());
      changed.emplace_back(*at, std::move(numbers));
    }
  }
  for (const auto& [id, numbers] : changed) {
    const std::string packed = pack_strings(numbers);
    db_.run("UPDATE broadcast_numbers SET numbers=?2 WHERE broadcast=?1", id, Blob{packed});
  }
  static const std::string unnamed =
      "UPDATE broadcasts SET from_number='' WHERE id>?2 AND id<=?3 AND from_number " + kAnySpelling;
  db_.run(unnamed.c_str(), number, cursor, at.value_or(last));
  static const std::string unlocked = "DELETE FROM locks WHERE number " + kAnySpelling;
  db_.run(unlocked.c_str(), number);
  return at;
}

// In what was sent to others: the number is somebody's second.
std::optional<Id> Forgetting::erase_further(const std::string& number, Id cursor, Id last) {
  static const std::string sql = "SELECT id,further FROM messages " + std::string(kFurtherRows) +
                                 "AND id>?1 AND id<=?2 ORDER BY id LIMIT ?3";
  std::optional<Id> at;
  std::vector<std::pair<Id, FurtherNumbers>> changed;
  {
    Query rows = db_.query(sql, cursor, last, kLooked);
    while (rows.next()) {
      at = rows.id(0);
      FurtherNumbers further;
      unpack_further(rows.view(1), &further);
      std::size_t found = 0;
      for (auto& numbers : further) found += std::erase(numbers, number);
      std::erase_if(further, [](const auto& numbers) { return numbers.empty(); });
      if (found > 0) changed.emplace_back(*at, std::move(further));
    }
  }
  for (const auto& [id, further] : changed) {
    const std::string packed = pack_further(further);
    db_.run("UPDATE messages SET further=?2 WHERE id=?1", id, Blob{packed});
  }
  return at;
}

}  // namespace klaxon::store
