#include "daemon/store/read_rows.h"

#include <algorithm>
#include <limits>

#include "daemon/store/message_rows.h"
#include "daemon/store/packed.h"
#include "daemon/store/write_ops.h"

namespace klaxon::store {
namespace {

constexpr std::size_t kBetween = 10'000;  // the longest list there is
constexpr Id kNoEnd = static_cast<Id>(std::numeric_limits<std::int64_t>::max());

Id end_of(const Page& page) {
  return page.before == 0 ? kNoEnd : page.before;
}
std::size_t limit_of(const Page& page) {
  return std::min(page.limit, kPage);
}

bool matches(const MessageFilter& filter, const MessageRecord& message) {
  return message.state != MessageState::accepting && (!filter.state || message.state == *filter.state) &&
         (filter.to.empty() || message.to == filter.to) &&
         (filter.ref.empty() || message.ref == filter.ref) && message.created_ms >= filter.since_ms &&
         (filter.broadcast == 0 || message.broadcast == filter.broadcast);
}

// The rows a filter is looked for in, when no word of it
// is indexed. States that few rows are in have an index.
const char* rows_for(const MessageFilter& filter) {
  if (filter.broadcast != 0) return "INDEXED BY messages_broadcast WHERE broadcast>0 AND broadcast=?7 ";
  if (!filter.state) return "NOT INDEXED WHERE 1 ";
  switch (*filter.state) {
    case MessageState::submitting:
    case MessageState::unknown:
      return kInFlightRows;
    case MessageState::failed:
    case MessageState::expired:
    case MessageState::cancelled:
      return kLostRows;
    default:
      return "NOT INDEXED WHERE 1 ";
  }
}

AuditRecord row_audit(const Query& row) {
  return {row.id(0), row.integer(1), row.text(2), row.text(3), row.text(4)};
}

}  // namespace

InboxRecord row_inbox(const Query& row) {
  InboxRecord i;
  i.id = row.id(0);
  i.from = row.text(1);
  i.iccid = row.text(2);
  i.text = row.text(3);
  i.octets = row.text(4);
  i.received_ms = row.integer(5);
  i.sent_ms = row.integer(6);
  i.segments = row.small(7);
  i.complete = row.flag(8);
  std::vector<std::int64_t> missing;
  unpack_numbers(row.view(9), &missing);
  for (const std::int64_t sequence : missing) i.missing.push_back(static_cast<int>(sequence));
  i.replaces = row.id(10);
  i.keyword = row.text(11);
  i.defects = row.text(12);
  i.durable_late = row.flag(13);
  i.conversation = row.text(14);
  i.context = row.text(15);
  return i;
}

const char* const kInboxColumns =
    "id,from_number,iccid,text,octets,received_ms,sent_ms,segments,complete,missing,replaces,keyword,defects,"
    "durable_late,conversation,context";

const char* const kBroadcastColumns =
    "id,owner,group_name,keyword,from_number,from_iccid,form,expanded,created_ms,answer_due,answered_ms";

BroadcastRecord row_broadcast(const Query& row) {
  BroadcastRecord b;
  b.id = row.id(0);
  b.owner = row.id(1);
  b.group = row.text(2);
  b.keyword = row.text(3);
  b.from = row.text(4);
  b.from_iccid = row.text(5);
  unpack_message(row.view(6), &b.form);
  b.expanded = static_cast<std::size_t>(row.integer(7));
  b.created_ms = row.integer(8);
  b.answer_due = row.flag(9);
  b.answered_ms = row.integer(10);
  return b;
}

std::optional<MessageRecord> SqlReader::message(Id id) {
  static const std::string sql = select_messages("WHERE id=?1 AND state<>8");
  std::vector<MessageRecord> rows = rows_of(db_.query(sql, id));
  if (rows.empty()) return {};
  return std::move(rows.front());
}

std::vector<MessageRecord> SqlReader::messages_between(Id first, Id last) {
  static const std::string sql =
      select_messages("WHERE id BETWEEN ?1 AND ?2 AND state<>8 ORDER BY id LIMIT ?3");
  return rows_of(db_.query(sql, first, last, kBetween));
}

std::vector<MessageRecord> SqlReader::ready(Lane lane, Id owner, Id after, std::size_t limit) {
  static const std::string sql =
      select_messages(std::string(kReadyRows) + "AND lane=?1 AND owner=?2 AND id>?3 ORDER BY id LIMIT ?4");
  return rows_of(db_.query(sql, lane, owner, after, limit));
}

std::vector<MessageRecord> SqlReader::due(std::int64_t until_ms, std::size_t limit) {
  static const std::string sql =
      select_messages(std::string(kLaterRows) + "AND due_ms<=?1 ORDER BY due_ms, id LIMIT ?2");
  return rows_of(db_.query(sql, until_ms, limit));
}

std::optional<std::int64_t> SqlReader::next_due_ms() {
  static const std::string sql =
      "SELECT due_ms FROM messages " + std::string(kLaterRows) + "ORDER BY due_ms LIMIT 1";
  return db_.number(sql);
}

// A loose scan: one step down the index for each owner, however many rows each has.
std::vector<Restored::Flow> read_flows(Connection& db) {
  const std::string ready = "FROM messages " + std::string(kReadyRows);
  const std::string next = "SELECT owner " + ready + "AND lane=?1 AND owner>?2 ORDER BY owner LIMIT 1";
  const std::string newest = "SELECT id " + ready + "AND lane=?1 AND owner=?2 ORDER BY id DESC LIMIT 1";
  std::vector<Restored::Flow> flows;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    for (auto owner = db.number(next, lane, -1); owner; owner = db.number(next, lane, *owner)) {
      const Id last = static_cast<Id>(db.number(newest, lane, *owner).value_or(0));
      flows.push_back({static_cast<Lane>(lane), static_cast<Id>(*owner), last});
    }
  }
  return flows;
}

