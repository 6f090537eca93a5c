// Idle modems pull: lane by lane, sender by sender, each segment to the SIM that suits it best.
#include <algorithm>
#include <utility>

#include "at/segment.h"
#include "at/ucs2.h"
#include "daemon/app/admission.h"

namespace klaxon {

namespace {

constexpr std::int64_t kLoneAlertMs =
    5'000;  // parts of an alert wait so long for the SIM that sent the others

}  // namespace

void Appliance::dispatch() {
  if (stopping_) return;
  // Most turns free no modem: then there is nothing to choose, but for an alert, which may take one back.
  if (nobody_free() && queue_.empty(Lane::alert)) {
    next_pace_.reset();
    return;
  }
  refresh_candidates();
  offer_lane(Lane::alert);
  if (!queue_.empty(Lane::alert) && errands_give_way()) {
    refresh_candidates();
    offer_lane(Lane::alert);
  }
  while (!queue_.empty(Lane::alert) && take_from_lower(Lane::alert)) {
    refresh_candidates();
    offer_lane(Lane::alert);
  }
  continue_multipart();
  for (const Lane lane : {Lane::urgent, Lane::normal, Lane::bulk}) offer_lane(lane);
}

void Appliance::offer_lane(Lane lane) {
  const auto any_idle = [this, lane] { return free_modems(lane) > 0; };
  offer_parked(lane, true);
  queue_.offer(
      lane, [this, lane](Id id) { return place(id, lane); }, any_idle);
  offer_parked(lane, false);
}

// What waits for one SIM alone and what any may send take turns there.
void Appliance::offer_parked(Lane lane, bool in_turn) {
  if (!queue_.any_parked(lane)) return;
  for (std::size_t i = 0; i < candidates_.size() && free_modems(lane) > 0; ++i) {
    const Candidate& candidate = candidates_[i];
    if (!candidate.free_for(lane == Lane::alert)) continue;
    Sim* sim = sims_.find(std::string(candidate.iccid));
    if (in_turn && !sim->parked_next) continue;
    const auto take = [&](Id id) { return place(id, lane); };
    if (queue_.offer_parked(lane, sim->record.iccid, take)) sim->parked_next = false;
  }
}

Need Appliance::need_of(const MessageRecord& record) const {
  Need need;
  need.to = record.to;
  need.alert = record.lane == Lane::alert;
  need.only_iccid = bound_sim(record);
  need.bound = !need.only_iccid.empty();
  if (!need.bound && !record.sim.empty()) {
    need.only_iccid = sims_.resolve(record.sim);
    if (need.only_iccid.empty()) need.only_iccid = record.sim;
  }
  need.avoid_iccid = record.avoid_iccid;
  if (settings_.policy.sticky && need.only_iccid.empty()) need.sticky_iccid = sticky_.sim_of(record.to);
  need.patient = record.lane >= Lane::normal;  // what is urgent goes by whoever is free
  return need;
}

Queue::Parking Appliance::place(Id id, Lane) {
  Held* held = messages_.find(id);
  if (!held || held->token != 0) return {Queue::Took::gone, {}};
  MessageRecord& record = held->record;
  if (record.state != MessageState::queued || next_part(record) == record.parts.size())
    return {Queue::Took::gone, {}};
  if (!past_counted_ && caps_limits().any() && record.lane != Lane::alert) return {Queue::Took::not_now, {}};
  if (expire_if_late(*held) || drop_opted_out(*held) || wait_for_quiet_end(*held) || wait_for_room(*held))
    return {Queue::Took::gone, {}};
  Need need = need_of(record);
  Pick chosen = pick(need, candidates_);
  const bool absent =
      chosen.kind == Pick::Kind::park && !chosen.under.empty() && !serves_now(chosen.under, need.alert);
  if (absent && record.owner == 0 && !need.bound) {  // our own texts only wish for a SIM
    need.only_iccid.clear();
    chosen = pick(need, candidates_);
  }
  if (chosen.kind == Pick::Kind::park) return {Queue::Took::park, chosen.under};
  if (chosen.kind == Pick::Kind::wait) return {Queue::Took::not_now, {}};
  Candidate& candidate = candidates_[chosen.index];
  if (!give(*held, static_cast<std::size_t>(candidate.slot), chosen.why)) return {Queue::Took::gone, {}};
  candidate.idle = false;
  sims_.find(std::string(candidate.iccid))->parked_next = true;
  return {Queue::Took::yes, {}};
}

// A version that cut it otherwise may have accepted it. While none of it went out, it is simply cut anew.
bool Appliance::parts_agree(MessageRecord& record, const at::Segmented& segmented) {
  const std::size_t parts = segmented.parts.size();
  if (parts == record.parts.size()) return true;
  if (record.attempts > 0) return false;
  messages_.count_segments(static_cast<std::int64_t>(parts) - static_cast<std::int64_t>(record.parts.size()));
  record.parts.assign(parts, PartRecord{});
  return true;
}

std::optional<at::EncodedPdu> Appliance::build_pdu(MessageRecord& record, std::size_t part,
                                                   std::string* error) {
  constexpr std::uint8_t kReplaceShortMessage = 0x40;  // 23.040 9.2.3.9: type 1 is 41
  at::SubmitOptions options;
  options.tp_da = at::address_from_display(record.to);
  options.report = record.report && !record.plain;
  if (record.flash && !record.plain) options.message_class = 0;
  if (record.replace_type != 0 && !record.plain)
    options.tp_pid = static_cast<std::uint8_t>(kReplaceShortMessage + record.replace_type);
  options.concat_reference = record.concat_reference;
  if (record.valid_for_ms > 0 && !record.plain)
    options.valid_seconds = std::max<std::int64_t>(1, (valid_until(record) - now_.unix_ms) / 1000);
  const auto segmented = cut_again(record);
  if (!segmented || !parts_agree(record, *segmented)) {
    *error = "its segments no longer add up";
    return std::nullopt;
  }
  auto pdu = at::submit_pdu(*segmented, part, options);
  if (!pdu) {
    *error = pdu.error().reason;
    return std::nullopt;
  }
  return *pdu;
}

bool Appliance::give(Held& held, std::size_t index, std::string why) {
  Slot& slot = *slots_[index];
  MessageRecord& record = held.record;
  if (record.lost_text()) {
    fail(held, kTextGoneCode, kTextGoneText);
    return false;
  }
  const std::size_t part = next_part(record);
  std::string error;
  const auto pdu = build_pdu(record, part, &error);
  if (!pdu) {
    fail(held, "encoding", error);
    return false;
  }
  Sim& sim = *sims_.find(slot.iccid);
  PartRecord& row = record.parts[part];
  row.state = MessageState::submitting;
  row.iccid = slot.iccid;
  row.modem = slot.view.id;
  const bool store =
      sim.stores_first(settings_) && slot.modem.storing() == drivers::Storing::ready && !disk_away();
  row.tp_mr = store ? PartRecord::kStoredFirst : -1;
  row.started_ms = now_.unix_ms;
  if (record.attempts++ == 0 && record.lane != Lane::alert && caps_limits().any())
    caps_.count(recipient_key(record.to), local_minutes(now_.unix_ms));
  record.why = std::move(why);
  held.token = next_claim_++;
  const Gate gate = save(held);
  if (auto met = sims_.begin_submit(sim, record.to, local_time(now_.unix_ms), now_.mono))
    turn_.append(gate.line, store::NoteRecipient{std::move(*met)});
  turn_.append(gate.line, store::SaveSimDay{sim.day_record()});
  const bool first_word = sticky_.sim_of(record.to).empty();
  sticky_.spoke(record.to, slot.iccid);
  for (Candidate& candidate : candidates_)
    if (candidate.slot == static_cast<int>(index)) candidate = candidate_of(sim, index);
  slot.claim = Slot::Claim{held.token,  record.id, part,  turn_.here(gate.line),
                           record.lane, false,     false, sim.record.last_tp_mr, first_word};
  pass_doubts(slot, sim);
  marks_.give(slot.view.id, {{record.id, part}, record.attempts});
  slot.last_begun = PartRef{record.id, part};
  slot.last_begun_ms = now_.unix_ms;
  slot.entry_may_be_open = true;
  if (slot.continuing == record.id) slot.continuing = 0;
  if (record.lane == Lane::alert) alert_waits_ = true;
  const bool more = next_part(record) < record.parts.size() || queue_.anybody_waits();
  slot.modem.claim({.token = held.token,
                    .pdu_hex = pdu->hex,
                    .tpdu_octets = pdu->tpdu_octets,
                    .alert = record.lane == Lane::alert,
                    .store_first = store,
                    .more = more},
                   now_.mono);
  return true;
}

// What this port says from now on, and this SIM's modem at any, is about the new one: no older doubt may be taken for it.
void Appliance::pass_doubts(const Slot& slot, const Sim& sim) {
  const auto pass = [this](PartRef ref) {
    Held* held = messages_.find(ref.message);
    if (!held) return;
    PartRecord& row = held->record.parts[ref.part];
    if (row.state != MessageState::unknown || row.passed()) return;
    row.pass();
    save(*held);
  };
  if (slot.last_begun) pass(*slot.last_begun);
  for (const OpenDoubt& open : sim.doubts) pass({open.message, open.part});
}

// An alert waits and no modem is idle: the least urgent segment that has not left yet is given back, if that
// helps.
bool Appliance::take_from_lower(Lane lane) {
  Slot* from = nullptr;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    if (!slot.claim || slot.claim->lane <= lane || !slot.modem.claim_revocable()) continue;
    if (from && from->claim->lane >= slot.claim->lane) continue;
    if (wanted_at(lane, i)) from = &slot;
  }
  if (!from || !from->modem.revoke(from->claim->token)) return false;
  if (Held* held = take_back(*from)) {
    const bool more_parts = !bound_sim(held->record).empty();
    requeue(*held, 0);
    if (more_parts) continue_with(*from, held->record.id);
  }
  return true;
}

