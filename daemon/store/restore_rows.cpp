#include "daemon/store/restore_rows.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "daemon/store/message_rows.h"
#include "daemon/store/packed.h"
#include "daemon/store/read_rows.h"

namespace klaxon::store {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kAwaitDays = 8, kPartDays = 7;
constexpr std::size_t kFollowed = 100'000;
constexpr std::size_t kUnknown = 10'000, kAwaiting = 20'000, kKeys = 200'000, kSets = 200'000;
constexpr std::size_t kUnreleased = 50'000;  // commits away from being an inbox row; a few at most in truth
constexpr std::size_t kSimDays = 3;  // distinct days: today, yesterday and one that a wrong clock made

Id next_id(Connection& db, const std::string& table, const std::string& mark) {
  const auto kept = db.number("SELECT value FROM meta WHERE name=?1", mark);
  const auto newest = db.number("SELECT max(id) FROM " + table);
  return static_cast<Id>(std::max(kept.value_or(0), newest.value_or(0))) + 1;
}

std::int64_t newest_ms(Connection& db, const std::string& column, const std::string& table,
                       std::int64_t now_ms) {
  const auto newest = db.number("SELECT " + column + " FROM " + table + " ORDER BY id DESC LIMIT 1");
  return std::min(now_ms, newest.value_or(now_ms));
}

std::vector<MessageRecord> newest_messages(Connection& db, const std::string& where, std::size_t limit) {
  auto rows = rows_of(db.query(select_messages(where + " ORDER BY id DESC LIMIT ?1"), limit));
  std::reverse(rows.begin(), rows.end());
  return rows;
}

std::vector<MessageRecord> read_awaiting(Connection& db, std::int64_t now_ms) {
  // Those in doubt or with parts left to send are in the other lists.
  auto rows = newest_messages(db, std::string(kAwaitingRows) + "AND state NOT IN (0,1,7,8)", kAwaiting);
  const std::int64_t since = newest_ms(db, "created_ms", "messages", now_ms) - kAwaitDays * kDayMs;
  std::erase_if(rows, [&](const MessageRecord& message) {
    return std::none_of(message.parts.begin(), message.parts.end(),
                        [&](const PartRecord& part) { return part.submitted_ms >= since; });
  });
  return rows;
}

void read_messages(Connection& db, std::int64_t now_ms, Restored* out) {
  // Without a bound: there is one for each modem at most.
  out->submitting =
      rows_of(db.query(select_messages(std::string(kInFlightRows) + "AND state=1 ORDER BY id")));
  out->unknown = newest_messages(db, std::string(kInFlightRows) + "AND state=7", kUnknown);
  out->partly = rows_of(db.query(select_messages(std::string(kPartlyRows) + "ORDER BY id")));
  out->awaiting = read_awaiting(db, now_ms);
  out->flows = read_flows(db);
}

constexpr const char* kPartColumns =
    "SELECT id,iccid,modem,mem,idx,pdu,key_hash,sender,sender_ton,sent_ms,received_ms,reference_bits,"
    "reference,total,sequence,alphabet,units,secret_verdict,keyword,defects,released,locking,single"
    " FROM inbound_parts ";

InboundPartRecord row_part(const Query& row) {
  InboundPartRecord p;
  p.id = row.id(0);
  p.iccid = row.text(1);
  p.modem = row.text(2);
  p.mem = row.text(3);
  p.index = row.small(4);
  p.pdu = row.text(5);
  p.key_hash = row.id(6);
  p.sender = row.text(7);
  p.sender_ton = row.small(8);
  p.sent_ms = row.integer(9);
  p.received_ms = row.integer(10);
  p.reference_bits = row.small(11);
  p.reference = row.small(12);
  p.total = row.small(13);
  p.sequence = row.small(14);
  p.alphabet = row.small(15);
  p.units = row.text(16);
  p.secret_verdict = static_cast<std::uint8_t>(row.small(17));
  p.keyword = row.text(18);
  p.defects = row.text(19);
  p.released = row.flag(20);
  p.locking = static_cast<std::uint8_t>(row.small(21));
  p.single = static_cast<std::uint8_t>(row.small(22));
  return p;
}

std::optional<InboundPartRecord> read_part(Connection& db, Id id) {
  static const std::string sql = std::string(kPartColumns) + "WHERE id=?1";
  Query rows = db.query(sql, id);
  if (!rows.next()) return {};
  return row_part(rows);
}

// Goes through the parts of the last days in order, as the
// assembler did, and forgets the sets that became whole.
class OpenSets {
 public:
  OpenSets(Connection& db, const std::set<Id>& unreleased) : db_(db), unreleased_(unreleased) {}

