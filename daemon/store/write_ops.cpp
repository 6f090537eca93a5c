#include "daemon/store/write_ops.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "daemon/store/message_rows.h"
#include "daemon/store/packed.h"

namespace klaxon::store {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kPartDays = 30;  // a PDU as read: evidence for a while, de-duplication needs 7 days
constexpr std::int64_t kNotSet = -1, kMillion = 1'000'000;  // of sim_overrides
constexpr std::int64_t kRecipientDays = 40;                 // since the month began
constexpr std::int64_t kSimDayDays = 400;                   // monthly limits, and a year to look back
constexpr std::size_t kPartsASlice = 500;                   // looked at in one Maintain: a batch stays short

// "2026-11-22", UTC.
std::string day_of(std::int64_t unix_ms) {
  using namespace std::chrono;
  const year_month_day date(floor<days>(sys_time<milliseconds>(milliseconds(unix_ms))));
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return text;
}

MessageRecord without_text(MessageRecord form) {
  form.forget_text();
  return form;
}

}  // namespace

std::string idempotency_table(const std::string& day) {
  const auto is_digit = [&](std::size_t at) { return day[at] >= '0' && day[at] <= '9'; };
  if (day.size() != 10 || day[4] != '-' || day[7] != '-') return {};
  for (const std::size_t at : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!is_digit(at)) return {};
  }
  return "idem_" + day.substr(0, 4) + day.substr(5, 2) + day.substr(8, 2);
}

std::vector<std::string> idempotency_tables(Connection& db) {
  std::vector<std::string> names;
  Query rows = db.query(
      "SELECT name FROM sqlite_schema WHERE type='table' AND name GLOB 'idem_[0-9]*' ORDER BY name DESC");
  while (rows.next()) names.push_back(rows.text(0));
  return names;
}

std::optional<Failure> OpWriter::commit(const Batch& batch) {
  db_.clear_failure();
  events_.begin();
  db_.run("BEGIN IMMEDIATE");
  for (const Op& op : batch) {
    if (db_.failed()) break;
    apply(op);
  }
  finish();
  db_.run("COMMIT");
  if (!db_.failed()) return {};
  std::optional<Failure> failure = db_.failure();
  db_.rollback();
  forget();
  return failure;
}

void OpWriter::apply(const Op& op) {
  std::visit([this](const auto& one) { write(one); }, op);
}

void OpWriter::finish() {
  raise("last_message", &highest_.message);
  raise("last_part", &highest_.part);
  raise("last_inbox", &highest_.inbox);
  raise("last_broadcast", &highest_.broadcast);
  raise("last_token", &highest_.token);
  raise("last_audit", &highest_.audit);
}

void OpWriter::forget() {
  highest_ = {};
  erased_ = false;
  events_.forget();
  idempotency_tables_.clear();
}

void OpWriter::raise(const char* name, Id* highest) {
  if (*highest == 0) return;
  db_.run("INSERT INTO meta(name,value) VALUES(?1,?2) ON CONFLICT(name) DO UPDATE SET value=max(value,?2)",
          name, *highest);
  *highest = 0;
}

void OpWriter::write(const InsertMessage& op) {
  highest_.message = std::max(highest_.message, op.message.id);
  insert_message(db_, op.message);
  if (op.message.state == MessageState::accepting) return;
  events_.changes().message(op.message);
  if (!op.message.context.empty() && op.message.state != MessageState::cancelled)
    db_.run("INSERT OR REPLACE INTO contexts(number,message) VALUES(?1,?2)", op.message.to, op.message.id);
}

// A sensitive text goes in the commit that makes its message submitted or final.
void OpWriter::update(const MessageRecord& message) {
  update_message(db_, message);
  if (message.sensitive && !message.needs_text()) erased_ = forget_text(db_, message.id) || erased_;
}

void OpWriter::write(const UpdateMessage& op) {
  update(op.message);
  events_.changes().message(op.message);
}

void OpWriter::write(const MarkDurableLate& op) {
  db_.run("UPDATE messages SET durable_late=1 WHERE id BETWEEN ?1 AND ?2", op.first_id, op.last_id);
}

void OpWriter::write(const OpenList& op) {
  db_.run("INSERT OR IGNORE INTO open_lists(first_id) VALUES(?1)", op.first_id);
}

