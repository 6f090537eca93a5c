// The appliance as its doors see it. One loop thread calls all of this; nothing here blocks.
//
// What changes something gives a Ticket; its Answer comes out of take_answers() once the change is durable (or refused).
// What is read of messages, inbox, broadcasts and audit comes from committed rows through read(); what is small and lives in
// memory (modems, SIMs, contacts, groups, keywords, tokens) is read here directly.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/settings.h"
#include "daemon/bank/limits.h"
#include "daemon/store/records.h"
#include "daemon/store/store.h"
#include "drivers/modem.h"

namespace klaxon {

using Ticket = std::uint64_t;

struct SendRequest {
  MessageRecord form;            // validated; parts sized; to, id, created_ms unset
  std::vector<std::string> to;   // normalised, no number twice, 1 to 10 000
  bool list = false;             // the body's `to` was a list
  std::optional<IdempotencyRecord> key;
};
struct BroadcastRequest {
  BroadcastRecord form;          // numbers resolved when `group` is empty
  std::optional<IdempotencyRecord> key;
};

// What the messages of a list have in common, and whom they go to, in the order of their ids.
struct Alike {
  MessageRecord form;            // the first of them as it stands at acceptance, a sensitive text left out
  std::vector<std::string> to;
};
struct Accepted {                // messages first .. first + count - 1, or a broadcast
  Id first = 0;
  std::size_t count = 0;
  Id broadcast = 0;
  std::optional<MessageRecord> message;  // of a single one, as it stands at acceptance
  std::optional<BroadcastRecord> made;   // of a broadcast; numbers left out, `total` says how many
  std::size_t total = 0;
  bool durable = true;           // false: the exception for lane alert while the disk is away
  std::vector<MessageRecord> rows = {};  // of a list that is neither durable nor alike: no reader finds them yet
  std::shared_ptr<const Alike> alike = {};  // of a list; null: its rows differ in more than id and number
};
struct Changed { std::optional<MessageRecord> message; bool created = false; Id id = 0; };
struct Refused {
  int status = 409;              // 404, 409, 422, 429, 503
  std::string pointer, detail;   // pointer may be empty
  int retry_after_s = 0;         // of 429 and 503
};
struct Answer { Ticket ticket = 0; std::variant<Accepted, Changed, drivers::ErrandDone, Refused> result; };

struct ModemView {
  std::string id, port, state, why, driver, family, manufacturer, model, revision, imei, iccid, sim_label;
  bool registered = false, roaming = false, overdue = false, can_take = false;
  std::string oper, technology;
  int rssi = 99;
  std::int64_t since_ms = 0;     // in this state since
  Id message = 0;                // being submitted
  std::uint64_t submitted = 0, failed = 0, in_doubt = 0, received = 0, recoveries = 0;
  std::string storage_mem; int storage_used = 0, storage_total = 0;
};
struct SimView {
  std::string iccid, label, number, imsi, modem, state;  // state: "ready", "absent", "suspended", "limit", "pin", "waiting"
  struct Limit { std::int64_t sent = 0; Sourced<std::int64_t> most; };
  PerQuota<Limit> limits;
  int month_starts = 1;
  Sourced<double> weight{1};
  int open_doubts = 0;
};
// Of a SIM's settings: unset stays as it is, an empty one takes the override away.
struct SimChange {
  PerQuota<std::optional<std::optional<std::int64_t>>> limits{};
  std::optional<std::optional<double>> weight;
};
struct Health {
  bool store_open = true, disk_writable = true, sim_can_send = false, stopping = false;
  std::vector<std::string> reasons;  // why /readyz is 503
};
struct Counters {                    // monotonic since start, for /metrics
  std::uint64_t accepted[kLanes] = {}, submitted[kLanes] = {}, delivered[kLanes] = {}, failed[kLanes] = {}, in_doubt[kLanes] = {};
  std::uint64_t inbound = 0, inbound_duplicates = 0, reports = 0, reports_unmatched = 0, keyword_refused = 0;
  std::uint64_t commits = 0, commit_failures = 0, commit_micros = 0, turns = 0;
};

class Face {
 public:
  virtual ~Face() = default;
  virtual std::int64_t unix_ms() const = 0;
  virtual const config::Settings& settings() const = 0;

