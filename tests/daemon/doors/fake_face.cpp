#include "tests/daemon/doors/fake_face.h"

#include <algorithm>

using namespace klaxon;

namespace {

bool fits(const MessageRecord& row, const store::MessageFilter& filter) {
  return (!filter.state || row.state == *filter.state) && (filter.to.empty() || row.to == filter.to) &&
         (filter.ref.empty() || row.ref == filter.ref) && row.created_ms >= filter.since_ms;
}

template <class Row>
std::optional<Row> row_of(const std::map<Id, Row>& rows, Id id) {
  const auto found = rows.find(id);
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

template <class Row, class Fits>
std::vector<Row> page_of(const std::map<Id, Row>& rows, const store::Page& page, Fits fit) {
  std::vector<Row> out;
  for (auto at = rows.upper_bound(page.after); at != rows.end() && out.size() < page.limit; ++at) {
    if (page.before != 0 && at->first >= page.before) break;
    if (fit(at->second)) out.push_back(at->second);
  }
  return out;
}

}  // namespace

std::optional<MessageRecord> FakeReader::message(Id id) {
  return row_of(message_rows, id);
}

std::vector<MessageRecord> FakeReader::messages(const store::MessageFilter& filter, const store::Page& page) {
  last_filter = filter;
  last_page = page;
  return page_of(message_rows, page, [&](const MessageRecord& row) { return fits(row, filter); });
}

std::vector<MessageRecord> FakeReader::messages_between(Id first, Id last) {
  std::vector<MessageRecord> out;
  for (const auto& [id, row] : message_rows) {
    if (id >= first && id <= last) out.push_back(row);
  }
  return out;
}

std::optional<std::int64_t> FakeReader::oldest_queued_ms(Lane lane) {
  return lane == Lane::normal ? oldest_ms : std::nullopt;
}

std::vector<InboxRecord> FakeReader::inbox(const store::InboxFilter& filter, const store::Page& page) {
  last_inbox_filter = filter;
  return page_of(inbox_rows, page, [&](const InboxRecord& row) {
    return (filter.from.empty() || row.from == filter.from) && row.received_ms >= filter.since_ms;
  });
}

std::optional<InboxRecord> FakeReader::inbox_item(Id id) {
  return row_of(inbox_rows, id);
}

std::vector<BroadcastRecord> FakeReader::broadcasts(const store::Page& page) {
  return page_of(broadcast_rows, page, [](const BroadcastRecord&) { return true; });
}

std::optional<BroadcastRecord> FakeReader::broadcast(Id id) {
  return row_of(broadcast_rows, id);
}

std::vector<AuditRecord> FakeReader::audit(const store::Page& page) {
  std::vector<AuditRecord> out;
  for (const AuditRecord& row : audit_rows) {
    if (row.id > page.after && out.size() < page.limit) out.push_back(row);
  }
  return out;
}

std::optional<IdempotencyRecord> FakeReader::idempotency(const std::string& key_hash) {
  const auto found = keys.find(key_hash);
  if (found == keys.end()) return std::nullopt;
  return found->second;
}

store::EventPage FakeReader::events(Id after, Id upto, std::size_t limit) {
  ++event_reads;
  const Id newest = event_begin + event_rows.size();
  store::EventPage page;
  page.gap = after < event_begin || after > newest;
  page.begin = page.reached = page.gap ? event_begin : after;
  while (page.reached < newest && page.reached < upto && page.events.size() < limit) {
    page.events.push_back(event_rows[page.reached++ - event_begin]);
    page.events.back().id = page.reached;
  }
  return page;
}

std::vector<ConversationRecord> FakeReader::conversations(const store::Page& page) {
  last_page = page;
  std::vector<ConversationRecord> out;
  for (const ConversationRecord& row : conversation_rows)
    if (row.id > page.after && out.size() < page.limit) out.push_back(row);
  return out;
}

std::vector<ConversationItem> FakeReader::conversation(const std::string& number,
                                                       const store::ConversationPage& page) {
  last_number = number;
  last_conversation = page;
  return {items.begin(), items.begin() + static_cast<std::ptrdiff_t>(std::min(page.limit, items.size()))};
}

FakeFace::FakeFace() {
  state.sim_can_send = true;
}

void FakeFace::run_reads() {
  while (!jobs_.empty() && !reader_hangs) {
    const ReadJob job = std::move(jobs_.front());
    jobs_.pop_front();
    job(rows)();
  }
}

Ticket FakeFace::answer(decltype(Answer::result) result) {
  if (refuse_next) result = *std::exchange(refuse_next, std::nullopt);
  answers_.push_back({next_ticket_, std::move(result)});
  return next_ticket_++;
}

Ticket FakeFace::send(SendRequest request) {
  sent.push_back(request);
  if (refuse_next) return answer(Refused{});
  Accepted accepted;
  accepted.first = next_message_;
  accepted.count = request.to.size();
  accepted.durable = durable;
  for (const std::string& to : request.to) {
    MessageRecord row = request.form;
    row.id = next_message_++;
    row.to = to;
    row.created_ms = now_ms;
    (durable ? rows.message_rows : memory_)[row.id] = row;
    if (!request.list) accepted.message = row;
  }
  if (alike && request.list) {
    MessageRecord first = (durable ? rows.message_rows : memory_).at(accepted.first);
    if (first.sensitive) first.text.clear();
    accepted.alike = std::make_shared<const Alike>(Alike{std::move(first), request.to});
  }
  if (request.key) {
    IdempotencyRecord key = *request.key;
    key.first_id = accepted.first;
    key.count = accepted.count;
    remembered_[key.key_hash] = {key, next_ticket_};
  }
  return answer(accepted);
}

Ticket FakeFace::broadcast(BroadcastRequest request) {
  broadcasts_sent.push_back(request);
  if (refuse_next) return answer(Refused{});
  Accepted accepted;
  request.form.id = accepted.broadcast = next_broadcast_++;
  request.form.created_ms = now_ms;
  accepted.total = request.form.numbers.size();
  for (const GroupRecord& group : group_rows) {
    if (group.name == request.form.group) accepted.total = group.members.size();
  }
  request.form.numbers.clear();
  request.form.recipients = accepted.total;
  rows.broadcast_rows[request.form.id] = request.form;
  accepted.made = request.form;
  accepted.durable = durable;
  if (request.key) {
    IdempotencyRecord key = *request.key;
    key.broadcast = accepted.broadcast;
    remembered_[key.key_hash] = {key, next_ticket_};
  }
  return answer(accepted);
}

Ticket FakeFace::changed(Id id) {
  const auto found = rows.message_rows.find(id);
  if (found == rows.message_rows.end()) return answer(Refused{404, "", "there is no such message", 0});
  return answer(Changed{found->second, false, 0});
}

Ticket FakeFace::cancel(Id id) {
  cancelled.push_back(id);
  return changed(id);
}
Ticket FakeFace::settle(Id id, bool as_sent) {
  settled.emplace_back(id, as_sent);
  return changed(id);
}
Ticket FakeFace::change_sim(const std::string& iccid, const klaxon::SimChange& change, Id) {
  sim_changes.emplace_back(iccid, change);
  return answer(Changed{});
}
Ticket FakeFace::save_contacts(std::vector<ContactRecord> contacts, const std::string& renamed_from, Id) {
  if (!renamed_from.empty()) {
    renamed.push_back(renamed_from);
    contact_rows.erase(renamed_from);
  }
  const bool known = contacts.size() != 1 || contact_rows.contains(contacts.front().name);
  for (ContactRecord& contact : contacts) contact_rows[contact.name] = std::move(contact);
  return answer(Changed{std::nullopt, !known && renamed_from.empty(), 0});
}
Ticket FakeFace::delete_contact(const std::string& name, Id) {
  if (contact_rows.erase(name) == 0) return answer(Refused{404, "", "there is no such contact", 0});
  return answer(Changed{});
}
Ticket FakeFace::save_groups(std::vector<GroupRecord> groups, Id by) {
  for (GroupRecord& group : groups) save_group(std::move(group), by);
  return answer(Changed{});
}
std::vector<std::string> FakeFace::numbers_of(const GroupRecord& group) const {
  std::vector<std::string> numbers;
  for (const std::string& member : group.members) {
    const auto known = contact_rows.find(member);
    numbers.push_back(known == contact_rows.end() ? member : known->second.numbers.front());
  }
  return numbers;
}
Ticket FakeFace::save_group(GroupRecord group, Id) {
  const bool known =
      std::erase_if(group_rows, [&](const GroupRecord& row) { return row.name == group.name; }) > 0;
  group_rows.push_back(std::move(group));
  return answer(Changed{std::nullopt, !known, 0});
}
Ticket FakeFace::delete_group(const std::string& name, Id) {
  if (std::erase_if(group_rows, [&](const GroupRecord& row) { return row.name == name; }) == 0) {
    return answer(Refused{404, "", "there is no such group", 0});
  }
  return answer(Changed{});
}
Ticket FakeFace::save_keyword(KeywordRecord keyword, Id) {
  keyword_rows.push_back(std::move(keyword));
  return answer(Changed{std::nullopt, true, 0});
}
Ticket FakeFace::delete_keyword(const std::string& word, Id) {
  if (std::erase_if(keyword_rows, [&](const KeywordRecord& row) { return row.word == word; }) == 0) {
    return answer(Refused{404, "", "there is no such keyword", 0});
  }
  return answer(Changed{});
}
Ticket FakeFace::unlock(const std::string& number, Id) {
  unlocked.push_back(number);
  return answer(Changed{});
}
Ticket FakeFace::opt_out(const std::string& number, Id token) {
  if (opted_out(number)) return answer(Changed{});
  const Id id = opt_out_rows.empty() ? 1 : opt_out_rows.rbegin()->first + 1;
  opt_out_rows[id] = {id, number, "token:" + std::to_string(token), now_ms};
  return answer(Changed{std::nullopt, true, 0});
}
Ticket FakeFace::opt_in(const std::string& number, Id) {
  if (std::erase_if(opt_out_rows, [&](const auto& row) { return row.second.number == number; }) == 0)
    return answer(Refused{404, "", "it has not opted out", 0});
  return answer(Changed{});
}
std::vector<klaxon::OptOutRecord> FakeFace::opt_outs(Id after, std::size_t limit) const {
  std::vector<klaxon::OptOutRecord> out;
  for (auto at = opt_out_rows.upper_bound(after); at != opt_out_rows.end() && out.size() < limit; ++at)
    out.push_back(at->second);
  return out;
}
std::optional<klaxon::OptOutRecord> FakeFace::opted_out(const std::string& number) const {
  for (const auto& [id, row] : opt_out_rows)
    if (row.number == number) return row;
  return std::nullopt;
}
Ticket FakeFace::note_in_audit(const std::string& action, const std::string&, Id) {
  noted.push_back(action);
  return answer(Changed{});
}
Ticket FakeFace::erase_number(const std::string& number, Id) {
  erased.push_back(number);
  return answer(Changed{});
}
Ticket FakeFace::reload_secrets(Id) {
  ++reloads;
  return answer(Changed{});
}
Ticket FakeFace::save_token(TokenRecord token, Id) {
  if (token.id == 0) {
    token.id = next_token_++;
    token_rows.push_back(token);
  } else {
    for (TokenRecord& row : token_rows) {
      if (row.id == token.id) row.revoked_ms = token.revoked_ms;
    }
  }
  return answer(Changed{std::nullopt, true, token.id});
}

std::vector<Answer> FakeFace::take_answers() {
  if (hold_answers) return {};
  for (const auto& [ticket, with] : std::exchange(joined_, {})) {
    const auto found =
        std::find_if(answers_.begin(), answers_.end(), [with](const Answer& a) { return a.ticket == with; });
    if (found != answers_.end()) answers_.push_back({ticket, Answer(*found).result});
  }
  for (auto& [hash, known] : remembered_) {
    known.waits_with = 0;
    rows.keys[hash] = known.record;
  }
  return std::exchange(answers_, {});
}

std::optional<Face::Remembered> FakeFace::remembered_key(const std::string& hash) const {
  const auto found = remembered_.find(hash);
  if (found == remembered_.end()) return std::nullopt;
  return found->second;
}

Ticket FakeFace::join(Ticket with) {
  joined_.emplace_back(next_ticket_, with);
  return next_ticket_++;
}

std::optional<MessageRecord> FakeFace::unwritten(Id id) const {
  return row_of(memory_, id);
}
