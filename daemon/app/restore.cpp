// What the life before left: what it had begun is in doubt now, what it owed is owed.
#include <algorithm>
#include <cstdlib>
#include <unordered_set>

#include "daemon/app/admission.h"

namespace klaxon {

namespace {
constexpr std::size_t kCountedAtOnce = 1'000;  // messages of a broadcast per question
}

void Appliance::restore(store::Restored restored) {
  marks_.begin_life(restored.life);
  next_message_ = restored.next_message;
  next_part_ = restored.next_part;
  next_inbox_ = restored.next_inbox;
  next_broadcast_ = restored.next_broadcast;
  next_token_ = restored.next_token;
  next_audit_ = restored.next_audit;
  last_event_ = restored.last_event;
  tokens_ = std::move(restored.tokens);
  messages_.restore_counts(std::move(restored.counts));
  std::int64_t owed = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    owed += messages_.counts()[lane * kMessageStates + static_cast<std::size_t>(MessageState::queued)];
  messages_.count_segments(owed);  // a lower bound until these have gone: parts are not counted at start
  sims_.restore(restored.sims, restored.sim_days, restored.sim_overrides, restored.sim_recipients);
  for (ContactRecord& contact : restored.contacts) keywords_.set_contact(std::move(contact));
  for (GroupRecord& group : restored.groups) keywords_.set_group(std::move(group));
  for (KeywordRecord& keyword : restored.keywords) keywords_.set_keyword(std::move(keyword));
  for (LockRecord& lock : restored.locks) keywords_.restore_lock(std::move(lock));
  for (OptOutRecord& row : restored.opt_outs) consent_.restore(std::move(row));
  consent_.restore_next(restored.next_opt_out);
  read_secrets();
  intake_.restore(restored.known_keys, restored.open_parts, now_.unix_ms);

  for (auto row = restored.followed.rbegin(); row != restored.followed.rend(); ++row)
    followed_.add(row->broadcast, row->to);

  for (const auto* records : {&restored.awaiting, &restored.unknown, &restored.submitting, &restored.partly})
    for (const MessageRecord& record : *records) recall_reports(record);
  const std::int64_t answered_by = now_.unix_ms - settings_.policy.submit_timeout.count();
  for (MessageRecord& record : restored.awaiting) {
    Held& held = messages_.hold(std::move(record));
    for (std::size_t part = 0; part < held.record.parts.size(); ++part) await_report(held.record, part);
  }
  // What was under way at a modem is what its answer is about, whatever a clock that was put right says of older doubts.
  std::unordered_set<std::string> under_way;
  for (const auto* records : {&restored.submitting, &restored.partly})
    for (const MessageRecord& record : *records)
      for (const PartRecord& part : record.parts)
        if (part.state == MessageState::submitting) under_way.insert(part.modem);
  for (MessageRecord& record : restored.unknown) {
    Held& held = messages_.hold(std::move(record));
    for (std::size_t part = 0; part < held.record.parts.size(); ++part) {
      const PartRecord& sent = held.record.parts[part];
      await_report(held.record, part);
      if (sent.state != MessageState::unknown) continue;
      // A report may still tell; the modem's count no more: others were sent since, as far as we know.
      // What its modem still says at the takeover is about the submit that was under way; an older doubt is
      // none of it, though it may be the newest on that modem that the rows know of: an alert's row says
      // where it was repeated.
      // One that seems to be begun in the future is as old as nobody knows: the clock was put right since.
      const bool lately = sent.started_ms >= answered_by && sent.started_ms <= now_.unix_ms;
      // Whoever called it a doubt has written ESC since, or lost the port.
      if ((lately && !under_way.contains(sent.modem) && !sent.passed()) || sent.heard()) begun_last(sent, {held.record.id, part}, false);
      if (Sim* sim = sims_.find(sent.iccid)) sim->doubts.push_back({held.record.id, part, -1, false});
      if (repeats_by_itself(held.record))
        doubts_due_.emplace(now_.mono + kDoubtWait, PartRef{held.record.id, part});
    }
  }
  for (auto* records : {&restored.submitting, &restored.partly})
    for (MessageRecord& record : *records) {
      if (messages_.find(record.id)) continue;
      Held& held = messages_.hold(std::move(record));
      begun_before(held);
      if (held.record.state != MessageState::queued) continue;
      if (held.record.due_ms <= now_.unix_ms)
        queue_.put_back(held.record.lane, held.record.owner, held.record.id);
      else
        queue_.wait_in_any_case(held.record.due_ms, held.record.id);
    }
  for (auto& slot : slots_) recall(*slot);
  for (const store::Restored::Flow& flow : restored.flows) {
    Queue::Flow& to = queue_.flow(flow.lane, flow.owner);
    to.max_accepted = std::max(to.max_accepted, flow.last_id);
  }
  for (BroadcastRecord& record : restored.broadcasts) {
    const Id id = record.id;
    ActiveBroadcast& active = broadcasts_[id];
    active.record = std::move(record);
    active.persons = active.record.numbers.size();
    active.loaded = false;  // its messages are counted from the rows first
    ++row_reads_;
    read(store::Reading::lengthy, [this, id](store::Reader& rows) -> std::function<void()> {
      std::vector<CountedRow> states;
      std::size_t opted_out = 0;
      store::MessageFilter mine;
      mine.broadcast = id;
      store::Page page{0, kCountedAtOnce, 0};
      for (std::size_t found = kCountedAtOnce; found == kCountedAtOnce;) {
        const auto messages = rows.messages(mine, page);
        for (const MessageRecord& message : messages) {
          states.push_back({message.id, message.state, message.instead_of});
          if (message.error_code == kOptedOutCode) ++opted_out;
        }
        found = messages.size();
        if (found > 0) page.after = messages.back().id;
      }
      return [this, id, opted_out, states = std::move(states)] {
        --row_reads_;
        if (const auto at = broadcasts_.find(id); at != broadcasts_.end()) at->second.opted_out = opted_out;
        count_broadcast(id, states);
      };
    });
  }
  remember_conversations(next_message_, 0);
  later_horizon_ms_ = -1;  // nothing of what waits for its time is in memory yet
  if (!restored.clean_shutdown) note(Note::Level::warning, "the life before ended without a goodbye");
}

// What the network tells twice it may tell the second time to another life.
void Appliance::recall_reports(const MessageRecord& record) {
  for (const PartRecord& part : record.parts)
    if (part.tp_st >= 0) reports_.was_reported(part.iccid, part.tp_mr, record.to);
  int begun = 0;
  for (const PartRecord& part : record.parts) {
    if (part.state == MessageState::unknown || part.state == MessageState::submitting) return;
    begun += part.started_ms != 0;
  }
  if (record.in_doubt_ms == 0 || !record.report || record.attempts <= begun) return;
  // Of an attempt that was begun again the row says when it was called a doubt, and mostly which SIM was to
  // be avoided then.
  reports_.gave_up(record.avoid_iccid.empty() ? record.parts.front().iccid : record.avoid_iccid, record.to,
                   record.in_doubt_ms);
}

// Page by page from the newest, so that nobody who reads meanwhile waits for long. Where messages to one
// number are limited, as far back as a day.
void Appliance::remember_conversations(Id before, std::size_t page) {
  constexpr Id kPage = 1'000;
  constexpr std::size_t kSpokenPages = 20, kCountedPages = 2'000;
  constexpr std::int64_t kTwoDaysMs = 48 * 3'600'000;
  const bool counted = caps_limits().any(), speaks = page < kSpokenPages;
  past_counted_ = before <= 1 || page >= kCountedPages || !counted;
  if (before <= 1 || (past_counted_ && !speaks)) return;
  const Id after = before > kPage ? before - kPage - 1 : 0, newest_text = next_inbox_ - 1;
  read(store::Reading::lengthy, [this, before, after, page, newest_text, counted](store::Reader& rows) -> std::function<void()> {
    std::vector<std::pair<std::string, std::string>> spoken;   // newest first
    std::vector<std::pair<std::int64_t, std::int64_t>> begun;  // recipients, and when
    std::int64_t oldest = INT64_MAX;
    if (page == 0)
      for (const InboxRecord& text :
           rows.inbox({}, {newest_text > kPage ? newest_text - kPage : 0, kPage, 0}))
        spoken.emplace_back(text.conversation, text.iccid);
    std::reverse(spoken.begin(), spoken.end());
    auto messages = rows.messages({}, {after, kPage, before});
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
      oldest = message->created_ms;
      for (const PartRecord& part : message->parts)
        if (!part.iccid.empty()) spoken.emplace_back(message->to, part.iccid);
      const std::int64_t at_ms = message->parts.front().started_ms;
      if (counted && message->lane != Lane::alert && at_ms != 0)
        begun.emplace_back(recipient_key(message->to), at_ms);
    }
    return [this, after, page, oldest, messages = std::move(messages), spoken = std::move(spoken),
            begun = std::move(begun)] {
      for (const MessageRecord& message : messages) recall_reports(message);
      for (const auto& [number, iccid] : spoken) sticky_.spoke_before(number, iccid);
      for (const auto& [recipient, at_ms] : begun)
        if (at_ms < born_ms_) caps_.count(recipient, local_minutes(at_ms));
      const bool enough = oldest < now_.unix_ms - kTwoDaysMs && page >= kSpokenPages;
      remember_conversations(enough ? 1 : after + 1, page + 1);
    };
  });
}

