// What the doors may see of the appliance.
#include <algorithm>

#include "daemon/app/admission.h"
#include "drivers/family.h"

namespace klaxon {

std::vector<ModemView> Appliance::modems() const {
  std::vector<ModemView> out;
  for (const auto& slot : slots_) {
    ModemView view = slot->view;
    view.iccid = slot->iccid;
    if (const Sim* sim = sims_.find(slot->iccid)) view.sim_label = sim->label();
    view.overdue = slot->modem.overdue();
    view.can_take = slot->modem.can_take();
    view.message = slot->claim ? slot->claim->message : 0;
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<SimView> Appliance::sims() const {
  std::vector<SimView> out;
  const LocalTime now = local_time(now_.unix_ms);
  for (const auto& [iccid, sim] : sims_.all()) {
    SimView view;
    view.iccid = iccid;
    view.label = sim.label();
    view.number = sim.record.number;
    view.imsi = sim.record.imsi;
    view.modem = sim.slot == kNoSlot ? "" : slots_[static_cast<std::size_t>(sim.slot)]->view.id;
    const int starts = sim.month_starts(settings_);
    for (const Quota quota : kQuotas)
      view.limits[index_of(quota)] = {now.same(quota, sim.counted_at, starts) ? sim.sent_in(quota) : 0, sim.limit(quota, settings_)};
    const auto used_up = [](const SimView::Limit& limit) { return limit.most.value > 0 && limit.sent >= limit.most.value; };
    const bool at_limit = std::any_of(view.limits.begin(), view.limits.begin() + index_of(Quota::abroad), used_up);
    view.month_starts = starts;
    view.weight = sim.weight(settings_);
    view.open_doubts = static_cast<int>(sim.doubts.size());
    const drivers::State state =
        sim.slot == kNoSlot ? drivers::State::absent : slots_[static_cast<std::size_t>(sim.slot)]->modem.state();
    if (sim.slot == kNoSlot) view.state = "absent";
    else if (state == drivers::State::awaiting_pin) view.state = "pin";
    else if (sim.suspended(now_.mono)) view.state = "suspended";
    else if (at_limit) view.state = "limit";
    else view.state = state == drivers::State::ready ? "ready" : "waiting";
    out.push_back(std::move(view));
  }
  return out;
}

std::vector<GroupRecord> Appliance::groups() const {
  std::vector<GroupRecord> out;
  for (const auto& [name, group] : keywords_.groups()) out.push_back(group);
  return out;
}

std::vector<KeywordRecord> Appliance::keywords() const {
  std::vector<KeywordRecord> out;
  for (const auto& [word, keyword] : keywords_.keywords()) out.push_back(keyword);
  return out;
}

Health Appliance::health() const {
  Health health;
  health.stopping = stopping_;
  health.disk_writable = turn_.retry_at() == std::nullopt && !disk_away();
  if (!health.disk_writable) health.reasons.push_back("the disk cannot be written");
  for (const SimView& sim : sims()) health.sim_can_send = health.sim_can_send || sim.state == "ready";
  if (!health.sim_can_send) health.reasons.push_back("no SIM can send");
  if (stopping_) health.reasons.push_back("stopping");
  return health;
}

Id Appliance::visible_before() const { return unlisted_.empty() ? next_message_ : unlisted_.front().first; }

std::optional<MessageRecord> Appliance::unwritten(Id id) const {
  const Held* held = messages_.find(id);
  if (!held || turn_.open(held->row)) return std::nullopt;
  return held->record;
}

std::string Appliance::token_name(Id id) const {
  for (const TokenRecord& token : tokens_)
    if (token.id == id) return "token:" + token.name;
  return "klaxond";
}

}  // namespace klaxon
