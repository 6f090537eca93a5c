// Conversations: messages to a number and texts from it in one order, that of their commits. Both have ids of
// their own, so a text knows behind which message it came.
#include <algorithm>
#include <limits>

#include "daemon/store/event_log.h"
#include "daemon/store/read_rows.h"

namespace klaxon::store {
namespace {

constexpr Id kNoEnd = static_cast<Id>(std::numeric_limits<std::int64_t>::max());

}  // namespace

// Texts that are older than conversations have no place; then the times must do.
Id SqlReader::place_of(Id inbox) {
  Query row =
      db_.query("SELECT after_message, received_ms FROM inbox WHERE id<=?1 ORDER BY id DESC LIMIT 1", inbox);
  if (!row.next()) return 0;
  if (row.integer(0) >= 0) return row.id(0);
  const Id next = first_id_since(db_, "messages", "created_ms", row.integer(1) + 1, 0);
  return next == 0 ? 0 : next - 1;
}

Id SqlReader::first_inbox_behind(Id message) {
  Id low = 0, high = static_cast<Id>(db_.number("SELECT max(id) FROM inbox").value_or(0)) + 1;
  while (low < high) {
    const Id middle = low + (high - low) / 2;
    if (place_of(middle) < message) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::vector<InboxRecord> SqlReader::inbox_of(const std::string& number, Id after, std::size_t limit) {
  static const std::string sql = "SELECT " + std::string(kInboxColumns) +
                                 " FROM inbox WHERE conversation=?1 AND id>?2 ORDER BY id LIMIT ?3";
  std::vector<InboxRecord> found;
  Query rows = db_.query(sql, number, after, limit);
  while (rows.next()) found.push_back(row_inbox(rows));
  return found;
}

std::vector<ConversationItem> SqlReader::conversation(const std::string& number,
                                                      const ConversationPage& page) {
  const Snapshot snapshot(db_);
  const std::size_t limit = std::min(page.limit, kPage);
  Id after_message = page.after_message, after_inbox = page.after_inbox;
  if (after_inbox != 0)
    after_message = place_of(after_inbox);
  else if (after_message != 0)
    after_inbox = std::max<Id>(first_inbox_behind(after_message), 1) - 1;
  MessageFilter filter;
  filter.to = number;
  const Id end = page.before == 0 ? kNoEnd : page.before;
  std::vector<MessageRecord> out = found_by("recipients", number, filter, {after_message, end}, limit);
  std::vector<InboxRecord> in = inbox_of(number, after_inbox, limit);

  std::vector<ConversationItem> items;
  auto message = out.begin();
  auto text = in.begin();
  for (Id place = text == in.end() ? kNoEnd : place_of(text->id); items.size() < limit;) {
    if (message != out.end() && (text == in.end() || message->id <= place)) {
      items.push_back({std::move(*message++), {}});
    } else if (text != in.end() && place < end) {
      items.push_back({{}, std::move(*text++)});
      if (text != in.end()) place = place_of(text->id);
    } else {
      break;
    }
  }
  return items;
}

std::vector<ConversationRecord> SqlReader::conversations(const Page& page) {
  const Snapshot snapshot(db_);
  std::vector<ConversationRecord> found;
  {
    Query rows = db_.query("SELECT id, number FROM conversations WHERE id>?1 ORDER BY id LIMIT ?2",
                           page.after, std::min(page.limit, kPage));
    while (rows.next()) found.push_back({rows.id(0), rows.text(1)});
  }
  for (ConversationRecord& one : found) {
    one.last_in = static_cast<Id>(
        db_.number("SELECT id FROM inbox WHERE conversation=?1 ORDER BY id DESC LIMIT 1", one.number)
            .value_or(0));
    one.last_out = static_cast<Id>(
        db_.number("SELECT id FROM recipients WHERE to_number=?1 ORDER BY id DESC LIMIT 1", one.number)
            .value_or(0));
    one.last_ms =
        std::max(db_.number("SELECT received_ms FROM inbox WHERE id=?1", one.last_in).value_or(0),
                 db_.number("SELECT created_ms FROM messages WHERE id=?1", one.last_out).value_or(0));
  }
  return found;
}

EventPage SqlReader::events(Id after, Id upto, std::size_t limit) {
  return read_events(db_, after, upto, limit);
}

}  // namespace klaxon::store