std::optional<Id> SqlReader::lowest_ready(Lane lane) {
  const std::string ready = "FROM messages " + std::string(kReadyRows);
  const std::string next = "SELECT owner " + ready + "AND lane=?1 AND owner>?2 ORDER BY owner LIMIT 1";
  const std::string oldest = "SELECT id " + ready + "AND lane=?1 AND owner=?2 ORDER BY id LIMIT 1";
  std::optional<Id> lowest;
  for (auto owner = db_.number(next, lane, -1); owner; owner = db_.number(next, lane, *owner)) {
    const Id id = static_cast<Id>(db_.number(oldest, lane, *owner).value_or(0));
    lowest = std::min(lowest.value_or(id), id);
  }
  return lowest;
}

// What waits for its time is not old: a message for next month is no backlog.
std::optional<std::int64_t> SqlReader::oldest_queued_ms(Lane lane) {
  const auto id = lowest_ready(lane);
  if (!id) return {};
  return db_.number("SELECT created_ms FROM messages WHERE id=?1", *id);
}

std::optional<Id> SqlReader::lowest_queued() {
  std::optional<Id> lowest;
  const auto take = [&](std::optional<Id> id) {
    if (id) lowest = std::min(lowest.value_or(*id), *id);
  };
  for (std::size_t lane = 0; lane < kLanes; ++lane) take(lowest_ready(static_cast<Lane>(lane)));
  static const std::string later = "SELECT min(id) FROM messages " + std::string(kLaterRows);
  if (const auto id = db_.number(later)) take(static_cast<Id>(*id));
  return lowest;
}