  // Columns of inbound_parts_sets.
  void add(const Query& row) {
    const Key key{row.small(2), row.small(4), row.small(5), row.text(6), row.text(7), row.small(8)};
    Set& set = sets_[key];
    const int sequence = row.small(3);
    const Id id = row.id(0);
    if (const auto same = set.find(sequence); same != set.end()) {
      if (units(same->second) == units(id)) return;  // a repeat
      set.clear();                                   // the reference was used anew
    }
    set[sequence] = id;
    if (set.size() == static_cast<std::size_t>(row.small(2)) && released(set)) sets_.erase(key);
  }
  void collect(std::set<Id>* out) const {
    for (const auto& [key, set] : sets_) {
      for (const auto& [sequence, id] : set) out->insert(id);
    }
  }

 private:
  using Key = std::tuple<int, int, int, std::string, std::string, int>;
  using Set = std::map<int, Id>;

  std::string units(Id id) {
    const auto part = read_part(db_, id);
    return part ? part->units : std::string();
  }
  bool released(const Set& set) const {
    return std::none_of(set.begin(), set.end(),
                        [&](const auto& part) { return unreleased_.contains(part.second); });
  }

  Connection& db_;
  const std::set<Id>& unreleased_;
  std::map<Key, Set> sets_;
};

std::set<Id> read_unreleased(Connection& db) {
  std::set<Id> ids;
  Query rows = db.query(
      "SELECT id FROM inbound_parts INDEXED BY inbound_parts_unreleased WHERE released=0 ORDER BY id DESC"
      " LIMIT ?1",
      kUnreleased);
  while (rows.next()) ids.insert(rows.id(0));
  return ids;
}

// The parts of sets that are not whole, and whatever was not given out, however old it is: no text is lost.
std::vector<InboundPartRecord> read_open_parts(Connection& db, std::int64_t since_ms) {
  std::set<Id> ids = read_unreleased(db);
  {
    const std::set<Id> unreleased = ids;
    OpenSets sets(db, unreleased);
    Query rows = db.query(
        "SELECT * FROM (SELECT id,received_ms,total,sequence,reference_bits,reference,iccid,sender,"
        "sender_ton FROM inbound_parts INDEXED BY inbound_parts_sets WHERE total>1 ORDER BY id DESC LIMIT"
        " ?1) WHERE received_ms>=?2 ORDER BY id",
        kSets, since_ms);
    while (rows.next()) sets.add(rows);
    sets.collect(&ids);
  }
  std::vector<InboundPartRecord> parts;
  for (const Id id : ids) {
    if (auto part = read_part(db, id)) parts.push_back(std::move(*part));
  }
  return parts;
}

std::vector<std::uint64_t> read_known_keys(Connection& db, std::int64_t since_ms) {
  std::vector<std::uint64_t> keys;
  Query rows = db.query(
      "SELECT key_hash FROM (SELECT received_ms, key_hash FROM inbound_parts INDEXED BY inbound_parts_keys"
      " ORDER BY id DESC LIMIT ?1) WHERE received_ms>=?2",
      kKeys, since_ms);
  while (rows.next()) keys.push_back(rows.id(0));
  return keys;
}

std::vector<BroadcastRecord> read_broadcasts(Connection& db) {
  std::vector<BroadcastRecord> open;
  {
    Query rows = db.query("SELECT " + std::string(kBroadcastColumns) +
                          " FROM broadcasts INDEXED BY broadcasts_open WHERE open=1 ORDER BY id");
    while (rows.next()) open.push_back(row_broadcast(rows));
  }
  for (BroadcastRecord& broadcast : open) {
    Query rows = db.query("SELECT numbers,further FROM broadcast_numbers WHERE broadcast=?1", broadcast.id);
    if (rows.next()) {
      unpack_strings(rows.view(0), &broadcast.numbers);
      unpack_further_of_each(rows.view(1), &broadcast.further);
    }
    if (broadcast.form.sensitive) read_form(db, broadcast.id, &broadcast.form);
  }
  return open;
}

std::vector<FollowedRecord> read_followed(Connection& db) {
  static const std::string sql = "SELECT broadcast,to_number FROM messages " + std::string(kFollowingRows) +
                                 "ORDER BY broadcast DESC LIMIT ?1";
  std::vector<FollowedRecord> all;
  Query rows = db.query(sql, kFollowed);
  while (rows.next()) all.push_back({rows.id(0), rows.text(1)});
  return all;
}

std::vector<ContactRecord> read_contacts(Connection& db) {
  std::vector<ContactRecord> contacts;
  Query rows = db.query("SELECT name,numbers,tags FROM contacts ORDER BY name");
  while (rows.next()) {
    ContactRecord& contact = contacts.emplace_back();
    contact.name = rows.text(0);
    unpack_strings(rows.view(1), &contact.numbers);
    unpack_strings(rows.view(2), &contact.tags);
  }
  return contacts;
}

std::vector<GroupRecord> read_groups(Connection& db) {
  std::vector<GroupRecord> groups;
  Query rows = db.query("SELECT name,members FROM groups ORDER BY name");
  while (rows.next()) {
    groups.push_back({rows.text(0), {}});
    unpack_strings(rows.view(1), &groups.back().members);
  }
  return groups;
}

std::vector<KeywordRecord> read_keywords(Connection& db) {
  std::vector<KeywordRecord> keywords;
  Query rows = db.query(
      "SELECT word,from_list,from_given,secret,action,group_name,text,lane,report,cooldown_ms FROM keywords"
      " ORDER BY word");
  while (rows.next()) {
    KeywordRecord k;
    k.word = rows.text(0);
    unpack_strings(rows.view(1), &k.from);
    k.from_given = rows.flag(2);
    k.secret = rows.text(3);
    k.action = rows.text(4);
    k.group = rows.text(5);
    k.text = rows.text(6);
    k.lane = static_cast<Lane>(rows.small(7));
    k.report = rows.flag(8);
    k.cooldown_ms = rows.integer(9);
    keywords.push_back(std::move(k));
  }
  return keywords;
}

std::vector<TokenRecord> read_tokens(Connection& db) {
  std::vector<TokenRecord> tokens;
  Query rows = db.query("SELECT id,name,team,sha256,scopes,created_ms,revoked_ms FROM tokens ORDER BY id");
  while (rows.next()) {
    TokenRecord t;
    t.id = rows.id(0);
    t.name = rows.text(1);
    t.team = rows.text(2);
    t.sha256 = rows.text(3);
    unpack_strings(rows.view(4), &t.scopes);
    t.created_ms = rows.integer(5);
    t.revoked_ms = rows.integer(6);
    tokens.push_back(std::move(t));
  }
  return tokens;
}

std::vector<SimRecord> read_sims(Connection& db) {
  std::vector<SimRecord> sims;
  Query rows = db.query(
      "SELECT iccid,imsi,number,modem,first_seen_ms,last_seen_ms,last_tp_mr,pin_tried_sha256,pin_refused"
      " FROM sims");
  while (rows.next()) {
    sims.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.integer(4), rows.integer(5),
                    rows.small(6), rows.text(7), rows.flag(8)});
  }
  return sims;
}

