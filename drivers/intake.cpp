#include "drivers/intake.h"

#include <algorithm>
#include <utility>

#include "at/params.h"

namespace drivers {

namespace {

constexpr std::size_t kMaxRemembered = 256;
constexpr std::size_t kMaxMemName = 8;

bool is_missing_index(const at::FinalResult& result) {
  return (result.kind == at::Final::cms_error && result.code == 321) ||
         (result.kind == at::Final::cme_error && (result.code == 21 || result.code == 22));
}

struct Entry {
  int stat = 0;
  std::string pdu;  // empty: the place is
};

// The first in the answer.
Entry entry_of(const at::Completed& end) {
  for (const at::AnswerLine& line : end.lines)
    if (const auto header = at::parse_cmgr(line.line))
      return {header->stat.value_or(0), header->same_line_pdu.empty() ? line.data : header->same_line_pdu};
  return {};
}

// 27.005 3.1: what we or another program stored to be sent; TP-MTI tells it from a report that some list as
// stat 3.
bool is_own_draft(int stat, const std::string& hex) {
  if ((stat != 2 && stat != 3) || hex.size() < 4) return false;
  const auto digit = [&](std::size_t i) {
    const char c = hex[i];
    return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
  };
  const auto first = static_cast<std::size_t>(2 + 2 * (digit(0) * 16 + digit(1)));
  return first + 1 < hex.size() && (digit(first + 1) & 3) == 1;
}

}  // namespace

void Intake::forget() {
  for (const auto& [at, held] : held_)
    if (!held.released && !held.own && owed_releases_.size() < kMaxRemembered) ++owed_releases_[at];
  held_.clear();
  reads_.clear();
  erased_.clear();
  to_sweep_.clear();
  refused_.clear();
  use_.clear();
  storages_ = {};
  own_known_ = marks_known_ = own_failed_ = false;
  job_ = Job::none;
}

void Intake::distrust() {
  for (auto& [at, held] : held_) held.compare = true;
  job_ = Job::none;
}

void Intake::configure(Storages storages, int index_base) {
  storages_ = std::move(storages);
  index_base_ = index_base;
  own_known_ = false;
  refused_.clear();
  sweep();
}

void Intake::notice(const StoredAt& at, at::Instant now) {
  if (at.mem.size() > kMaxMemName) return;
  if (const auto held = held_.find(at); held != held_.end()) {
    held->second.compare = true;  // the sweep was faster, or another text took the place
    return;
  }
  const auto waits = [&](const Reading& r) { return r.at == at; };
  if (std::any_of(reads_.begin(), reads_.end(), waits)) return;
  if (reads_.size() >= kMaxReads) return sweep(at.mem);
  reads_.push_back({at, 0, now, false});
}

void Intake::release(const StoredAt& at, at::Instant now) {
  const auto held = held_.find(at);
  if (held != held_.end() && held->second.own) {
    held->second.released = true;
    held->second.not_before = now;
    return;
  }
  if (const auto owed = owed_releases_.find(at); owed != owed_releases_.end()) {
    if (--owed->second == 0) owed_releases_.erase(owed);
    if (held != held_.end()) held->second.give_again = true;
    return;
  }
  if (held == held_.end()) return;
  held->second.released = true;
  held->second.not_before = now;
}

// The one that takes inbound texts last: it stays selected, and the next text is read without a switch before
// it.
void Intake::sweep() {
  for (auto mem = storages_.readable.rbegin(); mem != storages_.readable.rend(); ++mem) sweep(*mem);
}

void Intake::sweep(const std::string& mem) {
  if (mem.empty() || mem.size() > kMaxMemName || to_sweep_.size() >= 8) return;
  if (std::find(to_sweep_.begin(), to_sweep_.end(), mem) == to_sweep_.end()) to_sweep_.push_back(mem);
}

bool Intake::nearly_full() const {
  return std::any_of(use_.begin(), use_.end(), [](const auto& entry) {
    return entry.second.total > 0 && entry.second.used * 5 > entry.second.total * 4;
  });
}

// What lies in the storage that is selected comes first: each switch costs a command.
std::optional<Intake::Reading> Intake::next_reading(at::Instant now) const {
  const Reading* best = nullptr;
  for (const Reading& r : reads_) {
    if (r.not_before > now) continue;
    if (r.at.mem == storages_.current) return r;
    if (!best) best = &r;
  }
  return best ? std::optional(*best) : std::nullopt;
}

std::optional<StoredAt> Intake::next_release(at::Instant now) const {
  std::optional<StoredAt> best;
  for (const auto& [at, held] : held_) {
    if (!held.released || held.not_before > now) continue;
    if (at.mem == storages_.current) return at;
    if (!best) best = at;
  }
  return best;
}

std::optional<at::Command> Intake::begin(Job job, const StoredAt& at) {
  job_at_ = at;
  if (storages_.arguments > 0 && at.mem != storages_.current) {
    job_ = Job::select;
    std::string line = "AT+CPMS=\"" + at.mem + "\"";
    for (int i = 1; i < storages_.arguments && !storages_.readable.empty(); ++i)
      line += ",\"" + (i == 1 && !storages_.own.empty() ? storages_.own : storages_.readable.front()) + "\"";
    return at::Command{.line = std::move(line), .prefix = "+CPMS:", .timeout = timers_.sim};
  }
  job_ = job;
  const std::string index = std::to_string(at.index);
  if (job == Job::list)
    return at::Command{.line = "AT+CMGL=4", .prefix = "+CMGL:", .timeout = timers_.list, .data_lines = true};
  if (job == Job::erase)
    return at::Command{.line = "AT+CMGD=" + index, .prefix = "+CMGD:", .timeout = timers_.sim};
  return at::Command{
      .line = "AT+CMGR=" + index, .prefix = "+CMGR:", .timeout = timers_.sim, .data_lines = true};
}

std::optional<at::Command> Intake::next(at::Instant now) {
  if (job_ != Job::none) return std::nullopt;
  if (const auto reading = next_reading(now)) return begin(Job::read, reading->at);
  if (const auto at = next_release(now)) {
    const Held& held = held_.at(*at);
    const bool sure = !held.compare && held.submits == submits_ && now - held.read_at <= kSureFor;
    return begin(sure ? Job::erase : Job::verify, *at);
  }
  if (to_sweep_.empty()) return std::nullopt;
  const std::string mem = to_sweep_.front();
  if (const auto hung = unlisted_.find(mem); hung == unlisted_.end() || hung->second < kTries)
    return begin(Job::list, {mem, -1});
  std::erase(to_sweep_, mem);
  own_failed_ = own_failed_ || mem == storages_.own;
  read_each(mem, now);
  return next(now);
}

std::optional<at::Instant> Intake::deadline() const {
  std::optional<at::Instant> next;
  const auto consider = [&](at::Instant t) {
    if (t > at::Instant{} && (!next || t < *next)) next = t;
  };
  for (const Reading& r : reads_) consider(r.not_before);
  for (const auto& [at, held] : held_)
    if (held.released) consider(held.not_before);
  return next;
}

bool Intake::completed(const at::Completed& end, at::Instant now, Events& events) {
  const Job job = std::exchange(job_, Job::none);
  switch (job) {
    case Job::none:
      break;
    case Job::select:
      selected(end, events);
      break;
    case Job::read:
      was_read(end, now, events);
      break;
    case Job::verify:
      was_verified(end, now, events);
      break;
    case Job::erase:
      was_erased(end, now, events);
      break;
    case Job::list:
      was_listed(end, now, events);
      break;
  }
  return job != Job::none && job != Job::select;
}

void Intake::selected(const at::Completed& end, Events& events) {
  if (end.outcome == at::Outcome::answered && end.result.ok()) {
    storages_.current = job_at_.mem;
    refused_.erase(job_at_.mem);
    for (const at::AnswerLine& line : end.lines)
      if (const auto uses = at::parse_cpms(line.line); !uses.empty())
        used(job_at_.mem, uses[0].used, uses[0].total, events);
    return;
  }
  if (end.outcome != at::Outcome::answered || ++refused_[job_at_.mem] < kTries) return;
  const std::string mem = job_at_.mem;
  events.emplace_back(Trouble{"storage " + mem + " can't be selected: " + end.result.text});
  own_failed_ = own_failed_ || mem == storages_.own;
  std::erase(to_sweep_, mem);
  std::erase_if(reads_, [&](const Reading& r) { return r.at.mem == mem; });
  std::erase_if(held_, [&](const auto& entry) { return entry.first.mem == mem; });
  refused_.erase(mem);
}

void Intake::used(const std::string& mem, int count, std::optional<int> total, Events& events) {
  StorageSeen& use = use_[mem];
  const StorageSeen before = use;
  use.mem = mem;
  use.used = std::max(0, count);
  if (total) use.total = *total;
  if (before.used == use.used && before.total == use.total && !before.mem.empty()) return;
  events.emplace_back(use);
}

void Intake::drop_reading(const StoredAt& at) {
  std::erase_if(reads_, [&](const Reading& r) { return r.at == at; });
}

void Intake::hold(const StoredAt& at, std::string hex, at::Instant now, Events& events) {
  drop_reading(at);
  if (const auto ghost = erased_.find(at); ghost != erased_.end()) {
    if (ghost->second.hex != hex) {
      erased_.erase(ghost);
    } else if (ghost->second.times >= kTries) {
      if (ghost->second.times++ == kTries)
        events.emplace_back(Trouble{"ghost message in " + at.mem + ": deleted and still listed"});
      return;
    }
  }
  held_[at] = Held{.hex = hex, .read_at = now, .submits = submits_, .not_before = now};
  events.emplace_back(StoredPdu{at, std::move(hex)});
}

// A slot that is empty although it was announced (EC25 does so for reports), or an error: again, a few times.
void Intake::read_again(at::Instant now, Events& events, bool empty) {
  const auto reading =
      std::find_if(reads_.begin(), reads_.end(), [&](const Reading& r) { return r.at == job_at_; });
  if (reading == reads_.end()) return;
  if (++reading->tries < kTries && !reading->quiet) {
    reading->not_before = now + kRetryGap;
    return;
  }
  if (!empty)
    events.emplace_back(
        Trouble{"place " + std::to_string(job_at_.index) + " of " + job_at_.mem + " can't be read"});
  drop_reading(job_at_);
}

void Intake::was_read(const at::Completed& end, at::Instant now, Events& events) {
  if (end.outcome != at::Outcome::answered) return read_again(now, events, false);
  if (!end.result.ok()) return read_again(now, events, is_missing_index(end.result));
  Entry entry = entry_of(end);
  if (entry.pdu.empty()) return read_again(now, events, true);
  if (is_own_draft(entry.stat, entry.pdu)) return drop_reading(job_at_);
  hold(job_at_, std::move(entry.pdu), now, events);
}

void Intake::was_verified(const at::Completed& end, at::Instant now, Events& events) {
  const auto held = held_.find(job_at_);
  if (held == held_.end()) return;
  if (end.outcome != at::Outcome::answered) return delete_again(job_at_, now, events, "no answer");
  if (!end.result.ok() && !is_missing_index(end.result))
    return delete_again(job_at_, now, events, end.result.text);
  Entry entry = end.result.ok() ? entry_of(end) : Entry{};
  if (held->second.own && is_own_draft(entry.stat, entry.pdu))
    return verify_own(held, entry.stat, entry.pdu, now, events);
  std::string& hex = entry.pdu;
  if (hex == held->second.hex) {
    held->second.compare = false;
    held->second.read_at = now;
    held->second.submits = submits_;
    return;
  }
  held_.erase(held);  // gone, and maybe another one has moved in
  if (is_own_draft(entry.stat, hex)) return sweep(job_at_.mem);
  if (!hex.empty()) hold(job_at_, std::move(hex), now, events);
}

void Intake::was_erased(const at::Completed& end, at::Instant now, Events& events) {
  const auto held = held_.find(job_at_);
  if (held == held_.end()) return;
  if (end.outcome != at::Outcome::answered) return delete_again(job_at_, now, events, "no answer");
  if (!end.result.ok() && !is_missing_index(end.result))
    return delete_again(job_at_, now, events, end.result.text);
  if (erased_.size() >= kMaxRemembered) erased_.clear();
  Erased& erased = erased_[job_at_];
  erased.times = erased.hex == held->second.hex ? erased.times + 1 : 1;
  erased.hex = std::move(held->second.hex);
  held_.erase(held);
  if (crowded_ && held_.size() < kMaxHeld / 2) {
    crowded_ = false;
    sweep();
  }
  if (const auto use = use_.find(job_at_.mem); use != use_.end())
    used(job_at_.mem, use->second.used - 1, std::nullopt, events);
}

void Intake::delete_again(const StoredAt& at, at::Instant now, Events& events, const std::string& why) {
  Held& held = held_.at(at);
  held.compare = true;
  held.not_before = now + kRetryGap;
  if (++held.tries % kTries != 0) return;
  held.not_before = now + kGhostGap;
  if (held.tries == kTries)
    events.emplace_back(
        Trouble{"place " + std::to_string(at.index) + " of " + at.mem + " can't be deleted: " + why});
}

void Intake::was_listed(const at::Completed& end, at::Instant now, Events& events) {
  const std::string mem = job_at_.mem;
  const bool others_ok = end.probed && end.lines.empty();  // of the AT beside it
  if (end.outcome != at::Outcome::answered ||
      others_ok) {  // still to be swept; but not for ever by what hangs the modem
    ++unlisted_[mem];
    return;
  }
  std::erase(to_sweep_, mem);
  if (!end.result.ok()) {
    own_failed_ = own_failed_ || mem == storages_.own;
    return read_each(mem, now);
  }
  unlisted_.erase(mem);
  int count = 0;
  own_seen_.clear();
  for (const at::AnswerLine& line : end.lines) {
    const auto header = at::parse_cmgl(line.line);
    if (!header) continue;
    ++count;
    listed(*header, header->same_line_pdu.empty() ? line.data : header->same_line_pdu, now, events);
  }
  used(mem, count, std::nullopt, events);
  if (mem != storages_.own) return;
  own_known_ = true;
  if (own_failed_) return own_seen_.clear();  // what is not in such a list may be there
  events.emplace_back(StoredSubmits{std::exchange(own_seen_, {})});
}

void Intake::listed(const at::CmglHeader& header, const std::string& hex, at::Instant now, Events& events) {
  const StoredAt at{job_at_.mem, header.index};
  if (const auto held = held_.find(at); held != held_.end()) {
    if (!hex.empty() && held->second.hex != hex) held->second.compare = true;
    if (std::exchange(held->second.give_again, false)) events.emplace_back(StoredPdu{at, held->second.hex});
    return;
  }
  if (is_own_draft(header.stat.value_or(0), hex)) return own_listed(at, *header.stat, hex, now);
  if (held_.size() >= kMaxHeld) {
    crowded_ = true;
    return;
  }
  if (!hex.empty()) return hold(at, hex, now, events);
  drop_reading(at);
  if (reads_.size() < kMaxReads) reads_.push_back({at, 0, now, true});
}

// No +CMGL here: ask for each place in turn.
void Intake::read_each(const std::string& mem, at::Instant now) {
  const auto use = use_.find(mem);
  const int total = use == use_.end() ? 0 : use->second.total;
  for (int i = index_base_; i < index_base_ + std::min(total + 1, 255) && reads_.size() < kMaxReads; ++i) {
    const StoredAt at{mem, i};
    const bool known = held_.contains(at) || std::any_of(reads_.begin(), reads_.end(),
                                                         [&](const Reading& r) { return r.at == at; });
    if (!known) reads_.push_back({at, 0, now, true});
  }
}

}  // namespace drivers
