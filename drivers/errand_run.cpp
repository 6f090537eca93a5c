#include "drivers/errand_run.h"

#include <algorithm>
#include <utility>

#include "at/gsm7.h"
#include "at/params.h"
#include "at/ucs2.h"
#include "drivers/command_rules.h"

namespace drivers {

namespace {

constexpr int kWaitsForAnswer = 1;  // 27.007 7.15 <m>
constexpr std::string_view kDcs = ",15";

// 27.007 5.5
std::optional<at::Charset> charset_of(const at::Completed& end) {
  for (const at::AnswerLine& line : end.lines) {
    const auto rest = at::after_prefix(line.line, "+CSCS:");
    if (!rest) continue;
    const auto names = at::split_params(*rest);
    if (names.empty()) continue;
    if (names[0] == "GSM") return at::Charset::gsm;
    if (names[0] == "UCS2") return at::Charset::ucs2;
    if (names[0] == "HEX") return at::Charset::hex;
    return at::Charset::ira;
  }
  return std::nullopt;
}

std::string seconds_of(at::Millis time) {
  return std::to_string(time.count() / 1000) + " s";
}

}  // namespace

ErrandRun::ErrandRun(Errand errand, const Timers& timers, at::Instant now)
    : errand_(std::move(errand)), timers_(timers), until_(now + timers.errand_wait) {
  outcome_.token = errand_.token;
  if (errand_.kind == Errand::Kind::command) names_ = commands_on(errand_.text);
}

at::Millis ErrandRun::left(at::Instant now) const {
  return std::max(at::Millis{1}, std::chrono::duration_cast<at::Millis>(began_ + errand_.timeout - now));
}

std::optional<at::Command> ErrandRun::next(const Family& family, at::Instant now) {
  if (phase_ == Phase::turn) {
    began_ = now;
    until_ = now + errand_.timeout;
    phase_ = errand_.kind == Errand::Kind::command ? Phase::command : Phase::charset;
  }
  if (asked_) return std::nullopt;
  switch (phase_) {
    case Phase::command:
      asked_ = true;
      return at::Command{.line = errand_.text, .timeout = errand_.timeout};
    case Phase::charset:
      asked_ = true;
      return at::Command{.line = "AT+CSCS?", .prefix = "+CSCS:", .timeout = timers_.settings};
    case Phase::request:
      asked_ = true;
      return request(family, now);
    case Phase::close:
      asked_ = true;
      return at::Command{.line = "AT+CUSD=2", .prefix = {}, .timeout = timers_.ussd_close};
    case Phase::turn:
    case Phase::answer:
    case Phase::done:
      break;
  }
  return std::nullopt;
}

at::Command ErrandRun::request(const Family& family, at::Instant now) const {
  return {.line = "AT+CUSD=1,\"" + spelt(family.ussd[form_]) + '"' + std::string(kDcs),
          .prefix = {},
          .timeout = left(now)};
}

// Digits, * and # are the same in the default alphabet, in ASCII and in UCS-2.
std::string ErrandRun::spelt(at::UssdForm form) const {
  const std::string& code = errand_.text;
  if (form == at::UssdForm::packed_hex) {
    const auto packed = at::ussd_pack(code);
    return packed ? at::hex_encode(packed->data(), packed->size()) : code;
  }
  std::string octets;
  for (const char c : code) {
    if (charset_ == at::Charset::ucs2) octets += '\0';
    octets += c;
  }
  if (charset_ != at::Charset::ucs2 && charset_ != at::Charset::hex) return code;
  return at::hex_encode(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
}

void ErrandRun::line(std::string_view text) {
  if (phase_ != Phase::command || outcome_.lines.size() >= at::Channel::kMaxLines) return;
  outcome_.lines.push_back(at::text_in(at::Charset::ira, text));
}

bool ErrandRun::owns(std::string_view urc) const {
  if (phase_ != Phase::command || !asked_) return false;
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    return urc.size() > name.size() && urc.starts_with(name) && urc[name.size()] == ':';
  });
}

