// One modem as its AT port shows it: V.250 dialogue, 27.007 and 27.005 as far as texts need them, and the
// ways in which modems fail. Sans-I/O: bytes and time come in, bytes come out; what it does on the air it
// does to Air. It lives on when its owner dies: a prompt stays open, a submit goes on, answers wait to be
// read.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/time.h"
#include "at/tpdu.h"
#include "hw/modembank/air.h"
#include "hw/modembank/latency.h"
#include "hw/modembank/sim.h"

namespace modembank {

enum class Make : std::uint8_t {
  generic,  // 27.005 by the book: slots from 1, +CREG, UMTS
  ec2x      // answers as a Quectel EC2x: slots from 0, +QIND, LTE
};

struct ModemSettings {
  std::string name;  // "modem0": in records
  std::string imei;
  Make make = Make::generic;
  int me_slots = 50;
  Latency submit = Latency::constant(std::chrono::seconds(2));  // from Ctrl-Z to +CMGS
  Latency command =
      Latency::constant(std::chrono::milliseconds(10));  // from CR to the final result or prompt
  Latency link_setup = Latency::constant({});  // before each submit, but where AT+CMMS kept the link open
  Duration ack_wait = std::chrono::seconds(15);  // TR2M (24.011 10): for AT+CNMA after a +CMT or +CDS
  at::Millis boot{300};                                  // from power to RDY; deaf until then
  at::Millis registration{400};  // from the SIM being open to +CREG: 1; the SMS layer comes 200 ms later
  std::uint64_t seed = 1;
};

class SimulatedModem {
 public:
  // As one that has been on for long: registered (if the SIM asks for no PIN), settings at their defaults.
  // air and sim outlive it; sim may be null.
  SimulatedModem(ModemSettings, Air& air, Sim* sim);

  void feed(std::string_view bytes, at::Instant now);
  void tick(at::Instant now);
  std::string take_output(at::Instant now);  // bytes to be written to the port now
  std::optional<at::Instant> deadline() const;

  // An unplug: settings, what was buffered and a submit that did not reach the air yet are gone. SIM and ME
  // storage stay.
  void power_off();
  void power_on(at::Instant now);
  void insert(Sim* sim) { sim_ = sim; }  // only while off

  // Faults. Each ends by itself or by clear().
  void silence(Duration, at::Instant now);     // frozen: input is lost, what runs ends late
  void lose_answers(int count);                // the next submits go out; no +CMGS, no OK
  void drop_submits(int count);                // the next submits neither go out nor are answered
  void garbage(Duration, at::Instant now);     // random bytes for answers, nothing is executed
  void fail_submits(int cms, int count);       // the next submits end in +CMS ERROR and don't go out
  void reboot(Duration off, at::Instant now);  // off for so long, then booting with its settings lost
  void open_prompt(at::Instant now);           // as if a dead owner had left AT+CMGS=
  void slow(double factor) { slow_ = factor; }
  void drop_links(int after) { link_holds_ = after; }  // each with +CMS ERROR: 41, after so many submits
  void unregister(Duration, at::Instant now);
  // What the network says to a code from now on, behind "+CUSD: "; empty: nothing. Without a line: what it
  // says of itself.
  void answer_codes(std::optional<std::string> line);
  void clear(at::Instant now);

  const ModemSettings& settings() const { return settings_; }
  Sim* sim() const { return sim_; }
  const Storage& me() const { return me_; }
  std::string_view state(
      at::Instant now) const;  // "off" "booting" "silent" "garbage" "submitting" "prompt" "busy" "idle"
  bool registered() const { return stat_ == 1; }
  std::uint64_t submits() const { return submits_; }
  std::uint64_t lost_bytes() const { return lost_bytes_; }  // input and output beyond the buffers

