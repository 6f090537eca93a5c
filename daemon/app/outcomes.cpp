// What became of a submit, and what follows from it: the next part, a retry, a doubt and its evidence.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"
#include "drivers/family.h"

namespace klaxon {

namespace {

constexpr std::int64_t kSecondMs = 1'000, kMinuteMs = 60 * kSecondMs;

std::int64_t step(int attempts, std::initializer_list<std::int64_t> steps) {
  const auto at = std::min<std::size_t>(steps.size(), static_cast<std::size_t>(std::max(attempts, 1)));
  return *(steps.begin() + static_cast<std::ptrdiff_t>(at - 1));
}

std::string shown(const MessageRecord& record, std::size_t part) {
  std::string out = "message m" + std::to_string(record.id);
  if (record.parts.size() > 1) out += " part " + std::to_string(part + 1) + "/" + std::to_string(record.parts.size());
  return out;
}

std::optional<at::Submit> submit_of(const std::string& hex) {
  const auto pdu = at::decode_pdu(hex, at::Direction::to_sc);
  const auto* submit = pdu ? std::get_if<at::Submit>(&pdu->tpdu) : nullptr;
  return submit ? std::optional(*submit) : std::nullopt;
}

// The same text to the same number, in the same part: TP-MR and TP-VP may have changed since, and the SC address be filled in.
bool same_submit(const std::string& one, const std::string& other) {
  const auto a = submit_of(one), b = submit_of(other);
  return a && b && a->tp_da.digits == b->tp_da.digits && a->ud.units == b->ud.units && a->ud.concat == b->ud.concat;
}

}  // namespace

Gate Appliance::save(Held& held) {
  const MessageState before = held.record.state;
  drop_further(held.record);
  const Gate gate = messages_.save(held);
  if (held.record.state != before) saved(held, before);
  return gate;
}

void Appliance::saved(Held& held, MessageState before) {
  const MessageRecord& record = held.record;
  const auto lane = static_cast<std::size_t>(record.lane);
  if (record.state == MessageState::submitted) ++counters_.submitted[lane];
  if (record.state == MessageState::delivered) ++counters_.delivered[lane];
  if (record.state == MessageState::failed || record.state == MessageState::expired) ++counters_.failed[lane];
  if (record.broadcast != 0) broadcast_moved(record.broadcast, before, record.state);
  if (record.lost() && !record.further.empty()) lost_.push_back(record.id);
}

void Appliance::submit_done(std::size_t index, const drivers::SubmitDone& done) {
  Slot& slot = *slots_[index];
  if (!slot.claim || slot.claim->token != done.token) return;
  const Slot::Claim claim = *std::exchange(slot.claim, std::nullopt);
  Held* held = messages_.find(claim.message);
  if (!held) return;
  const PartRef ref{claim.message, claim.part};
  if (claim.disowned) {  // counted as a doubt at the soft limit: this is evidence, if it is still wanted
    if (done.verdict == drivers::Verdict::accepted) {
      doubt_settled(ref, true, done.tp_mr, "a late +CMGS");
      if (Sim* sim = sims_.find(slot.iccid)) {
        sim->record.last_tp_mr = done.tp_mr;
        turn_.append(line_of(held->record.lane), store::SaveSim{sim->record});
      }
    }
    if (done.verdict == drivers::Verdict::refused || done.verdict == drivers::Verdict::not_sent)
      doubt_settled(ref, false, -1, "a late refusal");
    return;
  }
  held->token = 0;
  switch (done.verdict) {
    case drivers::Verdict::accepted: return accepted(slot, *held, claim.part, done.tp_mr);
    case drivers::Verdict::refused: return refused(slot, *held, claim.part, done.error);
    case drivers::Verdict::not_sent:
      note(Note::Level::info, slot, shown(held->record, claim.part) + " not sent: " + done.why, held->record.id);
      uncount(held->record, claim.part);
      if (held->record.attempts > settings_.policy.max_attempts + 10) return fail(*held, "not_sent", done.why);
      held->record.avoid_iccid = bound_sim(held->record).empty() ? slot.iccid : "";
      return requeue(*held, 0);
    case drivers::Verdict::in_doubt: return doubt(slot, *held, claim.part, done.why);
  }
}

void Appliance::accepted(Slot& slot, Held& held, std::size_t part, int tp_mr) {
  MessageRecord& record = held.record;
  PartRecord& row = record.parts[part];
  row.state = MessageState::submitted;
  row.tp_mr = tp_mr;
  row.submitted_ms = now_.unix_ms;
  record.submitted_ms = now_.unix_ms;
  record.error_code.clear();
  record.error_text.clear();
  ++slot.view.submitted;
  const PartRef ref{record.id, part};
  const std::string iccid = row.iccid;
  save(held);
  if (Sim* sim = sims_.find(iccid)) {
    sims_.count_success(*sim);
    if (slot.mr_counts && slot.iccid == iccid) evidence_by_count(*sim, ref, tp_mr);
    sim->record.last_tp_mr = tp_mr;
    turn_.append(line_of(record.lane), store::SaveSim{sim->record});
  }
  if (next_part(record) < record.parts.size()) continue_with(slot, record.id);
  if (!record.report || record.plain) return;
  reports_.awaits(iccid, tp_mr, record.to, now_.unix_ms, ref);
  for (const ReportSeen& early : reports_.take_early(iccid, tp_mr, record.to, row.started_ms)) apply_report(ref, early);
}

Retry Appliance::retry_for(at::ErrorClass error, const MessageRecord& record, const Slot& slot, const std::string& to) {
  const bool alert = record.lane == Lane::alert;
  Sim* sim = sims_.find(slot.iccid);
  const auto count = [&] {
    if (!sim || !sims_.count_refusal(*sim, to, now_.mono)) return;
    note({.level = Note::Level::warning,
          .text = "sim " + slot.iccid + ": three refusals in a row to different numbers: suspended",
          .modem = slot.view.id,
          .sim = slot.iccid});
  };
  switch (error) {
    case at::ErrorClass::refeatured: return {!record.plain, 0, false, true};
    case at::ErrorClass::temporary:
      return {true, alert ? 2 * kSecondMs : step(record.attempts, {10 * kSecondMs, kMinuteMs, 5 * kMinuteMs, 15 * kMinuteMs}), false, false};
    case at::ErrorClass::network:
      count();
      return {true, alert ? kSecondMs : step(record.attempts, {5 * kSecondMs, kMinuteMs, 5 * kMinuteMs, 15 * kMinuteMs}), true, false};
    case at::ErrorClass::sim: count(); return {true, 0, true, false};
    case at::ErrorClass::modem: return {true, step(record.attempts, {0, 2 * kSecondMs, 10 * kSecondMs, kMinuteMs}), true, false};
    default: return {};
  }
}

void Appliance::refused(Slot& slot, Held& held, std::size_t part, const at::FinalResult& error) {
  const at::CmsNumbering numbering = slot.modem.family().cms;
  const at::ErrorClass kind = at::classify_submit_error(error, numbering);
  if (kind == at::ErrorClass::accepted) return accepted(slot, held, part, -1);
  if (kind == at::ErrorClass::in_doubt) return doubt(slot, held, part, error.text);
  ++slot.view.failed;
  MessageRecord& record = held.record;
  record.error_code = error.name();
  record.error_text = std::string(at::error_text(error, numbering));
  if (record.error_text.empty()) record.error_text = error.text;
  const Retry retry = retry_for(kind, record, slot, record.to);
  note(Note::Level::info, slot, shown(record, part) + " refused: " + error.text, record.id);
  if (!retry.again || record.attempts >= settings_.policy.max_attempts) return fail(held, record.error_code, record.error_text);
  record.parts[part].state = MessageState::queued;
  record.avoid_iccid = retry.elsewhere && bound_sim(record).empty() ? slot.iccid : "";
  record.plain = record.plain || retry.plain;
  requeue(held, retry.delay_ms);
}

void Appliance::fail(Held& held, std::string code, std::string text) {
  MessageRecord& record = held.record;
  held.token = 0;
  bool first = true;
  for (PartRecord& part : record.parts) {
    if (part.state != MessageState::queued && part.state != MessageState::submitting) continue;
    part.state = std::exchange(first, false) ? MessageState::failed : MessageState::cancelled;
  }
  record.error_code = std::move(code);
  record.error_text = std::move(text);
  save(held);
}

bool Appliance::repeats_by_itself(const MessageRecord& record) const {
  if (record.in_doubt == DoubtPolicy::lane) return record.lane == Lane::alert;
  return record.in_doubt == DoubtPolicy::repeat;
}

void Appliance::doubt(Slot& slot, Held& held, std::size_t part, const std::string& why) {
  MessageRecord& record = held.record;
  PartRecord& row = record.parts[part];
  if (row.state != MessageState::submitting) return;
  row.state = MessageState::unknown;
  held.token = 0;
  record.in_doubt_ms = now_.unix_ms;
  record.error_code = "in_doubt";
  record.error_text = why;
  ++slot.view.in_doubt;
  ++counters_.in_doubt[static_cast<std::size_t>(record.lane)];
  const PartRef ref{record.id, part};
  if (Sim* sim = sims_.find(row.iccid)) {
    open_doubt(*sim, ref);
    sims_.count_failure(*sim);
  }
  note(Note::Level::warning, slot, shown(record, part) + " in doubt: " + why, record.id);
  doubts_due_.emplace(now_.mono + kDoubtWait, ref);
  save(held);
  const Sim* sim = sims_.find(row.iccid);  // the report may have been here before the doubt was
  if (!sim || sim->doubts.empty()) return;
  const auto told = reports_.take_early_if([&](const ReportSeen& early) { return speaks_of(early, *sim, sim->doubts.back()); });
  if (told) settled_by(*told, ref);
}

// Two that only the count could tell apart: then it proves nothing for either.
void Appliance::open_doubt(Sim& sim, PartRef ref) {
  bool alone = true;
  for (OpenDoubt& other : sim.doubts) alone = !std::exchange(other.by_mr, false) && alone;
  sim.doubts.push_back({ref.message, ref.part, sim.record.last_tp_mr, alone});
}

void Appliance::drop_doubt(PartRef ref) {
  for (auto& [iccid, sim] : sims_.all())
    std::erase_if(sim.doubts, [&](const OpenDoubt& d) { return d.message == ref.message && d.part == ref.part; });
}

void Appliance::doubt_settled(PartRef ref, bool sent, int tp_mr, const std::string& how) {
  drop_doubt(ref);
  Held* held = messages_.find(ref.message);
  if (!held || ref.part >= held->record.parts.size()) return;
  MessageRecord& record = held->record;
  PartRecord& row = record.parts[ref.part];
  const bool waits_again = row.state == MessageState::queued && held->token == 0 && record.in_doubt_ms != 0;
  if (row.state != MessageState::unknown && !(sent && waits_again)) return;
  note({.level = Note::Level::info,
        .text = shown(record, ref.part) + ": doubt settled, " + (sent ? "sent" : "not sent") + ": " + how,
        .modem = row.modem,
        .sim = row.iccid,
        .message = "m" + std::to_string(record.id)});
  record.error_code.clear();
  record.error_text.clear();
  if (!sent) {
    row.state = MessageState::queued;
    row.hear({});
    if (record.lost_text()) return fail(*held, kTextGoneCode, kTextGoneText);
    if (next_part(record) < record.parts.size() && worst_state(record.parts) == MessageState::queued) requeue(*held, 0);
    else save(*held);
    return;
  }
  row.state = MessageState::submitted;
  row.tp_mr = tp_mr;
  row.submitted_ms = now_.unix_ms;
  record.submitted_ms = now_.unix_ms;
  record.why = how;
  save(*held);
  if (record.report && !record.plain) reports_.awaits(row.iccid, tp_mr, record.to, row.started_ms, ref);
  if (next_part(record) < record.parts.size() && record.state == MessageState::queued)
    queue_.put_back(record.lane, record.owner, record.id);
}

// The modem's own count: the next submit answers last + 1, so the doubtful one never went out. Two more: it was tried at least.
void Appliance::evidence_by_count(Sim& sim, PartRef accepted_part, int tp_mr) {
  for (const OpenDoubt& open : std::vector<OpenDoubt>(sim.doubts)) {
    if (!open.by_mr || open.mr_before < 0 || open.message == accepted_part.message) continue;
    if (tp_mr == (open.mr_before + 1) % 256) {
      doubt_settled({open.message, open.part}, false, -1, "the modem's count did not move");
      continue;
    }
    for (OpenDoubt& kept : sim.doubts)
      if (kept.message == open.message && kept.part == open.part) kept.by_mr = false;
  }
}

// What the SIM's slots say of the submit that was begun last on it. It is not among them: it was never stored, because a slot is
// emptied only when what became of it is on disk.
void Appliance::evidence_by_slots(Slot& slot, const drivers::StoredSubmits& seen) {
  Sim* sim = sims_.find(slot.iccid);
  if (!sim) return;
  for (const OpenDoubt& open : std::vector<OpenDoubt>(sim->doubts)) {
    const PartRef ref{open.message, open.part};
    Held* held = messages_.find(ref.message);
    if (!held) continue;
    const PartRecord& row = held->record.parts[ref.part];
    if (row.state != MessageState::unknown || row.iccid != slot.iccid || !row.stored_first()) continue;
    std::string error;
    const auto pdu = build_pdu(held->record, ref.part, &error);
    if (!pdu) continue;
    const auto found = std::find_if(seen.all.begin(), seen.all.end(), [&](const drivers::StoredSubmit& stored) {
      return same_submit(pdu->hex, stored.hex);
    });
    const bool sent = found != seen.all.end() && found->sent;
    const bool counted = sent && slot.mr_counts && open.by_mr && open.mr_before >= 0;
    const int tp_mr = counted ? (open.mr_before + 1) % 256 : -1;
    if (counted) sim->record.last_tp_mr = tp_mr;
    doubt_settled(ref, sent, tp_mr,
                  sent                      ? "its slot on the SIM is marked as sent"
                  : found != seen.all.end() ? "its slot on the SIM is not marked as sent"
                                            : "it was never stored on the SIM");
  }
}

// The soft limit. For lane alert it is the doubt already: nobody waits a minute for a modem that may be dead.
void Appliance::overdue(std::size_t index, std::uint64_t token) {
  Slot& slot = *slots_[index];
  if (!slot.claim || slot.claim->token != token) return;
  Held* held = messages_.find(slot.claim->message);
  note(Note::Level::warning, slot, "no answer to a submit yet; out of the rotation", slot.claim->message);
  if (!held || !(held->record.lane == Lane::alert)) return;
  slot.claim->disowned = true;
  doubt(slot, *held, slot.claim->part, "no answer by the soft limit");
}

void Appliance::doubts_due() {
  while (!doubts_due_.empty() && doubts_due_.begin()->first <= now_.mono) {
    const PartRef ref = doubts_due_.begin()->second;
    doubts_due_.erase(doubts_due_.begin());
    Held* held = messages_.find(ref.message);
    if (!held || !repeats_by_itself(held->record)) continue;
    PartRecord& row = held->record.parts[ref.part];
    if (row.state != MessageState::unknown) continue;
    drop_doubt(ref);
    give_up_report(held->record, ref.part);
    const std::string lost = row.iccid;
    note({.level = Note::Level::warning,
          .text = shown(held->record, ref.part) + ": no evidence in time, sent again",
          .modem = row.modem,
          .sim = lost,
          .message = "m" + std::to_string(ref.message)});
    row.state = MessageState::queued;
    held->record.avoid_iccid = lost;
    requeue(*held, 0);
  }
}

}  // namespace klaxon
