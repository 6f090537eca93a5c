// What fails in a life.
#include <algorithm>
#include <iterator>

#include "at/tpdu.h"

#include "tests/simulation/life.h"

namespace simulation {

using namespace std::chrono_literals;

// A prompt that somebody else left open is a lie about a submit of ours whose outcome is not known: no modem tells such.
bool Life::doubted(int modem) {
  const std::string iccid = rig_.iccid(modem);
  const auto open = [&](const PartRecord& part) {
    return part.iccid == iccid && (part.state == MessageState::unknown || part.state == MessageState::submitting);
  };
  return rig_.app().slot(rig_.place_of(modem)).claim || rig_.disk_away() ||
         std::any_of(rig_.rows.messages.begin(), rig_.rows.messages.end(), [&](const auto& row) {
           return std::any_of(row.second.parts.begin(), row.second.parts.end(), open);
         });
}

void Life::break_modem() {
  static constexpr const char* kCodes[] = {"42", "38", "500", "21", "1", "332", "515"};
  ++faults_;
  const int k = static_cast<int>(pick(kModems));
  const std::string modem = "modem" + std::to_string(k);
  std::string words;
  switch (pick(9)) {
    case 0: words = " silence " + std::to_string(1 + pick(25)); break;
    case 1: words = " garbage " + std::to_string(1 + pick(8)); break;
    case 2: words = " lost-answer " + std::to_string(1 + pick(2)); break;
    case 3: words = " drop-submit " + std::to_string(1 + pick(2)); break;
    case 4: words = std::string(" cms ") + kCodes[pick(std::size(kCodes))] + " " + std::to_string(1 + pick(3)); break;
    case 5: words = " reboot " + std::to_string(1 + pick(5)); break;
    case 6: words = doubted(k) ? " silence 5" : " prompt"; break;
    case 7: words = " unregister " + std::to_string(1 + pick(10)); break;
    case 8:
      words = " slow " + std::to_string(2 + pick(28));
      after(at::Millis(10'000 + pick(120'000)), [this, modem] { rig_.fault(modem + " slow 1"); });
      break;
  }
  say(modem + ":" + words);
  rig_.fault(modem + words);
}

void Life::break_network() {
  ++faults_;
  const std::string some = std::to_string(1 + pick(4)), seconds = std::to_string(1 + pick(120));
  static constexpr const char* kWhat[] = {"reports late ", "reports twice ", "reports lost ", "reports early ", "texts twice "};
  const std::string words = kWhat[pick(std::size(kWhat))] + some + " " + seconds;
  say("the network: " + words);
  rig_.network(words);
}

void Life::unplug_one() {
  ++faults_;
  const int k = static_cast<int>(pick(kModems));
  say("modem" + std::to_string(k) + " is unplugged");
  rig_.unplug(k);
}

void Life::plug_all() {
  for (int k = 0; k < kModems; ++k) rig_.plug(k);
}

void Life::leave_behind(int modem) {
  auto& me = const_cast<modembank::Storage&>(rig_.bank.modem(modem).me());
  for (int slot = 0; slot < me.total(); ++slot) {
    const modembank::Stored* stored = me.at(slot);
    const auto pdu = stored ? at::decode_pdu(stored->pdu, at::Direction::from_sc) : at::decode_pdu("", at::Direction::from_sc);
    const auto* text = pdu ? std::get_if<at::Deliver>(&pdu->tpdu) : nullptr;
    if (text) left_behind_.insert(tag_in(text->ud.text()));
  }
}

void Life::swap_sims() {
  // What a SIM had stored in a modem's own memory stays there for whoever comes; one that stores nothing there never looks.
  const std::size_t storing = rig_.settings.sims.size();
  if (storing != 0 && storing != static_cast<std::size_t>(kModems)) return unplug_one();
  ++faults_;
  const int a = static_cast<int>(pick(kModems)), b = (a + 1 + static_cast<int>(pick(kModems - 1))) % kModems;
  say("the SIMs of modem" + std::to_string(a) + " and modem" + std::to_string(b) + " are swapped");
  rig_.unplug(a);
  rig_.unplug(b);
  after(at::Millis(500 + pick(20'000)), [this, a, b] {
    rig_.unplug(a);  // somebody else may have plugged it meanwhile
    rig_.unplug(b);
    leave_behind(a);
    leave_behind(b);
    const std::string of_a = rig_.iccid(a), of_b = rig_.iccid(b);
    rig_.plug(a, of_b);
    rig_.plug(b, of_a);
  });
}

// Another port, with the power kept or after a while without.
void Life::exchange_places() {
  ++faults_;
  const int a = static_cast<int>(pick(kModems)), b = (a + 1 + static_cast<int>(pick(kModems - 1))) % kModems;
  const bool power = pick(2) == 0;
  say("modem" + std::to_string(a) + " and modem" + std::to_string(b) + " come back at each other's port" + (power ? "" : ", from the cold"));
  if (!power) {
    rig_.unplug(a);
    rig_.unplug(b);
    after(at::Millis(200 + pick(10'000)), [this] { plug_all(); });
  }
  rig_.exchange_places(a, b);
}

void Life::break_disk(Kind kind) {
  ++faults_;
  if (kind == Kind::fail_commits) {
    const int some = 1 + static_cast<int>(pick(4));
    say(std::to_string(some) + " commits fail");
    return rig_.fail_commits(some);
  }
  const bool brief = pick(2) == 0;
  const auto d = at::Millis(brief ? pick(1'500) : 2'000 + pick(238'000));
  if (kind == Kind::disk_hangs) {
    say("the disk hangs for " + std::to_string(d.count()) + " ms");
    return rig_.hang_disk(d);
  }
  const bool full = pick(2) == 0;
  say(std::string("the disk is ") + (full ? "full" : "read-only") + " for " + std::to_string(d.count()) + " ms");
  rig_.refuse_commits(full ? store::Failure::Kind::full : store::Failure::Kind::read_only, d);
}

void Life::step_clock() {
  ++faults_;
  const auto by = at::Millis(60'000 + pick(8 * 3'600'000));
  const bool back = pick(2) == 0;
  say("the clock steps " + std::string(back ? "back" : "on") + " by " + std::to_string(by.count() / 1'000) + " s");
  rig_.step_clock(back ? -by : by);
  if (pick(2) == 0) after(at::Millis(pick(1'200'000)), [this] { rig_.right_clock(); });
}

void Life::kill() {
  rig_.coin(rng_());
  const int points = 1 + static_cast<int>(pick(60));
  const bool mains = pick(5) == 0;
  say((mains ? "its machine dies, " : "it is killed, ") + std::to_string(points) + " steps on");
  if (mains) rig_.lose_marks();
  rig_.crash_in(points);
}

}  // namespace simulation
