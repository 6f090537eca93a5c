// SQLite, and the one promise: what commit() reported is on the disk. The only room that includes sqlite3.h.
//
// One writer thread takes one batch at a time: each is one transaction, all or nothing. Readers have a connection and a
// thread of their own and see committed rows only. Both answer by completions that the loop fetches after `wake` was called.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "at/expected.h"
#include "daemon/store/records.h"

namespace klaxon::store {

struct InsertMessage { MessageRecord message; };
struct UpdateMessage { MessageRecord message; };          // what changes, by id
struct OpenList { Id first_id; };                         // the rows from first_id in state accepting belong to a list not yet whole
// They become queued (due_ms as inserted), but those in `cancelled`, which are written as they stand there.
struct CloseList { Id first_id, last_id; Lane lane; std::vector<MessageRecord> cancelled = {}; };
struct InsertInboundPart { InboundPartRecord part; };
struct MarkPartsReleased { std::vector<Id> parts; };
struct InsertInbox { InboxRecord item; };
struct SaveBroadcast { BroadcastRecord broadcast; };      // insert or replace
struct SaveBroadcastProgress { Id id; std::size_t expanded; bool answer_due; std::int64_t answered_ms; };
// All of it or nothing, however long the lists are.
struct ChangeContacts { std::vector<std::string> gone; std::vector<ContactRecord> contacts; std::vector<GroupRecord> groups; };
struct SaveGroup { GroupRecord group; };
struct DeleteGroup { std::string name; };
struct SaveKeyword { KeywordRecord keyword; };
struct DeleteKeyword { std::string word; };
struct SaveToken { TokenRecord token; };
struct SaveSim { SimRecord sim; };
struct SaveSimDay { SimDayRecord day; };
struct SaveSimOverride { SimOverrideRecord row; };
struct NoteRecipient { SimRecipientRecord row; };
struct InsertAudit { AuditRecord audit; };
struct SaveIdempotency { IdempotencyRecord record; };
struct SaveLock { LockRecord lock; };                     // failures 0 and locks 0: removed
struct SaveOptOut { OptOutRecord row; };
struct DeleteOptOut { std::string number; };
struct SaveCounts { StateCounts counts; };
// Drops idempotency tables and what else is past its keeping time. keep_ms above 0: afterwards, in idle slices, also what is
// finished and older than that.
struct Maintain { std::int64_t now_ms; std::int64_t keep_ms = 0; };
// Afterwards, in idle slices: the texts and numbers of whoever has this number, in all that is in the database by now. Messages
// that are submitted keep their row, without text and number: a report may still come for it.
struct EraseNumber { std::string number; };

// Messages that somebody was told of before they were on disk: their rows say so.
struct MarkDurableLate { Id first_id, last_id; };
struct NoteModem { ModemStateRecord change; };            // is an event and nothing else
// Last of a batch: what the ops before it changed becomes events. A batch without it leaves none.
struct RecordEvents { std::int64_t now_ms; };

using Op = std::variant<InsertMessage, UpdateMessage, OpenList, CloseList, InsertInboundPart, MarkPartsReleased, InsertInbox,
                        SaveBroadcast, SaveBroadcastProgress, ChangeContacts, SaveGroup, DeleteGroup, SaveKeyword, DeleteKeyword,
                        SaveToken, SaveSim, SaveSimDay, SaveSimOverride, NoteRecipient, InsertAudit, SaveIdempotency, SaveLock, SaveOptOut, DeleteOptOut,
                        SaveCounts, Maintain, EraseNumber, MarkDurableLate, NoteModem, RecordEvents>;
using Batch = std::vector<Op>;

struct Failure {
  enum class Kind { full, read_only, busy, corrupt, other } kind;
  std::string text;
};

// Everything the pure rooms hold in memory, read once at start.
struct Restored {
  Id next_message = 1, next_part = 1, next_inbox = 1, next_broadcast = 1, next_token = 1, next_audit = 1, next_opt_out = 1;
  Id last_event = 0;
  std::vector<MessageRecord> submitting;        // begun by the life before: in doubt now
  std::vector<MessageRecord> unknown;           // newest 10 000
  std::vector<MessageRecord> partly;            // queued with a part that was begun or submitted already
  std::vector<MessageRecord> awaiting;          // submitted, a report may come: newest 20 000, younger than 8 days
  std::vector<InboundPartRecord> open_parts;    // of sets not complete, younger than 7 days
  std::vector<std::uint64_t> known_keys;        // key_hash of the last 7 days, newest 200 000
  std::vector<BroadcastRecord> broadcasts;      // not wholly expanded, or answer due
  std::vector<FollowedRecord> followed;         // of the newest broadcasts, newest first, up to 100 000
  std::vector<ContactRecord> contacts;
  std::vector<GroupRecord> groups;
  std::vector<KeywordRecord> keywords;
  std::vector<TokenRecord> tokens;
  std::vector<SimRecord> sims;
  std::vector<SimDayRecord> sim_days;           // of the newest 32 days; by day
  std::vector<SimRecipientRecord> sim_recipients;  // of the months that began in them
  std::vector<SimOverrideRecord> sim_overrides;
  std::vector<LockRecord> locks;
  std::vector<OptOutRecord> opt_outs;           // all
  std::vector<IdempotencyRecord> idempotency;   // empty: looked up through the reader
  StateCounts counts;
  struct Flow { Lane lane; Id owner; Id last_id; };
  std::vector<Flow> flows;                      // who has queued rows, and the newest of them
  bool clean_shutdown = true;
  std::uint64_t life = 0;                       // how many times this database was begun with: one more each time
};

struct Completion {
  std::uint64_t batch = 0;              // the number given to commit()
  std::optional<Failure> failure;       // none: durable
  std::int64_t micros = 0;              // how long the transaction and its fsync took
  StateCounts forgotten = {};           // messages that the idle slices have deleted since the last completion; empty: none
  Id last_event = 0;                    // the newest on disk; 0: this batch made none
};

struct Page { Id after = 0; std::size_t limit = 100; Id before = 0; };  // before: 0 or the first id that may not be shown yet
struct MessageFilter { std::optional<MessageState> state = {}; std::string to = {}, ref = {}; std::int64_t since_ms = 0; Id broadcast = 0; };
struct InboxFilter { std::string from = {}; std::int64_t since_ms = 0; };
// Behind a message or behind an inbound text, or from the beginning.
struct ConversationPage { Id after_message = 0, after_inbox = 0; std::size_t limit = 100; Id before = 0; };
struct EventPage {
  bool gap = false;                     // what was asked for is not there any more, or never was: it begins with the oldest
  Id begin = 0;                         // behind this id
  Id reached = 0;                       // up to this one
  std::vector<EventRecord> events;
};

// What is brief (a row, a refill of the queue) passes by what takes milliseconds: pages and lists.
enum class Reading : std::uint8_t { brief, lengthy };

// Committed rows only. Lives on the reader's thread; called there alone.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual std::optional<MessageRecord> message(Id) = 0;
  virtual std::vector<MessageRecord> messages(const MessageFilter&, const Page&) = 0;
  virtual std::vector<MessageRecord> messages_between(Id first, Id last) = 0;   // at most 10 000
  // The window's refill: state queued, due_ms 0, id above after, ascending.
  virtual std::vector<MessageRecord> ready(Lane, Id owner, Id after, std::size_t limit) = 0;
  // state queued, due_ms at most until (and above 0), ascending by due_ms.
  virtual std::vector<MessageRecord> due(std::int64_t until_ms, std::size_t limit) = 0;
  virtual std::optional<std::int64_t> next_due_ms() = 0;
  virtual std::optional<std::int64_t> oldest_queued_ms(Lane) = 0;               // created_ms of the lowest queued id
  virtual std::vector<InboxRecord> inbox(const InboxFilter&, const Page&) = 0;
  virtual std::optional<InboxRecord> inbox_item(Id) = 0;
  virtual std::vector<BroadcastRecord> broadcasts(const Page&) = 0;             // numbers left out
  virtual std::optional<BroadcastRecord> broadcast(Id) = 0;                     // numbers left out
  virtual StateCounts broadcast_counts(Id) = 0;                                 // lane index 0 only
  virtual std::vector<AuditRecord> audit(const Page&) = 0;
  virtual std::optional<IdempotencyRecord> idempotency(const std::string& key_hash) = 0;  // today's and yesterday's table
  // At most `limit` events behind `after`, up to `upto`.
  virtual EventPage events(Id after, Id upto, std::size_t limit) = 0;
  virtual std::vector<ConversationRecord> conversations(const Page&) = 0;
  // Both directions in the order of their commits. Empty for a number that nothing is known of.
  virtual std::vector<ConversationItem> conversation(const std::string& number, const ConversationPage&) = 0;
  // The first thing that went wrong in this job: what it was given is then not the whole truth.
  virtual std::optional<Failure> failure() const { return {}; }
};

