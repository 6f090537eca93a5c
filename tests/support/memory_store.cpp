#include "tests/support/memory_store.h"

#include <algorithm>

namespace rig {
namespace {

bool begun(const MessageRecord& message) {
  return message.attempts > 0 && std::any_of(message.parts.begin(), message.parts.end(), [](const PartRecord& part) {
           return part.state != MessageState::queued;
         });
}

// What an update may change; the rest stays as it was inserted.
void update(MessageRecord* row, const MessageRecord& now) {
  row->state = now.state;
  row->parts = now.parts;
  row->due_ms = now.due_ms;
  row->attempts = now.attempts;
  row->submitted_ms = now.submitted_ms;
  row->delivered_ms = now.delivered_ms;
  row->in_doubt_ms = now.in_doubt_ms;
  row->unconfirmed = now.unconfirmed;
  row->error_code = now.error_code;
  row->error_text = now.error_text;
  row->why = now.why;
  row->avoid_iccid = now.avoid_iccid;
  row->plain = now.plain;
  row->concat_reference = now.concat_reference;
  if (row->sensitive && !now.needs_text()) row->forget_text();
  if (now.further.empty()) row->further.clear();
}

struct Writer {
  Rows& rows;
  std::vector<EventRecord> changes = {};

  template <class Map, class Key, class Value>
  void insert(Map& map, const Key& key, const Value& value, const char* what) {
    if (!map.emplace(key, value).second) rows.faults.push_back(std::string("inserted twice: ") + what);
  }
  void operator()(const store::InsertMessage& op) {
    insert(rows.messages, op.message.id, op.message, "message");
    rows.last_message = std::max(rows.last_message, op.message.id);
    if (op.message.state != MessageState::accepting) changed(op.message);
  }
  void operator()(const store::UpdateMessage& op) {
    const auto at = rows.messages.find(op.message.id);
    if (at == rows.messages.end()) {
      rows.faults.push_back("update of no row: m" + std::to_string(op.message.id));
    } else {
      update(&at->second, op.message);
      changed(at->second);
    }
  }
  void operator()(const store::MarkDurableLate& op) {
    for (Id id = op.first_id; id <= op.last_id; ++id)
      if (const auto at = rows.messages.find(id); at != rows.messages.end()) at->second.durable_late = true;
  }
  void operator()(const store::OpenList& op) { rows.open_lists.insert(op.first_id); }
  void operator()(const store::CloseList& op) {
    for (const MessageRecord& message : op.cancelled) (*this)(store::UpdateMessage{message});
    for (Id id = op.first_id; id <= op.last_id; ++id) {
      const auto at = rows.messages.find(id);
      if (at == rows.messages.end() || at->second.state != MessageState::accepting) continue;
      at->second.state = MessageState::queued;
      changed(at->second);
    }
    rows.open_lists.erase(op.first_id);
  }
  void operator()(const store::InsertInboundPart& op) { insert(rows.parts, op.part.id, op.part, "part"); }
  void operator()(const store::MarkPartsReleased& op) {
    for (const Id id : op.parts)
      if (rows.parts.contains(id)) rows.parts[id].released = true;
  }
  void operator()(const store::InsertInbox& op) {
    insert(rows.inbox, op.item.id, op.item, "inbox");
    changes.emplace_back().inbox = op.item;
  }
  void operator()(const store::SaveBroadcast& op) { rows.broadcasts[op.broadcast.id] = op.broadcast; }
  void operator()(const store::SaveBroadcastProgress& op) {
    BroadcastRecord& row = rows.broadcasts[op.id];
    row.expanded = op.expanded;
    row.answer_due = op.answer_due;
    row.answered_ms = op.answered_ms;
    if (row.form.sensitive && row.expanded >= row.numbers.size()) row.form.forget_text();
    if (op.expanded >= row.numbers.size()) row.further.clear();
  }
  void operator()(const store::ChangeContacts& op) {
    for (const std::string& name : op.gone) rows.contacts.erase(name);
    for (const ContactRecord& contact : op.contacts) rows.contacts[contact.name] = contact;
    for (const GroupRecord& group : op.groups) rows.groups[group.name] = group;
  }
  void operator()(const store::SaveGroup& op) { rows.groups[op.group.name] = op.group; }
  void operator()(const store::DeleteGroup& op) { rows.groups.erase(op.name); }
  void operator()(const store::SaveKeyword& op) { rows.keywords[op.keyword.word] = op.keyword; }
  void operator()(const store::DeleteKeyword& op) { rows.keywords.erase(op.word); }
  void operator()(const store::SaveToken& op) { rows.tokens[op.token.id] = op.token; }
  void operator()(const store::SaveSim& op) { rows.sims[op.sim.iccid] = op.sim; }
  void operator()(const store::NoteRecipient& op) { rows.sim_recipients.push_back(op.row); }
  void operator()(const store::SaveSimDay& op) { rows.sim_days[{op.day.iccid, op.day.day}] = op.day; }
  void operator()(const store::SaveSimOverride& op) { rows.sim_overrides[op.row.iccid] = op.row; }
  void operator()(const store::InsertAudit& op) { insert(rows.audit, op.audit.id, op.audit, "audit"); }
  void operator()(const store::SaveIdempotency& op) { rows.idempotency[op.record.key_hash] = op.record; }
  void operator()(const store::SaveLock& op) {
    if (op.lock.failures == 0 && op.lock.locks == 0) {
      rows.locks.erase(op.lock.number);
    } else {
      rows.locks[op.lock.number] = op.lock;
    }
  }
  void operator()(const store::SaveOptOut& op) { insert(rows.opt_outs, op.row.number, op.row, "opt-out"); }
  void operator()(const store::DeleteOptOut& op) { rows.opt_outs.erase(op.number); }
  void operator()(const store::SaveCounts& op) { rows.counts = op.counts; }
  void operator()(const store::Maintain&) {}
  void operator()(const store::EraseNumber&) {}
  void operator()(const store::NoteModem& op) { changes.emplace_back().modem = op.change; }
  void operator()(const store::RecordEvents& op) {
    for (EventRecord& change : changes) {
      change.id = rows.events.size() + 1;
      change.at_ms = op.now_ms;
      rows.events.push_back(std::move(change));
    }
    changes.clear();
  }
  void changed(const MessageRecord& message) { changes.emplace_back().message = message; }
};

template <class Map>
auto values(const Map& map) {
  std::vector<typename Map::mapped_type> out;
  for (const auto& [key, value] : map) out.push_back(value);
  return out;
}

template <class Map>
Id after_last(const Map& map) {
  return map.empty() ? 1 : map.rbegin()->first + 1;
}

// Every part of every set that is not whole yet; what was given out alone is not asked for again.
std::vector<InboundPartRecord> open_parts(const std::map<Id, InboundPartRecord>& parts) {
  std::map<std::string, std::vector<InboundPartRecord>> sets;
  for (const auto& [id, part] : parts) {
    if (part.total < 2) continue;
    sets[part.iccid + "|" + part.sender + "|" + std::to_string(part.reference_bits) + "|" + std::to_string(part.reference) +
         "|" + std::to_string(part.total)]
        .push_back(part);
  }
  std::vector<InboundPartRecord> out;
  for (auto& [key, set] : sets) {
    std::set<int> sequences;
    const bool released = std::all_of(set.begin(), set.end(), [](const auto& part) { return part.released; });
    for (const auto& part : set) sequences.insert(part.sequence);
    if (released && sequences.size() == static_cast<std::size_t>(set.front().total)) continue;
    out.insert(out.end(), set.begin(), set.end());
  }
  return out;
}

}  // namespace

void Rows::apply(const store::Batch& batch) {
  Writer writer{*this};
  for (const store::Op& op : batch) std::visit(writer, op);
}

StateCounts Rows::counted() const {
  StateCounts out(kLanes * kMessageStates, 0);
  for (const auto& [id, m] : messages)
    ++out[static_cast<std::size_t>(m.lane) * kMessageStates + static_cast<std::size_t>(m.state)];
  return out;
}

store::Restored Rows::restore() {
  for (const Id first : open_lists)  // lists that were never whole
    std::erase_if(messages, [&](const auto& row) { return row.first >= first && row.second.state == MessageState::accepting; });
  open_lists.clear();
  store::Restored all;
  all.next_message = last_message + 1;
  all.next_part = after_last(parts);
  all.next_inbox = after_last(inbox);
  all.next_broadcast = after_last(broadcasts);
  all.next_token = after_last(tokens);
  all.next_audit = after_last(audit);
  all.last_event = events.size();
  std::map<std::pair<Lane, Id>, Id> flows;
  for (const auto& [id, m] : messages) {
    if (m.state == MessageState::submitting) all.submitting.push_back(m);
    else if (m.state == MessageState::unknown) all.unknown.push_back(m);
    else if (m.state == MessageState::queued && begun(m)) all.partly.push_back(m);
    else if (m.state != MessageState::queued && m.awaits_report()) all.awaiting.push_back(m);
    if (m.state == MessageState::queued && m.due_ms == 0) flows[{m.lane, m.owner}] = id;
  }
  for (auto at = messages.rbegin(); at != messages.rend(); ++at)
    if (at->second.instead_of != 0) all.followed.push_back({at->second.broadcast, at->second.to});
  for (const auto& [key, last] : flows) all.flows.push_back({key.first, key.second, last});
  all.open_parts = open_parts(parts);
  for (const auto& [id, part] : parts) all.known_keys.push_back(part.key_hash);
  for (const auto& [id, broadcast] : broadcasts)
    if (broadcast.expanded < broadcast.numbers.size() || broadcast.answer_due) all.broadcasts.push_back(broadcast);
  all.contacts = values(contacts);
  all.groups = values(groups);
  all.keywords = values(keywords);
  all.tokens = values(tokens);
  all.sims = values(sims);
  all.sim_days = values(sim_days);
  all.sim_recipients = sim_recipients;
  all.sim_overrides = values(sim_overrides);
  all.locks = values(locks);
  all.opt_outs = values(opt_outs);
  counts.resize(kLanes * kMessageStates, 0);
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    counts[lane * kMessageStates + static_cast<std::size_t>(MessageState::accepting)] = 0;
  all.counts = counts;
  all.clean_shutdown = false;
  all.life = ++lives;
  return all;
}

std::optional<store::Failure> RowReader::failure() const {
  if (!failing_) return {};
  return store::Failure{store::Failure::Kind::busy, "a reader in a test"};
}

std::optional<MessageRecord> RowReader::message(Id id) {
  const auto at = rows_.messages.find(id);
  if (failing_ || at == rows_.messages.end() || at->second.state == MessageState::accepting) return {};
  return at->second;
}

std::vector<MessageRecord> RowReader::messages(const store::MessageFilter& filter, const store::Page& page) {
  std::vector<MessageRecord> out;
  if (failing_) return out;
  for (auto at = rows_.messages.upper_bound(page.after); at != rows_.messages.end() && out.size() < page.limit; ++at) {
    const MessageRecord& m = at->second;
    if (filter.state && m.state != *filter.state) continue;
    if (!filter.to.empty() && m.to != filter.to) continue;
    if (filter.broadcast != 0 && m.broadcast != filter.broadcast) continue;
    out.push_back(m);
  }
  return out;
}

std::vector<MessageRecord> RowReader::messages_between(Id first, Id last) {
  std::vector<MessageRecord> out;
  for (auto at = rows_.messages.lower_bound(first); at != rows_.messages.end() && at->first <= last; ++at)
    out.push_back(at->second);
  return out;
}

std::vector<MessageRecord> RowReader::ready(Lane lane, Id owner, Id after, std::size_t limit) {
  std::vector<MessageRecord> out;
  if (failing_) return out;
  for (auto at = rows_.messages.upper_bound(after); at != rows_.messages.end() && out.size() < limit; ++at) {
    const MessageRecord& m = at->second;
    if (m.lane == lane && m.owner == owner && m.state == MessageState::queued && m.due_ms == 0) out.push_back(m);
  }
  return out;
}

std::vector<MessageRecord> RowReader::due(std::int64_t until_ms, std::size_t limit) {
  std::vector<MessageRecord> out;
  if (failing_) return out;
  std::multimap<std::int64_t, const MessageRecord*> by_time;
  for (const auto& [id, m] : rows_.messages)
    if (m.state == MessageState::queued && m.due_ms > 0 && m.due_ms <= until_ms) by_time.emplace(m.due_ms, &m);
  for (const auto& [due_ms, m] : by_time) {
    if (out.size() == limit) break;
    out.push_back(*m);
  }
  return out;
}

store::EventPage RowReader::events(Id after, Id upto, std::size_t limit) {
  store::EventPage page;
  page.begin = page.reached = after;
  for (Id id = after + 1; id <= rows_.events.size() && id <= upto && page.events.size() < limit; ++id) {
    page.events.push_back(rows_.events[id - 1]);
    page.reached = id;
  }
  return page;
}

StateCounts RowReader::broadcast_counts(Id id) {
  StateCounts out(kLanes * kMessageStates, 0);
  std::set<Id> followed;
  for (const auto& [key, m] : rows_.messages) followed.insert(m.instead_of);
  for (const auto& [key, m] : rows_.messages)
    if (m.broadcast == id && !followed.contains(key)) ++out[static_cast<std::size_t>(m.state)];
  return out;
}

std::optional<IdempotencyRecord> RowReader::idempotency(const std::string& key_hash) {
  const auto at = rows_.idempotency.find(key_hash);
  return at == rows_.idempotency.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace rig