void OpWriter::write(const CloseList& op) {
  for (const MessageRecord& message : op.cancelled) update(message);
  db_.run("UPDATE messages SET state=0 WHERE id BETWEEN ?1 AND ?2 AND state=8 AND lane=?3", op.first_id,
          op.last_id, op.lane);
  db_.run("DELETE FROM open_lists WHERE first_id=?1", op.first_id);
  db_.run(
      "INSERT OR REPLACE INTO contexts(number,message) SELECT to_number,id FROM messages"
      " WHERE id BETWEEN ?1 AND ?2 AND context<>'' AND state<>6",
      op.first_id, op.last_id);
  Id next = op.first_id;
  for (const MessageRecord& message : op.cancelled) events_.changes().message(message);
  for (const MessageRecord& message : op.cancelled) {
    if (message.id > next) events_.changes().queued(next, message.id - 1);
    next = message.id + 1;
  }
  if (next <= op.last_id) events_.changes().queued(next, op.last_id);
}

void OpWriter::write(const InsertInboundPart& op) {
  const InboundPartRecord& p = op.part;
  highest_.part = std::max(highest_.part, p.id);
  db_.run(
      "INSERT INTO inbound_parts(id,iccid,modem,mem,idx,pdu,key_hash,sender,sender_ton,sent_ms,received_ms,"
      "reference_bits,reference,total,sequence,alphabet,units,secret_verdict,keyword,defects,released,"
      "locking,single)"
      " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23)",
      p.id, p.iccid, p.modem, p.mem, p.index, p.pdu, p.key_hash, p.sender, p.sender_ton, p.sent_ms,
      p.received_ms, p.reference_bits, p.reference, p.total, p.sequence, p.alphabet, Blob{p.units},
      p.secret_verdict, p.keyword, p.defects, p.released, p.locking, p.single);
}

void OpWriter::write(const MarkPartsReleased& op) {
  for (const Id part : op.parts) db_.run("UPDATE inbound_parts SET released=1 WHERE id=?1", part);
}

void OpWriter::write(const InsertInbox& op) {
  const InboxRecord& i = op.item;
  highest_.inbox = std::max(highest_.inbox, i.id);
  const std::string missing = pack_numbers({i.missing.begin(), i.missing.end()});
  db_.run(
      "INSERT INTO inbox(id,from_number,iccid,text,octets,received_ms,sent_ms,segments,complete,missing,"
      "replaces,keyword,defects,durable_late,conversation,after_message,context)"
      " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,"
      "(SELECT coalesce(max(id),0) FROM messages),"
      "coalesce((SELECT context FROM messages WHERE id=(SELECT message FROM contexts WHERE number=?15)),''))",
      i.id, i.from, i.iccid, i.text, Blob{i.octets}, i.received_ms, i.sent_ms, i.segments, i.complete,
      Blob{missing}, i.replaces, i.keyword, i.defects, i.durable_late, i.conversation);
  if (!i.conversation.empty())
    db_.run("INSERT OR IGNORE INTO conversations(number) VALUES(?1)", i.conversation);
  events_.changes().inbox(i.id);
}

void OpWriter::write(const SaveBroadcast& op) {
  const BroadcastRecord& b = op.broadcast;
  highest_.broadcast = std::max(highest_.broadcast, b.id);
  const std::string form = pack_message(b.form.sensitive ? without_text(b.form) : b.form);
  const std::string numbers = pack_strings(b.numbers), further = pack_further_of_each(b.further);
  const bool open = b.expanded < b.numbers.size() || b.answer_due;
  if (b.form.sensitive && b.expanded < b.numbers.size()) insert_form(db_, b.id, b.form);
  db_.run(
      "INSERT OR REPLACE INTO broadcasts(id,owner,group_name,keyword,from_number,from_iccid,form,recipients,"
      "expanded,created_ms,answer_due,answered_ms,open) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)",
      b.id, b.owner, b.group, b.keyword, b.from, b.from_iccid, Blob{form}, b.numbers.size(), b.expanded,
      b.created_ms, b.answer_due, b.answered_ms, open);
  db_.run("INSERT OR REPLACE INTO broadcast_numbers(broadcast,numbers,further) VALUES(?1,?2,?3)", b.id,
          Blob{numbers}, Blob{further});
}

void OpWriter::write(const SaveBroadcastProgress& op) {
  db_.run(
      "UPDATE broadcasts SET expanded=?2,answer_due=?3,answered_ms=?4,open=(?2<recipients OR ?3<>0) WHERE"
      " id=?1",
      op.id, op.expanded, op.answer_due, op.answered_ms);
  erased_ = forget_form(db_, op.id) || erased_;
  db_.run(
      "UPDATE broadcast_numbers SET further=X'' WHERE broadcast=?1 AND further<>X'' AND ?2>="
      "(SELECT recipients FROM broadcasts WHERE id=?1)",
      op.id, op.expanded);
}

