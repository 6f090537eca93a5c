// From a PDU on a SIM to what people see, and what a keyword sets off: all of it in one commit.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"
#include "daemon/automation/template.h"

namespace klaxon {

namespace {

constexpr std::int64_t kAnswerAfterMs = 5 * 60'000;  // the counts go out then at the latest
constexpr std::size_t kExpandAtOnce = 500;           // messages of broadcasts made per turn
constexpr std::size_t kNumberOfNumbers = 10'000;

std::string seconds_ago(std::int64_t ms) { return std::to_string(std::max<std::int64_t>(0, ms / 1000)) + " s ago"; }

}  // namespace

// The gate behind which the SIM's copy may be deleted.
Gate Appliance::take_pdu(Slot& slot, const std::string& mem, int index, const std::string& hex) {
  Taken taken = intake_.take({slot.iccid, slot.view.id, mem, index, hex, now_.unix_ms}, &next_part_);
  switch (taken.kind) {
    case Taken::Kind::duplicate:
      ++counters_.inbound_duplicates;
      note(Note::Level::info, slot, "a text that is here already, " + mem + " " + std::to_string(index));
      break;
    case Taken::Kind::discarded: break;
    case Taken::Kind::report: report_seen(*taken.report); break;
    case Taken::Kind::part: {
      ++counters_.inbound;
      ++slot.view.received;
      // What sets off an alert overtakes everything, with its row: they share one commit.
      const bool alert = std::any_of(taken.whole.begin(), taken.whole.end(), [&](const Whole& whole) {
        const auto asked = keywords_.ask(whole.item.text);
        return asked && asked->keyword->lane == Lane::alert;
      });
      const Line line = alert ? Line::alert : Line::work;
      const Gate part = turn_.append(line, store::InsertInboundPart{std::move(*taken.part)});
      for (Whole& whole : taken.whole) give_out(std::move(whole), line);
      return part;
    }
  }
  // Its first copy may still be on its way to the disk, on either line: the later of the two is waited for.
  const Gate work = turn_.here(Line::work);
  return turn_.open(work) ? turn_.here(Line::alert) : work;
}

void Appliance::give_out(Whole whole, Line line) {
  InboxRecord& item = whole.item;
  item.id = next_inbox_++;
  item.durable_late = disk_away();
  item.conversation = config::normalise_number(item.from, settings_.policy.default_country).value_or(item.from);
  const auto asked = keywords_.ask(item.text);
  if (asked) item.keyword = asked->keyword->word;
  if (whole.joined) {
    if (!item.complete) intake_.note_given_out(whole.key, item.id);
    turn_.append(line, store::MarkPartsReleased{whole.parts});
  }
  const std::string id = "i" + std::to_string(item.id);
  note({.level = Note::Level::info,
        .text = "inbox " + id + " from " + shorten_number(item.from) + (item.complete ? "" : ", incomplete") +
                (item.keyword.empty() ? "" : ", keyword " + item.keyword),
        .sim = item.iccid,
        .message = id});
  turn_.append(line, store::InsertInbox{item});
  if (!item.conversation.empty()) sticky_.spoke(item.conversation, item.iccid);
  if (item.complete) keyword_asked(item, whole.verdict, line);
}

void Appliance::keyword_refused(const InboxRecord& item, const KeywordRecord& keyword, const std::string& reason,
                                bool counts) {
  ++counters_.keyword_refused;
  note(Note::Level::warning, "keyword " + keyword.word + " refused: " + shorten_number(item.from) + ": " + reason);
  audit(shorten_number(item.from), "keyword.refused", keyword.word + ": " + reason);
  if (!counts) return;
  const LockRecord lock = keywords_.count_failure(item.from, now_.unix_ms);
  turn_.append(Line::work, store::SaveLock{lock});
  if (lock.failures == 0) {
    note(Note::Level::warning, "keyword: " + shorten_number(item.from) + " is locked after five failures");
    audit("klaxond", "keyword.locked", shorten_number(item.from));
  }
  if (keywords_.alarm_due(now_.unix_ms)) tell_operator("Klaxon: 20 refused keyword texts within an hour.");
}

void Appliance::keyword_asked(const InboxRecord& item, std::uint8_t verdict, Line) {
  const auto asked = keywords_.ask(item.text);
  if (!asked) {
    consent_asked(item);
    return;
  }
  const KeywordRecord& keyword = *asked->keyword;
  if (!keywords_.may(keyword, item.from)) return keyword_refused(item, keyword, "not on its list", false);
  if (!keyword.secret.empty()) {
    if (keywords_.locked(item.from, now_.unix_ms)) return keyword_refused(item, keyword, "locked", false);
    if (verdict != 1) return keyword_refused(item, keyword, "wrong secret", true);
    if (keywords_.known_lock(item.from))
      turn_.append(Line::work, store::SaveLock{*keywords_.clear_failures(item.from)});
  }
  if (keyword.cooldown_ms > 0 && !asked->bang) {
    const auto used = keywords_.last_use(keyword.word);
    if (used && now_.unix_ms - used->at_ms < keyword.cooldown_ms) {
      audit(shorten_number(item.from), "keyword.cooldown", keyword.word);
      return answer_text(item.from, item.iccid,
                         "already sent " + seconds_ago(now_.unix_ms - used->at_ms) + " by " + used->by + "; " +
                             keyword.word + "! sends anyway",
                         Lane::urgent);
    }
  }
  keywords_.note_use(keyword.word, shorten_number(item.from), now_.unix_ms);
  act(item, *asked);
}

void Appliance::act(const InboxRecord& item, const Keywords::Asked& asked) {
  const KeywordRecord& keyword = *asked.keyword;
  const std::string text = render_template(keyword.text, {{"args", asked.args}, {"from", item.from}, {"word", keyword.word}});
  if (keyword.action == "reply") return answer_text(item.from, item.iccid, text, keyword.lane);
  const GroupRecord* group = keywords_.group(keyword.group);
  if (!group || group->members.empty()) {
    audit(shorten_number(item.from), "keyword.failed", keyword.word + ": group " + keyword.group + " is empty");
    return answer_text(item.from, item.iccid, keyword.word + ": group " + keyword.group + " is empty, nothing was sent", Lane::urgent);
  }
  BroadcastRecord record;
  record.group = keyword.group;
  record.keyword = keyword.word;
  record.from = item.from;
  record.from_iccid = item.iccid;
  Recipients people = keywords_.recipients_of(*group);
  people.keep_first(kNumberOfNumbers);
  record.numbers = std::move(people.numbers);
  record.further = std::move(people.further);
  record.form.text = text;
  if (!cut_form(&record.form, record.numbers, settings_.policy)) {
    audit(shorten_number(item.from), "keyword.failed", keyword.word + ": text too long");
    return answer_text(item.from, item.iccid, keyword.word + ": the text is too long, nothing was sent", Lane::urgent);
  }
  record.id = next_broadcast_++;
  record.form.lane = keyword.lane;
  record.form.report = keyword.report;
  record.form.broadcast = record.id;
  record.created_ms = now_.unix_ms;
  record.answer_due = true;
  audit(shorten_number(item.from), "keyword.accepted",
        keyword.word + ": b" + std::to_string(record.id) + " to " + std::to_string(record.numbers.size()), line_of(keyword.lane));
  note(Note::Level::info, "keyword " + keyword.word + " from " + shorten_number(item.from) + ": broadcast b" +
                              std::to_string(record.id) + " to " + std::to_string(record.numbers.size()));
  start_broadcast(std::move(record), disk_away());
}

// Its numbers are on disk with its first row; the messages are made a slice per turn, and go on after a crash.
void Appliance::start_broadcast(BroadcastRecord record, bool) {
  const Id id = record.id;
  note_exempt(record.numbers, record.form.lane, record.owner, "broadcast b" + std::to_string(id));
  turn_.append(line_of(record.form.lane), store::SaveBroadcast{record});
  if (record.form.lane == Lane::alert) alert_waits_ = true;
  ActiveBroadcast& active = broadcasts_[id];
  active.record = std::move(record);
  active.persons = active.record.numbers.size();
  expand_broadcasts();
}

void Appliance::expand_broadcasts() {
  std::size_t budget = kExpandAtOnce;
  for (auto& [id, active] : broadcasts_) {
    BroadcastRecord& record = active.record;
    const std::size_t total = record.numbers.size();
    const Line line = line_of(record.form.lane);
    if (record.expanded >= total || budget == 0 || !room_in(line)) continue;
    // The window loads ids in their order: newer ones of this flow may not pass a list that is not in it yet.
    if (list_under_way(record.form.lane, record.owner)) continue;
    const std::size_t upto = std::min(total, record.expanded + budget);
    budget -= upto - record.expanded;
    for (std::size_t i = record.expanded; i < upto; ++i) {
      MessageRecord message = make_message(record.form, record.numbers[i], next_message_++);
      message.owner = record.owner;
      if (forbidden_to(message)) {
        mark_opted_out(message);
        ++active.opted_out;
        put_message(std::move(message));
        continue;
      }
      if (!record.further.empty()) message.further = std::move(record.further[i]);
      messages_.count_segments(static_cast<std::int64_t>(message.parts.size()));
      put_message(std::move(message));
    }
    record.expanded = upto;
    if (record.form.sensitive && upto == total) record.form.forget_text();
    turn_.append(line, store::SaveBroadcastProgress{id, upto, record.answer_due, record.answered_ms});
  }
}

void Appliance::broadcast_moved(Id id, MessageState before, MessageState after) {
  const auto at = broadcasts_.find(id);
  if (at == broadcasts_.end()) return;
  const auto moved = [](MessageState state) {
    return state != MessageState::queued && state != MessageState::submitting && state != MessageState::accepting;
  };
  const auto failed = [](MessageState state) {
    return state == MessageState::failed || state == MessageState::expired || state == MessageState::cancelled;
  };
  const auto count = [](std::size_t* counter, bool was, bool is) {
    if (is && !was) ++*counter;
    if (was && !is && *counter > 0) --*counter;
  };
  count(&at->second.moved, moved(before), moved(after));
  count(&at->second.failed, failed(before), failed(after));
  count(&at->second.unknown, before == MessageState::unknown, after == MessageState::unknown);
}

void Appliance::answer_broadcasts() {
  for (auto at = broadcasts_.begin(); at != broadcasts_.end();) {
    ActiveBroadcast& active = at->second;
    BroadcastRecord& record = active.record;
    const std::size_t total = active.persons;
    const bool expanded = record.expanded >= record.numbers.size();
    const bool whole = active.loaded && expanded && active.moved >= total;
    // A doubt of the alert lane is sent again by itself: "settled" waits for that, but no longer than the five minutes.
    const bool settled = whole && (active.unknown == 0 || !repeats_by_itself(record.form));
    const bool late = expanded && now_.unix_ms - record.created_ms >= kAnswerAfterMs;
    if (!settled && !late) {
      ++at;
      continue;
    }
    if (record.answer_due) {
      const std::size_t sent = active.moved - active.failed - active.unknown;
      std::string text = record.keyword + ": " + std::to_string(sent) + " of " + std::to_string(total) + " sent";
      const std::size_t opted_out = std::min(active.opted_out, active.failed);
      if (active.failed > opted_out) text += ", " + std::to_string(active.failed - opted_out) + " failed";
      if (opted_out > 0) text += ", " + std::to_string(opted_out) + " opted out";
      if (active.unknown > 0) text += ", " + std::to_string(active.unknown) + " in doubt";
      if (active.moved < total) text += ", " + std::to_string(total - active.moved) + " still waiting";
      record.answer_due = false;
      record.answered_ms = now_.unix_ms;
      turn_.append(line_of(record.form.lane), store::SaveBroadcastProgress{record.id, record.expanded, false, record.answered_ms});
      note(Note::Level::info, "broadcast b" + std::to_string(record.id) + ": " + text);
      answer_text(record.from, record.from_iccid, std::move(text), record.form.lane);
    }
    at = broadcasts_.erase(at);
  }
}

// Our own texts: ordinary messages, from the SIM that received (if it is there), bounded per number.
void Appliance::answer_text(const std::string& to, const std::string& iccid, std::string text, Lane lane) {
  for (const auto& [other, sim] : sims_.all())
    if (sim.record.number == to) return;  // one of our own SIMs: two robots
  if (text.empty() || !keywords_.may_answer(to, now_.unix_ms)) return;
  MessageRecord form;
  form.text = std::move(text);
  form.lane = lane;
  form.report = false;
  if (!cut_form(&form, {to}, settings_.policy)) return;
  const Sim* sim = sims_.find(iccid);
  if (sim && sim->slot != kNoSlot && slots_[static_cast<std::size_t>(sim->slot)]->modem.state() == drivers::State::ready)
    form.sim = iccid;
  own_message(std::move(form), to);
}

void Appliance::own_message(MessageRecord form, const std::string& to) {
  MessageRecord message = make_message(form, to, next_message_++);
  messages_.count_segments(static_cast<std::int64_t>(message.parts.size()));
  put_message(std::move(message));
}

void Appliance::tell_operator(const std::string& text) {
  for (const std::string& number : settings_.operators) {
    MessageRecord form;
    form.text = text;
    form.lane = Lane::alert;
    form.report = false;
    if (!cut_form(&form, {number}, settings_.policy)) return;
    own_message(std::move(form), number);
  }
}

}  // namespace klaxon