 private:
  static constexpr const char* kCodeAnswer = "0,\"Balance: 3.00\",15";
  enum class Power : std::uint8_t { off, booting, on };
  enum class Next : std::uint8_t { result, prompt, radio, reboot };
  struct Transmission {
    at::Submit submit;
    std::string pdu;
    std::string answer;  // "+CMGS: " or "+CMSS: "
    at::Instant air_at{};
    bool on_air = false;
    int stored_slot = -1;  // of +CMSS
    // What faults made of it.
    bool lost = false, dropped = false;
    int cms = 0;
  };
  struct Answer {
    std::vector<std::string> lines;
    std::string error;  // empty: OK
    Next next = Next::result;
    std::optional<Transmission> radio;
    std::vector<Record> records;  // logged when the answer leaves
  };
  struct Running {
    at::Instant done_at{};
    std::string line;             // a command line, executed at done_at
    std::optional<Answer> ready;  // or an answer that is known already
    std::optional<Transmission> radio;
  };
  struct Entry {  // after the prompt
    bool store = false;
    int length = 0;
    Stat stat = Stat::sto_unsent;
    std::string text;
  };
  struct Settings {  // lost with the power
    bool echo = true, verbose = true, quiet = false;
    int cmee = 0;
    int creg = 0, cgreg = 0, cereg = 0;
    int cnmi_mode = 0, cnmi_mt = 0, cnmi_bm = 0, cnmi_ds = 0, cnmi_bfr = 0;
    std::array<std::string, 3> mem{"SM", "SM", "SM"};
    int csms = 0, cmms = 0, cops_format = 0, cfun = 1;
    bool smsfull_urc = false;
    std::string cscs = "GSM";
  };
  struct Unacknowledged {  // with service 1 of +CSMS: a +CMT or +CDS that waits for AT+CNMA
    at::Instant until{};
    std::uint64_t inbound = 0;
    std::string pdu;
    bool report = false;
  };
  struct Link {  // kept open by AT+CMMS
    std::optional<at::Instant> open_until;
    int submits = 0;
  };
  struct Command {
    std::string name;  // "+CMGS", "E"
    enum class Form : std::uint8_t { execute, read, test, set } form = Form::execute;
    std::vector<std::string> args;
    int number(std::size_t k, int otherwise) const;  // -1: not a number
  };
  using Verb = Answer (SimulatedModem::*)(const Command&, at::Instant now);
  struct Known {
    std::string_view name;
    Verb verb;
  };

  // modem.cpp: the dialogue
  Duration command_time() { return scaled(settings_.command.sample(rng_)); }
  Duration scaled(Duration) const;
  bool frozen(at::Instant now) const { return now < silent_until_; }
  void consume(at::Instant now);
  void take_command_char(char, at::Instant now);
  void take_entry_char(char, at::Instant now);
  void start(std::string line, at::Instant now);
  void start(Answer, at::Instant now);
  void advance(at::Instant now);
  void give(Answer, at::Instant now);
  void write_answer(const Answer&);
  void write(std::string_view);
  void enter_data(Entry);
  void notify(std::string line);      // a URC
  void notify_sms(std::string line);  // one that +CNMI's mode may hold back
  std::string random_bytes();

  // modem_radio.cpp: power, network, what comes in
  void come_up(at::Instant now);
  void boot_steps(at::Instant now);
  void open_sim(at::Instant now);  // registration and SMS layer from here on
  void set_stat(int stat, at::Instant now);
  std::string registration_line(std::string_view name, int mode, bool asked) const;
  bool reachable(at::Instant now) const;
  void receive(at::Instant now);
  void receive_report(const Inbound&, at::Instant now);
  bool receive_text(const Inbound&, at::Instant now);  // false: no room
  int store(const std::string& mem, const Inbound&, at::Instant now);
  void transmit(Transmission, at::Instant now);
  void go_on_air(Transmission&, at::Instant now);
  void end_transmission(at::Instant now);
  void acknowledged(bool taken, at::Instant now);  // or refused: RP-ERROR
  bool link_open(at::Instant now);
  Record record(std::string event, at::Instant now) const;

