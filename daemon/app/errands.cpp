// What a person wants said to a modem: written once its line in the audit is on disk, answered when the modem
// has.
#include <algorithm>
#include <utility>

#include "at/mask.h"
#include "daemon/app/admission.h"

namespace klaxon {

namespace {

bool is_code(const drivers::Errand& errand) {
  return errand.kind == drivers::Errand::Kind::ussd;
}

// Fit for audit and log: numbers are shortened.
std::string shown(const drivers::Errand& errand) {
  constexpr std::string_view kCode = "USSD ";
  if (!is_code(errand)) return at::Mask().written(errand.text);
  return at::Mask().written(std::string(kCode) + errand.text).substr(kCode.size());
}

Refused nothing_came_of(const drivers::ErrandDone& done) {
  using enum drivers::ErrandDone::How;
  if (done.how == not_begun) return {409, "", done.why, 0};
  return {done.how == late ? 504 : 502, "", done.why, 0};
}

}  // namespace

Ticket Appliance::run_errand(const std::string& modem, drivers::Errand errand, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  if (stopping_) return refuse({503, "", "the daemon is stopping", 10});
  const auto at =
      std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) { return slot->view.id == modem; });
  if (at == slots_.end()) return refuse({404, "", "there is no such modem", 0});
  Slot& slot = **at;
  if (slot.errand) return refuse({409, "", "it is asked something already", 0});
  if (!slot.modem.can_run()) return refuse({409, "", "the modem is " + slot.view.state, 0});
  const std::string who = token_name(token), what = shown(errand);
  note(Note::Level::info, slot, who + " asks " + what);
  const store::Op line =
      store::InsertAudit{{next_audit_++, now_.unix_ms, who, is_code(errand) ? "modem.ussd" : "modem.at",
                          slot.view.id + " " + what}};
  errand.token = next_ticket_;
  slot.errand = Slot::Asked{std::move(errand), turn_.append(Line::work, line), next_ticket_, false};
  return next_ticket_++;
}

// A request whose line in the audit can't be written is taken back; what was written to the modem can't be.
void Appliance::errands_due() {
  for (auto& held : slots_) {
    Slot& slot = *held;
    if (!slot.errand || slot.errand->told) continue;
    const auto drop = [&](Refused why) {
      give_answer({slot.errand->ticket, std::move(why)});
      slot.errand.reset();
    };
    if (stopping_) {
      drop({503, "", "the daemon is stopping", 10});
    } else if (turn_.open(slot.errand->gate) && slot.modem.can_run()) {
      slot.errand->told = true;
      slot.modem.run(slot.errand->errand, now_.mono);
    } else if (turn_.open(slot.errand->gate)) {
      drop({409, "", "the modem is " + slot.view.state, 0});
    } else if (disk_away()) {
      drop({503, "", "the disk cannot be written; only lane alert is taken", 10});
    }
  }
}

void Appliance::on(std::size_t index, const drivers::ErrandDone& done) {
  Slot& slot = *slots_[index];
  if (!slot.errand || slot.errand->ticket != done.token) return;
  const std::string what = shown(slot.errand->errand);
  const bool answered = done.how == drivers::ErrandDone::How::answered;
  const std::string outcome = !answered ? done.why : done.ussd ? "answered" : done.result.text;
  note(answered ? Note::Level::info : Note::Level::warning, slot,
       what + ": " + outcome + ", after " + std::to_string(done.took.count()) + " ms");
  Answer answer{slot.errand->ticket, done};
  if (!answered) answer.result = nothing_came_of(done);
  slot.errand.reset();
  give_answer(std::move(answer));
}

// An alert waits and no modem is free: whoever reads a balance can wait. True: one is free now.
bool Appliance::errands_give_way() {
  bool free = false;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    if (slot.errand && slot.errand->told && wanted_at(Lane::alert, i) && slot.modem.give_way(now_.mono))
      free = true;
  }
  return free;
}

}  // namespace klaxon
