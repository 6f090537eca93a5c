// /etc/klaxon/klaxon.toml as a struct with its defaults, and everything that is wrong with it at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "at/expected.h"
#include "config/quota.h"

namespace config {

using Millis = std::chrono::milliseconds;

struct Listen {
  std::string host;  // "127.0.0.1", "::"
  std::uint16_t port = 8025;
};
struct Place {                         // of a value in the file; line 0: not written there
  std::uint32_t line = 0, column = 0;
};
struct Http {
  std::vector<Listen> listen{{"127.0.0.1", 8025}};
  std::string tls_certificate, tls_key;  // PEM files; both or none. Both: HTTPS only
  Place certificate_place, key_place;    // for whoever reads the two files and finds them wrong
  bool tls() const { return !tls_certificate.empty(); }
  bool allow_plaintext = false;       // needed beyond loopback without TLS
  std::string bootstrap_token_file;
};
struct Discovery {
  bool enabled = true;
  std::vector<std::string> ignore;    // "0403:6001" or "0403" (USB ids, lower case), or a place (a modem's id)
};
struct TcpLine {
  std::string host, port;             // an address without brackets, or a name
};
// "tcp://host:2001", "tcp://[::1]:2001": a serial port of a terminal server. None: anything else.
std::optional<TcpLine> parse_tcp_line(const std::string& port);

struct FixedModem {
  std::string port;
  int baud = 115200;
  std::string driver = "auto";
  std::string id() const;  // the port's base name: "modem0", "host:2001"
};
enum class Submit : std::uint8_t {
  direct,
  store_first  // into a slot of the SIM, whose status tells what became of it
};
enum class Receive : std::uint8_t {
  stored,  // on the SIM, which is read and emptied
  direct   // by +CMT, and acknowledged once it is on disk
};
enum class Link : std::uint8_t {
  automatic,  // kept open in bursts where the family is known for it
  on,         // wherever the modem knows AT+CMMS
  off
};
struct SimKeys {                      // what [sim_defaults] and [[sim]] share
  PerQuota<std::optional<std::int64_t>> limits{};  // 0: none
  std::optional<int> month_starts;      // the day on which its months begin, 1 to 28
  std::optional<double> weight;
  std::optional<double> cost;           // of a segment, in whatever money; cheaper SIMs go first
  std::optional<std::vector<std::string>> prefers;  // "+34600": it goes first for numbers that begin so
  std::optional<bool> pace;             // its segments are spread over the time of its limits
  std::optional<double> alert_reserve;  // share of each limit that only lane alert may use, below 1
  std::optional<Submit> submit;
  std::optional<Receive> receive;
  std::optional<Link> link;
};
struct Sim : SimKeys {
  std::string iccid, imsi, modem;     // exactly one is set: how the SIM is recognised
  std::string label, number;
  std::string pin_file, pin;          // at most one
};
// Whose recipients may be sent which languages' national tables (at/segment.h; bit n: language n).
struct NationalTables {
  std::vector<std::pair<std::string, std::uint16_t>> by_prefix;  // E.164 without "+"; no prefix twice
  std::uint16_t others = 0;                                      // "default"
  bool any() const { return others != 0 || !by_prefix.empty(); }
  // Of the country that an E.164 number belongs to by its longest prefix; short codes belong to none.
  std::uint16_t languages(std::string_view number) const;
};
// When lane bulk leaves people alone, by the country of their number and by the clock there.
struct QuietHours {
  struct Span {
    int from = 0, until = 0;            // minutes of a day; from above until: over midnight
    std::string zone{};                 // IANA name of the clock; empty: that of `timezone`
    int minutes_left(int minute) const; // how long it is quiet yet at this minute of a day; 0: it is not
    friend bool operator==(const Span&, const Span&) = default;
  };
  std::vector<std::pair<std::string, Span>> by_prefix;  // E.164 without "+"; no prefix twice
  std::optional<Span> others;                           // "default"
  bool any() const { return others || !by_prefix.empty(); }
  // Of whoever has this number; nullptr: no hour is quiet there. Short codes are nobody.
  const Span* span_for(std::string_view number) const;
};
// "21:00-08:00", or with a time zone behind it, which nobody has looked up; an empty span is none.
std::optional<QuietHours::Span> parse_quiet_hours(const std::string&);

struct Policy {
  Millis submit_timeout{60'000};
  std::optional<Millis> submit_overdue;  // none: "auto"
  Millis stop_deadline{15'000};
  Millis disk_deadline{2'000};
  int max_attempts = 5;
  int max_segments = 10;
  std::string default_country = "GB";
  std::string secrets_dir = "/etc/klaxon/secrets";
  Millis keep{0};                     // what is finished goes when it is older; 0: kept for ever
  NationalTables national_tables;
  QuietHours quiet_hours;
  bool sticky = true;                 // a number goes on being written to by the SIM that spoke with it last
  std::int64_t recipient_hourly_limit = 0, recipient_daily_limit = 0;  // messages to one number, but for lane alert; 0: none
  int alert_modems = 0;               // so many modems are left free for lane alert, but never the last one
  bool opt_out = true;                // whoever texts STOP is written to no more, but in lane alert
  std::string stop_reply = "You will get no more texts from us. Text START to get them again.";  // empty: none
  std::string start_reply = "You will get texts from us again. Text STOP to end them.";
};
struct Settings {
  std::string data_dir = "/var/lib/klaxon";
  std::vector<std::string> operators;  // key `operator`
  std::string timezone;
  Http http;
  Discovery discovery;
  std::vector<FixedModem> modems;
  SimKeys sim_defaults;
  std::vector<Sim> sims;
  Policy policy;
};

struct Finding {
  std::string file;
  std::uint32_t line = 0, column = 0;
  std::string reason;        // names the key: "daly_limit: unknown key in [[sim]]; did you mean daily_limit?"
  std::string text() const;  // "FILE:LINE:COLUMN: reason"
};

// Every finding at once. Reads no other file, but for pin_file's and FILE's permissions (a pin in a world-readable file is a finding).
at::Expected<Settings, std::vector<Finding>> load(const std::string& file);
at::Expected<Settings, std::vector<Finding>> parse(const std::string& toml, const std::string& name, bool world_readable = false);

// "250ms" "15s" "10m" "24h" "400d"; whole numbers with a unit.
std::optional<Millis> parse_duration(const std::string&);

// E.164 out of what people write (contract of `to`): "+447700900123", "00447700900123", "07700 900123" with country "GB";
// 3 to 8 digits stay a short code. std::nullopt otherwise. Blanks, dots, dashes and brackets are passed over.
std::optional<std::string> normalise_number(const std::string&, const std::string& default_country);
bool known_country(const std::string& iso2);  // has a dialling code in our table

}  // namespace config