  // modem_command.cpp: a line taken apart, V.250 and 27.007
  Answer execute_line(std::string_view line, at::Instant now);
  Answer execute(const Command&, at::Instant now);
  std::optional<Command> next_command(std::string_view* rest) const;
  static Answer ok(std::vector<std::string> lines = {});
  static Answer error();
  static Answer cms(int code);
  Answer cme(int code) const;
  void reset_settings();
  Answer basic(const Command&);
  Answer identity(const Command&, at::Instant now);
  Answer sim_identity(const Command&, at::Instant now);
  Answer cmee(const Command&, at::Instant now);
  Answer cpin(const Command&, at::Instant now);
  Answer cpinr(const Command&, at::Instant now);
  Answer cfun(const Command&, at::Instant now);
  Answer creg(const Command&, at::Instant now);
  Answer cops(const Command&, at::Instant now);
  Answer csq(const Command&, at::Instant now);
  Answer cscs(const Command&, at::Instant now);
  Answer cpas(const Command&, at::Instant now);
  Answer cusd(const Command&, at::Instant now);
  Answer quectel(const Command&, at::Instant now);
  Answer accept(const Command&, at::Instant) { return ok(); }
  bool unlocked() const { return sim_ != nullptr && (sim_->pin.empty() || pin_entered_); }
  std::string pin_state() const;

  // modem_sms.cpp: 27.005
  std::optional<Answer> sms_refusal() const;
  Storage& storage(std::string_view mem) { return mem == "SM" ? sim_->sm : me_; }
  int base() const { return settings_.make == Make::ec2x ? 0 : 1; }  // of slot numbers
  Answer csms(const Command&, at::Instant now);
  Answer cmgf(const Command&, at::Instant now);
  Answer csca(const Command&, at::Instant now);
  Answer cpms(const Command&, at::Instant now);
  Answer cnmi(const Command&, at::Instant now);
  Answer cmgl(const Command&, at::Instant now);
  Answer cmgr(const Command&, at::Instant now);
  Answer cmgd(const Command&, at::Instant now);
  Answer cmgs(const Command&, at::Instant now);
  Answer cmgw(const Command&, at::Instant now);
  Answer cmss(const Command&, at::Instant now);
  Answer cmms(const Command&, at::Instant now);
  Answer cnma(const Command&, at::Instant now);
  Record read_record(std::string event, const std::string& mem, int slot, const Stored&,
                     at::Instant now) const;
  bool erase(const std::string& mem, int slot, at::Instant now);
  void room_again(at::Instant now);
  void entered(at::Instant now);

  ModemSettings settings_;
  Air& air_;
  Sim* sim_;
  Storage me_;
  Rng rng_;

  Power power_ = Power::on;
  at::Instant up_at_{};
  Settings current_;
  bool pin_entered_ = false;
  bool sms_ready_ = true;
  int stat_ = 1;  // 27.007 7.2
  std::optional<at::Instant> sim_at_, registers_at_, sms_ready_at_;
  std::optional<at::Instant> code_answered_at_;  // a dialogue by USSD
  std::string code_answer_ = kCodeAnswer;
  bool memory_full_ = false;  // the service centre was told so

  std::string input_, line_, out_;
  std::optional<Running> running_;
  std::optional<Entry> entry_;
  bool prompt_wanted_ = false;
  std::deque<std::string> held_urcs_;  // during data entry, or by +CNMI mode 0
  std::deque<std::string> buffered_sms_urcs_;

  at::Instant silent_until_{}, garbage_until_{};
  int lost_answers_ = 0, dropped_submits_ = 0, failing_submits_ = 0, failing_cms_ = 0;
  double slow_ = 1;
  int link_holds_ = 0;  // 0: for as long as it is used
  Link link_;
  std::optional<Unacknowledged> unacknowledged_;

  std::uint64_t submits_ = 0, lost_bytes_ = 0;
};

}  // namespace modembank
