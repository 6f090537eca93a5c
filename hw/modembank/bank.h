// A bank of simulated modems on one air, and the words by which it is told what to do (README.md). Sans-I/O.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw/modembank/air.h"
#include "hw/modembank/modem.h"
#include "hw/modembank/playback.h"

namespace modembank {

enum class Family : std::uint8_t { mixed, generic, ec2x };  // mixed: even modems generic, odd ones ec2x

constexpr int kMostModems = 256;

struct BankSettings {
  int modems = 8;  // 1 to kMostModems
  Family family = Family::mixed;
  Latency submit = Latency::constant(std::chrono::seconds(2));
  Latency command = Latency::constant(std::chrono::milliseconds(10));
  AirSettings air;
  int sm_slots = 30, me_slots = 50;  // 1 to 255
  std::map<int, std::string> pins;   // modem number to the PIN of its SIM
  std::map<int, Playback> played;    // modem number to the recording that is played in its place
  std::uint64_t seed = 1;
};

class Bank {
 public:
  explicit Bank(const BankSettings&);

  int size() const { return static_cast<int>(slots_.size()); }
  SimulatedModem& modem(int k) { return *slots_[static_cast<std::size_t>(k)].modem; }
  bool played(int k) const { return slots_[static_cast<std::size_t>(k)].playback.has_value(); }
  // The port of modem K, whatever stands behind it.
  void feed(int k, std::string_view bytes, at::Instant now);
  std::string take_output(int k, at::Instant now);
  bool plugged(int k) const { return slots_[static_cast<std::size_t>(k)].plugged; }
  // Changes with every plug: a port that is kept for an older number is to be made anew.
  int plugs(int k) const { return slots_[static_cast<std::size_t>(k)].plugs; }
  Air& air() { return air_; }

  void tick(at::Instant now);  // all modems that are due
  std::optional<at::Instant> deadline() const;

  // One line of the control protocol; the answer is one line: "ok …" or "error …". `quit` and `wait` are the
  // program's.
  std::string control(std::string_view line, at::Instant now);
  // A number of counts() by its name; none if there is no such name.
  std::optional<std::uint64_t> count(std::string_view name) const;

 private:
  struct Slot {
    std::unique_ptr<SimulatedModem> modem;
    std::optional<Playback> playback;  // answers instead of it
    bool plugged = true;
    int plugs = 1;
  };
  void follow(Slot&);
  using Words = std::vector<std::string_view>;
  std::optional<int> number_of(std::string_view modem) const;  // "modem3" or "3"
  std::string modem_control(const Words&, std::string_view line, int k, at::Instant now);
  std::string unplug(int k);
  std::string plug(int k, const Words&, at::Instant now);
  std::string ussd(int k, std::string_view line);
  std::string fault(int k, const Words&, at::Instant now);
  std::string inject(int k, std::string_view line, at::Instant now);
  std::string report(const Words&);
  std::string refuse(const Words&);
  std::string network(const Words&);
  std::string status(at::Instant now) const;
  std::string air_counts() const;
  Sim* sim_named(std::string_view name);
  Sim* sim_in(int k);
  bool sim_in_use(const Sim*, int but) const;

  Air air_;
  std::vector<std::unique_ptr<Sim>> sims_;
  std::vector<Slot> slots_;
};

}  // namespace modembank
