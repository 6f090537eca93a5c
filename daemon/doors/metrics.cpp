#include "daemon/doors/metrics.h"

#include <array>
#include <cstdio>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "daemon/doors/message_body.h"
#include "daemon/doors/render.h"

namespace klaxon::doors {

namespace {

using Label = std::pair<std::string_view, std::string_view>;

class Text {
 public:
  void counter(std::string_view name, std::string_view help) { family(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { family(name, help, "gauge"); }

  template <class Number>
  void sample(Number value, std::initializer_list<Label> labels = {}) {
    out_ += name_;
    char before = '{';
    for (const auto& [key, text] : labels) {
      out_ += before;
      out_.append(key).append("=\"");
      escape(text);
      out_ += '"';
      before = ',';
    }
    if (labels.size() > 0) out_ += '}';
    out_.append(" ").append(number(value)).append("\n");
  }
  std::string take() { return std::move(out_); }

 private:
  void family(std::string_view name, std::string_view help, std::string_view type) {
    name_ = "klaxon_" + std::string(name);
    out_.append("# HELP ").append(name_).append(" ").append(help).append("\n# TYPE ");
    out_.append(name_).append(" ").append(type).append("\n");
  }
  void escape(std::string_view text) {
    for (const char c : text) {
      if (c == '\\' || c == '"') out_ += '\\';
      if (c == '\n') {
        out_ += "\\n";
      } else {
        out_ += c;
      }
    }
  }
  static std::string number(double value) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.6f", value);
    return digits.data();
  }
  static std::string number(bool value) { return value ? "1" : "0"; }
  template <class Whole>
  static std::string number(Whole value) {
    return std::to_string(value);
  }

  std::string out_, name_;
};

constexpr std::array<Lane, kLanes> kAllLanes{Lane::alert, Lane::urgent, Lane::normal, Lane::bulk};

void by_lane(Text& out, std::string_view name, std::string_view help, const std::uint64_t (&counts)[kLanes]) {
  out.counter(name, help);
  for (const Lane lane : kAllLanes) {
    out.sample(counts[static_cast<std::size_t>(lane)], {{"lane", lane_name(lane)}});
  }
}

void single(Text& out, std::string_view name, std::string_view help, std::uint64_t count) {
  out.counter(name, help);
  out.sample(count);
}

void put_counters(Text& out, const Counters& c) {
  by_lane(out, "messages_accepted_total", "Messages accepted.", c.accepted);
  by_lane(out, "messages_submitted_total", "Messages that the network took.", c.submitted);
  by_lane(out, "messages_delivered_total", "Messages reported delivered.", c.delivered);
  by_lane(out, "messages_failed_total", "Messages that failed for good.", c.failed);
  by_lane(out, "messages_in_doubt_total", "Times a message came into doubt.", c.in_doubt);
  single(out, "inbound_total", "Inbound texts given out whole or released incomplete.", c.inbound);
  single(out, "inbound_duplicates_total", "Inbound parts that had been seen before.", c.inbound_duplicates);
  single(out, "reports_total", "Status reports read.", c.reports);
  single(out, "reports_unmatched_total", "Status reports that fit no message.", c.reports_unmatched);
  single(out, "keyword_refused_total", "Keyword texts from who may not, or with a wrong secret.",
         c.keyword_refused);
  single(out, "commits_total", "Transactions made durable.", c.commits);
  single(out, "commit_failures_total", "Transactions that failed and were tried again.", c.commit_failures);
  out.counter("commit_seconds_total", "Time spent in commits.");
  out.sample(static_cast<double>(c.commit_micros) / 1e6);
  single(out, "turns_total", "Turns of the loop.", c.turns);
}

void put_queue(Text& out, const StateCounts& counts) {
  out.gauge("messages", "Messages kept, by lane and state.");
  for (const Lane lane : kAllLanes) {
    for (std::size_t state = 0; state < 8; ++state) {
      const std::size_t at = static_cast<std::size_t>(lane) * kMessageStates + state;
      if (at >= counts.size()) continue;
      out.sample(counts[at],
                 {{"lane", lane_name(lane)}, {"state", state_name(static_cast<MessageState>(state))}});
    }
  }
}

using ModemCount = std::uint64_t ModemView::*;

void put_modems(Text& out, const std::vector<ModemView>& modems) {
  out.gauge("modem_state", "1 for the state that the modem is in.");
  for (const ModemView& m : modems) out.sample(1, {{"modem", m.id}, {"state", m.state}});
  out.gauge("modem_can_take", "1 when the modem is free for a message.");
  for (const ModemView& m : modems) out.sample(m.can_take, {{"modem", m.id}});
  out.gauge("modem_registered", "1 when registered in a network.");
  for (const ModemView& m : modems) out.sample(m.registered, {{"modem", m.id}});
  out.gauge("modem_signal_dbm", "Signal strength; absent when not known.");
  for (const ModemView& m : modems) {
    if (m.rssi >= 0 && m.rssi <= 31) out.sample(-113 + 2 * m.rssi, {{"modem", m.id}});
  }
  out.gauge("modem_storage_used", "Texts in the SIM's or modem's storage.");
  for (const ModemView& m : modems) out.sample(m.storage_used, {{"modem", m.id}});
  constexpr std::array<std::pair<std::string_view, ModemCount>, 5> kCounts{
      {{"submitted", &ModemView::submitted},
       {"failed", &ModemView::failed},
       {"in_doubt", &ModemView::in_doubt},
       {"received", &ModemView::received},
       {"recoveries", &ModemView::recoveries}}};
  for (const auto& [what, count] : kCounts) {
    out.counter("modem_" + std::string(what) + "_total", "Of this modem, since start.");
    for (const ModemView& m : modems) out.sample(m.*count, {{"modem", m.id}});
  }
}

void put_sims(Text& out, const std::vector<SimView>& sims) {
  out.gauge("sim_sent_today", "Segments sent today.");
  const auto of = [](const SimView& s, Quota quota) { return s.limits[index_of(quota)]; };
  for (const SimView& s : sims) out.sample(of(s, Quota::day).sent, {{"iccid", s.iccid}, {"label", s.label}});
  out.gauge("sim_daily_limit", "Segments a day; 0 is no limit.");
  for (const SimView& s : sims) out.sample(of(s, Quota::day).most.value, {{"iccid", s.iccid}, {"label", s.label}});
  out.gauge("sim_open_doubts", "Attempts whose outcome is not known.");
  for (const SimView& s : sims) out.sample(s.open_doubts, {{"iccid", s.iccid}, {"label", s.label}});
}

void put_door(Text& out, const Face& face, const DoorCounters& door) {
  out.counter("http_answers_total", "HTTP answers, by the status's first digit.");
  constexpr std::array<std::string_view, 6> kClasses{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 2; i < kClasses.size(); ++i) out.sample(door.answered[i], {{"code", kClasses[i]}});
  single(out, "http_unauthorised_total", "Requests with no token or a wrong one.", door.unauthorised);
  if (door.certificate_ends != 0) {
    single(out, "tls_handshakes_failed_total", "TLS handshakes that came to nothing.", door.handshakes_failed);
    out.gauge("tls_certificate_ends_seconds", "When the certificate ends, in Unix time.");
    out.sample(door.certificate_ends);
  }
  out.gauge("reads_waiting", "Requests that wait for the reader.");
  out.sample(face.reads_waiting());
  const Health health = face.health();
  out.gauge("disk_writable", "1 while commits succeed.");
  out.sample(health.disk_writable);
  out.gauge("sim_can_send", "1 while some SIM can send.");
  out.sample(health.sim_can_send);
}

}  // namespace

std::string metrics_text(const Face& face, const DoorCounters& door) {
  Text out;
  put_counters(out, face.counters());
  put_queue(out, face.counts());
  put_modems(out, face.modems());
  put_sims(out, face.sims());
  put_door(out, face, door);
  return out.take();
}

}  // namespace klaxon::doors
