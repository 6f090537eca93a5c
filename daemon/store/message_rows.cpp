#include "daemon/store/message_rows.h"

#include <algorithm>

#include "daemon/store/packed.h"

namespace klaxon::store {
namespace {

// Queued with a part on its way already: the other parts belong to the same SIM, and a restart must know.
bool is_partly(const MessageRecord& message) {
  return message.state == MessageState::queued && message.attempts > 0 &&
         std::any_of(message.parts.begin(), message.parts.end(),
                     [](const PartRecord& part) { return part.state != MessageState::queued; });
}

constexpr const char* kInsert =
    "INSERT INTO messages(id,owner,broadcast,to_number,text,octets,lane,encoding,flash,report,valid_for_ms,"
    "send_at_ms,sim,in_doubt,ref,concat_reference,created_ms,durable_late,state,parts,due_ms,attempts,"
    "submitted_ms,delivered_ms,in_doubt_ms,unconfirmed,error_code,error_text,why,avoid_iccid,plain,awaits,"
    "partly,replace_type,languages,locking,single,context,instead_of,further,sensitive) "
    "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24,"
    "?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35,?36,?37,?38,?39,?40,?41)";

constexpr const char* kUpdate =
    "UPDATE messages SET state=?2,parts=?3,due_ms=?4,attempts=?5,submitted_ms=?6,delivered_ms=?7,"
    "in_doubt_ms=?8,unconfirmed=?9,error_code=?10,error_text=?11,why=?12,avoid_iccid=?13,plain=?14,"
    "awaits=?15,partly=?16,concat_reference=?17 WHERE id=?1";
// The further numbers are only ever emptied: who was forgotten meanwhile does not come back from memory.
constexpr const char* kEmptyFurther = "UPDATE messages SET further=X'' WHERE id=?1 AND further<>X''";

// Only who is written to by way of a group, or in somebody's place, has further numbers.
bool may_have_further(const MessageRecord& m) { return m.broadcast != 0 || m.instead_of != 0; }

// Longer than a page: kVersion5 in schema.cpp says why.
constexpr int kPad = 4096;

bool keep_apart(Connection& db, const char* table, Id id, const MessageRecord& m) {
  if (m.text.empty() && m.octets.empty()) return true;
  return db.run(
      "INSERT OR REPLACE INTO " + std::string(table) + "(id,pad,text,octets) VALUES(?1,zeroblob(?2),?3,?4)",
      id, kPad, m.text, Blob{m.octets});
}

const std::string kNoText;

}  // namespace

const char* const kMessageColumns =
    "id,owner,broadcast,to_number,text,octets,lane,encoding,flash,report,valid_for_ms,send_at_ms,sim,"
    "in_doubt,ref,concat_reference,created_ms,durable_late,state,parts,due_ms,attempts,submitted_ms,"
    "delivered_ms,in_doubt_ms,unconfirmed,error_code,error_text,why,avoid_iccid,plain,replace_type,"
    "languages,locking,single,context,instead_of,further,sensitive,"
    "CASE sensitive WHEN 1 THEN (SELECT text FROM sensitive_texts t WHERE t.id=messages.id) END,"
    "CASE sensitive WHEN 1 THEN (SELECT octets FROM sensitive_texts t WHERE t.id=messages.id) END";

bool insert_message(Connection& db, const MessageRecord& m) {
  const std::string parts = pack_parts(m.parts), further = pack_further(m.further);
  const std::string& text = m.sensitive ? kNoText : m.text;
  const std::string& octets = m.sensitive ? kNoText : m.octets;
  if (m.sensitive && m.needs_text()) keep_apart(db, "sensitive_texts", m.id, m);
  return db.run(kInsert, m.id, m.owner, m.broadcast, m.to, text, Blob{octets}, m.lane, m.encoding, m.flash,
                m.report, m.valid_for_ms, m.send_at_ms, m.sim, m.in_doubt, m.ref, m.concat_reference,
                m.created_ms, m.durable_late, m.state, Blob{parts}, m.due_ms, m.attempts, m.submitted_ms,
                m.delivered_ms, m.in_doubt_ms, m.unconfirmed, m.error_code, m.error_text, m.why,
                m.avoid_iccid, m.plain, m.awaits_report(), is_partly(m), m.replace_type, m.languages,
                m.locking, m.single, m.context, m.instead_of, Blob{further}, m.sensitive);
}

bool update_message(Connection& db, const MessageRecord& m) {
  const std::string parts = pack_parts(m.parts);
  const bool done = db.run(kUpdate, m.id, m.state, Blob{parts}, m.due_ms, m.attempts, m.submitted_ms, m.delivered_ms,
                           m.in_doubt_ms, m.unconfirmed, m.error_code, m.error_text, m.why, m.avoid_iccid, m.plain,
                           m.awaits_report(), is_partly(m), m.concat_reference);
  return may_have_further(m) && m.further.empty() ? db.run(kEmptyFurther, m.id) : done;
}

MessageRecord row_message(const Query& row) {
  MessageRecord m;
  m.id = row.id(0);
  m.owner = row.id(1);
  m.broadcast = row.id(2);
  m.to = row.text(3);
  m.text = row.text(4);
  m.octets = row.text(5);
  m.lane = static_cast<Lane>(row.small(6));
  m.encoding = static_cast<TextEncoding>(row.small(7));
  m.flash = row.flag(8);
  m.report = row.flag(9);
  m.valid_for_ms = row.integer(10);
  m.send_at_ms = row.integer(11);
  m.sim = row.text(12);
  m.in_doubt = static_cast<DoubtPolicy>(row.small(13));
  m.ref = row.text(14);
  m.concat_reference = static_cast<std::uint8_t>(row.small(15));
  m.created_ms = row.integer(16);
  m.durable_late = row.flag(17);
  m.state = static_cast<MessageState>(row.small(18));
  unpack_parts(row.view(19), &m.parts);
  if (m.parts.empty()) m.parts.resize(1);  // a damaged row must not break "never empty" as well
  m.due_ms = row.integer(20);
  m.attempts = row.small(21);
  m.submitted_ms = row.integer(22);
  m.delivered_ms = row.integer(23);
  m.in_doubt_ms = row.integer(24);
  m.unconfirmed = row.flag(25);
  m.error_code = row.text(26);
  m.error_text = row.text(27);
  m.why = row.text(28);
  m.avoid_iccid = row.text(29);
  m.plain = row.flag(30);
  m.replace_type = static_cast<std::uint8_t>(row.small(31));
  m.languages = row.small(32);
  m.locking = static_cast<std::uint8_t>(row.small(33));
  m.single = static_cast<std::uint8_t>(row.small(34));
  m.context = row.text(35);
  m.instead_of = row.id(36);
  unpack_further(row.view(37), &m.further);
  m.sensitive = row.flag(38);
  if (m.sensitive) {
    m.text = row.text(39);
    m.octets = row.text(40);
  }
  return m;
}

bool forget_text(Connection& db, Id message) {
  return db.run("DELETE FROM sensitive_texts WHERE id=?1", message) && db.changes() > 0;
}

bool insert_form(Connection& db, Id broadcast, const MessageRecord& form) {
  return keep_apart(db, "sensitive_forms", broadcast, form);
}

bool forget_form(Connection& db, Id broadcast) {
  return db.run(
             "DELETE FROM sensitive_forms WHERE id=(SELECT id FROM broadcasts WHERE id=?1 AND"
             " expanded>=recipients)",
             broadcast) &&
         db.changes() > 0;
}

void read_form(Connection& db, Id broadcast, MessageRecord* form) {
  Query rows = db.query("SELECT text,octets FROM sensitive_forms WHERE id=?1", broadcast);
  if (!rows.next()) return;
  form->text = rows.text(0);
  form->octets = rows.text(1);
}

std::vector<MessageRecord> rows_of(Query rows) {
  std::vector<MessageRecord> all;
  while (rows.next()) all.push_back(row_message(rows));
  return all;
}

std::string select_messages(std::string_view rest) {
  return "SELECT " + std::string(kMessageColumns) + " FROM messages " + std::string(rest);
}

}  // namespace klaxon::store