void Appliance::begun_last(const PartRecord& row, PartRef ref, bool under_way) {
  for (auto& slot : slots_) {
    if (slot->view.id != row.modem) continue;
    if (row.started_ms < slot->last_begun_ms) return;
    slot->last_begun = ref;
    slot->last_begun_ms = row.started_ms;
    slot->entry_may_be_open = under_way;
    return;
  }
  auto& newest = begun_elsewhere_[row.modem];
  if (row.started_ms >= newest.began_ms) newest = {ref, row.started_ms, under_way};
}

// Its messages as memory has them, else as their rows have: what changed since the start is in memory.
// Of those that follow one another the last counts.
void Appliance::count_broadcast(Id id, std::vector<CountedRow> rows) {
  const auto at = broadcasts_.find(id);
  if (at == broadcasts_.end()) return;
  ActiveBroadcast& active = at->second;
  std::erase_if(rows, [this](const CountedRow& row) { return messages_.find(row.id) != nullptr; });
  messages_.each([&](Held& held) {
    if (held.record.broadcast == id)
      rows.push_back({held.record.id, held.record.state, held.record.instead_of});
  });
  std::unordered_set<Id> gone;
  std::size_t followers = 0;
  for (const CountedRow& row : rows) {
    if (row.instead_of == 0) continue;
    gone.insert(row.instead_of);
    ++followers;
  }
  active.moved = active.failed = active.unknown = 0;
  active.persons = active.record.numbers.size() + followers - gone.size();
  for (const CountedRow& row : rows)
    if (!gone.contains(row.id)) broadcast_moved(id, MessageState::queued, row.state);
  active.loaded = true;
}

