#include "tests/simulation/air_watch.h"

#include <algorithm>
#include <tuple>

namespace simulation {

using namespace std::chrono_literals;

namespace {

constexpr at::Millis kRestart{2'000};   // until a new life has read what the old one left

// None: the record's modem is at no port that the daemon has a claim for.
const Slot::Claim* claim_at(const rig::Rig& rig, const std::string& modem, const Slot** slot) {
  const std::size_t place = rig.place_of(modem.back() - '0');
  *slot = &rig.app().slot(place);
  return (*slot)->claim ? &*(*slot)->claim : nullptr;
}

}  // namespace

void AirWatch::claimed(std::size_t slot, const Slot::Claim& claim) {
  const std::string& iccid = rig_.app().slot(slot).iccid;
  const auto row = rig_.rows.messages.find(claim.message);
  counted_[claim.token] = {limits_.given(iccid, claim.message, claim.part, claim.lane, rig_.unix_ms()), rig_.now()};
  rig_.notes.push_back("   " + std::to_string(life_ms(rig_)) + " m" + std::to_string(claim.message) + " part " + std::to_string(claim.part + 1) +
                       " to " + rig_.app().slot(slot).view.id + " by SIM " + iccid);
  if (row == rig_.rows.messages.end()) return;
  const MessageRecord& m = row->second;
  const std::int64_t from = m.send_at_ms != 0 ? m.send_at_ms : m.created_ms;
  // Where the clock stepped back since it was due, it was due nevertheless.
  if (m.send_at_ms > rig_.unix_ms() && !rig_.clock_stepped()) wrong("given to a modem before its time: " + shown(m));
  if (m.valid_for_ms != 0 && rig_.unix_ms() > from + m.valid_for_ms) wrong("given to a modem after its time: " + shown(m));
}

void AirWatch::ended() {
  counted_.clear();
  if (!rig_.disk_was_away()) memory_at_.clear();
  for (std::size_t k = 0; k < kModems && rig_.disk_was_away(); ++k)  // its AT+CMGS may lie in the port
    if (const Slot& slot = rig_.app().slot(k);
        slot.claim && slot.claim->told && slot.claim->lane == Lane::alert)
      memory_at_.insert(slot.view.id);
  if (!rig_.marks_kept()) {
    for (const auto& [id, m] : rig_.rows.messages)
      for (const PartRecord& part : m.parts)
        if ((part.state == MessageState::submitting || part.state == MessageState::unknown) && memory_at_.contains(part.modem))
          misled_.insert(id);
  }
  ended_at_ = rig_.now();
}

void AirWatch::record(const modembank::Record& record) {
  if (record.inbound != 0)
    rig_.notes.push_back("   " + std::to_string(life_ms(rig_)) + " " + record.modem + " " + record.event + " #" + std::to_string(record.inbound) +
                         (record.mem.empty() ? "" : " " + record.mem + std::to_string(record.index)) + (record.pdu.empty() ? "" : " " + record.pdu));
  if (record.event == "delete" || record.event == "acknowledge") return let_go(record);
  if (record.event == "cmgs" || record.event == "cmgw") return begins(record);
  if (record.event == "submit") return on_air(record);
}

// No submit starts before its attempt is on disk; but for lane alert, while the disk is away.
void AirWatch::begins(const modembank::Record& record) {
  Begun& begun = begun_[record.modem] = {};
  const Slot* slot = nullptr;
  const Slot::Claim* claim = claim_at(rig_, record.modem, &slot);
  if (!claim) return;  // what a life before had written in part
  begun.message = claim->message;
  begun.part = claim->part;
  at::Instant given = rig_.now();
  if (const auto counted = counted_.find(claim->token); counted != counted_.end()) std::tie(begun.counted, given) = counted->second;
  const auto row = rig_.rows.messages.find(claim->message);
  if (begun.counted && row != rig_.rows.messages.end()) limits_.to(*begun.counted, row->second.to);
  const bool known = row != rig_.rows.messages.end();
  const PartRecord* part = known && claim->part < row->second.parts.size() ? &row->second.parts[claim->part] : nullptr;
  const bool on_disk = part && part->state == MessageState::submitting && part->iccid == slot->iccid;
  // The modem was told while the disk was away: a gate that opened since would have found it there.
  const bool away = rig_.disk_away();  // then what is there is about an attempt before
  begun.from_memory = (!on_disk || away) && claim->lane == Lane::alert && claim->told && given <= rig_.away_until();
  if (begun.from_memory) memory_at_.insert(slot->view.id);
  const std::string name = known ? shown(row->second) : "m" + std::to_string(claim->message) + ", which has no row";
  if (!on_disk && !begun.from_memory) wrong("begun before its attempt was on disk: " + name);
  if (doors_.cancelled(claim->message)) wrong("begun after it was called cancelled: " + name);
  if (known && doors_.refused(tag_of(row->second))) wrong("begun though it was refused: " + name);
  if (claim->lane != Lane::alert) alerts_before(record, *slot, *claim);
}

bool AirWatch::at_a_modem(Id message) const {
  for (int k = 0; k < kModems; ++k) {
    const auto& claim = rig_.app().slot(static_cast<std::size_t>(k)).claim;
    if (claim && claim->message == message) return true;
  }
  return false;
}

// An alert leaves before everything that was not already at a modem when it was accepted.
void AirWatch::alerts_before(const modembank::Record&, const Slot& slot, const Slot::Claim& claim) {
  if (rig_.now() - rig_.away_until() < kRestart || rig_.now() - ended_at_ < kRestart) return;
  for (const auto& [id, since] : index_.untouched()) {
    const MessageRecord& m = rig_.rows.messages.at(id);
    if (m.lane != Lane::alert || since >= rig_.now() || doors_.cancel_asked(id)) continue;
    if ((!m.sim.empty() && m.sim != slot.iccid) || m.valid_for_ms != 0) continue;
    const auto& limits = rig_.settings.sim_defaults.limits;
    if (limits[index_of(config::Quota::abroad)] || limits[index_of(config::Quota::recipients)]) continue;
    if (!at_a_modem(id)) return wrong("m" + std::to_string(claim.message) + " of a lower lane was begun at " + slot.view.id + " while an alert waited: " + shown(m));
  }
}

void AirWatch::on_air(const modembank::Record& record) {
  const std::string mark = tag_in(record.submit->text);
  const std::size_t part = record.submit->segment ? record.submit->segment->seq - 1u : 0u;
  const Begun begun = begun_[record.modem];
  rig_.notes.push_back("   " + std::to_string(life_ms(rig_)) + " on the air from " + record.modem + ": " + mark + " part " + std::to_string(part + 1) +
                       " to " + record.submit->da + (begun.message != 0 ? ", m" + std::to_string(begun.message) : ""));
  if (begun.counted) limits_.on_air(*begun.counted, begun.from_memory);
  if (begun.from_memory && !mark.empty()) from_memory_.insert(mark);
  if (doors_.refused(mark) && !mark.empty()) wrong("on the air though it was refused: " + mark);
  if (mark.empty()) return;
  const std::string key = record.submit->da + " " + mark;
  order_[key].emplace_back(record.iccid, static_cast<int>(part) + 1);
  const int times = ++times_[key][part];
  const MessageRecord* m = row_of(record, part, begun.message);
  if (!m && begun.message == 0) return wrong("on the air before its attempt was on disk: " + key);
  // What is twice on the air had its lane's or its sender's leave.
  if (m && !repeats_by_itself(*m) && !from_memory_.contains(mark) && !misled(m->id) && times > 1 + doors_.asked_again(m->id))
    wrong(std::to_string(times) + " times on the air, and nobody's leave: part " + std::to_string(part + 1) + " of " + shown(*m));
}

// Where the modem was told by a life before: the row that says so.
const MessageRecord* AirWatch::row_of(const modembank::Record& record, std::size_t part, Id told) const {
  for (const MessageRecord* m : index_.with(record.submit->da, tag_in(record.submit->text))) {
    if (part >= m->parts.size()) continue;
    const PartRecord& row = m->parts[part];
    if (m->id == told || (row.started_ms != 0 && row.iccid == record.iccid) || m->in_doubt_ms != 0) return m;
  }
  return nullptr;
}

// Nothing is deleted from a SIM, nor acknowledged to the network, that is not on disk.
void AirWatch::let_go(const modembank::Record& record) {
  if (index_.holds_pdu(record.pdu) || index_.holds_secret_of(record.iccid)) return;
  if (const auto ours = at::decode_pdu(record.pdu, at::Direction::to_sc))
    if (const auto* submit = std::get_if<at::Submit>(&ours->tpdu)) return judge_slot(record, *submit);
  const auto pdu = at::decode_pdu(record.pdu, at::Direction::from_sc);
  if (pdu && std::holds_alternative<at::Deliver>(pdu->tpdu))
    wrong(record.event + " of a text before its row was there: inbound " + std::to_string(record.inbound));
}

// A slot of ours is the proof of what became of its submit, until the disk is.
void AirWatch::judge_slot(const modembank::Record& record, const at::Submit& submit) {
  const std::size_t part = submit.ud.concat ? submit.ud.concat->sequence - 1u : 0u;
  const std::string mark = tag_in(submit.ud.text());
  if (mark.empty()) return;
  for (const MessageRecord* m : index_.with(submit.tp_da.display(), mark)) {
    if (part >= m->parts.size()) continue;
    const PartRecord& row = m->parts[part];
    const bool open = row.state == MessageState::submitting || row.state == MessageState::unknown;
    if (open && row.stored_first() && row.iccid == record.iccid)
      wrong("its slot was emptied before its outcome was on disk: " + shown(*m));
  }
}

void AirWatch::look() {
  if (rig_.now() - rig_.away_until() < 10s || rig_.now() - ended_at_ < 10s) return nowhere_.clear();
  look_at_idle();
  look_at_doubts();
  look_at_submitting();
}

// What is called submitting is at a modem, or its row says so soon.
void AirWatch::look_at_submitting() {
  constexpr at::Millis kWait{5'000};
  std::map<std::pair<Id, int>, at::Instant> nowhere;
  for (const Id id : index_.submitting()) {
    if (at_a_modem(id)) continue;
    const MessageRecord& m = rig_.rows.messages.at(id);
    const std::pair attempt{id, m.attempts};
    const auto since = nowhere_.find(attempt);
    const auto at = nowhere.emplace(attempt, since == nowhere_.end() ? rig_.now() : since->second).first;
    if (rig_.now() - at->second > kWait) return wrong("called submitting, and at no modem: " + shown(m));
  }
  nowhere_ = std::move(nowhere);
}

// No modem idles while something waits that it may send.
void AirWatch::look_at_idle() {
  constexpr at::Millis kWait{5'000};  // a sweep finds what a wake-up missed, but is none
  const config::Settings& settings = rig_.settings;
  for (const auto& limit : settings.sim_defaults.limits)
    if (limit) return;
  if (settings.policy.recipient_hourly_limit != 0 || settings.policy.recipient_daily_limit != 0) return;
  std::size_t idle = 0;
  std::string name;
  const auto sims = rig_.app().sims();
  for (int k = 0; k < kModems; ++k) {
    const Slot& slot = rig_.app().slot(static_cast<std::size_t>(k));
    const bool ready = std::any_of(sims.begin(), sims.end(), [&](const SimView& sim) { return sim.iccid == slot.iccid && sim.state == "ready"; });
    if (!ready || slot.claim || !slot.modem.can_take() || slot.modem.storing() == drivers::Storing::waiting) continue;
    ++idle;
    name = slot.view.id;
  }
  if (idle <= static_cast<std::size_t>(settings.policy.alert_modems)) return;
  for (const auto& [id, since] : index_.untouched()) {
    const MessageRecord& m = rig_.rows.messages.at(id);
    const bool fresh = m.to.starts_with("+4478");  // a conversation waits for its SIM
    if (m.sim.empty() && fresh && !at_a_modem(id) && rig_.now() - since > kWait && m.created_ms + kWait.count() < rig_.unix_ms())
      return wrong(name + " is idle, and it waits: " + shown(m));
  }
}

// What repeats by itself does so ten seconds after the doubt, whatever the wall clock does.
void AirWatch::look_at_doubts() {
  constexpr at::Millis kWait{15'000};
  for (const auto& [id, since] : index_.to_repeat())
    if (rig_.now() - std::max(since, ended_at_) > kWait) return wrong("in doubt and not sent again: " + shown(rig_.rows.messages.at(id)));
}

int AirWatch::times(const MessageRecord& m, std::size_t part) const {
  const auto at = times_.find(m.to + " " + tag_of(m));
  if (at == times_.end()) return 0;
  const auto count = at->second.find(part);
  return count == at->second.end() ? 0 : count->second;
}

const std::vector<std::pair<std::string, int>>& AirWatch::order(const MessageRecord& m) const {
  static const std::vector<std::pair<std::string, int>> kNone;
  const auto at = order_.find(m.to + " " + tag_of(m));
  return at == order_.end() ? kNone : at->second;
}

}  // namespace simulation
