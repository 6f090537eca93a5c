#include "tests/simulation/life.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "hw/modembank/identity.h"

namespace simulation {

using namespace std::chrono_literals;

namespace {

// None, some, all of its SIMs store first.
void let_some_store(std::uint64_t share, config::Settings& settings) {
  for (int k = 0; k < kModems; ++k) {
    if (share == 0 || (share == 1 && k % 2 == 0)) continue;
    config::Sim sim;
    sim.iccid = modembank::identity_of(k).iccid;
    sim.submit = config::Submit::store_first;
    settings.sims.push_back(sim);
  }
}

// A third of the lives has limits of one kind or another.
void draw_limits(std::mt19937_64& rng, config::Settings& settings) {
  const auto one_in = [&rng](std::uint64_t n) { return rng() % n == 0; };
  auto& limits = settings.sim_defaults.limits;
  const auto set = [&](config::Quota quota, std::uint64_t least, std::uint64_t most) {
    limits[index_of(quota)] = static_cast<std::int64_t>(least + rng() % (most - least + 1));
  };
  if (one_in(3)) {
    if (one_in(2)) set(config::Quota::minute, 2, 6);
    if (one_in(2)) set(config::Quota::hour, 15, 60);
    if (one_in(3)) set(config::Quota::day, 20, 80);
    if (one_in(4)) set(config::Quota::abroad, 1, 5);
    if (one_in(4)) set(config::Quota::recipients, 8, 40);
    if (one_in(2)) settings.sim_defaults.alert_reserve = 0.1 + 0.1 * static_cast<double>(rng() % 5);
    if (one_in(4)) settings.sim_defaults.pace = true;
  }
  if (one_in(6)) settings.policy.recipient_hourly_limit = 1 + static_cast<std::int64_t>(rng() % 3);
  if (one_in(12)) settings.policy.recipient_daily_limit = 2 + static_cast<std::int64_t>(rng() % 3);
  if (one_in(8)) settings.policy.alert_modems = 1;
  settings.policy.sticky = !one_in(3);
  if (one_in(2)) settings.operators = {"+447700900992"};
}

rig::Options options(std::uint64_t seed) {
  rig::Options o;
  o.marks = true;
  o.modems = kModems;
  o.seed = seed;
  o.on_sqlite = true;
  o.commit = at::Millis(1 + static_cast<int>(seed % 40));
  o.read = at::Millis(1 + static_cast<int>(seed % 17));
  o.settings = [seed](config::Settings& settings) {
    std::mt19937_64 rng(mixed(seed, 1'000'000));
    let_some_store(rng() % 3, settings);
    draw_limits(rng, settings);
    if (rng() % 4 == 0) settings.sim_defaults.receive = config::Receive::direct;
    if (rng() % 3 == 0) settings.sim_defaults.link = config::Link::on;
  };
  o.bank = [](modembank::BankSettings& bank) {
    bank.submit = *modembank::Latency::parse("500ms..3s");
    bank.air.report_delay = *modembank::Latency::parse("300ms..4s");
    bank.sm_slots = 8;
    bank.me_slots = 8;
  };
  return o;
}

}  // namespace

Life::Life(std::uint64_t seed, Mix mix) : seed_(seed), mix_(std::move(mix)), script_(write_script(seed, mix_)), rig_(options(seed)) {
  rig_.on_record = [this](const modembank::Record& record) {
    air_.record(record);
    reports_.record(record);
  };
  rig_.on_answer = [this](const Answer& answer) { doors_.answered(answer); };
  rig_.on_commit = [this](const store::Batch& batch) {
    index_.committed(batch);
    reports_.committed(batch);
  };
  rig_.on_claim = [this](std::size_t slot, const Slot::Claim& claim) { air_.claimed(slot, claim); };
  rig_.on_crash = [this] {
    doors_.ended();
    air_.ended();
    limits_.ended();
  };
}

void Life::say(std::string what) {
  const std::int64_t ms = life_ms(rig_);
  char when[48];
  std::snprintf(when, sizeof when, "#%zu %lld:%02lld:%02lld.%03lld ", number_, static_cast<long long>(ms / 3'600'000),
                static_cast<long long>(ms / 60'000 % 60), static_cast<long long>(ms / 1'000 % 60), static_cast<long long>(ms % 1'000));
  story_.push_back(when + std::move(what));
  rig_.notes.push_back("== " + story_.back());
}

void Life::begin() {
  rig_.secrets["outage.pin"] = "7391";
  rig_.ready();
  std::vector<std::string> members;
  for (int k = 0; k < kStaff; ++k) members.push_back("+44770090098" + std::to_string(k));
  rig_.group("staff", members);
  KeywordRecord outage;
  outage.word = "OUTAGE";
  outage.from = {"+447700900990", "+447700900991"};
  outage.from_given = true;
  outage.secret = "pin:file:outage.pin";
  outage.action = "broadcast";
  outage.group = "staff";
  outage.text = "{{args}}";
  outage.lane = Lane::alert;
  rig_.keyword(outage);
  born_ = rig_.now();
}

std::vector<std::string> Life::live() {
  begin();
  for (const Action& action : script_) {
    pass_until(born_ + action.at);
    perform(action);
    if (!verdicts_.all().empty()) return verdicts_.all();  // the first that is wrong tells most
  }
  pass_until(born_ + mix_.hours);
  settle_down();
  last_words();
  last_end();
  judge_messages();
  judge_followers();
  judge_inbound();
  judge_keywords();
  judge_doubts();
  doors_.judge();
  limits_.judge();
  judge_rest();
  return verdicts_.all();
}

// What an action has begun goes on in its time: a second text, a disk that is mended, a modem that comes back.
void Life::pass_until(at::Instant end) {
  while (!agenda_.empty() && agenda_.begin()->first <= end) {
    auto next = agenda_.extract(agenda_.begin());
    rig_.pass(std::chrono::duration_cast<at::Millis>(std::max(next.key(), rig_.now()) - rig_.now()));
    next.mapped()();
  }
  rig_.pass(std::chrono::duration_cast<at::Millis>(std::max(end, rig_.now()) - rig_.now()));
}

void Life::after(at::Millis d, std::function<void()> then) { agenda_.emplace(rig_.now() + d, std::move(then)); }

void Life::perform(const Action& action) {
  rng_.seed(action.seed);
  number_ = action.number;
  tags_ = numbers_ = 0;
  messages_ = action.messages;
  if (std::exchange(ends_seen_, rig_.crashes()) != rig_.crashes()) doors_.begun_anew();
  doors_.look();
  air_.look();
  look_at_counts();
  switch (action.kind) {
    case Kind::send: return send_one();
    case Kind::send_list: return send_list();
    case Kind::send_burst: return send_burst();
    case Kind::call_group: return call_group();
    case Kind::change_mind: return change_mind();
    case Kind::keep_directory: return keep_directory();
    case Kind::run_errand: return run_errand();
    case Kind::cap_sim: return cap_sim();
    case Kind::hear: return hear();
    case Kind::hear_twice: return hear_twice();
    case Kind::hear_keyword: return hear_keyword();
    case Kind::modem_fault: return break_modem();
    case Kind::network_fault: return break_network();
    case Kind::unplug: return unplug_one();
    case Kind::swap_sims: return swap_sims();
    case Kind::exchange_places: return exchange_places();
    case Kind::plug_all: return plug_all();
    case Kind::fail_commits:
    case Kind::disk_hangs:
    case Kind::disk_refuses: return break_disk(action.kind);
    case Kind::step_clock: return step_clock();
    case Kind::kill: return kill();
  }
}

void Life::calm() {
  for (auto& [when, then] : std::exchange(agenda_, {})) then();
  agenda_.clear();
  rig_.mend_disk();
  rig_.crash_in(0);
  rig_.right_clock();
  plug_all();
  for (const char* what : {"reports late 0", "reports twice 0", "reports lost 0", "reports early 0", "texts twice 0"}) rig_.network(what);
  for (int k = 0; k < kModems; ++k) rig_.fault("modem" + std::to_string(k) + " clear");
}

// A person buys more: what waited for a limit goes out.
void Life::lift_limits() {
  limits_.lifted();
  SimChange none;
  for (auto& limit : none.limits) limit = std::optional<std::int64_t>(0);
  for (int k = 0; k < kModems; ++k) rig_.ask().change_sim(rig_.bank.modem(k).sim()->iccid, none, 1);
  config::Policy& policy = rig_.settings.policy;
  const bool waits_for_hours = policy.recipient_hourly_limit != 0, waits_for_days = policy.recipient_daily_limit != 0;
  policy.recipient_hourly_limit = policy.recipient_daily_limit = 0;
  if (waits_for_hours || waits_for_days) rig_.step_clock(waits_for_days ? 25h : 61min);
}

bool Life::at_rest() const {
  for (const auto& [id, m] : rig_.rows.messages)
    if (m.state == MessageState::queued || m.state == MessageState::submitting || m.state == MessageState::accepting) return false;
  return rig_.stored() == 0;
}

void Life::settle_down() {
  number_ = script_.empty() ? 0 : script_.back().number + 1;
  calm();
  rig_.pass(30s);
  if (std::exchange(ends_seen_, rig_.crashes()) != rig_.crashes()) doors_.begun_anew();
  lift_limits();
  rig_.pass(15min);  // an open set is given out, the doubts of alerts are repeated, suspended SIMs are back
  for (int k = 0; k < 20 && !rig_.until([this] { return at_rest(); }, 10min); ++k) let_due_times_come();
  rig_.pass(30s);
}

// The clock was ahead when somebody said "in a minute": that is hours away now.
void Life::let_due_times_come() {
  std::int64_t due = 0;
  for (const auto& [id, m] : rig_.rows.messages)
    if (m.state == MessageState::queued) due = std::max(due, m.due_ms);
  if (due > rig_.unix_ms()) rig_.step_clock(at::Millis(due - rig_.unix_ms() + 1));
}

// All is well again: each SIM sends a text at once and gets one.
void Life::last_words() {
  for (int k = 0; k < kModems; ++k) {
    tags_ = static_cast<std::size_t>(k) * 2;
    rig::Form form;
    form.sim = rig_.iccid(k);
    const std::string to = "+44799990000" + std::to_string(k), mark = tag('S');
    doors_.asked(rig_.send(to, mark + " last words", form), {{to}, mark, form.lane, false});
    came_.push_back({"+34600110000", tag('T'), 1});
    hear_on(k, came_.back().from, came_.back().tag + " last words");
  }
  rig_.pass(30s);
  for (int k = 0; k < kModems; ++k)
    if (rig_.texts_to("+44799990000" + std::to_string(k)).size() != 1) wrong("modem" + std::to_string(k) + " is well, and half a minute did not do for a text");
}

// What was promised outlives one more end.
void Life::last_end() {
  if (!mix_.crashes) return;
  rig_.crash();
  rig_.ready();
  rig_.pass(20s);
  rig_.until([this] { return at_rest(); }, 1h);
  doors_.begun_anew();
}

}  // namespace simulation