void OpWriter::write(const ChangeContacts& op) {
  for (const std::string& name : op.gone) db_.run("DELETE FROM contacts WHERE name=?1", name);
  for (const ContactRecord& contact : op.contacts) {
    const std::string numbers = pack_strings(contact.numbers), tags = pack_strings(contact.tags);
    db_.run("INSERT OR REPLACE INTO contacts(name,numbers,tags) VALUES(?1,?2,?3)", contact.name,
            Blob{numbers}, Blob{tags});
  }
  for (const GroupRecord& group : op.groups) write(SaveGroup{group});
}

void OpWriter::write(const SaveGroup& op) {
  const std::string members = pack_strings(op.group.members);
  db_.run("INSERT OR REPLACE INTO groups(name,members) VALUES(?1,?2)", op.group.name, Blob{members});
}

void OpWriter::write(const DeleteGroup& op) {
  db_.run("DELETE FROM groups WHERE name=?1", op.name);
}

void OpWriter::write(const SaveKeyword& op) {
  const KeywordRecord& k = op.keyword;
  const std::string from = pack_strings(k.from);
  db_.run(
      "INSERT OR REPLACE INTO keywords(word,from_list,from_given,secret,action,group_name,text,lane,report,"
      "cooldown_ms) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
      k.word, Blob{from}, k.from_given, k.secret, k.action, k.group, k.text, k.lane, k.report, k.cooldown_ms);
}

void OpWriter::write(const DeleteKeyword& op) {
  db_.run("DELETE FROM keywords WHERE word=?1", op.word);
}

void OpWriter::write(const SaveToken& op) {
  const TokenRecord& t = op.token;
  highest_.token = std::max(highest_.token, t.id);
  const std::string scopes = pack_strings(t.scopes);
  db_.run(
      "INSERT OR REPLACE INTO tokens(id,name,team,sha256,scopes,created_ms,revoked_ms) VALUES(?1,?2,?3,?4,"
      "?5,?6,?7)",
      t.id, t.name, t.team, Blob{t.sha256}, Blob{scopes}, t.created_ms, t.revoked_ms);
}

void OpWriter::write(const SaveSim& op) {
  const SimRecord& s = op.sim;
  db_.run(
      "INSERT OR REPLACE INTO sims(iccid,imsi,number,modem,first_seen_ms,last_seen_ms,last_tp_mr,"
      "pin_tried_sha256,pin_refused) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)",
      s.iccid, s.imsi, s.number, s.modem, s.first_seen_ms, s.last_seen_ms, s.last_tp_mr,
      Blob{s.pin_tried_sha256}, s.pin_refused);
}

void OpWriter::write(const SaveSimDay& op) {
  const SimDayRecord& d = op.day;
  db_.run(
      "INSERT OR REPLACE INTO sim_days(day,iccid,segments,hour,in_hour,minute,in_minute,abroad)"
      " VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
      d.day, d.iccid, d.segments, d.hour, d.in_hour, d.minute, d.in_minute, d.abroad);
}

void OpWriter::write(const SaveSimOverride& op) {
  const SimOverrideRecord& row = op.row;
  if (!row.sets_anything()) {
    db_.run("DELETE FROM sim_overrides WHERE iccid=?1", row.iccid);
    return;
  }
  const std::int64_t weight = row.weight ? std::llround(*row.weight * kMillion) : kNotSet;
  const auto limit = [&](config::Quota quota) {
    return row.limits[config::index_of(quota)].value_or(kNotSet);
  };
  db_.run(
      "INSERT OR REPLACE INTO sim_overrides(iccid,minute_limit,hourly_limit,daily_limit,monthly_limit,"
      "international_limit,recipients_limit,weight_millionths) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
      row.iccid, limit(config::Quota::minute), limit(config::Quota::hour), limit(config::Quota::day),
      limit(config::Quota::month), limit(config::Quota::abroad), limit(config::Quota::recipients), weight);
}

void OpWriter::write(const NoteRecipient& op) {
  db_.run("INSERT OR IGNORE INTO sim_recipients(month,iccid,recipient) VALUES(?1,?2,?3)", op.row.month,
          op.row.iccid, op.row.recipient);
}