// What could be chosen, were only this modem free: without its claim, which has its share of the limits, too.
std::vector<Candidate> Appliance::candidates_with_only(std::size_t slot) {
  std::vector<Candidate> out = candidates_;
  const auto& claim = slots_[slot]->claim;
  Sim* sim = sims_.find(slots_[slot]->iccid);
  const Held* held = claim && slots_[slot]->modem.claim_revocable() ? messages_.find(claim->message) : nullptr;
  const bool counted = sim && held && held->record.parts[claim->part].iccid == sim->record.iccid;
  for (Candidate& candidate : out) {
    const bool this_one = candidate.slot == static_cast<int>(slot);
    if (this_one && counted) {
      const auto sent = sim->sent;
      const auto begun_at = sim->begun_at;
      const auto abroad = sim->abroad_today;
      const double used = sim->used;
      uncount(held->record, claim->part);
      candidate = candidate_of(*sim, slot);
      sim->sent = sent;
      sim->begun_at = begun_at;
      sim->abroad_today = abroad;
      sim->used = used;
    }
    candidate.idle = this_one;
  }
  return out;
}

// Would one of the lane go by this modem? Else taking its segment away would only stop everybody.
bool Appliance::wanted_at(Lane lane, std::size_t slot) {
  const std::vector<Candidate> freed = candidates_with_only(slot);
  return queue_.any(lane, [&](Id id) {
    const Held* held = messages_.find(id);
    if (!held || held->token != 0 || held->record.state != MessageState::queued) return false;
    return pick(need_of(held->record), freed).kind == Pick::Kind::chosen;
  });
}

