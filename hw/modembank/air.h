// The virtual network: one service centre for all SIMs of the bank. Sans-I/O, in whatever time the caller
// lives. It keeps what no modem took (storage full, unplugged, rebooting) and gives it again; it never loses
// and never doubles, but where it is told to.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/expected.h"
#include "at/time.h"
#include "at/tpdu.h"
#include "hw/modembank/latency.h"
#include "hw/modembank/record.h"
#include "hw/modembank/sim.h"

namespace modembank {

struct AirSettings {
  Latency report_delay = Latency::constant(std::chrono::seconds(1));  // from the air to the report
  Latency delivery =
      Latency::constant(std::chrono::milliseconds(100));  // paging: between two texts to one SIM
  std::int64_t unix_ms_at_zero = 1'700'000'000'000;       // wall clock at Instant{}
  std::uint64_t seed = 1;
};

struct Inbound {
  std::uint64_t id = 0;  // from 1, in the order of arrival at the service centre
  std::string pdu;       // with the SC address
  int tpdu_octets = 0;
  bool report = false;  // STATUS-REPORT
  bool class2 = false;  // belongs on the SIM, wherever +CPMS points
};

struct Counts {
  std::uint64_t submits = 0;    // reached the air
  std::uint64_t reports = 0;    // STATUS-REPORTs taken by a modem
  std::uint64_t inbound = 0;    // texts for SIMs accepted by the service centre, parts counted
  std::uint64_t delivered = 0;  // of these: taken by a modem
  std::uint64_t read = 0;       // +CMGR and +CMGL answers, per message
  std::uint64_t deleted = 0;
  std::uint64_t held = 0;     // refused for want of room, now
  std::uint64_t waiting = 0;  // not yet taken, held ones included; reports too
  std::uint64_t dropped = 0;  // beyond the bounds of the service centre: a test that sees any is too big
};

class Air {
 public:
  explicit Air(AirSettings settings);
  Air(const Air&) = delete;
  Air& operator=(const Air&) = delete;

  // Gives the SIM its line; once per SIM.
  void enrol(Sim*);

  // The modem's side.
  void submitted(const std::string& modem, const Sim&, const at::Submit&, const std::string& pdu,
                 at::Instant now);
  // What is to be given to this SIM now; null: nothing. Valid until the next call of taken() or refused().
  const Inbound* due(std::size_t line, at::Instant now) const;
  void taken(std::size_t line);
  void refused(std::size_t line);  // memory capacity exceeded: held
  void memory_available(std::size_t line,
                        at::Instant now);  // RP-SMMA, or registered again: held ones come again
  std::optional<at::Instant> next(std::size_t line) const;

  // The world's side. Errors in plain words. A text is segmented as a phone would; answers the number of
  // parts.
  at::Expected<int, std::string> inject(std::size_t line, std::string_view from, std::string_view text,
                                        at::Instant now);
  at::Expected<int, std::string> inject_pdu(std::size_t line, std::string_view hex, at::Instant now);
  struct ReportRule {
    bool silent = false;
    std::uint8_t tp_st = 0;
  };
  // False: too many rules.
  bool set_report(const std::string& number, ReportRule);
  // Submits to this number are refused with this +CMS ERROR; 0: no more. False: too many such numbers.
  bool refuse(const std::string& number, int cms);
  int refusal(const at::Submit&) const;  // 0: none
  // What networks do now and then, to the next `count` reports or texts, whosever they are.
  enum class Mishap : std::uint8_t {
    report_late,   // by `by`
    report_twice,  // again `by` later, octet for octet
    report_lost,
    report_early,  // at once: before the submit is answered
    text_twice     // again `by` later: the network thinks that it was not taken
  };
  static constexpr std::size_t kMishaps = 5;
  void mishap(Mishap, int count, Duration by);

  void log(Record);  // bounded: the oldest lines go first
  std::vector<Record> take_log();
  Counts counts() const;
  std::int64_t unix_ms(at::Instant) const;

 private:
  struct Line {
    std::string number;
    std::multimap<at::Instant, Inbound> waiting;
    std::vector<Inbound> held;
    at::Instant last{};  // when the youngest paged one is due
  };
  bool enqueue(Line&, Inbound, at::Instant due);
  at::Instant page(Line&, at::Instant now);
  std::optional<Duration> strikes(Mishap);
  Line* line_of(std::string_view number);
  void report(const Sim&, const at::Submit&, at::Instant now);
  void forward(const Sim&, const at::Submit&, at::Instant now);
  at::Timestamp stamp(at::Instant) const;

  AirSettings settings_;
  Rng rng_;
  std::vector<Line> lines_;
  std::map<std::string, std::size_t> lines_by_tail_;
  std::map<std::string, ReportRule> rules_;
  std::map<std::string, int> refused_numbers_;
  struct Coming {
    int count = 0;
    Duration by{};
  };
  std::array<Coming, kMishaps> mishaps_{};
  std::vector<Record> log_;
  Counts counts_;
  std::uint64_t next_id_ = 1;
  std::uint8_t next_reference_ = 1;
};

}  // namespace modembank
