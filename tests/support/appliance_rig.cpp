#include "tests/support/appliance_rig.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace rig {
namespace {

constexpr std::size_t kNotes = 20'000;
constexpr std::uint64_t kTurnsASecond = 5'000;  // above it nothing waits any more: a busy loop

modembank::BankSettings bank_settings(const Options& options) {
  modembank::BankSettings bank;
  bank.modems = options.modems;
  bank.family = options.family;
  bank.seed = options.seed;
  if (options.bank) options.bank(bank);
  return bank;
}

config::Settings app_settings(const Options& options) {
  config::Settings settings;
  for (int k = 0; k < options.modems; ++k) {
    config::FixedModem modem;
    modem.port = "/dev/modem" + std::to_string(k);
    settings.modems.push_back(modem);
  }
  if (options.settings) options.settings(settings);
  return settings;
}

}  // namespace

Rig::Rig(Options options)
    : settings(app_settings(options)), bank(bank_settings(options)), options_(options), rng_(options.seed),
      ports_(static_cast<std::size_t>(options.modems)) {
  ::setenv("TZ", "UTC", 1);
  for (int k = 0; k < options.modems; ++k) ports_[static_cast<std::size_t>(k)].modem = k;
  if (options_.marks) marks_ = std::make_unique<PortMarkPage>();
  if (options_.on_sqlite) disk_ = std::make_unique<SqliteDisk>();
  start();
}

Rig::~Rig() = default;

store::Restored Rig::restored() {
  store::Restored from_rows = rows.restore();
  return disk_ ? disk_->restart(unix_ms()) : std::move(from_rows);
}

void Rig::write(const store::Batch& batch) {
  rows.apply(batch);
  if (disk_) disk_->write(batch);
  if (on_commit) on_commit(batch);
}

void Rig::start() {
  answers.clear();
  appliance_ = std::make_unique<Appliance>(
      settings, restored(),
      [this](Appliance::ReadJob job) {
        const at::Millis look = options_.read / 2;
        readings_.push_back({std::move(job), {}, now_ + look, now_ + options_.read});
      },
      [this](const std::string& name) -> std::optional<std::string> {
        const auto at = secrets.find(name);
        return at == secrets.end() ? std::nullopt : std::optional(at->second);
      },
      clock(), marks_.get());
  dirty_ = true;
}

std::int64_t Rig::unix_ms() { return bank.air().unix_ms(now_) + clock_off_.count(); }

void Rig::pass(at::Millis d) {
  const at::Instant limit = now_ + d;
  while (step(limit)) {
  }
}

bool Rig::until(const std::function<bool()>& is_so, at::Millis most) {
  const at::Instant limit = now_ + most;
  while (!is_so())
    if (!step(limit)) return is_so();
  return true;
}

void Rig::ready(int modems) {
  const auto wanted = static_cast<std::size_t>(modems < 0 ? options_.modems : modems);
  const bool all = until([&] {
    std::size_t count = 0;
    for (const ModemView& view : app().modems()) count += view.state == "ready" ? 1u : 0u;
    return count >= wanted;
  }, 120s);
  if (!all) throw std::runtime_error("the modems did not become ready\n" + tail_of_notes(20));
}

