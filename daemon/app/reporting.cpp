// Which submit a status report is about: one that awaits it, one that is at a modem just now, or a doubt.
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

namespace {

// Where its TP-MR is not known, it was settled long after it was begun.
std::int64_t awaited_from(const PartRecord& row) { return row.tp_mr < 0 ? row.started_ms : row.submitted_ms; }

}  // namespace

// What the life before had sent.
void Appliance::await_report(const MessageRecord& record, std::size_t part) {
  const PartRecord& row = record.parts[part];
  if (row.state == MessageState::submitted && record.report && !record.plain)
    reports_.awaits(row.iccid, row.tp_mr, record.to, awaited_from(row), {record.id, part});
}

void Appliance::apply_report(PartRef ref, const ReportSeen& report) {
  reports_.applied(report);
  Held* held = messages_.find(ref.message);
  if (!held || ref.part >= held->record.parts.size()) return;
  MessageRecord& record = held->record;
  PartRecord& row = record.parts[ref.part];
  const at::Delivery verdict = at::classify_tp_st(static_cast<std::uint8_t>(report.tp_st));
  if (verdict == at::Delivery::pending) return;
  row.tp_st = report.tp_st;
  if (row.tp_mr < 0) row.tp_mr = report.tp_mr;
  reports_.settled(report.iccid, report.tp_mr, ref);
  if (verdict == at::Delivery::delivered || verdict == at::Delivery::unconfirmed) {
    row.state = MessageState::delivered;
    row.delivered_ms = now_.unix_ms;
    record.delivered_ms = now_.unix_ms;
    record.unconfirmed = record.unconfirmed || verdict == at::Delivery::unconfirmed;
  } else {
    row.state = verdict == at::Delivery::expired ? MessageState::expired : MessageState::failed;
    char code[8];
    std::snprintf(code, sizeof code, "st_%02x", static_cast<unsigned>(report.tp_st) & 0xFFu);
    record.error_code = code;
    record.error_text = std::string(at::tp_st_text(static_cast<std::uint8_t>(report.tp_st)));
  }
  save(*held);
}

// What this slot's modem sends just now, if that is by the SIM and to the subscriber that the report names.
const Appliance::Held* Appliance::at_modem_for(const Slot& slot, const ReportSeen& report) const {
  if (slot.iccid != report.iccid || !slot.claim || slot.claim->disowned) return nullptr;
  const Held* held = messages_.find(slot.claim->message);
  return held && same_subscriber(held->record.to, report.ra) ? held : nullptr;
}

// A report can overtake its +CMGS. TP-MR wraps, so an older submit to the same person may seem to be meant: the time tells.
bool Appliance::comes_early(const ReportSeen& report, const std::optional<PartRef>& match) const {
  const std::int64_t at = report.at_ms();
  const Held* older = match ? messages_.find(match->message) : nullptr;
  const PartRecord* row = older ? &older->record.parts[match->part] : nullptr;
  const std::int64_t older_gap = row ? std::llabs(awaited_from(*row) - at) : INT64_MAX;
  return std::any_of(slots_.begin(), slots_.end(), [&](const auto& slot) {
    const Held* held = at_modem_for(*slot, report);
    if (!held || (slot->claim->mr_before >= 0 && !may_follow(report, slot->claim->mr_before))) return false;
    return std::llabs(held->record.parts[slot->claim->part].started_ms - at) < older_gap;
  });
}

// Evidence for a doubt: this SIM, this recipient, about that time; TP-MR is not known for it, or follows the last.
// A count that moved by none, or by more than there are doubts, is another's: a report may come twice.
bool Appliance::may_follow(const ReportSeen& report, int mr_before) const {
  const Sim* sim = sims_.find(report.iccid);
  const auto moved = static_cast<std::size_t>((report.tp_mr - mr_before + 256) % 256);
  return moved != 0 && moved <= (sim ? sim->doubts.size() : 0) + 1;
}

bool Appliance::speaks_of(const ReportSeen& report, const Sim& sim, const OpenDoubt& open) const {
  const Held* held = messages_.find(open.message);
  if (report.iccid != sim.record.iccid || !held || !held->record.report || reports_.seems_copy(report)) return false;
  if (!same_subscriber(held->record.to, report.ra)) return false;
  if (open.mr_before >= 0 && !may_follow(report, open.mr_before)) return false;
  return Reports::in_time(report, held->record.parts[open.part].started_ms) &&
         !was_of_another(report, {open.message, open.part});
}

// Of a submit to the same subscriber, begun next to TP-SCTS, that was begun again since or is at a modem just now.
bool Appliance::was_of_another(const ReportSeen& report, PartRef ref) const {
  const std::int64_t own = gap_to(report, ref);
  if (const auto gap = reports_.gap_to_given_up(report); gap && *gap < own) return true;
  return std::any_of(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return at_modem_for(*slot, report) && gap_to(report, {slot->claim->message, slot->claim->part}) < own;
  });
}

void Appliance::give_up_report(const MessageRecord& record, std::size_t part) {
  const PartRecord& row = record.parts[part];
  reports_.settled(row.iccid, row.tp_mr, {record.id, part});
  if (record.report && !record.plain && row.started_ms != 0)
    reports_.gave_up(row.iccid, record.to, row.started_ms);
}

void Appliance::settled_by(const ReportSeen& report, PartRef ref) {
  doubt_settled(ref, true, report.tp_mr, "a status report of it came");
  apply_report(ref, report);
}

// Between TP-SCTS and the beginning of a submit, in milliseconds.
std::int64_t Appliance::gap_to(const ReportSeen& report, PartRef ref) const {
  const std::int64_t at = report.at_ms();
  const Held* held = messages_.find(ref.message);
  return held ? std::llabs(at - held->record.parts[ref.part].started_ms) : INT64_MAX;
}

// Of several to one subscriber the one that was begun next to TP-SCTS, as among those that await a report.
const OpenDoubt* Appliance::nearest_doubt(const ReportSeen& report, const Sim& sim) const {
  const OpenDoubt* nearest = nullptr;
  std::int64_t least = INT64_MAX;
  for (const OpenDoubt& open : sim.doubts) {
    if (!speaks_of(report, sim, open)) continue;
    const std::int64_t gap = gap_to(report, {open.message, open.part});
    if (gap >= least) continue;
    least = gap;
    nearest = &open;
  }
  return nearest;
}

void Appliance::report_seen(const ReportSeen& report) {
  ++counters_.reports;
  if (reports_.was_applied(report)) return;
  const auto match = reports_.match(report);
  auto unnumbered = match ? std::nullopt : reports_.match_unnumbered(report);
  if (unnumbered && was_of_another(report, *unnumbered)) unnumbered.reset();
  if (comes_early(report, match ? match : unnumbered)) return reports_.keep_early(report);
  if (match) return apply_report(*match, report);
  const Sim* sim = sims_.find(report.iccid);
  const OpenDoubt* open = sim ? nearest_doubt(report, *sim) : nullptr;
  if (open && (!unnumbered || gap_to(report, {open->message, open->part}) < gap_to(report, *unnumbered)))
    return settled_by(report, {open->message, open->part});
  if (unnumbered) return apply_report(*unnumbered, report);
  ++counters_.reports_unmatched;
  reports_.keep_early(report);
}

}  // namespace klaxon