// Of several parts one may have been begun while the others are queued still, so the message's own state does
// not tell.
void Appliance::begun_before(Held& held) {
  MessageRecord& record = held.record;
  bool changed = false;
  for (std::size_t part = 0; part < record.parts.size(); ++part) {
    PartRecord& row = record.parts[part];
    const PartRef ref{record.id, part};
    await_report(record, part);
    if (row.state != MessageState::submitting) continue;
    changed = true;
    if (never_left(record, ref)) continue;
    row.state = MessageState::unknown;
    record.in_doubt_ms = now_.unix_ms;
    ++counters_.in_doubt[static_cast<std::size_t>(record.lane)];
    begun_last(row, ref, std::abs(now_.unix_ms - row.started_ms) < settings_.policy.submit_timeout.count());
    if (Sim* sim = sims_.find(row.iccid)) open_doubt(*sim, ref);
    doubts_due_.emplace(now_.mono + kDoubtWait, ref);
    const std::string id = "m" + std::to_string(ref.message);
    note({.level = Note::Level::warning,
          .text = "message " + id + " part " + std::to_string(part + 1) + ": in doubt, begun on " + row.modem +
                  " by the life before",
          .modem = row.modem,
          .sim = row.iccid,
          .message = id});
  }
  if (changed) save(held);
}

// Its PDU was never handed to the port: no doubt.
bool Appliance::never_left(MessageRecord& record, PartRef ref) {
  PartRecord& row = record.parts[ref.part];
  const auto wrote = marks_.of(row.modem, {ref, record.attempts});
  if (!wrote || *wrote == PortMarks::Wrote::pdu) return false;
  row.state = MessageState::queued;
  const std::string id = "m" + std::to_string(ref.message);
  note({.level = Note::Level::info,
        .text = "message " + id + " part " + std::to_string(ref.part + 1) + ": not sent, the end came before its PDU was written",
        .modem = row.modem,
        .sim = row.iccid,
        .message = id});
  return true;
}

// What the port has to say is about what it was given last, and rows may know nothing of that: an alert that left from
// memory, or one that was settled since.
void Appliance::recall(Slot& slot) {
  const auto newest = marks_.newest(slot.view.id);
  if (!newest) {
    // Begun before that life, whose AT may be answered after our ESC.
    if (marks_.was_opened(slot.view.id)) slot.entry_may_be_open = false;
    return;
  }
  slot.last_begun.reset();
  slot.entry_may_be_open = false;
  const Held* held = messages_.find(newest->message);
  if (!held || newest->part >= held->record.parts.size()) return;
  const PartRecord& row = held->record.parts[newest->part];
  if (row.state != MessageState::unknown || row.modem != slot.view.id) return;
  slot.last_begun = newest;
  slot.last_begun_ms = row.started_ms;
}

void Appliance::read_secrets() {
  for (const auto& [word, keyword] : keywords_.keywords()) {
    if (keyword.secret.empty()) continue;
    const auto secret = secret_file_(keyword.secret.substr(std::string("pin:file:").size()));
    keywords_.set_secret(word, secret.value_or(""));
    if (!secret || secret->size() < kSecretDigits)
      note(Note::Level::error,
           "keyword " + word +
               ": its secret file cannot be read or is shorter than 4 digits; nobody may use it");
  }
}

}  // namespace klaxon
