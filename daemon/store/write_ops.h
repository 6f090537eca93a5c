// Each operation of a batch as SQL.
#pragma once

#include <set>
#include <string>
#include <utility>

#include "daemon/store/event_log.h"
#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

class OpWriter {
 public:
  explicit OpWriter(Connection& connection) : db_(connection), events_(connection) {}

  // All of it in one transaction, or nothing.
  std::optional<Failure> commit(const Batch&);
  // Inside a transaction of the caller's; a failure stays in the connection.
  void apply(const Op&);
  Id last_event() { return events_.committed(); }  // after a commit: the newest, 0 if it made none
  void finish();                                   // before COMMIT: the highest id given so far in each table
  // After a commit: sensitive texts went with it. The WAL still holds them.
  bool take_erased() { return std::exchange(erased_, false); }

 private:
  // Ids are never given twice, also when the newest rows are gone.
  struct Highest {
    Id message = 0, part = 0, inbox = 0, broadcast = 0, token = 0, audit = 0;
  };

  void write(const InsertMessage&);
  void write(const UpdateMessage&);
  void write(const OpenList&);
  void write(const CloseList&);
  void write(const InsertInboundPart&);
  void write(const MarkPartsReleased&);
  void write(const InsertInbox&);
  void write(const SaveBroadcast&);
  void write(const SaveBroadcastProgress&);
  void write(const ChangeContacts&);
  void write(const SaveGroup&);
  void write(const DeleteGroup&);
  void write(const SaveKeyword&);
  void write(const DeleteKeyword&);
  void write(const SaveToken&);
  void write(const SaveSim&);
  void write(const SaveSimDay&);
  void write(const SaveSimOverride&);
  void write(const NoteRecipient&);
  void write(const InsertAudit&);
  void write(const SaveIdempotency&);
  void write(const SaveLock&);
  void write(const SaveOptOut&);
  void write(const DeleteOptOut&);
  void write(const SaveCounts&);
  void write(const Maintain&);
  void write(const EraseNumber&);
  void write(const MarkDurableLate&);
  void write(const NoteModem&);
  void write(const RecordEvents&);

  void update(const MessageRecord&);
  void forget();  // after a rollback: what was created in it is not there
  void raise(const char* name, Id* highest);
  void drop_idempotency_before(const std::string& oldest_kept);
  void drop_old_parts(std::int64_t before_ms);

  Connection& db_;
  EventLog events_;
  Highest highest_;
  bool erased_ = false;
  std::set<std::string> idempotency_tables_;  // known to exist
};

// "idem_20261122" for "2026-11-22"; empty if the day is not written like this.
std::string idempotency_table(const std::string& day);
// The names of all tables of keys, newest first.
std::vector<std::string> idempotency_tables(Connection&);

}  // namespace klaxon::store