  // What the message will cost the queue is checked here: 429 when the queue's bound (1 000 000 segments) would be passed,
  // 503 while the disk is away (but for lane alert) or while stopping.
  virtual Ticket send(SendRequest) = 0;
  virtual Ticket broadcast(BroadcastRequest) = 0;
  virtual Ticket cancel(Id message) = 0;                      // Changed with the message; Refused 404, 409
  virtual Ticket settle(Id message, bool as_sent) = 0;        // Changed; Refused 404, 409
  virtual Ticket change_sim(const std::string& iccid, const SimChange&, Id token) = 0;  // Changed; Refused 404
  // Added, or put in the place of whoever has the same name; all or nothing. renamed_from, of a single one: who they were until
  // now; groups follow. Changed.created; Refused 404 (nobody has that old name), 409 (somebody has the new one).
  virtual Ticket save_contacts(std::vector<ContactRecord>, const std::string& renamed_from, Id token) = 0;
  virtual Ticket delete_contact(const std::string& name, Id token) = 0;  // Refused 404, 409 with the group that has it
  virtual Ticket save_groups(std::vector<GroupRecord>, Id token) = 0;    // all or nothing
  virtual Ticket save_group(GroupRecord, Id token) = 0;       // Changed.created
  virtual Ticket delete_group(const std::string& name, Id token) = 0;
  virtual Ticket save_keyword(KeywordRecord, Id token) = 0;   // Refused 422 /secret when its file can't be read or is too short
  virtual Ticket delete_keyword(const std::string& word, Id token) = 0;
  virtual Ticket unlock(const std::string& number, Id token) = 0;  // Refused 404 when nothing is locked or counted
  virtual Ticket reload_secrets(Id token) = 0;
  // Changed.created: it had not opted out. Refused 409 when there are too many.
  virtual Ticket opt_out(const std::string& number, Id token) = 0;
  virtual Ticket opt_in(const std::string& number, Id token) = 0;  // Refused 404 when it had not opted out
  virtual Ticket save_token(TokenRecord, Id by) = 0;          // id 0: a new one, its id in Changed.id; else revoked_ms is set
  // The modem is started anew once that is on disk and its submit in flight has ended. Refused 404, 409 with its state.
  virtual Ticket reset_modem(const std::string& modem, Id token) = 0;
  // Said to the modem between two submits, once that is in the audit; drivers::ErrandDone, answered. Refused 404; 409 where it has
  // no open port, is asked something already or does not come free; 502 where it was cut short; 504 where no answer came.
  // Precondition: command_refusal() or code_refusal() of drivers/command_rules.h has nothing against it.
  virtual Ticket run_errand(const std::string& modem, drivers::Errand, Id token) = 0;
  // That something was asked for by whoever has this token; for what changes no row itself.
  virtual Ticket note_in_audit(const std::string& action, const std::string& detail, Id token) = 0;
  // Of whoever has this number: what was sent and received so far goes from the database, in small steps after this is durable.
  // What is queued, on its way or in doubt stays: a door asks for that first.
  virtual Ticket erase_number(const std::string& number, Id token) = 0;
  virtual std::vector<Answer> take_answers() = 0;

  // The answer of an earlier request with this key that is remembered in memory (committed or not). A door asks this first,
  // then the reader, then this again. body_hash differs: the door says 409.
  struct Remembered { IdempotencyRecord record; Ticket waits_with = 0; };  // waits_with: not durable yet; its Answer comes for this ticket too
  virtual std::optional<Remembered> remembered_key(const std::string& key_hash) const = 0;
  virtual Ticket join(Ticket waits_with) = 0;                 // another answer for the same outcome

  virtual void read(store::Reading, std::function<std::function<void()>(store::Reader&)> job) = 0;
  virtual std::size_t reads_waiting() const = 0;
  virtual Id visible_before() const = 0;                      // messages from this id on may not be listed yet; 0: all may
  virtual Id last_event() const = 0;                          // the newest that is on disk
  virtual std::optional<MessageRecord> unwritten(Id) const = 0;  // accepted from memory while the disk is away

  virtual std::vector<ModemView> modems() const = 0;
  // The last lines of a modem as a .chat, or those of the last time that it went wrong. None: there is no such modem, or it
  // never went wrong in this life.
  virtual std::optional<std::string> recording(const std::string& modem, bool of_last_failure) const = 0;
  virtual std::vector<SimView> sims() const = 0;
  virtual StateCounts counts() const = 0;
  virtual const std::map<std::string, ContactRecord>& contacts() const = 0;  // by name
  // Whom a group reaches now: contacts by their first number, no number twice.
  virtual std::vector<std::string> numbers_of(const GroupRecord&) const = 0;
  virtual std::vector<GroupRecord> groups() const = 0;
  virtual std::vector<KeywordRecord> keywords() const = 0;
  virtual std::vector<OptOutRecord> opt_outs(Id after, std::size_t limit) const = 0;  // ascending by id
  virtual std::optional<OptOutRecord> opted_out(const std::string& number) const = 0;
  virtual const std::vector<TokenRecord>& tokens() const = 0;
  virtual Health health() const = 0;
  virtual const Counters& counters() const = 0;
};

}  // namespace klaxon