void OpWriter::write(const InsertAudit& op) {
  const AuditRecord& a = op.audit;
  highest_.audit = std::max(highest_.audit, a.id);
  db_.run("INSERT INTO audit(id,at_ms,actor,action,detail) VALUES(?1,?2,?3,?4,?5)", a.id, a.at_ms, a.actor,
          a.action, a.detail);
}

void OpWriter::write(const SaveIdempotency& op) {
  const IdempotencyRecord& r = op.record;
  const std::string table = idempotency_table(r.day);
  if (table.empty()) return db_.refuse("not a day: " + r.day);
  if (!idempotency_tables_.contains(table)) {
    db_.run("CREATE TABLE IF NOT EXISTS " + table +
            "(key_hash BLOB PRIMARY KEY, body_hash BLOB NOT NULL, first_id INTEGER NOT NULL, count INTEGER"
            " NOT NULL, broadcast INTEGER NOT NULL) WITHOUT ROWID");
    idempotency_tables_.insert(table);
  }
  db_.run("INSERT OR REPLACE INTO " + table +
              "(key_hash,body_hash,first_id,count,broadcast) VALUES(?1,?2,?3,?4,?5)",
          Blob{r.key_hash}, Blob{r.body_hash}, r.first_id, r.count, r.broadcast);
}

void OpWriter::write(const SaveLock& op) {
  const LockRecord& l = op.lock;
  if (l.failures == 0 && l.locks == 0) {
    db_.run("DELETE FROM locks WHERE number=?1", l.number);
  } else {
    db_.run("INSERT OR REPLACE INTO locks(number,failures,locks,locked_until_ms) VALUES(?1,?2,?3,?4)",
            l.number, l.failures, l.locks, l.locked_until_ms);
  }
}

void OpWriter::write(const SaveOptOut& op) {
  const OptOutRecord& row = op.row;
  db_.run("INSERT OR REPLACE INTO opt_outs(id,number,source,since_ms) VALUES(?1,?2,?3,?4)", row.id,
          row.number, row.by, row.since_ms);
}

void OpWriter::write(const DeleteOptOut& op) {
  db_.run("DELETE FROM opt_outs WHERE number=?1", op.number);
}

void OpWriter::write(const SaveCounts& op) {
  const std::string counts = pack_numbers(op.counts);
  db_.run("INSERT OR REPLACE INTO meta(name,value) VALUES('counts',?1)", Blob{counts});
}

void OpWriter::write(const Maintain& op) {
  drop_idempotency_before(idempotency_table(day_of(op.now_ms - kDayMs)));
  drop_old_parts(op.now_ms - kPartDays * kDayMs);
  events_.trim(op.now_ms);
  db_.run("DELETE FROM sim_days WHERE day<?1", day_of(op.now_ms - kSimDayDays * kDayMs));
  db_.run("DELETE FROM sim_recipients WHERE month<?1", day_of(op.now_ms - kRecipientDays * kDayMs));
}

// Asked again while it is under way: from the start, up to what is there by now.
void OpWriter::write(const EraseNumber& op) {
  db_.run(
      "INSERT OR REPLACE INTO erasures(number,last_message,last_inbox,last_part,last_broadcast,stage,cursor)"
      " SELECT ?1,(SELECT coalesce(max(id),0) FROM messages),(SELECT coalesce(max(id),0) FROM inbox),"
      "(SELECT coalesce(max(id),0) FROM inbound_parts),(SELECT coalesce(max(id),0) FROM broadcasts),0,0",
      op.number);
}

void OpWriter::write(const NoteModem& op) {
  events_.changes().modem(op.change);
}

void OpWriter::write(const RecordEvents& op) {
  events_.write(op.now_ms);
}

// Tables of days to come are kept: they were filled while the clock was wrong, or it is wrong now.
void OpWriter::drop_idempotency_before(const std::string& oldest_kept) {
  for (const std::string& table : idempotency_tables(db_)) {
    if (table >= oldest_kept) continue;
    db_.forget_statements();  // those of this table would be in the way
    db_.run("DROP TABLE " + table);
    idempotency_tables_.erase(table);
  }
}

void OpWriter::drop_old_parts(std::int64_t before_ms) {
  std::vector<Id> old;
  {
    Query rows =
        db_.query("SELECT id, released, received_ms FROM inbound_parts ORDER BY id LIMIT ?1", kPartsASlice);
    while (rows.next() && rows.integer(2) < before_ms) {
      if (rows.flag(1)) old.push_back(rows.id(0));
    }
  }
  for (const Id part : old) db_.run("DELETE FROM inbound_parts WHERE id=?1", part);
}

}  // namespace klaxon::store
