// The Reader on a connection of its own.
#pragma once

#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

class SqlReader : public Reader {
 public:
  explicit SqlReader(Connection& connection) : db_(connection) {}

  std::optional<MessageRecord> message(Id) override;
  std::vector<MessageRecord> messages(const MessageFilter&, const Page&) override;
  std::vector<MessageRecord> messages_between(Id first, Id last) override;
  std::vector<MessageRecord> ready(Lane, Id owner, Id after, std::size_t limit) override;
  std::vector<MessageRecord> due(std::int64_t until_ms, std::size_t limit) override;
  std::optional<std::int64_t> next_due_ms() override;
  std::optional<std::int64_t> oldest_queued_ms(Lane) override;
  std::vector<InboxRecord> inbox(const InboxFilter&, const Page&) override;
  std::optional<InboxRecord> inbox_item(Id) override;
  std::vector<BroadcastRecord> broadcasts(const Page&) override;
  std::optional<BroadcastRecord> broadcast(Id) override;
  StateCounts broadcast_counts(Id) override;
  std::vector<AuditRecord> audit(const Page&) override;
  std::optional<IdempotencyRecord> idempotency(const std::string& key_hash) override;
  EventPage events(Id after, Id upto, std::size_t limit) override;
  std::vector<ConversationRecord> conversations(const Page&) override;
  std::vector<ConversationItem> conversation(const std::string& number, const ConversationPage&) override;
  std::optional<Failure> failure() const override { return db_.failure(); }

 private:
  // Ids that may match a filter: inside (after, before).
  struct Range {
    Id after, before;
  };
  using Row = std::optional<MessageRecord>;

  std::vector<MessageRecord> found_by(const char* table, const std::string& word, const MessageFilter&, Range,
                                      std::size_t limit);
  void scan(const MessageFilter&, Range, std::size_t limit, std::vector<MessageRecord>* out);
  // Of an inbox row: the message it came behind.
  Id place_of(Id inbox);
  Id first_inbox_behind(Id message);
  std::vector<InboxRecord> inbox_of(const std::string& number, Id after, std::size_t limit);
  std::optional<Id> lowest_queued();
  std::optional<Id> lowest_ready(Lane);

  Connection& db_;
};

// The first id of a table (`messages` or `inbox`) that may have been made at
// since_ms: a binary search, as ids ascend with time. Clocks are set back at
// times, so it begins an hour earlier; the caller still compares each row.
constexpr std::int64_t kClockSlackMs = 3'600'000;
Id first_id_since(Connection&, const std::string& table, const std::string& time_column,
                  std::int64_t since_ms, std::int64_t slack_ms = kClockSlackMs);

constexpr std::size_t kPage = 1001;  // the longest page, and the item that tells whether more follow
extern const char* const kInboxColumns;
InboxRecord row_inbox(const Query&);

std::vector<Restored::Flow> read_flows(Connection&);  // who has rows that are ready
BroadcastRecord row_broadcast(const Query&);
extern const char* const kBroadcastColumns;

}  // namespace klaxon::store