// The claim was revoked: no byte of it was written, so it was no attempt.
Appliance::Held* Appliance::take_back(Slot& slot) {
  const Slot::Claim claim = *std::exchange(slot.claim, std::nullopt);
  Held* held = messages_.find(claim.message);
  if (!held) return nullptr;
  uncount(held->record, claim.part);
  if (claim.first_word) sticky_.did_not_speak(held->record.to);
  held->token = 0;
  held->record.parts[claim.part].state = MessageState::queued;
  if (--held->record.attempts > 0) return held;
  held->record.parts[claim.part] = PartRecord{};  // nothing was ever begun: no conversation is held by that SIM
  held->record.why.clear();
  if (held->record.lane != Lane::alert) caps_.take_back(recipient_key(held->record.to));
  return held;
}

// At most one message continues by itself; another that began here goes back to the queue, bound to this SIM.
void Appliance::continue_with(Slot& slot, Id message) {
  const Id other = std::exchange(slot.continuing, message);
  if (other == 0 || other == message) return;
  if (const Held* held = messages_.find(other)) queue_.put_back(held->record.lane, held->record.owner, other);
}

// The next part of a message goes by the modem that sent the last, before any other message.
void Appliance::continue_multipart() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    if (slot.continuing == 0 || !free_now(slot)) continue;
    Held* held = messages_.find(std::exchange(slot.continuing, 0));
    if (!held || held->token != 0 || held->record.state != MessageState::queued) continue;
    if (next_part(held->record) == held->record.parts.size() || expire_if_late(*held)) continue;
    const Sim* sim = sims_.find(slot.iccid);
    const bool abroad_full = sim && config::is_abroad(held->record.to, sim->home) &&
                             sim->used_of(Quota::abroad, settings_, held->record.lane == Lane::alert) >= 1;
    if (!sim || bound_sim(held->record) != slot.iccid || sim->suspended(now_.mono) ||
        sim->at_limit(settings_) || abroad_full) {
      queue_.put_back(held->record.lane, held->record.owner, held->record.id);
      continue;
    }
    if (!give(*held, i, (sim->label().empty() ? slot.iccid : sim->label()) + ": the other parts went by it"))
      continue;
    for (Candidate& candidate : candidates_)
      if (candidate.slot == static_cast<int>(i)) candidate.idle = false;
  }
}