// A file without a name, open for reading; gone when this is.
struct OpenFile {
  int descriptor = -1;
  std::int64_t octets = 0;
  OpenFile() = default;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();
};
using BackupOutcome = at::Expected<std::shared_ptr<const OpenFile>, Failure>;

class Store {
 public:
  // Creates data_dir (0750) and klaxon.db, upgrades the schema, locks it against a second daemon, drops the rows of lists
  // that were never whole, makes the ballast file. wake: called from either thread whenever a completion waits; must be safe to call
  // from any thread.
  // now_ms: of the system's clock, which may be wrong; it bounds how far back restore() looks.
  static at::Expected<std::unique_ptr<Store>, Failure> open(const std::string& data_dir, std::int64_t now_ms,
                                                            std::function<void()> wake);
  virtual ~Store() = default;  // waits for a running commit for at most two seconds, then leaves the thread behind

  virtual Restored restore() = 0;  // once, before the first commit
  // Precondition: no commit runs. Takes the batch; on failure it comes back by reclaim().
  virtual void commit(std::uint64_t number, Batch) = 0;
  virtual std::optional<Completion> completed() = 0;
  virtual Batch reclaim() = 0;     // of the failed commit, whole and in order
  // Runs on the reader's thread; `then` is returned by finished() on the loop's.
  // In order within each kind.
  virtual void read(Reading, std::function<std::function<void()>(Reader&)> job) = 0;
  virtual std::vector<std::function<void()>> finished() = 0;
  virtual std::size_t reads_waiting() const = 0;
  // A copy of all that is committed now, as one SQLite file; takes as much room in data_dir, and seconds to minutes. `then` is
  // returned by finished(). One at a time, its file included: false while one is made or still open.
  virtual bool back_up([[maybe_unused]] std::int64_t now_ms, [[maybe_unused]] std::function<void(BackupOutcome)> then) {
    return false;
  }
  virtual void mark_clean_shutdown() = 0;  // best effort, at the end, no commit running
  // What quick_check found after an unclean end: an alarm, not a stop. It runs for a while after open() and wakes when it has found
  // something; none: nothing so far.
  virtual std::optional<std::string> check_finding() const { return {}; }
};

}  // namespace klaxon::store
