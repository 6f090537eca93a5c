// An appliance that does at once what it is asked, keeps its rows in memory, and gives its answers when told
// to.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/face.h"

class FakeReader final : public klaxon::store::Reader {
 public:
  std::map<klaxon::Id, klaxon::MessageRecord> message_rows;
  std::map<klaxon::Id, klaxon::InboxRecord> inbox_rows;
  std::map<klaxon::Id, klaxon::BroadcastRecord> broadcast_rows;
  std::vector<klaxon::AuditRecord> audit_rows;
  std::map<std::string, klaxon::IdempotencyRecord> keys;
  std::optional<std::int64_t> oldest_ms;
  klaxon::StateCounts broadcast_states;
  klaxon::store::MessageFilter last_filter;
  klaxon::store::Page last_page;
  klaxon::store::InboxFilter last_inbox_filter;

  std::optional<klaxon::MessageRecord> message(klaxon::Id) override;
  std::vector<klaxon::MessageRecord> messages(const klaxon::store::MessageFilter&,
                                              const klaxon::store::Page&) override;
  std::vector<klaxon::MessageRecord> messages_between(klaxon::Id first, klaxon::Id last) override;
  std::vector<klaxon::MessageRecord> ready(klaxon::Lane, klaxon::Id, klaxon::Id, std::size_t) override {
    return {};
  }
  std::vector<klaxon::MessageRecord> due(std::int64_t, std::size_t) override { return {}; }
  std::optional<std::int64_t> next_due_ms() override { return std::nullopt; }
  std::optional<std::int64_t> oldest_queued_ms(klaxon::Lane lane) override;
  std::vector<klaxon::InboxRecord> inbox(const klaxon::store::InboxFilter&,
                                         const klaxon::store::Page&) override;
  std::optional<klaxon::InboxRecord> inbox_item(klaxon::Id) override;
  std::vector<klaxon::BroadcastRecord> broadcasts(const klaxon::store::Page&) override;
  std::optional<klaxon::BroadcastRecord> broadcast(klaxon::Id) override;
  klaxon::StateCounts broadcast_counts(klaxon::Id) override { return broadcast_states; }
  std::vector<klaxon::AuditRecord> audit(const klaxon::store::Page&) override;
  std::optional<klaxon::IdempotencyRecord> idempotency(const std::string& key_hash) override;
  std::vector<klaxon::EventRecord> event_rows;  // ids from event_begin + 1 on, without a gap
  klaxon::Id event_begin = 0;
  int event_reads = 0;
  std::vector<klaxon::ConversationRecord> conversation_rows;
  std::vector<klaxon::ConversationItem> items;
  std::string last_number;
  klaxon::store::ConversationPage last_conversation;
  klaxon::store::EventPage events(klaxon::Id after, klaxon::Id upto, std::size_t limit) override;
  std::vector<klaxon::ConversationRecord> conversations(const klaxon::store::Page&) override;
  std::vector<klaxon::ConversationItem> conversation(const std::string&,
                                                     const klaxon::store::ConversationPage&) override;
};

class FakeFace final : public klaxon::Face {
 public:
  using Id = klaxon::Id;
  using Ticket = klaxon::Ticket;
  using ReadJob = std::function<std::function<void()>(klaxon::store::Reader&)>;

  FakeFace();

  // --- what a test sets
  std::int64_t now_ms = 1'795'339'800'000;  // 2026-11-22T09:30:00Z
  config::Settings config;
  FakeReader rows;
  std::vector<klaxon::ModemView> modem_views;
  std::vector<klaxon::SimView> sim_views;
  std::map<std::string, klaxon::ContactRecord> contact_rows;
  std::vector<std::string> renamed;
  std::vector<klaxon::GroupRecord> group_rows;
  std::vector<klaxon::KeywordRecord> keyword_rows;
  std::vector<klaxon::TokenRecord> token_rows;
  std::map<Id, klaxon::OptOutRecord> opt_out_rows;
  std::string chat, failure_chat;  // of any modem
  klaxon::Health state;
  klaxon::Counters count;
  klaxon::StateCounts lanes = klaxon::StateCounts(klaxon::kLanes * klaxon::kMessageStates, 0);
  std::optional<klaxon::Refused> refuse_next;
  drivers::ErrandDone errand_done;
  bool hold_answers = false;  // the disk is slow
  bool reader_hangs = false;
  bool durable = true;
  bool alike = false;  // what a list makes differs in id and number alone
  std::size_t waiting_reads = 0;
  Id hidden_from = 0;