void ErrandRun::heard(const at::UssdLine& line, at::Instant now) {
  if (phase_ != Phase::request && phase_ != Phase::answer) return;
  heard_ = line;
  if (phase_ == Phase::answer) judge(now);
}

// Of what runs: the answer, or the end of an answer that never came.
void ErrandRun::completed(const at::Completed& end, const Family& family, at::Instant now) {
  const bool cut = end.outcome == at::Outcome::closed || end.outcome == at::Outcome::aborted;
  if (cut && phase_ != Phase::close)
    return finish(ErrandDone::How::cut_short,
                  end.outcome == at::Outcome::closed ? "the port was lost" : "the modem restarted", now);
  const bool silent = end.outcome != at::Outcome::answered;
  switch (phase_) {
    case Phase::command:
      outcome_.result = end.result;
      if (silent)
        return finish(ErrandDone::How::late, "no final result within " + seconds_of(errand_.timeout), now);
      return finish(ErrandDone::How::answered, {}, now);
    case Phase::charset:
      if (silent) return finish(ErrandDone::How::late, "AT+CSCS? was not answered", now);
      charset_ = charset_of(end);
      phase_ = Phase::request;
      asked_ = false;
      return;
    case Phase::request:
      return requested(end, family, now);
    case Phase::close:
      phase_ = Phase::done;
      return;
    case Phase::turn:
    case Phase::answer:
    case Phase::done:
      return;
  }
}

void ErrandRun::requested(const at::Completed& end, const Family& family, at::Instant now) {
  if (heard_) return judge(now);
  if (end.outcome != at::Outcome::answered)
    return finish(ErrandDone::How::late, "AT+CUSD was not answered within " + seconds_of(errand_.timeout),
                  now);
  if (end.result.ok()) {
    phase_ = Phase::answer;
    return;
  }
  if (++form_ < family.ussd.size()) {
    asked_ = false;
    return;
  }
  outcome_.result = end.result;
  finish(ErrandDone::How::answered, {}, now);
}

// A menu is closed: who reads this answer has nobody to choose from it in time.
void ErrandRun::judge(at::Instant now) {
  const at::UssdLine said = *heard_;
  UssdAnswer answer{said.status, std::nullopt, said.dcs};
  if (said.string) answer.text = at::decode_ussd(*said.string, {.dcs = said.dcs, .charset = charset_}).text;
  outcome_.ussd = std::move(answer);
  finish(ErrandDone::How::answered, {}, now);
  if (said.status != kWaitsForAnswer) return;
  phase_ = Phase::close;
  asked_ = false;
}

void ErrandRun::finish(ErrandDone::How how, std::string why, at::Instant now) {
  outcome_.how = how;
  outcome_.why = std::move(why);
  if (begun()) outcome_.took = std::chrono::duration_cast<at::Millis>(now - began_);
  phase_ = Phase::done;
}

void ErrandRun::tick(at::Instant now) {
  if (now < until_) return;
  if (phase_ == Phase::turn)
    return finish(ErrandDone::How::not_begun,
                  "it did not come free within " + seconds_of(timers_.errand_wait), now);
  if (phase_ != Phase::answer) return;
  finish(ErrandDone::How::late, "the network did not answer within " + seconds_of(errand_.timeout), now);
  phase_ = Phase::close;
  asked_ = false;
}

void ErrandRun::end(const std::string& why, at::Instant now) {
  if (phase_ == Phase::done) return;
  if (phase_ == Phase::close) {
    if (!asked_) phase_ = Phase::done;
    return;
  }
  finish(begun() ? ErrandDone::How::cut_short : ErrandDone::How::not_begun, why, now);
}

void ErrandRun::give_up(at::Instant now) {
  if (phase_ != Phase::answer) return;
  finish(ErrandDone::How::cut_short, "an alert needed the modem", now);
  phase_ = Phase::close;
  asked_ = false;
}

std::optional<at::Instant> ErrandRun::deadline() const {
  if (phase_ == Phase::turn || phase_ == Phase::answer) return until_;
  return std::nullopt;
}

}  // namespace drivers
