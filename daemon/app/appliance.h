// The appliance without its shell: modems, queue, inbox, automation and the gates between them and the disk. Sans-I/O: it runs
// under the event loop and in tests in virtual time alike. What the shell does in a turn, in this order:
//   completed() / the reader's answers / modem bytes / requests   gather
//   turn(now)                                                     admit, dispatch
//   seal(now)                                                     one commit, if none is under way
//   modem_output(), take_answers(), take_notes()                  what may now be said
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "at/tpdu.h"
#include "daemon/app/clock.h"
#include "daemon/app/face.h"
#include "daemon/app/port_marks.h"
#include "daemon/app/slot.h"
#include "daemon/app/turn.h"
#include "daemon/automation/consent.h"
#include "daemon/automation/keywords.h"
#include "daemon/automation/trying.h"
#include "daemon/bank/recording_files.h"
#include "daemon/bank/sims.h"
#include "daemon/dispatch/caps.h"
#include "daemon/dispatch/cutting.h"
#include "daemon/dispatch/messages.h"
#include "daemon/dispatch/pick.h"
#include "daemon/dispatch/queue.h"
#include "daemon/dispatch/sticky.h"
#include "daemon/inbox/intake.h"
#include "daemon/inbox/reports.h"

namespace klaxon {

constexpr at::Millis kDoubtWait{10'000};  // lane alert waits so long for evidence, then repeats
constexpr std::size_t kSecretDigits = 4;       // a shorter secret is none

struct Note {  // a log line
  enum class Level { info, warning, error } level = Level::info;
  std::string text;
  // Of whom it speaks, for whoever looks for them: "modem3", an ICCID, "m12" or "i5". Empty: of none.
  std::string modem = {}, sim = {}, message = {};
};

class Appliance final : public Face {
 public:
  using Look = std::function<std::function<void()>(store::Reader&)>;
  struct ReadJob {
    store::Reading kind = store::Reading::brief;
    Look look;
    std::function<void()> operator()(store::Reader& rows) const { return look(rows); }
  };
  using SecretFile = std::function<std::optional<std::string>(const std::string& name)>;  // inside policy.secrets_dir, trimmed

  // settings outlive it.
  // The page may be null; it outlives the appliance.
  Appliance(const config::Settings&, store::Restored, std::function<void(ReadJob)> reader, SecretFile, Now, PortMarkPage* = nullptr);
  ~Appliance() override;

  // --- the shell's side
  std::size_t slots() const { return slots_.size(); }
  const Slot& slot(std::size_t index) const { return *slots_[index]; }
  void clock(Now now) { now_ = now; }
  // The slot of a place that modems are plugged in at, made if it is new. None: a fixed port has that id, or there are too many.
  std::optional<std::size_t> slot_for(const std::string& place);
  void modem_plugged(std::size_t slot, const std::string& node);
  void modem_unplugged(std::size_t slot);  // after modem_closed(), if it was open
  void modem_opened(std::size_t slot);
  void modem_closed(std::size_t slot, std::string_view why);
  void modem_bytes(std::size_t slot, std::string_view bytes);
  void port_waits(std::size_t slot, std::string_view why);  // not there, or not ours
  drivers::Output modem_output(std::size_t slot);
  void turn(Now);
  std::optional<Turn::Sealed> seal(Now);
  void completed(const store::Completion&, store::Batch reclaimed);
  std::optional<at::Instant> deadline() const;
  bool alert_waits() const { return alert_waits_; }  // in what is to be sealed next
  std::vector<Note> take_notes();
  std::vector<Recording> take_recordings();  // to be kept
  void stop();          // takes no more work
  bool stopped() const; // nothing is in flight and all is on disk
  void give_up_in_flight();
  void note(Note);
  void note(Note::Level level, std::string text) { note({.level = level, .text = std::move(text)}); }
  void note(Note::Level, const Slot&, const std::string& text, Id message = 0);  // "modem3: …"

  // --- Face
  std::int64_t unix_ms() const override { return now_.unix_ms; }
  const config::Settings& settings() const override { return settings_; }
  Ticket send(SendRequest) override;
  Ticket broadcast(BroadcastRequest) override;
  Ticket cancel(Id) override;
  Ticket settle(Id, bool as_sent) override;
  Ticket change_sim(const std::string& iccid, const SimChange&, Id token) override;
  Ticket save_contacts(std::vector<ContactRecord>, const std::string& renamed_from, Id token) override;
  Ticket delete_contact(const std::string&, Id token) override;
  Ticket save_groups(std::vector<GroupRecord>, Id token) override;
  Ticket save_group(GroupRecord, Id token) override;
  Ticket delete_group(const std::string&, Id token) override;
  Ticket save_keyword(KeywordRecord, Id token) override;
  Ticket delete_keyword(const std::string&, Id token) override;
  Ticket unlock(const std::string&, Id token) override;
  Ticket reload_secrets(Id token) override;
  Ticket opt_out(const std::string& number, Id token) override;
  Ticket opt_in(const std::string& number, Id token) override;
  Ticket save_token(TokenRecord, Id by) override;
  Ticket reset_modem(const std::string& modem, Id token) override;
  Ticket run_errand(const std::string& modem, drivers::Errand, Id token) override;
  Ticket note_in_audit(const std::string& action, const std::string& detail, Id token) override;
  Ticket erase_number(const std::string&, Id token) override;
  std::vector<Answer> take_answers() override;
  std::optional<Remembered> remembered_key(const std::string&) const override;
  Ticket join(Ticket) override;
  void read(store::Reading, Look) override;
  std::size_t reads_waiting() const override { return reads_waiting_; }
  Id visible_before() const override;
  Id last_event() const override { return last_event_; }
  std::optional<MessageRecord> unwritten(Id) const override;
  std::vector<ModemView> modems() const override;
  std::optional<std::string> recording(const std::string& modem, bool of_last_failure) const override;
  std::vector<SimView> sims() const override;
  StateCounts counts() const override { return messages_.counts(); }
  const std::map<std::string, ContactRecord>& contacts() const override { return keywords_.contacts(); }
  std::vector<std::string> numbers_of(const GroupRecord& group) const override { return keywords_.numbers_of(group); }
  std::vector<GroupRecord> groups() const override;
  std::vector<KeywordRecord> keywords() const override;
  std::vector<OptOutRecord> opt_outs(Id after, std::size_t limit) const override { return consent_.page(after, limit); }
  std::optional<OptOutRecord> opted_out(const std::string& number) const override;
  const std::vector<TokenRecord>& tokens() const override { return tokens_; }
  Health health() const override;
  const Counters& counters() const override { return counters_; }

 private:
  using Held = Messages::Held;

  std::size_t add_slot(config::FixedModem, std::string id);

  // restore.cpp
  void restore(store::Restored);
  void begun_before(Held&);
  void recall_reports(const MessageRecord&);
  void remember_conversations(Id before, std::size_t page);
  void begun_last(const PartRecord&, PartRef, bool under_way);
  void read_secrets();

  // requests.cpp
  struct Admission;
  struct Pending {
    Ticket ticket = 0;
    Gate gate;
    Answer answer;
    bool withdrawable = false;
    std::string key_hash;
    std::optional<SendRequest> asked = {};  // a list of alerts that are not alike: it may have to be answered from memory
  };
  Ticket refuse(Refused);
  void give_answer(Answer);
  Ticket answer_when(Gate, Changed);
  Ticket queue_admission(Admission);
  void admit();
  bool admit_single(Admission&);
  bool admit_slice(Admission&, std::size_t* budget);
  std::shared_ptr<const Alike> alike(Admission&);
  bool admit_broadcast(Admission&);
  MessageRecord make_message(const MessageRecord& form, const std::string& to, Id id);
  void put_message(MessageRecord);
  void enter_queue(MessageRecord&&);
  std::uint8_t fresh_reference(const std::string& to, std::uint8_t first);
  void remember_key(const IdempotencyRecord&, Ticket);
  void withdraw_unwritten();
  bool withdraw(const Pending&, Id message);
  bool queue_full_for(Lane, std::int64_t segments) const;
  bool room_in(Line) const;
  Id list_under_way(Lane, Id owner) const;
  std::optional<Ticket> refuse_while_away();
  Ticket with_message(Id, std::function<Answer(Held&)>);
  Answer cancel_now(Held&);
  Answer settle_now(Held&, bool as_sent);
  void audit(std::string actor, std::string action, std::string detail, Line = Line::work);
  std::string token_name(Id) const;

  // candidates.cpp
  LocalTime local_time(std::int64_t unix_ms) const;
  void uncount(const MessageRecord&, std::size_t part);  // no byte of it left, or none that could send it
  void refresh_candidates();
  void rotate(Sim&, bool for_alerts, bool for_all);
  bool nobody_free() const;
  Candidate candidate_of(const Sim&, std::size_t slot) const;
  std::size_t free_modems(Lane) const;
  bool serves_now(const std::string& iccid, bool alert) const;
  void unpark(const Sim&);
  Id owner_of(Id message) const;

  // dispatching.cpp
  void dispatch();
  void offer_lane(Lane);
  void offer_parked(Lane, bool in_turn);
  Need need_of(const MessageRecord&) const;
  Queue::Parking place(Id, Lane);
  bool give(Held&, std::size_t slot, std::string why);
  bool free_now(const Slot&) const;
  bool take_from_lower(Lane);
  std::vector<Candidate> candidates_with_only(std::size_t slot);
  bool wanted_at(Lane, std::size_t slot);
  Held* take_back(Slot&);
  bool never_left(MessageRecord&, PartRef);
  void recall(Slot&);
  void pass_doubts(const Slot&, const Sim&);
  void continue_with(Slot&, Id message);
  void continue_multipart();
  bool expire_if_late(Held&);
  void sweep_expired();
  void requeue(Held&, std::int64_t delay_ms);
  std::optional<at::EncodedPdu> build_pdu(MessageRecord&, std::size_t part, std::string* error);
  bool parts_agree(MessageRecord&, const at::Segmented&);
  bool goes_whole_elsewhere(const MessageRecord&, const std::string& bound) const;
  void restart_elsewhere(Held&, const std::string& lost_iccid);

  // refill.cpp
  void bring_due();
  void leave_on_disk(Lane, std::int64_t due_ms);
  void later_read(std::vector<MessageRecord> found);
  void refill();

  // outcomes.cpp
  void submit_done(std::size_t slot, const drivers::SubmitDone&);
  void accepted(Slot&, Held&, std::size_t part, int tp_mr);
  void refused(Slot&, Held&, std::size_t part, const at::FinalResult&);
  Retry retry_for(at::ErrorClass, const MessageRecord&, const Slot&, const std::string& to);
  void fail(Held&, std::string code, std::string text);
  void doubt(Slot&, Held&, std::size_t part, const std::string& why);
  void doubt_settled(PartRef, bool sent, int tp_mr, const std::string& how);
  void evidence_by_count(Sim&, PartRef accepted_part, int tp_mr);
  void overdue(std::size_t slot, std::uint64_t token);
  void takeover_evidence(Slot&);
  void keep_heard(Slot&);
  void evidence_by_slots(Slot&, const drivers::StoredSubmits&);
  void delete_submit(Slot&, const drivers::StoredAt&);
  void doubts_due();
  bool repeats_by_itself(const MessageRecord&) const;
  void open_doubt(Sim&, PartRef);
  void drop_doubt(PartRef);
  void saved(Held&, MessageState before);
  Gate save(Held&);

  // reporting.cpp
  void await_report(const MessageRecord&, std::size_t part);
  void report_seen(const ReportSeen&);
  void apply_report(PartRef, const ReportSeen&);
  const Held* at_modem_for(const Slot&, const ReportSeen&) const;
  bool comes_early(const ReportSeen&, const std::optional<PartRef>& match) const;
  bool may_follow(const ReportSeen&, int mr_before) const;
  bool speaks_of(const ReportSeen&, const Sim&, const OpenDoubt&) const;
  std::int64_t gap_to(const ReportSeen&, PartRef) const;
  bool was_of_another(const ReportSeen&, PartRef) const;
  void give_up_report(const MessageRecord&, std::size_t part);  // it is begun again, though it may have gone out
  const OpenDoubt* nearest_doubt(const ReportSeen&, const Sim&) const;
  void settled_by(const ReportSeen&, PartRef);

  // modem_events.cpp
  void modem_events(std::size_t slot, drivers::Events);
  void on(std::size_t slot, const drivers::StateChanged&);
  void on(std::size_t slot, const drivers::Identified&);
  void on(std::size_t slot, const drivers::SimSeen&);
  void on(std::size_t slot, const drivers::PinWanted&);
  void on(std::size_t slot, const drivers::PinRefused&);
  void on(std::size_t slot, const drivers::NetworkSeen&);
  void on(std::size_t slot, const drivers::SignalSeen&);
  void on(std::size_t slot, const drivers::StorageSeen&);
  void on(std::size_t slot, const drivers::StoredPdu&);
  void on(std::size_t slot, const drivers::PushedPdu&);
  void on(std::size_t slot, const drivers::SubmitOverdue&);
  void on(std::size_t slot, const drivers::SubmitDone&);
  void on(std::size_t slot, const drivers::StoredSubmits&);
  void on(std::size_t slot, const drivers::LateAccepted&);
  void on(std::size_t slot, const drivers::DataEntryWasOpen&);
  void on(std::size_t slot, const drivers::TakenOver&);
  void on(std::size_t slot, const drivers::ErrandDone&);
  void on(std::size_t slot, const drivers::Trouble&);
  void open_gates();
  void leave_slot(Slot&);
  void take_pushed(Slot&, const drivers::PushedPdu&);
  Sim* sim_in(const Slot&);

  // errands.cpp
  void errands_due();
  bool errands_give_way();

  // recordings.cpp
  std::string chat_of(const Slot&, const std::string& why) const;
  void went_wrong(Slot&, const std::string& why);
  void keep_recording(Slot&);
  void recorded_change(Slot&, const drivers::StateChanged&);
  void recordings_due();

  // inbound.cpp
  Gate take_pdu(Slot&, const std::string& mem, int index, const std::string& hex);
  struct CountedRow { Id id = 0; MessageState state = MessageState::queued; Id instead_of = 0; };
  void count_broadcast(Id, std::vector<CountedRow> rows);
  void give_out(Whole, Line);
  void keyword_asked(const InboxRecord&, std::uint8_t verdict, Line);
  void keyword_refused(const InboxRecord&, const KeywordRecord&, const std::string& reason, bool counts);
  void act(const InboxRecord&, const Keywords::Asked&);
  // trying.cpp
  void drop_further(MessageRecord&) const;
  void follow_lost();
  void follow(const MessageRecord& gone, FurtherNumbers);
  void send_instead(const MessageRecord& form, const std::string& to, std::vector<std::string> left);

  // consent.cpp
  void consent_asked(const InboxRecord&);
  Gate stop_writing_to(const OptOutRecord&);
  void cancel_opted_out(const std::string& number);
  bool drop_opted_out(Held&);
  bool forbidden_to(const MessageRecord&) const;
  static void mark_opted_out(MessageRecord&);
  bool wait_for_quiet_end(Held&);
  bool wait_for_room(Held&);
  void leave_until(Held&, std::int64_t due_ms, std::string why);
  Caps::Limits caps_limits() const;
  std::optional<std::int64_t> quiet_until(const MessageRecord&, std::int64_t from_ms) const;
  void note_exempt(const std::vector<std::string>& numbers, Lane, Id owner, const std::string& what);

  void start_broadcast(BroadcastRecord, bool durable_late);
  void expand_broadcasts();
  void broadcast_moved(Id broadcast, MessageState before, MessageState after);
  void answer_broadcasts();
  void answer_text(const std::string& to, const std::string& iccid, std::string text, Lane);
  void own_message(MessageRecord form, const std::string& to);
  void tell_operator(const std::string& text);

  // away.cpp
  bool disk_away() const;
  void watch_disk();
  void told_from_memory(Id first, Id last);
  void tell_from_memory();
  void mark_failed_batch();
  void answer_from_memory(Pending&);

  void renew_sims(store::Batch&) const;
  void forgotten(const StateCounts&);

  const config::Settings& settings_;
  std::function<void(ReadJob)> reader_;
  SecretFile secret_file_;
  Now now_;
  PortMarks marks_;
  Turn turn_;
  Messages messages_{turn_};
  Queue queue_;
  Cutter cutter_{settings_.policy};
  Sims sims_{settings_};
  Keywords keywords_;
  Consent consent_;
  Intake intake_{keywords_};
  Reports reports_;
  std::vector<std::unique_ptr<Slot>> slots_;
  // What the life before had begun last at a place that has no slot yet.
  struct Begun { PartRef part; std::int64_t began_ms = 0; bool under_way = false; };
  std::map<std::string, Begun> begun_elsewhere_;
  std::vector<Candidate> candidates_;
  std::uint64_t refreshes_ = 0;
  std::optional<at::Instant> next_pace_;  // when a SIM that is paced may go on
  Sticky sticky_;
  Caps caps_;
  bool past_counted_ = false;  // caps_ knows what the life before sent
  std::vector<TokenRecord> tokens_;
  Counters counters_;
  std::vector<Note> notes_;
  std::vector<Recording> recordings_;

  Id next_message_ = 1, next_part_ = 1, next_inbox_ = 1, next_broadcast_ = 1, next_token_ = 1, next_audit_ = 1;
  Id last_event_ = 0;
  std::uint64_t next_claim_ = 1;
  Ticket next_ticket_ = 1;
  std::deque<Admission> admissions_[2];
  std::deque<Pending> pending_;
  std::deque<Answer> ready_answers_;
  std::multimap<Ticket, Ticket> joined_;
  struct KnownKey { IdempotencyRecord record; Ticket ticket = 0; bool answered = false; };
  std::map<std::string, KnownKey> keys_;
  std::deque<std::string> keys_by_age_;
  std::deque<std::pair<Id, Gate>> unlisted_;  // rows not on disk yet, by ascending id: lists end before the first
  std::size_t reads_waiting_ = 0;

  struct ActiveBroadcast {
    BroadcastRecord record;
    std::size_t moved = 0, failed = 0, unknown = 0;  // moved: submitted or final
    std::size_t opted_out = 0;                       // of those that failed
    std::size_t persons = 0;                         // counted by the newest message to each
    bool loaded = true;
  };
  std::map<Id, ActiveBroadcast> broadcasts_;
  Followed followed_;
  std::vector<Id> lost_;  // ended in this turn without having arrived, with a number left to try
  std::multimap<at::Instant, PartRef> doubts_due_;    // when policy decides, whatever the wall clock does meanwhile
  std::int64_t later_horizon_ms_ = INT64_MAX;         // later messages up to here are in memory
  struct Left { std::int64_t due_ms = INT64_MAX; Gate gates[2]; } left_;  // to the disk alone; a reader may not see it yet
  bool later_reading_ = false, look_later_ = true;
  bool refill_now_ = true;
  std::size_t row_reads_ = 0;  // under way, whose rows come into memory: nothing is forgotten meanwhile, it would come back as it was
  std::int64_t born_ms_ = 0, last_sweep_ms_ = 0, last_maintain_ms_ = 0;
  std::map<std::string, std::uint8_t> last_reference_;
  std::string disk_reason_;
  bool stopping_ = false, alert_waits_ = false, disk_told_ = false;
};

}  // namespace klaxon
