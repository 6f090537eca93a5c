#include "daemon/inbox/reports.h"

#include <algorithm>
#include <cstdlib>

namespace klaxon {

namespace {

constexpr std::int64_t kClockSlackMs = 60'000;  // the SC's clock against ours
constexpr std::int64_t kTriedMs = 5 * 60'000;    // the SC takes a text so late, at most

std::string digits_of(std::string_view number) {
  std::string digits;
  for (const char c : number)
    if (c >= '0' && c <= '9') digits += c;
  return digits;
}

}  // namespace

bool same_subscriber(std::string_view a, std::string_view b) {
  constexpr std::size_t kTail = 9;
  const std::string x = digits_of(a), y = digits_of(b);
  if (x.empty() || y.empty()) return a == b;
  if (x.size() < 7 || y.size() < 7) return x == y;  // short codes have no tail
  const std::size_t n = std::min({kTail, x.size(), y.size()});
  return x.compare(x.size() - n, n, y, y.size() - n, n) == 0;
}

void Reports::awaits(const std::string& iccid, int tp_mr, std::string to, std::int64_t at_ms, PartRef ref) {
  if (tp_mr > 255) return;
  if (tp_mr >= 0)
    if (const auto before = reported_.find(iccid); before != reported_.end())
      before->second[static_cast<std::size_t>(tp_mr)].clear();
  auto& list = tp_mr < 0 ? unnumbered_[iccid] : waiting_[iccid][static_cast<std::size_t>(tp_mr)];
  if (list.size() >= kPerReference) list.erase(list.begin());
  list.push_back({ref, std::move(to), at_ms});
}

void Reports::settled(const std::string& iccid, int tp_mr, PartRef ref) {
  const auto is_it = [&](const Waiting& w) { return w.ref == ref; };
  if (const auto at = unnumbered_.find(iccid); at != unnumbered_.end()) std::erase_if(at->second, is_it);
  const auto at = waiting_.find(iccid);
  if (at != waiting_.end() && tp_mr >= 0 && tp_mr <= 255)
    std::erase_if(at->second[static_cast<std::size_t>(tp_mr)], is_it);
}

bool Reports::in_time(const ReportSeen& report, std::int64_t begun_ms) {
  return report.at_ms() >= begun_ms - kClockSlackMs && report.at_ms() <= begun_ms + kTriedMs;
}

std::optional<PartRef> Reports::match_unnumbered(const ReportSeen& report) const {
  const auto at = unnumbered_.find(report.iccid);
  if (at == unnumbered_.end() || seems_copy(report)) return std::nullopt;
  const std::int64_t when = report.at_ms();
  const Waiting* best = nullptr;
  for (const Waiting& candidate : at->second) {
    if (!same_subscriber(candidate.to, report.ra) || !in_time(report, candidate.submitted_ms)) continue;
    if (!best || std::llabs(candidate.submitted_ms - when) < std::llabs(best->submitted_ms - when))
      best = &candidate;
  }
  return best ? std::optional(best->ref) : std::nullopt;
}

std::optional<PartRef> Reports::match(const ReportSeen& report) const {
  const auto at = waiting_.find(report.iccid);
  if (at == waiting_.end() || report.tp_mr < 0 || report.tp_mr > 255) return std::nullopt;
  const Waiting* best = nullptr;
  for (const Waiting& candidate : at->second[static_cast<std::size_t>(report.tp_mr)]) {
    if (!same_subscriber(candidate.to, report.ra)) continue;
    if (!best) {
      best = &candidate;
      continue;
    }
    if (report.scts_ms == 0) continue;  // list order is by age
    if (std::llabs(candidate.submitted_ms - report.scts_ms) < std::llabs(best->submitted_ms - report.scts_ms))
      best = &candidate;
  }
  return best ? std::optional(best->ref) : std::nullopt;
}

bool ReportSeen::copy_of(const ReportSeen& other) const {
  return scts_ms != 0 && iccid == other.iccid && tp_mr == other.tp_mr && ra == other.ra && scts_ms == other.scts_ms &&
         discharged_ms == other.discharged_ms && tp_st == other.tp_st;
}

void Reports::applied(ReportSeen report) {
  if (applied_.size() >= kApplied) applied_.pop_front();
  applied_.push_back(std::move(report));
}

bool Reports::was_applied(const ReportSeen& report) const {
  return std::any_of(applied_.rbegin(), applied_.rend(), [&](const ReportSeen& one) { return report.copy_of(one); });
}

void Reports::was_reported(const std::string& iccid, int tp_mr, std::string to) {
  if (tp_mr < 0 || tp_mr > 255 || reported_count_ >= kReported) return;
  reported_[iccid][static_cast<std::size_t>(tp_mr)].push_back(std::move(to));
  ++reported_count_;
}

bool Reports::seems_copy(const ReportSeen& report) const {
  const auto at = reported_.find(report.iccid);
  if (at == reported_.end() || report.tp_mr < 0 || report.tp_mr > 255) return false;
  const auto& numbers = at->second[static_cast<std::size_t>(report.tp_mr)];
  return std::any_of(numbers.begin(), numbers.end(),
                     [&](const std::string& to) { return same_subscriber(to, report.ra); });
}

void Reports::gave_up(const std::string& iccid, std::string to, std::int64_t begun_ms) {
  if (given_up_.size() >= kGivenUp) given_up_.pop_front();
  given_up_.push_back({iccid, std::move(to), begun_ms});
}

std::optional<std::int64_t> Reports::gap_to_given_up(const ReportSeen& report) const {
  std::optional<std::int64_t> least;
  for (const GivenUp& one : given_up_) {
    if (one.iccid != report.iccid || !in_time(report, one.begun_ms) || !same_subscriber(one.to, report.ra))
      continue;
    const std::int64_t gap = std::llabs(report.at_ms() - one.begun_ms);
    least = std::min(least.value_or(gap), gap);
  }
  return least;
}

void Reports::keep_early(ReportSeen report) {
  if (early_.size() >= kEarly) early_.pop_front();
  early_.push_back(std::move(report));
}

std::vector<ReportSeen> Reports::take_early(const std::string& iccid, int tp_mr, std::string_view to,
                                            std::int64_t started_ms) {
  std::vector<ReportSeen> out;
  for (auto at = early_.begin(); at != early_.end();) {
    const bool fits = at->iccid == iccid && at->tp_mr == tp_mr && same_subscriber(at->ra, to) &&
                      at->received_ms + kClockSlackMs >= started_ms;
    if (!fits) {
      ++at;
      continue;
    }
    out.push_back(std::move(*at));
    at = early_.erase(at);
  }
  return out;
}

std::optional<ReportSeen> Reports::take_early_if(const std::function<bool(const ReportSeen&)>& is_so) {
  const auto at = std::find_if(early_.begin(), early_.end(), is_so);
  if (at == early_.end()) return std::nullopt;
  ReportSeen found = std::move(*at);
  early_.erase(at);
  return found;
}

void Reports::drop_early(std::int64_t now_ms) {
  while (!early_.empty() && early_.front().received_ms + kEarlyMs < now_ms) early_.pop_front();
}

}  // namespace klaxon
