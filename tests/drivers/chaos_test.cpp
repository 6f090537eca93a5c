// Everything that can happen to a modem, at random and by seed: each claim gets one true verdict, each text
// is given and none deleted too early, and whatever happened, a modem that is well is back within six
// seconds.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <set>

#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

namespace {

class Chaos {
 public:
  explicit Chaos(unsigned seed)
      : random_(seed), name_("seed " + std::to_string(seed)), stores_(seed % 2 == 0) {
    rig_.modem.store_first(stores_);
    rig_.modem.keep_link(seed % 3 == 0);
    rig_.modem.receive_direct(seed % 4 == 1);
  }

  void live() {
    check(rig_.start(), "never ready");
    for (int i = 0; i < 150; ++i) {
      misfortune();
      for (int k = 0; k < 4; ++k) work();
      if (i % 10 == 9) heal();
    }
    heal();
    rig_.run(400s);
    settle();
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  void check(bool holds, const char* what) { CHECK_TRUE_TEXT(holds, (name_ + ": " + what).c_str()); }

  void misfortune() {
    switch (pick(12)) {
      case 0:
        rig_.peer.hung = true;
        break;
      case 1:
        rig_.peer.buffering = true;
        break;
      case 2:
        boot();
        break;
      case 3:
        if (rig_.open) rig_.unplug();
        break;
      case 4:
        rig_.plug();
        break;
      case 5:
        rig_.peer.lag = at::Millis{pick(2) == 0 ? 0 : pick(6000)};
        break;
      case 6:
        rig_.peer.lose_answers = pick(2) == 0 ? 0 : 0.2;
        break;
      case 7:
        rig_.peer.echo = pick(2) == 0;
        break;
      case 8:
        rig_.peer.says("\xFF\x80garbage\r\n\x01\x7F", at::Millis{pick(100)});
        break;
      case 9:
        rig_.peer.creg = rig_.peer.cgreg = pick(2);
        break;
      case 10:
        rig_.peer.hung = false;
        break;
      default:
        rig_.peer.wake(rig_.now);
        break;
    }
  }

  void boot() {
    rig_.peer.reboot(rig_.now);
    rig_.peer.urc("RDY");
    rig_.peer.urc("+CFUN: 1");
    rig_.peer.urc("+CPIN: READY");
  }

  void work() {
    if (rig_.modem.can_take()) {
      ++token_;
      char pdu[32];
      std::snprintf(pdu, sizeof pdu, "0001000B91%06llX", static_cast<unsigned long long>(token_));
      const bool stored = stores_ && rig_.modem.storing() == drivers::Storing::ready;
      rig_.modem.claim(
          {.token = token_, .pdu_hex = pdu, .tpdu_octets = 6, .alert = pick(5) == 0, .store_first = stored,
           .more = token_ % 4 != 0},
          rig_.now);
      pdus_[token_] = pdu;
      rig_.run(at::Millis{pick(30)});
      if (pick(8) == 0 && rig_.modem.revoke(token_)) pdus_.erase(token_);
      rig_.committed(token_);
    }
    if (pick(6) == 0 && rig_.modem.can_run()) errand();
    if (pick(3) == 0) text();
    rig_.run(at::Millis{pick(9000)});
    release_some();
  }

  void errand() {
    using enum drivers::Errand::Kind;
    const bool code = pick(2) == 0;
    rig_.modem.run({.token = ++errands_,
                    .kind = code ? ussd : command,
                    .text = code ? "*100#" : "AT+XYZ",
                    .timeout = 5s},
                   rig_.now);
    rig_.run(at::Millis{pick(3000)});
    if (code && pick(2) == 0 && !rig_.peer.hung)
      rig_.peer.urc("+CUSD: " + std::to_string(pick(6)) + ",\"Hi\",15");
    if (pick(4) == 0) rig_.modem.give_way(rig_.now);
  }

  void text() {
    auto& mem = rig_.peer.store[pick(2) == 0 ? "SM" : "ME"];
    const int index = pick(20);
    if (mem.contains(index)) return;
    mem[index] = deliver(++texts_);
    if (pick(4) != 0 && !rig_.peer.hung)
      rig_.peer.urc("+CMTI: \"" + std::string(&mem == &rig_.peer.store["SM"] ? "SM" : "ME") + "\"," +
                    std::to_string(index));
  }

  void release_some() {
    for (; seen_ < rig_.events.size(); ++seen_) {
      const auto& event = rig_.events[seen_];
      if (const auto* stored = std::get_if<drivers::StoredPdu>(&event)) unreleased_.push_back(*stored);
      own_submits(event);
    }
    while (!own_.empty() && pick(5) != 0) {
      released_.insert(rig_.peer.store[own_.front().mem][own_.front().index]);
      rig_.release(own_.front());
      own_.erase(own_.begin());
    }
    while (!unreleased_.empty() && pick(5) != 0) {
      released_.insert(unreleased_.front().hex);
      rig_.release(unreleased_.front().at);
      unreleased_.erase(unreleased_.begin());
    }
    for (const std::string& gone : rig_.peer.deleted)
      check(released_.contains(gone), "deleted before it was released");
  }

  // As the appliance keeps them: until their outcome is on disk, and no longer than their port.
  void own_submits(const drivers::Event& event) {
    if (const auto* change = std::get_if<drivers::StateChanged>(&event))
      if (change->to == State::absent || change->to == State::probing) own_.clear();
    if (const auto* done = std::get_if<drivers::SubmitDone>(&event); done && done->stored) {
      own_.push_back(*done->stored);
      ++stored_;
    }
    const auto* list = std::get_if<drivers::StoredSubmits>(&event);
    if (!list) return;
    for (const drivers::StoredSubmit& submit : list->all) {
      const bool sent = std::count(rig_.peer.air.begin(), rig_.peer.air.end(), submit.hex) > 0;
      check(sent == submit.sent, "a slot tells something else than the air");
      own_.push_back(submit.at);
    }
  }

  void heal() {
    rig_.peer.lag = at::Millis{0};
    rig_.peer.lose_answers = 0;
    rig_.peer.creg = rig_.peer.cgreg = 1;
    rig_.plug();
    rig_.peer.wake(rig_.now);
    const auto well = rig_.now;
    // A submit whose answer got lost is first noticed at the soft limit, a lost question after its 10 s.
    const auto noticed = 17s;
    check(rig_.run_until(State::ready, 60s), "not back");
    if (rig_.now - well > 6s) check(rig_.now - well <= noticed + 6s, "back too late");
  }

  void settle() {
    while (seen_ < rig_.events.size() || !unreleased_.empty() || !own_.empty()) release_some();
    rig_.run(200s);
    while (seen_ < rig_.events.size() || !unreleased_.empty() || !own_.empty()) release_some();
    rig_.run(200s);
    check(static_cast<int>(rig_.count<drivers::DataEntryWasOpen>()) <= rig_.peer.entries_escaped,
          "no data entry was open");
    std::set<std::uint64_t> outcomes;
    for (const auto& done : rig_.all<drivers::ErrandDone>())
      check(outcomes.insert(done.token).second, "two outcomes of an errand");
    check(outcomes.size() == errands_, "an errand without its outcome");
    std::map<std::uint64_t, int> verdicts;
    const auto& air = rig_.peer.air;
    for (const auto& done : rig_.all<drivers::SubmitDone>()) {
      check(++verdicts[done.token] == 1, "two verdicts");
      const auto sent = std::count(air.begin(), air.end(), pdus_.at(done.token));
      if (done.verdict == Verdict::accepted) check(sent == 1, "accepted and not on the air once");
      if (done.verdict == Verdict::not_sent) check(sent == 0, "not sent, they said");
    }
    for (const auto& [token, pdu] : pdus_) check(verdicts.contains(token), "no verdict");
    check(rig_.peer.store["SM"].empty() && rig_.peer.store["ME"].empty(), "texts left behind");
    check(!stores_ || stored_ > 10, "hardly anything was stored first");
    std::set<std::string> given;
    for (const auto& stored : rig_.all<drivers::StoredPdu>()) given.insert(stored.hex);
    check(static_cast<int>(given.size()) == texts_, "texts never given");
  }

  std::mt19937 random_;
  std::string name_;
  bool stores_;
  int stored_ = 0;
  std::vector<drivers::StoredAt> own_;
  Rig rig_;
  std::uint64_t token_ = 0, errands_ = 0;
  int texts_ = 0;
  std::size_t seen_ = 0;
  std::map<std::uint64_t, std::string> pdus_;
  std::vector<drivers::StoredPdu> unreleased_;
  std::set<std::string> released_;
};

}  // namespace

TEST_GROUP(ModemChaos){};

TEST(ModemChaos, BySeed) {
  for (unsigned seed = 1; seed <= 12; ++seed) Chaos(seed).live();
}
