#include "drivers/direct.h"

#include <algorithm>
#include <utility>

#include "drivers/modem_impl.h"

namespace drivers {

namespace {

enum Capture : int { kNothing, kService, kReceipts, kIndications };

}  // namespace

void Direct::reset() {
  on_ = refusing_ = false;
  open_.clear();
}

void Direct::forget() {
  reset();
  unfit_ = refusal_ = false;
}

bool Direct::may_begin(at::Instant now) const {
  return wanted_ && !unfit_ && !(rests_until_ && now < *rests_until_);
}

std::uint64_t Direct::heard(at::Instant now) {
  if (!on_ || open_.size() >= kMostOpen) return 0;
  open_.push_back({++last_receipt_, now, false});
  return last_receipt_;
}

void Direct::committed(std::uint64_t receipt) {
  for (Open& open : open_) open.committed = open.committed || open.receipt == receipt;
}

// AT+CNMA names no text, so they go in the order in which the texts came.
bool Direct::due(at::Instant now) const {
  if (open_.empty()) return false;
  return open_.front().committed || (refusal_ && now - open_.front().since >= kPatience);
}

// From now on another may be heard: it comes before the answer at times.
std::string_view Direct::next() {
  refusing_ = !open_.front().committed;
  open_.pop_front();
  return refusing_ ? "AT+CNMA=2" : "AT+CNMA";
}

// Too late, or not wanted of a report: both are +CMS ERROR: 340.
Direct::Result Direct::answered(const at::Completed& end) {
  if (end.outcome != at::Outcome::answered) return Result::well;  // the ladder's
  if (refusing_) return Result::ended;
  if (!end.result.ok()) return Result::unclear;
  rest_ = kRest;
  return Result::well;
}

void Direct::ended(at::Instant now) {
  rests_until_ = now + rest_;
  rest_ = std::min(2 * rest_, kMostRest);
}

std::optional<at::Instant> Direct::deadline() const {
  if (!open_.empty() && !open_.front().committed && refusal_) return open_.front().since + kPatience;
  return wanted_ && !on_ && !unfit_ ? rests_until_ : std::nullopt;
}

// Of a stored ladder the same forms with mt=2.
std::vector<std::string> Modem::Impl::direct_indications() const {
  constexpr std::size_t kMt = std::string_view("AT+CNMI=m,").size();
  std::vector<std::string> out;
  for (std::string line : family->cnmi) {
    if (line.size() <= kMt || line[kMt] != '1') continue;
    line[kMt] = '2';
    out.push_back(std::move(line));
  }
  return out;
}

// After the settings for stored texts, which hold where these are refused.
void Modem::Impl::set_up_direct(Instant now) {
  if (!direct.may_begin(now)) return set_up_done(now);
  if (family->direct && !direct_indications().empty()) return play(Stage::service, now);
  not_direct(std::string(family->name));
  set_up_done(now);
}

at::Script Modem::Impl::direct_script(Stage which) const {
  const Millis t = timers.settings;
  at::Script s;
  const auto ask = [&](int id, std::vector<std::string> tries, std::string prefix) {
    s.push_back({.id = id, .tries = std::move(tries), .prefix = std::move(prefix), .timeout = t});
  };
  if (which == Stage::service) {
    ask(kService, {"AT+CSMS=1"}, "+CSMS:");
    ask(kReceipts, {"AT+CNMA=?"}, "+CNMA:");
    return s;
  }
  // What the last owner of the port left open is refused now: else the modem gives it up later, and stops.
  if (direct.can_refuse()) ask(kNothing, {"AT+CNMA=2"}, "+CNMA:");
  ask(kIndications, direct_indications(), {});
  return s;
}

void Modem::Impl::direct_captured(const at::Captured& c) {
  if (c.id == kService) service_refused = c.result.ok() ? "" : c.result.text;
  if (c.id == kReceipts) {
    bool refusal = false;
    for (const at::AnswerLine& line : c.lines)
      for (const int n : at::parse_values_test(line.line, "+CNMA:")) refusal = refusal || n == 2;
    direct.offers(refusal && c.result.ok());
  }
  if (c.id == kIndications && c.result.ok()) direct.begun();
}

void Modem::Impl::direct_stage_done(Instant now) {
  if (stage == Stage::direct && direct.on()) return set_up_done(now);
  if (stage == Stage::service && service_refused.empty()) return play(Stage::direct, now);
  not_direct(stage == Stage::direct ? "no +CNMI for it is accepted"
                                    : "AT+CSMS=1 is answered by " + service_refused);
  play(Stage::stored, now);
}

void Modem::Impl::not_direct(const std::string& why) {
  direct.unfit();
  trouble("texts can't be received directly here, so they are stored: " + why);
}

void Modem::Impl::pushed(const at::Urc& urc, Instant now) {
  constexpr std::size_t kMostEarly = 16;
  if (urc.data.empty()) return;
  // Before the SIM is known nobody can tell whether it was here before.
  if (!sim_told) {
    if (early.size() < kMostEarly) early.push_back(urc.data);
    return;
  }
  events.emplace_back(PushedPdu{urc.data, direct.heard(now)});
}

void Modem::Impl::receipt_done(const at::Completed& end, Instant now) {
  switch (direct.answered(end)) {
    case Direct::Result::well:
      return;
    case Direct::Result::unclear:
      return questions.push_front({"AT+CNMI?", "+CNMI:"});
    case Direct::Result::ended:
      trouble("a text was not on disk in time: the network keeps it, and the next are stored");
      direct.ended(now);
      again = true;
  }
}

// What was not acknowledged in time has set <mt> to 0, and nobody says so (27.005 3.4.4).
void Modem::Impl::indications_asked(std::string_view line, Instant now) {
  const auto set = at::after_prefix(line, "+CNMI:");
  if (!set || !direct.on()) return;
  const auto values = at::split_params(*set);
  if (values.size() < 2 || values[1] != "0") return;
  trouble("texts are no longer handed over: one was not acknowledged in time");
  direct.ended(now);
  again = true;
}

void Modem::Impl::tick_direct(Instant now) {
  if (direct.again(now) && working() && !stopping) again = true;
}

void Modem::receive_direct(bool wanted) {
  impl_->direct.want(wanted);
}

void Modem::acknowledge(std::uint64_t receipt, at::Instant now) {
  impl_->seen = std::max(impl_->seen, now);
  impl_->direct.committed(receipt);
}

}  // namespace drivers
