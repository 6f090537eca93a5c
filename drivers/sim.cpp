// The SIM: its state, its PIN, its names. A PIN is entered only by enter_pin(), a PUK never.
#include "drivers/modem_impl.h"

namespace drivers {

namespace {

bool usable(std::string_view cpin) {
  return cpin == "READY" || cpin == "SIM PIN2" || cpin == "SIM PUK2";
}

// Out of the holder, or never in: the next one is asked for its PIN anew.
bool is_absent(std::string_view cpin) {
  return cpin == "NOT INSERTED" || cpin == "+CME ERROR: 10" || cpin == "+CMS ERROR: 310";
}

}  // namespace

void Modem::Impl::sim_decides(Instant now) {
  if (usable(card.cpin)) {
    pin_asked = false;
    sim_trouble.clear();
    return play(Stage::card, now);
  }
  if (card.cpin == "SIM PIN") return play(Stage::locked, now);
  if (is_absent(card.cpin)) pin_asked = false;
  climbed_down();
  if (std::exchange(sim_trouble, card.cpin) != card.cpin) trouble("SIM: " + card.cpin);
  occasion(Occasion::no_sim, "SIM: " + card.cpin, now);
}

void Modem::Impl::ask_for_pin(Instant now) {
  climbed_down();
  occasion(Occasion::pin_asked, "SIM PIN", now);
  if (!std::exchange(pin_asked, true)) events.emplace_back(PinWanted{card.iccid, card.tries});
}

void Modem::Impl::enter_pin(std::string_view entered) {
  if (state != State::awaiting_pin) return;
  const bool digits = entered.find_first_not_of("0123456789") == std::string_view::npos;
  if (digits && entered.size() >= 4 && entered.size() <= 8)
    pin = std::string(entered);
  else  // a quote in it would be a command of its own
    events.emplace_back(PinRefused{card.iccid, "not 4 to 8 digits"});
}

void Modem::Impl::pin_done(const at::Completed& end, Instant now) {
  if (end.outcome != at::Outcome::answered) return;
  if (!end.result.ok()) {
    events.emplace_back(PinRefused{card.iccid, end.result.text});
    return;
  }
  occasion(Occasion::sim_changed, "PIN accepted", now);
}

// +CPIN? while waiting for a SIM or its PIN.
void Modem::Impl::sim_poll(const at::Completed& end, Instant now) {
  if (end.outcome != at::Outcome::answered) return;
  std::string cpin = end.result.text;
  for (const at::AnswerLine& line : end.lines)
    if (const auto value = at::parse_cpin(line.line)) cpin = *value;
  if (cpin == card.cpin) return;
  if (state == State::awaiting_sim && !usable(cpin) && cpin != "SIM PIN") {
    card.cpin = cpin;
    return;
  }
  if (state == State::awaiting_sim || state == State::awaiting_pin)
    occasion(Occasion::sim_changed, "SIM: " + cpin, now);
}

void Modem::Impl::sim_identified() {
  if (card.iccid.empty()) card.iccid = "imsi:" + (card.imsi.empty() ? "unknown" : card.imsi);
  const std::string told = card.iccid + '|' + card.imsi + '|' + card.number + '|' + card.sc_address;
  if (sim_told == told) return;
  sim_told = told;
  events.emplace_back(SimSeen{card.iccid, card.imsi, card.number, card.sc_address});
  for (std::string& hex : std::exchange(early, {})) events.emplace_back(PushedPdu{std::move(hex)});
}

}  // namespace drivers