std::optional<at::Instant> Rig::next() {
  if (dirty_) return now_;
  std::optional<at::Instant> first;
  const auto sooner = [&](std::optional<at::Instant> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  if (const auto due = appliance_->deadline()) sooner(std::max(*due, turned_at_ + 1ms));
  sooner(bank.deadline());
  for (const Port& port : ports_) sooner(port.look_at);
  if (commit_) sooner(std::max(commit_->done, hung_until_));
  for (const Reading& reading : readings_) sooner(reading.then ? reading.heard_at : reading.look_at);
  return first;
}

// What the shell does in a turn, with a place to die between any two steps.
bool Rig::step(at::Instant limit) {
  const auto at = next();
  if (!at || *at > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  now_ = std::max(now_, *at);
  dirty_ = false;
  turned_at_ = now_;
  if (now_ - second_ >= 1s) {
    most_turns_a_second = std::max(most_turns_a_second, turns_);
    if (turns_ > kTurnsASecond) throw std::runtime_error("a busy loop\n" + tail_of_notes(20));
    second_ = now_;
    turns_ = 0;
  }
  ++turns_;
  if (!gather() || killed_here()) return true;
  appliance_->turn(clock());
  look_at_claims();
  if (killed_here()) return true;
  if (auto sealed = appliance_->seal(clock())) {
    if (commit_) throw std::runtime_error("two commits in flight");
    if (!stalled_since_) stalled_since_ = now_;
    commit_ = Commit{sealed->number, std::move(sealed->batch), now_, now_ + options_.commit};
  }
  if (killed_here()) return true;
  speak();
  return true;
}

bool Rig::gather() {
  appliance_->clock(clock());
  bank.tick(now_);
  hear_air();
  for (std::size_t k = 0; k < ports_.size(); ++k) {
    if (!ports_[k].open) continue;
    const std::string bytes = bank.take_output(ports_[k].modem, now_);
    if (bytes.empty()) continue;
    if (killed_here()) return false;
    appliance_->modem_bytes(k, bytes);
  }
  return look_for_ports() && store_ends();
}

// As a session: looked for every 200 ms until it can be opened.
bool Rig::look_for_ports() {
  for (std::size_t k = 0; k < ports_.size(); ++k) {
    Port& port = ports_[k];
    if (!port.look_at || *port.look_at > now_) continue;
    if (bank.plugged(port.modem)) {
      port.close();
      port.open = true;
      appliance_->modem_opened(k);
    } else {
      port.look_at = now_ + 200ms;
    }
    if (killed_here()) return false;
  }
  return true;
}

bool Rig::store_ends() {
  if (commit_ && commit_->done <= now_ && hung_until_ <= now_) {
    Commit done = std::move(*commit_);
    commit_.reset();
    store::Completion completion;
    completion.batch = done.number;
    completion.micros = std::chrono::duration_cast<std::chrono::microseconds>(now_ - done.begun).count();
    if (failing_commits_ > 0 || now_ < refused_until_) {
      if (failing_commits_ > 0) --failing_commits_;
      const bool full = now_ >= refused_until_ || refusal_ == store::Failure::Kind::full;
      completion.failure = full ? store::Failure{store::Failure::Kind::full, "no space left"}
                                : store::Failure{refusal_, "it can only be read"};
      appliance_->completed(completion, std::move(done.batch));
    } else {
      away_until_ = away_until();
      stalled_since_.reset();
      write(done.batch);
      completion.last_event = rows.events.size();
      appliance_->completed(completion, {});
    }
    if (killed_here()) return false;
  }
  RowReader from_rows(rows, failing_reads_);
  store::Reader& reader = disk_ && !failing_reads_ ? disk_->reader() : from_rows;
  for (Reading& reading : readings_)
    if (!reading.then && reading.look_at <= now_) {
      reading.then = reading.job(reader);
      if (!reading.then) reading.then = [] {};
    }
  while (!readings_.empty() && readings_.front().then && readings_.front().heard_at <= now_) {
    const auto then = std::move(readings_.front().then);
    readings_.pop_front();
    then();
  }
  return true;
}

bool Rig::speak() {
  for (std::size_t k = 0; k < ports_.size(); ++k) {
    drivers::Output out = appliance_->modem_output(k);
    Port& port = ports_[k];
    if (out.close_port) port.close();
    if (port.open && !out.bytes.empty()) {
      // The end may come when a part of it was written.
      const bool dies = killed_here();
      const std::size_t written = dies ? rng_() % (out.bytes.size() + 1) : out.bytes.size();
      bank.feed(port.modem, std::string_view(out.bytes).substr(0, written), now_);
      hear_air();
      if (dies) return false;
    }
    if (out.open_port && !port.open) port.look_at = now_;
  }
  for (Answer& answer : appliance_->take_answers()) {
    if (on_answer) on_answer(answer);
    answers[answer.ticket] = std::move(answer);
  }
  for (Note& note : appliance_->take_notes()) {
    const auto ms = std::chrono::duration_cast<at::Millis>(now_.time_since_epoch() - 1h).count();
    notes.push_back(std::to_string(ms) + " " + note.text);
    if (notes.size() > kNotes) notes.pop_front();
  }
  return true;
}

void Rig::hear_air() {
  for (modembank::Record& record : bank.air().take_log()) {
    if (on_record) on_record(record);
    air.push_back(std::move(record));
  }
}

bool Rig::killed_here() {
  if (crash_in_ == 0 || --crash_in_ > 0) return false;
  crash();
  return true;
}

// The machine comes back after a while; what its modems say meanwhile nobody hears.
void Rig::boot() {
  if (marks_) *marks_ = {};
  const at::Instant up = now_ + 20s;
  while (now_ < up) {
    now_ += 100ms;
    bank.tick(now_);
    for (int k = 0; k < options_.modems; ++k) bank.take_output(k, now_);
    hear_air();
  }
}

void Rig::crash(std::optional<bool> commit_made_it) {
  ++crashes_;
  crash_in_ = 0;
  notes.push_back("---- killed ----");
  const bool made_it = commit_made_it.value_or(rng_() % 2 == 0);
  if (commit_ && made_it && failing_commits_ == 0 && now_ >= refused_until_) write(commit_->batch);
  commit_.reset();
  readings_.clear();
  away_until_ = away_until();
  ended_at_ = now_;
  stalled_since_.reset();
  for (Port& port : ports_) {
    port.close();
    port.claim = 0;
  }
  marks_lost_ = std::exchange(marks_lost_next_, false);
  if (marks_lost_) boot();
  if (on_crash) on_crash();
  start();
}

// A claim is seen when the turn that made it ends; what was given and taken back within one turn was no attempt.
void Rig::look_at_claims() {
  for (std::size_t k = 0; k < ports_.size(); ++k) {
    const auto& claim = appliance_->slot(k).claim;
    if (!claim || claim->token == ports_[k].claim) continue;
    ports_[k].claim = claim->token;
    if (on_claim) on_claim(k, *claim);
  }
}

}  // namespace rig