void Appliance::requeue(Held& held, std::int64_t delay_ms) {
  MessageRecord& record = held.record;
  held.token = 0;
  for (PartRecord& part : record.parts)
    if (part.state == MessageState::submitting) part.state = MessageState::queued;
  record.due_ms = delay_ms > 0 ? now_.unix_ms + delay_ms : 0;
  save(held);
  if (record.state != MessageState::queued) return;
  if (delay_ms == 0)
    queue_.put_back(record.lane, record.owner, record.id);
  else
    queue_.wait_in_any_case(record.due_ms, record.id);
}

bool Appliance::expire_if_late(Held& held) {
  MessageRecord& record = held.record;
  if (record.state != MessageState::queued || now_.unix_ms <= valid_until(record)) return false;
  for (PartRecord& part : record.parts)
    if (part.state == MessageState::queued) part.state = MessageState::expired;
  record.error_code = "expired";
  record.error_text = "valid_for ended before it could be sent";
  save(held);
  return true;
}

void Appliance::sweep_expired() {
  refresh_candidates();  // so that it is known of each SIM when it was in the rotation last
  last_sweep_ms_ = now_.unix_ms;
  queue_.unpark("", [this](Id id) { return owner_of(id); });  // whom no SIM may write to now
  look_later_ = refill_now_ = true;                           // a read that failed is asked again
  messages_.each([this](Held& held) {
    if (held.record.valid_for_ms != 0 && held.token == 0) expire_if_late(held);
  });
  if (now_.unix_ms - last_maintain_ms_ > 3'600'000) {
    last_maintain_ms_ = now_.unix_ms;
    turn_.append(Line::work, store::Maintain{now_.unix_ms, settings_.policy.keep.count()});
  }
  // An alert of which some parts went by a SIM that is gone starts anew on another: half of it is of no use
  // to anybody. But not where its sender would rather have half of it than any part twice.
  messages_.each([this](Held& held) {
    MessageRecord& record = held.record;
    if (record.state != MessageState::queued || record.lane != Lane::alert || held.token != 0 || !repeats_by_itself(record))
      return;
    const std::string bound = bound_sim(record);
    if (bound.empty()) return;
    const Sim* sim = sims_.find(bound);
    std::int64_t since = std::max(born_ms_, sim ? sim->usable_ms : 0);
    for (const PartRecord& part : record.parts) since = std::max(since, part.submitted_ms);
    if (now_.unix_ms - since < kLoneAlertMs) return;
    const bool here = sim && sim->present_at == refreshes_;
    if (!here || goes_whole_elsewhere(record, bound)) restart_elsewhere(held, bound);
  });
}

// A SIM that only waits for its limit goes on when that ends; to begin with what another can't end either would repeat the
// first part again and again.
bool Appliance::goes_whole_elsewhere(const MessageRecord& record, const std::string& bound) const {
  return std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& candidate) {
    const Sim* sim = sims_.find(std::string(candidate.iccid));
    return candidate.iccid != bound && candidate.serves(true) && candidate.may_reach(record.to, true) && sim &&
           sim->room(settings_) >= static_cast<std::int64_t>(record.parts.size());
  });
}

void Appliance::restart_elsewhere(Held& held, const std::string& lost_iccid) {
  MessageRecord& record = held.record;
  for (std::size_t part = 0; part < record.parts.size(); ++part) {
    give_up_report(record, part);
    record.parts[part] = PartRecord{};
  }
  record.in_doubt_ms = now_.unix_ms;  // some of it may be read twice: declared as a doubt
  record.avoid_iccid = lost_iccid;
  ++record.concat_reference;
  const std::string id = "m" + std::to_string(record.id);
  note({.level = Note::Level::warning,
        .text = "message " + id + ": its SIM is gone, all parts again on another",
        .sim = lost_iccid,
        .message = id});
  save(held);
  if (const Sim* lost = sims_.find(lost_iccid)) unpark(*lost);
  queue_.put_back(record.lane, record.owner, record.id);
}

}  // namespace klaxon