// A month is counted from any day on.
constexpr const char* kOldestDay = "(SELECT date(max(day),'-31 days') FROM sim_days)";

std::vector<SimDayRecord> read_sim_days(Connection& db) {
  std::vector<SimDayRecord> days;
  Query rows = db.query(
      std::string(
          "SELECT iccid,day,segments,hour,in_hour,minute,in_minute,abroad FROM sim_days WHERE day>=") +
      kOldestDay + " ORDER BY day, iccid");
  while (rows.next())
    days.push_back({rows.text(0), rows.text(1), rows.integer(2), rows.integer(3), rows.integer(4),
                    rows.integer(5), rows.integer(6), rows.integer(7)});
  return days;
}

std::vector<SimRecipientRecord> read_sim_recipients(Connection& db) {
  std::vector<SimRecipientRecord> all;
  Query rows =
      db.query(std::string("SELECT iccid,month,recipient FROM sim_recipients WHERE month>=") + kOldestDay);
  while (rows.next()) all.push_back({rows.text(0), rows.text(1), rows.integer(2)});
  return all;
}

std::vector<SimOverrideRecord> read_sim_overrides(Connection& db) {
  std::vector<SimOverrideRecord> all;
  Query rows = db.query(
      "SELECT iccid,minute_limit,hourly_limit,daily_limit,monthly_limit,international_limit,recipients_limit,"
      "weight_millionths FROM sim_overrides");
  const auto set = [&](int column) {
    const std::int64_t value = rows.integer(column);
    return value < 0 ? std::nullopt : std::optional(value);
  };
  while (rows.next()) {
    SimOverrideRecord row{.iccid = rows.text(0)};
    for (std::size_t quota = 0; quota < row.limits.size(); ++quota)
      row.limits[quota] = set(static_cast<int>(quota) + 1);
    if (const auto millionths = set(7)) row.weight = static_cast<double>(*millionths) / 1e6;
    all.push_back(std::move(row));
  }
  return all;
}

