// One simulated modem in virtual time, for stories that read as what was typed and what came back.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "at/segment.h"
#include "hw/modembank/air.h"
#include "hw/modembank/identity.h"
#include "hw/modembank/modem.h"

namespace story {

using namespace std::chrono_literals;

struct Options {
  modembank::Make make = modembank::Make::generic;
  int sm_slots = 5, me_slots = 10;
  std::string pin = {};
  bool with_sim = true;
  modembank::Duration link_setup{};
};

class Story {
 public:
  explicit Story(const Options& options = {})
      : air(air_settings()),
        who(modembank::identity_of(0)),
        sim(who.iccid, who.imsi, who.number, options.sm_slots),
        modem(settings(options), air, enrolled(options)) {}

  // Lets the time pass; what the modem wrote meanwhile.
  std::string pass(modembank::Duration d) {
    const at::Instant end = now + d;
    std::string said = modem.take_output(now);
    for (auto due = modem.deadline(); due && *due <= end; due = modem.deadline()) {
      now = std::max(now, *due);
      modem.tick(now);
      said += modem.take_output(now);
    }
    now = end;
    return said;
  }
  // A command and its answer, which takes 10 ms.
  std::string type(std::string_view line) {
    modem.feed(line, now);
    return pass(10ms);
  }
  // AT+CMGS with a PDU; answers what came until Ctrl-Z was fed.
  std::string begin_submit(std::string_view to, std::string_view text) {
    const auto pdu = submit(to, text);
    type("AT+CMGS=" + std::to_string(pdu.tpdu_octets) + "\r");
    modem.feed(pdu.hex + "\x1a", now);
    return modem.take_output(now);
  }
  std::string send(std::string_view to, std::string_view text) {
    begin_submit(to, text);
    return pass(2s);
  }
  static at::EncodedPdu submit(std::string_view to, std::string_view text) {
    const auto parts = at::segment_text(text, at::Encoding::automatic, 1);
    at::SubmitOptions options;
    options.tp_da = at::address_from_display(to);
    return at::submit_pdu(*parts, 0, options).value();
  }
  std::vector<modembank::Record> events(std::string_view name) {
    for (auto& r : air.take_log()) log_.push_back(std::move(r));
    std::vector<modembank::Record> found;
    for (const auto& r : log_) {
      if (r.event == name) found.push_back(r);
    }
    return found;
  }
  // ATE0, +CNMI as a daemon sets them.
  void set_up(std::string_view mem = "SM") {
    type("ATE0\r");
    type("AT+CPMS=\"" + std::string(mem) + "\",\"" + std::string(mem) + "\",\"" + std::string(mem) + "\"\r");
    type("AT+CNMI=2,1,0,1,0\r");
  }

  modembank::Air air;
  modembank::Identity who;
  modembank::Sim sim;
  modembank::SimulatedModem modem;
  at::Instant now = at::Instant{} + 1h;

 private:
  static modembank::AirSettings air_settings() {
    modembank::AirSettings s;
    s.report_delay = modembank::Latency::constant(5s);  // well apart from the +CMGS
    return s;
  }
  modembank::ModemSettings settings(const Options& options) {
    modembank::ModemSettings s;
    s.name = "modem0";
    s.imei = who.imei;
    s.make = options.make;
    s.me_slots = options.me_slots;
    s.link_setup = modembank::Latency::constant(options.link_setup);
    return s;
  }
  modembank::Sim* enrolled(const Options& options) {
    sim.pin = options.pin;
    air.enrol(&sim);
    return options.with_sim ? &sim : nullptr;
  }
  std::vector<modembank::Record> log_;
};

}  // namespace story
