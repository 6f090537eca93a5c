// What would be on disk, as plain maps: batches are applied whole, readers see what was applied. A twin of the store for
// virtual time, so it drops at a restart what the store drops.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/store.h"

namespace rig {

using namespace klaxon;

struct Rows {
  std::uint64_t lives = 0;
  std::map<Id, MessageRecord> messages;
  std::set<Id> open_lists;
  std::map<Id, InboundPartRecord> parts;
  std::map<Id, InboxRecord> inbox;
  std::map<Id, BroadcastRecord> broadcasts;
  std::map<std::string, ContactRecord> contacts;
  std::map<std::string, GroupRecord> groups;
  std::map<std::string, KeywordRecord> keywords;
  std::map<Id, TokenRecord> tokens;
  std::map<std::string, SimRecord> sims;
  std::map<std::pair<std::string, std::string>, SimDayRecord> sim_days;
  std::map<std::string, SimOverrideRecord> sim_overrides;
  std::vector<SimRecipientRecord> sim_recipients;
  std::map<Id, AuditRecord> audit;
  std::map<std::string, IdempotencyRecord> idempotency;
  std::map<std::string, LockRecord> locks;
  std::map<std::string, OptOutRecord> opt_outs;
  StateCounts counts;
  std::vector<EventRecord> events;
  Id last_message = 0;  // ids are never given twice, whatever was dropped
  std::vector<std::string> faults;  // what the real store would not have been able to write

  void apply(const store::Batch&);
  store::Restored restore();        // as after an end without a goodbye
  StateCounts counted() const;      // what `counts` should be
};

class RowReader final : public store::Reader {
 public:
  explicit RowReader(const Rows& rows, bool failing = false) : rows_(rows), failing_(failing) {}
  std::optional<MessageRecord> message(Id) override;
  std::vector<MessageRecord> messages(const store::MessageFilter&, const store::Page&) override;
  std::vector<MessageRecord> messages_between(Id first, Id last) override;
  std::vector<MessageRecord> ready(Lane, Id owner, Id after, std::size_t limit) override;
  std::vector<MessageRecord> due(std::int64_t until_ms, std::size_t limit) override;
  std::optional<std::int64_t> next_due_ms() override { return {}; }
  std::optional<std::int64_t> oldest_queued_ms(Lane) override { return {}; }
  std::vector<InboxRecord> inbox(const store::InboxFilter&, const store::Page&) override { return {}; }
  std::optional<InboxRecord> inbox_item(Id) override { return {}; }
  std::vector<BroadcastRecord> broadcasts(const store::Page&) override { return {}; }
  std::optional<BroadcastRecord> broadcast(Id) override { return {}; }
  StateCounts broadcast_counts(Id) override;
  std::vector<AuditRecord> audit(const store::Page&) override { return {}; }
  std::optional<IdempotencyRecord> idempotency(const std::string& key_hash) override;
  store::EventPage events(Id after, Id upto, std::size_t limit) override;
  std::vector<ConversationRecord> conversations(const store::Page&) override { return {}; }
  std::vector<ConversationItem> conversation(const std::string&, const store::ConversationPage&) override { return {}; }
  std::optional<store::Failure> failure() const override;

 private:
  const Rows& rows_;
  bool failing_;
};

}  // namespace rig