std::vector<LockRecord> read_locks(Connection& db) {
  std::vector<LockRecord> locks;
  Query rows = db.query("SELECT number,failures,locks,locked_until_ms FROM locks");
  while (rows.next()) locks.push_back({rows.text(0), rows.small(1), rows.small(2), rows.integer(3)});
  return locks;
}

std::vector<OptOutRecord> read_opt_outs(Connection& db) {
  std::vector<OptOutRecord> all;
  Query rows = db.query("SELECT id,number,source,since_ms FROM opt_outs ORDER BY id");
  while (rows.next()) all.push_back({rows.id(0), rows.text(1), rows.text(2), rows.integer(3)});
  return all;
}

// Rows in state accepting were dropped at open, so nothing is counted there.
StateCounts read_counts(Connection& db) {
  StateCounts counts;
  Query rows = db.query("SELECT value FROM meta WHERE name='counts'");
  if (rows.next()) unpack_numbers(rows.view(0), &counts);
  counts.resize(kLanes * kMessageStates, 0);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    counts[lane * kMessageStates + static_cast<std::size_t>(MessageState::accepting)] = 0;
  }
  return counts;
}

}  // namespace

bool begin_life(Connection& db) {
  const bool clean = db.number("SELECT value FROM meta WHERE name='clean'").value_or(1) != 0;
  db.run("BEGIN IMMEDIATE");
  // Lists whose last slice is missing were never promised to anybody.
  if (const auto first = db.number("SELECT min(first_id) FROM open_lists")) {
    db.run("DELETE FROM sensitive_texts WHERE id IN (SELECT id FROM messages WHERE id>=?1 AND state=8)",
           *first);
    db.run("DELETE FROM messages WHERE id>=?1 AND state=8", *first);
    db.run("DELETE FROM open_lists");
  }
  db.run("INSERT OR REPLACE INTO meta(name,value) VALUES('clean',0)");
  db.run("INSERT INTO meta(name,value) VALUES('life',1) ON CONFLICT(name) DO UPDATE SET value=value+1");
  db.run("COMMIT");
  if (db.failed()) db.rollback();
  return clean;
}

Restored read_restored(Connection& db, std::int64_t now_ms) {
  const Snapshot snapshot(db);
  Restored all;
  all.life = static_cast<std::uint64_t>(db.number("SELECT value FROM meta WHERE name='life'").value_or(0));
  all.next_message = next_id(db, "messages", "last_message");
  all.next_part = next_id(db, "inbound_parts", "last_part");
  all.next_inbox = next_id(db, "inbox", "last_inbox");
  all.next_broadcast = next_id(db, "broadcasts", "last_broadcast");
  all.next_token = next_id(db, "tokens", "last_token");
  all.next_audit = next_id(db, "audit", "last_audit");
  all.last_event = static_cast<Id>(db.number("SELECT max(last) FROM events").value_or(0));
  read_messages(db, now_ms, &all);
  const std::int64_t since = newest_ms(db, "received_ms", "inbound_parts", now_ms) - kPartDays * kDayMs;
  all.open_parts = read_open_parts(db, since);
  all.known_keys = read_known_keys(db, since);
  all.broadcasts = read_broadcasts(db);
  all.followed = read_followed(db);
  all.contacts = read_contacts(db);
  all.groups = read_groups(db);
  all.keywords = read_keywords(db);
  all.tokens = read_tokens(db);
  all.sims = read_sims(db);
  all.sim_days = read_sim_days(db);
  all.sim_recipients = read_sim_recipients(db);
  all.sim_overrides = read_sim_overrides(db);
  all.locks = read_locks(db);
  all.opt_outs = read_opt_outs(db);
  all.next_opt_out =
      static_cast<Id>(db.number("SELECT seq FROM sqlite_sequence WHERE name='opt_outs'").value_or(0)) + 1;
  all.counts = read_counts(db);
  return all;
}

}  // namespace klaxon::store
