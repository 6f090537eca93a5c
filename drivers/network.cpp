// Registration, operator and signal: by URC where they come, by question while waiting and now and then in
// idle hours.
#include <algorithm>

#include "drivers/modem_impl.h"

namespace drivers {

namespace {

constexpr at::Millis kOften{5'000};  // sweeps of a modem that indicates nothing
constexpr int kStrongest = 31, kUnknownSignal = 99;

// 27.007 8.69, each unknown above its range: what +CSQ would say of it, from -113 dBm in steps of 2 dB. In
// half dB, as ecn0 and rsrq count.
std::optional<int> rssi_of(const at::ExtendedSignal& seen) {
  const auto within = [](std::optional<int> value, int most) { return value && *value <= most; };
  // RSSI holds all carriers of the cell, RSRP one; RSRQ alone does not tell how many. 10 MHz: 600, or 17 dB
  // over the 12 of one block, and 4 dB off at most for 4 to 20 MHz.
  constexpr int kBlocks = 2 * 17;
  std::optional<int> half_dbm;
  if (within(seen.rsrp, 97) && within(seen.rsrq, 34))
    half_dbm = 2 * (*seen.rsrp - 141) - (*seen.rsrq - 40) + kBlocks;
  else if (within(seen.rscp, 96) && within(seen.ecn0, 49))
    half_dbm = 2 * (*seen.rscp - 121) - (*seen.ecn0 - 49);
  else if (within(seen.rxlev, 63))
    half_dbm = 2 * (*seen.rxlev - 111);
  if (!half_dbm) return std::nullopt;
  return std::clamp((*half_dbm + 2 * 113) / 4, 0, kStrongest);
}

}  // namespace

// 27.007 7.2, 10.1.20, 10.1.22: +CREG alone calls an LTE SIM unregistered, and some LTE modems show the
// reverse.
bool Modem::Impl::registered() const {
  return cs.sms_possible() || ps.sms_possible() || eps.sms_possible() || nr.sms_possible();
}

// Set up anew, it may be another modem or another SIM, and one that does not know +CEREG never takes back
// what the last one said.
void Modem::Impl::forget_registration() {
  cs = ps = eps = nr = {};
  act.reset();
  cesq_refused = false;
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
    if (act || family->act) now_seen.technology = at::technology(act ? *act : *family->act);
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

// Each command keeps the next submit waiting, and each submit that is accepted proves the registration:
// whoever sends one after the other is asked for the signal, and seldom for what no URC might have told.
bool Modem::Impl::all_due(std::optional<Instant>& last, Instant now) const {
  const bool sends = accepted_at && now - *accepted_at < timers.health;
  if (sends && last && now - *last < timers.seldom) return false;
  last = now;
  return true;
}

void Modem::Impl::ask_health(Instant now) {
  if (!questions.empty()) return;
  if (all_due(network_asked_at, now)) {
    ask_registration();
    questions.push_back({"AT+COPS?", "+COPS:"});
  }
  questions.push_back({"AT+CSQ", "+CSQ:"});
  if (direct.on()) questions.push_back({"AT+CNMI?", "+CNMI:"});
}

// 27.007 8.5: 0 to 31; what makes add above that is no GSM signal.
void Modem::Impl::signal(int seen_now) {
  const int known = seen_now <= kStrongest ? seen_now : kUnknownSignal;
  if (known == rssi) return;
  rssi = known;
  events.emplace_back(SignalSeen{rssi});
}

// LTE modules may answer +CSQ by 99 while they hear the cell well: +CESQ tells then.
void Modem::Impl::signal_asked(const Question& question, const at::Completed& end) {
  for (const at::AnswerLine& line : end.lines) {
    if (const auto seen_now = at::parse_csq(line.line)) {
      const bool known = seen_now->rssi <= kStrongest;
      if (known || cesq_refused) return signal(seen_now->rssi);
      return questions.push_front({"AT+CESQ", "+CESQ:"});
    }
    if (const auto seen_now = at::parse_cesq(line.line))
      return signal(rssi_of(*seen_now).value_or(kUnknownSignal));
  }
  if (question.prefix != "+CESQ:") return;
  cesq_refused = true;
  signal(kUnknownSignal);
}

void Modem::Impl::answered(const Question& question, const at::Completed& end, Instant now) {
  if (question.prefix == "+CPIN:") return sim_poll(end, now);
  if (end.outcome != at::Outcome::answered) return;
  signal_asked(question, end);
  for (const at::AnswerLine& line : end.lines) {
    indications_asked(line.line, now);
    registration_line(line.line, true, now);
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
  if (idle_due(health_at, timers.health)) ask_health(now);
  if (!idle_due(sweep_at, polling ? kOften : timers.sweep)) return;
  if (all_due(swept_at, now) || polling)
    intake.sweep();
  else
    intake.sweep(storages.readable.front());
}

}  // namespace drivers
