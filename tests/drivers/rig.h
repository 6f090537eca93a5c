// A Modem, a Peer and a clock: turns as the shell makes them, in virtual time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/families.h"
#include "drivers/modem.h"
#include "drivers/recorder.h"
#include "drivers/timers.h"
#include "tests/drivers/peer.h"

class Rig {
 public:
  explicit Rig(std::string family = "auto", drivers::Timers timers = {});

  void run(at::Millis);  // so long
  bool run_until(drivers::State, at::Millis at_most = 60s);
  bool start() { return run_until(drivers::State::ready); }
  template <class Event>
  bool run_until_event(at::Millis at_most = 60s) {
    const auto end = now + at_most;
    const std::size_t before = count<Event>();
    while (count<Event>() == before && now < end) step(end);
    return count<Event>() > before;
  }
  void turn();  // tick and write, no time passes

  void plug();
  void unplug(const std::string& why = "gone");
  void claim(std::uint64_t token, bool alert = false);  // and its commit, at once
  void claim_gated(std::uint64_t token, bool alert = false);
  void committed(std::uint64_t token) {
    modem.committed(token, now);
    turn();
  }
  void release(const drivers::StoredAt& at) {
    modem.release(at, now);
    turn();
  }

  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> out;
    for (const auto& event : events)
      if (const auto* e = std::get_if<Event>(&event)) out.push_back(*e);
    return out;
  }
  template <class Event>
  std::size_t count() const {
    return all<Event>().size();
  }
  template <class Event>
  Event last() const {
    return all<Event>().back();
  }
  drivers::SubmitDone verdict();  // of the claim that runs

  Peer peer;
  drivers::Modem modem;
  drivers::Recorder recorder;
  at::Instant now{std::chrono::hours{1}};
  drivers::Events events;
  bool present = true;  // the device is there
  bool open = false;
  bool asked = false;  // open_port was given and is not answered
  int opens = 0, closes = 0, turns = 0;
  bool release_at_once = false;
  std::uint64_t next_alert = 0, last_alert = 0;  // claimed, gated, in the turn in which the modem can take one
  bool store_first = false;  // claims are stored first, as long as they can be

 private:
  void step(at::Instant end);
  void collect(drivers::Events);
  void write();
  void answer_open();
};

std::string state_of(const Rig&);
// A DELIVER of some text; each n gives another.
std::string deliver(int n);