  // --- what a test looks at
  std::vector<klaxon::SendRequest> sent;
  std::vector<klaxon::BroadcastRequest> broadcasts_sent;
  std::vector<std::pair<Id, bool>> settled;
  std::vector<Id> cancelled;
  std::vector<std::pair<std::string, klaxon::SimChange>> sim_changes;
  std::vector<std::string> unlocked, noted, erased;
  int reloads = 0;
  std::vector<std::string> resets;
  std::vector<std::pair<std::string, drivers::Errand>> errands;

  void run_reads();  // what is waiting for the reader

  std::int64_t unix_ms() const override { return now_ms; }
  const config::Settings& settings() const override { return config; }
  Ticket send(klaxon::SendRequest) override;
  Ticket broadcast(klaxon::BroadcastRequest) override;
  Ticket cancel(Id) override;
  Ticket settle(Id, bool) override;
  Ticket change_sim(const std::string&, const klaxon::SimChange&, Id) override;
  Ticket save_contacts(std::vector<klaxon::ContactRecord>, const std::string&, Id) override;
  Ticket delete_contact(const std::string&, Id) override;
  Ticket save_groups(std::vector<klaxon::GroupRecord>, Id) override;
  Ticket save_group(klaxon::GroupRecord, Id) override;
  Ticket delete_group(const std::string&, Id) override;
  Ticket save_keyword(klaxon::KeywordRecord, Id) override;
  Ticket delete_keyword(const std::string&, Id) override;
  Ticket unlock(const std::string&, Id) override;
  Ticket opt_out(const std::string&, Id) override;
  Ticket opt_in(const std::string&, Id) override;
  std::vector<klaxon::OptOutRecord> opt_outs(Id after, std::size_t limit) const override;
  std::optional<klaxon::OptOutRecord> opted_out(const std::string&) const override;
  Ticket reload_secrets(Id) override;
  Ticket save_token(klaxon::TokenRecord, Id) override;
  Ticket reset_modem(const std::string& modem, Id) override {
    resets.push_back(modem);
    return answer(klaxon::Changed{});
  }
  Ticket run_errand(const std::string& modem, drivers::Errand errand, Id) override {
    errands.emplace_back(modem, std::move(errand));
    return answer(errand_done);
  }
  Ticket note_in_audit(const std::string& action, const std::string&, Id) override;
  Ticket erase_number(const std::string&, Id) override;
  std::vector<klaxon::Answer> take_answers() override;
  std::optional<Remembered> remembered_key(const std::string&) const override;
  Ticket join(Ticket) override;
  void read(klaxon::store::Reading, ReadJob job) override { jobs_.push_back(std::move(job)); }
  std::size_t reads_waiting() const override { return waiting_reads; }
  Id visible_before() const override { return hidden_from; }
  Id last_event() const override { return rows.event_begin + rows.event_rows.size(); }
  std::optional<klaxon::MessageRecord> unwritten(Id) const override;
  std::vector<klaxon::ModemView> modems() const override { return modem_views; }
  std::optional<std::string> recording(const std::string& modem, bool of_last_failure) const override {
    const std::string& asked = of_last_failure ? failure_chat : chat;
    if (asked.empty() || modem_views.empty() || modem_views.front().id != modem) return std::nullopt;
    return asked;
  }
  std::vector<klaxon::SimView> sims() const override { return sim_views; }
  klaxon::StateCounts counts() const override { return lanes; }
  const std::map<std::string, klaxon::ContactRecord>& contacts() const override { return contact_rows; }
  std::vector<std::string> numbers_of(const klaxon::GroupRecord&) const override;
  std::vector<klaxon::GroupRecord> groups() const override { return group_rows; }
  std::vector<klaxon::KeywordRecord> keywords() const override { return keyword_rows; }
  const std::vector<klaxon::TokenRecord>& tokens() const override { return token_rows; }
  klaxon::Health health() const override { return state; }
  const klaxon::Counters& counters() const override { return count; }

 private:
  Ticket answer(decltype(klaxon::Answer::result) result);
  Ticket changed(Id message);

  Ticket next_ticket_ = 1;
  Id next_message_ = 1, next_broadcast_ = 1, next_token_ = 100;
  std::vector<klaxon::Answer> answers_;
  std::vector<std::pair<Ticket, Ticket>> joined_;
  std::map<std::string, Remembered> remembered_;
  std::map<Id, klaxon::MessageRecord> memory_;
  std::deque<ReadJob> jobs_;
};