Id first_id_since(Connection& db, const std::string& table, const std::string& time_column,
                  std::int64_t since_ms, std::int64_t slack_ms) {
  const std::string at = "SELECT " + time_column + " FROM " + table + " WHERE id>=?1 ORDER BY id LIMIT 1";
  Id low = 0, high = static_cast<Id>(db.number("SELECT max(id) FROM " + table).value_or(0)) + 1;
  while (low < high) {
    const Id middle = low + (high - low) / 2;
    const auto made = db.number(at, middle);
    if (made && *made < since_ms - slack_ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::vector<MessageRecord> SqlReader::messages(const MessageFilter& filter, const Page& page) {
  const Snapshot snapshot(db_);
  Range range{page.after, end_of(page)};
  const std::size_t limit = limit_of(page);
  if (filter.since_ms > 0) {
    const Id first = first_id_since(db_, "messages", "created_ms", filter.since_ms);
    if (first > 0) range.after = std::max(range.after, first - 1);
  }
  if (filter.state == MessageState::queued && filter.broadcast == 0) {
    const auto lowest = lowest_queued();
    if (!lowest) return {};
    range.after = std::max(range.after, *lowest - 1);
  }
  if (!filter.to.empty()) return found_by("recipients", filter.to, filter, range, limit);
  if (!filter.ref.empty()) return found_by("refs", filter.ref, filter, range, limit);
  std::vector<MessageRecord> found;
  scan(filter, range, limit, &found);
  return found;
}

// From the index up to its mark, above it row by row: the index is filled when nothing else is to be done.
std::vector<MessageRecord> SqlReader::found_by(const char* table, const std::string& word,
                                               const MessageFilter& filter, Range range, std::size_t limit) {
  const Id mark =
      static_cast<Id>(db_.number("SELECT value FROM meta WHERE name='indexed_up_to'").value_or(0));
  const std::string column = table == std::string_view("refs") ? "ref" : "to_number";
  std::vector<MessageRecord> found;
  {
    Query ids = db_.query("SELECT id FROM " + std::string(table) + " WHERE " + column +
                              "=?1 AND id>?2 AND id<?3 AND id<=?4 ORDER BY id",
                          word, range.after, range.before, mark);
    while (found.size() < limit && ids.next()) {
      auto row = message(ids.id(0));
      if (row && matches(filter, *row)) found.push_back(std::move(*row));
    }
  }
  range.after = std::max(range.after, mark);
  if (found.size() < limit) scan(filter, range, limit, &found);
  return found;
}

void SqlReader::scan(const MessageFilter& filter, Range range, std::size_t limit,
                     std::vector<MessageRecord>* out) {
  std::string rest = std::string(rows_for(filter)) + "AND id>?1 AND id<?2 AND state<>8 ";
  if (filter.state) rest += "AND state=?3 ";
  if (!filter.to.empty()) rest += "AND to_number=?4 ";
  if (!filter.ref.empty()) rest += "AND ref=?5 ";
  if (filter.since_ms > 0) rest += "AND created_ms>=?6 ";
  rest += "ORDER BY id LIMIT ?8";  // the highest number is always there, so the others may be bound in vain
  Query rows =
      db_.query(select_messages(rest), range.after, range.before, filter.state.value_or(MessageState::queued),
                filter.to, filter.ref, filter.since_ms, filter.broadcast, limit - out->size());
  while (rows.next()) out->push_back(row_message(rows));
}

std::vector<InboxRecord> SqlReader::inbox(const InboxFilter& filter, const Page& page) {
  const Snapshot snapshot(db_);
  Id after = page.after;
  if (filter.since_ms > 0) {
    const Id first = first_id_since(db_, "inbox", "received_ms", filter.since_ms);
    if (first > 0) after = std::max(after, first - 1);
  }
  std::string sql =
      "SELECT " + std::string(kInboxColumns) + " FROM inbox WHERE id>?1 AND id<?2 AND received_ms>=?3 ";
  if (!filter.from.empty()) sql += "AND from_number=?5 ";
  sql += "ORDER BY id LIMIT ?4";
  std::vector<InboxRecord> found;
  Query rows = filter.from.empty()
                   ? db_.query(sql, after, end_of(page), filter.since_ms, limit_of(page))
                   : db_.query(sql, after, end_of(page), filter.since_ms, limit_of(page), filter.from);
  while (rows.next()) found.push_back(row_inbox(rows));
  return found;
}

std::optional<InboxRecord> SqlReader::inbox_item(Id id) {
  static const std::string sql = "SELECT " + std::string(kInboxColumns) + " FROM inbox WHERE id=?1";
  Query rows = db_.query(sql, id);
  if (!rows.next()) return {};
  return row_inbox(rows);
}

std::vector<BroadcastRecord> SqlReader::broadcasts(const Page& page) {
  static const std::string sql = "SELECT " + std::string(kBroadcastColumns) +
                                 " FROM broadcasts WHERE id>?1 AND id<?2 ORDER BY id LIMIT ?3";
  std::vector<BroadcastRecord> found;
  Query rows = db_.query(sql, page.after, end_of(page), limit_of(page));
  while (rows.next()) found.push_back(row_broadcast(rows));
  return found;
}

std::optional<BroadcastRecord> SqlReader::broadcast(Id id) {
  static const std::string sql = "SELECT " + std::string(kBroadcastColumns) + " FROM broadcasts WHERE id=?1";
  Query rows = db_.query(sql, id);
  if (!rows.next()) return {};
  return row_broadcast(rows);
}

// Persons: of those that follow one another only the last counts.
StateCounts SqlReader::broadcast_counts(Id id) {
  static const std::string sql = "SELECT state, count(*) FROM messages " + std::string(kBroadcastRows) +
                                 "AND broadcast=?1 AND id NOT IN (SELECT instead_of FROM messages " +
                                 kFollowingRows + "AND broadcast=?1) GROUP BY state";
  StateCounts counts(kLanes * kMessageStates, 0);
  Query rows = db_.query(sql, id);
  while (rows.next()) {
    const auto state = static_cast<std::size_t>(rows.integer(0));
    if (state < kMessageStates) counts[state] = rows.integer(1);
  }
  return counts;
}

std::vector<AuditRecord> SqlReader::audit(const Page& page) {
  std::vector<AuditRecord> found;
  Query rows =
      db_.query("SELECT id,at_ms,actor,action,detail FROM audit WHERE id>?1 AND id<?2 ORDER BY id LIMIT ?3",
                page.after, end_of(page), limit_of(page));
  while (rows.next()) found.push_back(row_audit(rows));
  return found;
}

std::optional<IdempotencyRecord> SqlReader::idempotency(const std::string& key_hash) {
  for (const std::string& table : idempotency_tables(db_)) {
    Query rows = db_.query("SELECT body_hash,first_id,count,broadcast FROM " + table + " WHERE key_hash=?1",
                           Blob{key_hash});
    if (!rows.next()) continue;
    const std::string day = table.substr(5, 4) + "-" + table.substr(9, 2) + "-" + table.substr(11, 2);
    return IdempotencyRecord{key_hash, rows.text(0), day, rows.id(1), rows.id(2), rows.id(3)};
  }
  return {};
}

}  // namespace klaxon::store
