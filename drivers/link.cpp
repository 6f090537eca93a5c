#include "drivers/link.h"

#include <algorithm>
#include <utility>

#include "at/params.h"

namespace drivers {

namespace {

constexpr std::string_view kTest = "AT+CMMS=?", kOff = "AT+CMMS=0";

}  // namespace

void Link::reset() {
  set_ = 0;
  to_set_ = best_ == 2;
  fresh_ = false;
  ended_.reset();
}

std::optional<std::string> Link::question() {
  if (!wanted_) return std::nullopt;
  if (!std::exchange(asked_, true)) return std::string(kTest);
  if (set_ == 0 && !rests_until_ && std::exchange(to_set_, false)) return "AT+CMMS=2";
  return std::nullopt;
}

std::optional<std::string> Link::before(const Claim& claim, at::Instant now) const {
  if (broken_) return std::string(kOff);
  const bool rests = rests_until_ && now < *rests_until_;
  if (!wanted_ || best_ == 0 || rests || !claim.more || set_ == 2) return std::nullopt;
  const bool follows = ended_ && now - *ended_ <= kHeld;
  if (set_ == 1 && (follows || fresh_)) return std::nullopt;
  if (claim.alert && !follows) return std::nullopt;
  return "AT+CMMS=" + std::to_string(best_);
}

void Link::answered(const std::string& line, const at::Completed& end) {
  const bool ok = end.outcome == at::Outcome::answered && end.result.ok();
  if (line == kTest) {
    for (const at::AnswerLine& answer : end.lines)
      for (const int n : at::parse_values_test(answer.line, "+CMMS:"))
        if (ok && (n == 1 || n == 2)) best_ = std::max(best_, n);
    to_set_ = best_ == 2;
    return;
  }
  broken_ = false;
  if (line == kOff) return;
  if (ok) {
    set_ = best_;
    fresh_ = true;
  } else if (end.outcome == at::Outcome::answered) {
    best_ = best_ == 2 ? 1 : 0;  // listed and not meant
  }
}

bool Link::submitted(bool accepted, at::Instant now) {
  fresh_ = false;
  if (accepted) {
    ended_ = now;
    if (set_ != 0 && ++well_ >= kWell) rest_ = kRest;
    if (rests_until_ && now >= *rests_until_) rests_until_.reset();
    return false;
  }
  ended_.reset();
  if (set_ == 0) return false;
  set_ = well_ = 0;
  broken_ = true;
  rests_until_ = now + rest_;
  rest_ = std::min(2 * rest_, kMostRest);
  return true;
}

}  // namespace drivers
