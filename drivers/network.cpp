// Registration, operator and signal: by URC where they come, by question while waiting and now and then in
// idle hours.
#include "drivers/modem_impl.h"

namespace drivers {

namespace {

constexpr at::Millis kOften{5'000};  // sweeps of a modem that indicates nothing
constexpr int kStrongest = 31, kUnknownSignal = 99;

}  // namespace

// 27.007 7.2, 10.1.20, 10.1.22: +CREG alone calls an LTE SIM unregistered, and some LTE modems show the
// reverse.
bool Modem::Impl::registered() const {
  return cs.sms_possible() || ps.sms_possible() || eps.sms_possible() || nr.sms_possible();
}

void Modem::Impl::registration_line(std::string_view line, bool was_asked, Instant now) {
  struct Domain {
    std::string_view prefix;
    at::Registration* held;
  };
  for (const Domain& domain :
       {Domain{"+CREG:", &cs}, {"+CGREG:", &ps}, {"+CEREG:", &eps}, {"+C5GREG:", &nr}}) {
    const auto seen_now = at::parse_registration(line, domain.prefix, was_asked);
    if (!seen_now) continue;
    *domain.held = *seen_now;
    if (seen_now->sms_possible() && seen_now->act) act = seen_now->act;
  }
  judge_registration(now);
}

void Modem::Impl::judge_registration(Instant now) {
  if (state == State::ready && !registered()) {
    occasion(Occasion::unregistered, "registration lost", now);
  } else if (state == State::awaiting_registration && registered()) {
    occasion(Occasion::registered, "registered", now);
    intake.sweep();  // what the network held back comes now, and a URC can be lost
  }
  if (working()) tell_network();
}

void Modem::Impl::tell_network() {
  NetworkSeen now_seen;
  now_seen.registered = registered();
  if (now_seen.registered) {
    now_seen.roaming =
        cs.roaming() || (!cs.home_or_roaming() && (eps.roaming() || ps.roaming() || nr.roaming()));
    now_seen.oper = network.oper;
    if (act) now_seen.technology = at::technology(*act);
  }
  const bool same = network_told && now_seen.registered == network.registered &&
                    now_seen.roaming == network.roaming && now_seen.oper == network.oper &&
                    now_seen.technology == network.technology;
  if (same) return;
  network = now_seen;
  network_told = true;
  events.emplace_back(now_seen);
}

void Modem::Impl::ask_registration() {
  if (!questions.empty()) return;
  for (const char* name : {"CREG", "CGREG", "CEREG"})
    questions.push_back({std::string("AT+") + name + '?', std::string("+") + name + ':'});
}

void Modem::Impl::ask_health() {
  if (!questions.empty()) return;
  ask_registration();
  questions.push_back({"AT+CSQ", "+CSQ:"});
  questions.push_back({"AT+COPS?", "+COPS:"});
}

// 27.007 8.5: 0 to 31; what makes add above that is no GSM signal.
void Modem::Impl::signal(int seen_now) {
  const int known = seen_now <= kStrongest ? seen_now : kUnknownSignal;
  if (known == rssi) return;
  rssi = known;
  events.emplace_back(SignalSeen{rssi});
}

void Modem::Impl::answered(const Question& question, const at::Completed& end, Instant now) {
  if (question.prefix == "+CPIN:") return sim_poll(end, now);
  if (end.outcome != at::Outcome::answered) return;
  for (const at::AnswerLine& line : end.lines) {
    registration_line(line.line, true, now);
    if (const auto seen_now = at::parse_csq(line.line)) signal(seen_now->rssi);
    if (const auto oper = at::parse_cops(line.line); oper && !oper->oper.empty()) {
      if (oper->act) act = oper->act;
      network_told = network_told && network.oper == oper->oper;
      network.oper = oper->oper;
      tell_network();
    }
  }
}

void Modem::Impl::tick_network(Instant now) {
  const auto due = [&](std::optional<Instant>& at, Millis gap) {
    if (!at || now < *at) return false;
    at = now + gap;
    return true;
  };
  if (due(sim_poll_at, timers.sim_poll) && questions.empty()) questions.push_back({"AT+CPIN?", "+CPIN:"});
  if (due(registration_at, timers.registration_poll)) ask_registration();
  // Between submits only when it was put off for long.
  const auto idle_due = [&](std::optional<Instant>& at, Millis gap) {
    if (at && submission && now - *at < gap) return false;
    return due(at, gap);
  };
  if (idle_due(health_at, timers.health)) ask_health();
  if (idle_due(sweep_at, polling ? kOften : timers.sweep)) intake.sweep();
}

}  // namespace drivers
