#include "tests/simulation/door_watch.h"

#include <algorithm>
#include <utility>

namespace simulation {

using namespace std::chrono_literals;

namespace {

constexpr at::Millis kAnswerSlack{1'000};  // a commit, a read and a turn

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += word + ",";
  return out;
}

}  // namespace

std::string value_of(const ContactRecord& c) { return joined(c.numbers) + "|" + joined(c.tags); }
std::string value_of(const GroupRecord& g) { return "|" + joined(g.members); }
std::string value_of(const KeywordRecord& k) { return k.action + "|" + k.group + "|" + k.text + "|" + joined(k.from); }

void DoorWatch::ask(Ticket ticket, Asked asked) {
  asked.at = rig_.now();
  asked.away = rig_.disk_away();
  asked_[ticket] = std::move(asked);
}

void DoorWatch::asked(Ticket ticket, Wanted wanted) {
  if (wanted.lane == Lane::alert) alerts_.insert(wanted.tag);
  ask(ticket, {.what = Asked::What::messages, .wanted = std::move(wanted)});
}

void DoorWatch::asked_broadcast(Ticket ticket, std::string tag, Lane lane) {
  if (lane == Lane::alert) alerts_.insert(tag);
  ask(ticket, {.what = Asked::What::broadcast, .wanted = {{}, std::move(tag), lane, true}});
}

void DoorWatch::asked_cancel(Ticket ticket, Id id) {
  cancel_asked_.insert(id);
  ask(ticket, {.what = Asked::What::cancel, .id = id});
}

// It acts at once, answered or not.
void DoorWatch::asked_settle(Ticket ticket, Id id, bool as_sent) {
  if (as_sent) called_sent_.insert(id);
  else ++asked_again_[id];
  ask(ticket, {.what = Asked::What::settle, .id = id, .as_sent = as_sent, .attempts = rig_.rows.messages.at(id).attempts});
}

void DoorWatch::asked_entry(Ticket ticket, const std::string& name, std::string value) {
  entries_[name].maybe.push_back(value);
  ask(ticket, {.what = Asked::What::entry, .name = name, .value = std::move(value)});
}

void DoorWatch::asked_other(Ticket ticket, std::string what) { ask(ticket, {.name = std::move(what)}); }

int DoorWatch::asked_again(Id id) const {
  const auto at = asked_again_.find(id);
  return at == asked_again_.end() ? 0 : at->second;
}

void DoorWatch::answered(const Answer& answer) {
  const auto at = asked_.find(answer.ticket);
  if (at == asked_.end()) return;
  const Asked asked = std::move(at->second);
  asked_.erase(at);
  if (const auto* refused = std::get_if<Refused>(&answer.result)) return this->refused(asked, *refused);
  if (asked.away && asked.wanted.lane != Lane::alert)
    wrong("taken while the disk was away: " + asked.name + asked.wanted.tag + " m" + std::to_string(asked.id));
  if (const auto* accepted = std::get_if<Accepted>(&answer.result)) return this->accepted(asked, *accepted);
  changed(asked);
}

// Accepted from memory while the disk is away: the answer says that it is no promise yet.
void DoorWatch::accepted(const Asked& asked, const Accepted& accepted) {
  const Wanted& wanted = asked.wanted;
  if (!accepted.durable && (wanted.lane != Lane::alert || !rig_.disk_away()))
    return wrong("accepted without the disk: " + wanted.tag + ", lane " + std::to_string(static_cast<int>(wanted.lane)));
  if (asked.what == Asked::What::broadcast) {
    if (!accepted.durable) return;
    if (!rig_.rows.broadcasts.contains(accepted.broadcast)) wrong("202 before its row: b" + std::to_string(accepted.broadcast));
    broadcasts_[accepted.broadcast] = wanted.tag;
    return;
  }
  if (accepted.count != wanted.to.size()) wrong("accepted in part: " + wanted.tag);
  for (std::size_t i = 0; i < accepted.count && i < wanted.to.size(); ++i) {
    const Id id = accepted.first + i;
    if (!accepted.durable) {
      in_memory_[id] = {wanted.to[i], wanted.tag};
      if (rig_.being_written(id)) too_late_to_mark_.insert(id);
      continue;
    }
    const auto row = rig_.rows.messages.find(id);
    if (row == rig_.rows.messages.end()) wrong("202 before its row: m" + std::to_string(id));
    else if (row->second.to != wanted.to[i]) wrong("202 for another's row: m" + std::to_string(id));
    promised_[id] = {wanted.to[i], wanted.tag};
  }
}

void DoorWatch::changed(const Asked& asked) {
  const auto row = rig_.rows.messages.find(asked.id);
  const std::string name = "m" + std::to_string(asked.id);
  switch (asked.what) {
    case Asked::What::cancel:
      if (row == rig_.rows.messages.end() || row->second.state != MessageState::cancelled)
        wrong("called cancelled, and its row says otherwise: " + name);
      cancelled_.insert(asked.id);
      break;
    case Asked::What::settle:
      if (row == rig_.rows.messages.end() || (row->second.state == MessageState::unknown && row->second.attempts == asked.attempts))
        wrong("called settled, and its row is in doubt: " + name);
      break;
    case Asked::What::entry: {
      Entry& entry = entries_[asked.name];
      entry.known = asked.value;
      const auto done = std::find(entry.maybe.begin(), entry.maybe.end(), asked.value);
      if (done != entry.maybe.end()) entry.maybe.erase(entry.maybe.begin(), std::next(done));
      break;
    }
    default: break;
  }
}

void DoorWatch::refused(const Asked& asked, const Refused& refused) {
  const bool away = rig_.now() - rig_.away_until() < 1s || asked.away;
  const std::string what = asked.name + asked.wanted.tag + " m" + std::to_string(asked.id) + ": " + std::to_string(refused.status) + " " + refused.detail;
  if (refused.status == 503 && !away) wrong("503 while the disk can be written: " + what);
  if (refused.status == 503 && asked.wanted.lane == Lane::alert && !asked.wanted.tag.empty()) wrong("an alert was refused: " + what);
  if (asked.away && refused.status != 503 && refused.status != 404 && refused.status != 409) wrong("not the answer while the disk is away: " + what);
  if (asked.what == Asked::What::messages) {
    if (refused.status != 503) wrong("refused without a reason: " + what);
    if (asked.wanted.key.empty()) refused_.insert(asked.wanted.tag);
  }
  if (asked.what == Asked::What::entry) {  // another who asked for the same may still be right
    auto& maybe = entries_[asked.name].maybe;
    if (const auto this_one = std::find(maybe.begin(), maybe.end(), asked.value); this_one != maybe.end())
      maybe.erase(this_one);
  }
  if (asked.what == Asked::What::settle && !asked.as_sent && asked_again_[asked.id] > 0) --asked_again_[asked.id];
}

// Whoever asked with a key asks again; of the others nobody knows.
void DoorWatch::ended() {
  for (auto& [ticket, asked] : asked_)
    if (asked.what == Asked::What::messages && asked.wanted.again) to_ask_again_.push_back(std::move(asked.wanted));
  asked_.clear();
  std::erase_if(in_memory_, [this](const auto& known) { return !rig_.rows.messages.contains(known.first); });
}

// As a door does: what memory knows, what the disk knows, else it is a new one.
void DoorWatch::begun_anew() {
  look_at_entries("after an end");
  for (Wanted& wanted : std::exchange(to_ask_again_, {})) {
    const auto known = rig_.rows.idempotency.find(wanted.key);
    if (known != rig_.rows.idempotency.end()) {
      promised_[known->second.first_id] = {wanted.to.front(), wanted.tag};
      ++keys_used_;
      continue;
    }
    const Ticket ticket = wanted.again();
    asked(ticket, std::move(wanted));
  }
}

std::string DoorWatch::entry_now(const std::string& name) const {
  const std::string what = name.substr(0, name.find(' ')), who = name.substr(name.find(' ') + 1);
  if (what == "contact") {
    const auto& all = rig_.app().contacts();
    const auto at = all.find(who);
    return at == all.end() ? "" : value_of(at->second);
  }
  if (what == "group") {
    for (const GroupRecord& group : rig_.app().groups())
      if (group.name == who) return value_of(group);
    return "";
  }
  if (what == "sim") {
    for (const SimView& sim : rig_.app().sims())
      if (sim.iccid == who && sim.weight.source == Source::override) return std::to_string(sim.weight.value);
    return "";
  }
  for (const KeywordRecord& keyword : rig_.app().keywords())
    if (keyword.word == who) return value_of(keyword);
  return "";
}

void DoorWatch::look_at_entries(const std::string& when) {
  for (auto& [name, entry] : entries_) {
    const std::string now = entry_now(name);
    const bool may = now == entry.known || std::find(entry.maybe.begin(), entry.maybe.end(), now) != entry.maybe.end();
    if (!may) wrong(name + " " + when + " is \"" + now + "\", and was answered as \"" + entry.known + "\"");
    entry = {now, {}};
  }
}

// While the disk is away an alert's answer is owed by the disk's deadline, and everybody else's refusal at once.
void DoorWatch::look() {
  for (const auto& [ticket, asked] : asked_) {
    const bool alert = asked.what == Asked::What::messages && asked.wanted.lane == Lane::alert;
    const at::Millis owed_after = rig_.settings.policy.disk_deadline + kAnswerSlack;
    if (alert && rig_.now() - asked.at > owed_after) wrong("an alert's answer is owed since " + std::to_string(life_ms(rig_)) + " ms: " + asked.wanted.tag);
    if (asked.away && !alert && asked.what != Asked::What::broadcast && asked.name != "errand" && rig_.now() - asked.at > kAnswerSlack)
      wrong("a refusal is owed while the disk is away: " + asked.name + asked.wanted.tag);
  }
}

void DoorWatch::judge() {
  look_at_entries("at the end");
  for (const auto& [ticket, asked] : asked_) wrong("never answered: " + asked.name + asked.wanted.tag + " m" + std::to_string(asked.id));
  for (const auto& [id, what] : promised_)
    if (!rig_.rows.messages.contains(id)) wrong("accepted and gone: m" + std::to_string(id) + " " + what.second);
  for (const auto& [id, what] : in_memory_) {
    const auto row = rig_.rows.messages.find(id);
    if (row == rig_.rows.messages.end()) wrong("accepted from memory and never written: m" + std::to_string(id) + " " + what.second);
    else if (!row->second.durable_late && !too_late_to_mark_.contains(id)) wrong("accepted from memory, and not marked durable_late: " + shown(row->second));
  }
  for (const auto& [id, tag] : broadcasts_)
    if (!rig_.rows.broadcasts.contains(id)) wrong("accepted and gone: b" + std::to_string(id) + " " + tag);
  for (const auto& [id, m] : rig_.rows.messages)
    if (m.state != MessageState::accepting && refused_.contains(tag_of(m))) wrong("refused with 503, yet it is there: " + shown(m));
  std::map<std::string, int> keyed;
  for (const auto& [id, m] : rig_.rows.messages)
    if (!m.ref.empty() && m.ref.front() == '#' && ++keyed[m.ref] > 1) wrong("asked twice with one key, and there twice: " + shown(m));
}

}  // namespace simulation
