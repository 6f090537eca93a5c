// The control protocol; README.md is its reference.
#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>

#include "hw/modembank/bank.h"

namespace modembank {
namespace {

constexpr std::size_t kText = 64 * 1024;

std::vector<std::string_view> split_words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto start = line.find_first_not_of(' ');
    if (start == line.npos) return words;
    line.remove_prefix(start);
    const auto end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// What stands behind the first `count` words and one blank.
std::string_view after_words(std::string_view line, int count) {
  for (int k = 0; k < count; ++k) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    line.remove_prefix(std::min(line.find(' '), line.size()));
  }
  if (!line.empty()) line.remove_prefix(1);
  return line;
}

// \n is a new line, \\ a backslash: a control line can't hold the one as it is.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t k = 0; k < text.size(); ++k) {
    const bool escape = text[k] == '\\' && k + 1 < text.size() && (text[k + 1] == 'n' || text[k + 1] == '\\');
    if (escape) ++k;
    out += escape && text[k] == 'n' ? '\n' : text[k];
  }
  return out;
}

template <class Number>
std::optional<Number> parse(std::string_view text, Number low, Number high, int base = 10) {
  Number value{};
  const char* const stop = text.data() + text.size();
  std::from_chars_result read{};
  if constexpr (std::is_floating_point_v<Number>) {
    read = std::from_chars(text.data(), stop, value, std::chars_format::fixed);
  } else {
    read = std::from_chars(text.data(), stop, value, base);
  }
  if (read.ec != std::errc() || read.ptr != stop || !(value >= low && value <= high)) return std::nullopt;
  return value;
}

// "20" is seconds, "500ms" is what it says.
std::optional<Duration> parse_seconds(std::string_view text) {
  if (const auto duration = parse_duration(text)) return duration;
  return parse_duration(std::string(text) + "s");
}

std::string answer_parts(const at::Expected<int, std::string>& parts) {
  return parts ? "ok " + std::to_string(*parts) : "error " + parts.error();
}

}  // namespace

std::optional<int> Bank::number_of(std::string_view modem) const {
  constexpr std::string_view kPrefix = "modem";
  if (modem.starts_with(kPrefix)) modem.remove_prefix(kPrefix.size());
  return parse<int>(modem, 0, size() - 1);
}

std::string Bank::control(std::string_view line, at::Instant now) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  const Words words = split_words(line);
  if (words.empty()) return "error empty line";
  if (words[0] == "status") return status(now);
  if (words[0] == "air") return air_counts();
  if (words[0] == "report") return report(words);
  if (words[0] == "refuse") return refuse(words);
  if (words[0] == "network") return network(words);
  if (words.size() < 2) return "error what of which modem?";
  const auto k = number_of(words[1]);
  if (!k) return "error no such modem: " + std::string(words[1]);
  if (played(*k)) return "error it plays a recording and obeys nobody";
  return modem_control(words, line, *k, now);
}

std::string Bank::modem_control(const Words& words, std::string_view line, int k, at::Instant now) {
  if (words[0] == "inject") return words.size() < 3 ? "error inject MODEM FROM TEXT" : inject(k, line, now);
  if (words[0] == "unplug") return unplug(k);
  if (words[0] == "plug") return plug(k, words, now);
  if (words[0] == "fault") return words.size() < 3 ? "error fault MODEM KIND" : fault(k, words, now);
  if (words[0] == "ussd") return words.size() < 3 ? "error ussd MODEM ANSWER|silent|default" : ussd(k, line);
  if (words[0] == "inject-pdu") {
    Sim* sim = sim_in(k);
    if (words.size() != 3) return "error inject-pdu MODEM HEX";
    return sim == nullptr ? "error no SIM in it" : answer_parts(air_.inject_pdu(sim->line, words[2], now));
  }
  return "error unknown command: " + std::string(words[0]);
}

std::string Bank::inject(int k, std::string_view line, at::Instant now) {
  Sim* sim = sim_in(k);
  if (sim == nullptr) return "error no SIM in it";
  const std::string text = unescape(after_words(line, 3));
  if (text.size() > kText) return "error the text is too long";
  return answer_parts(air_.inject(sim->line, split_words(line)[2], text, now));
}

std::string Bank::ussd(int k, std::string_view line) {
  constexpr std::size_t kMost = 2'048;
  const std::string answer = unescape(after_words(line, 2));
  if (answer.size() > kMost) return "error the answer is too long";
  if (answer == "default") {
    modem(k).answer_codes(std::nullopt);
  } else {
    modem(k).answer_codes(answer == "silent" ? "" : answer);
  }
  return "ok";
}

std::string Bank::unplug(int k) {
  Slot& slot = slots_[static_cast<std::size_t>(k)];
  if (!slot.plugged) return "error not plugged";
  slot.plugged = false;
  slot.modem->power_off();
  return "ok";
}

std::string Bank::plug(int k, const Words& words, at::Instant now) {
  Slot& slot = slots_[static_cast<std::size_t>(k)];
  if (slot.plugged) return "error plugged already";
  constexpr std::string_view kSim = "sim=";
  if (words.size() > 2) {
    if (words.size() != 3 || !words[2].starts_with(kSim)) return "error plug MODEM [sim=MODEM|ICCID|none]";
    const std::string_view name = words[2].substr(kSim.size());
    Sim* sim = sim_named(name);
    if (sim == nullptr && name != "none") return "error no such SIM";
    if (sim != nullptr && sim_in_use(sim, k)) return "error that SIM is in a plugged modem";
    for (Slot& other : slots_) {
      if (sim != nullptr && other.modem->sim() == sim) other.modem->insert(nullptr);
    }
    slot.modem->insert(sim);
  }
  slot.plugged = true;
  ++slot.plugs;
  slot.modem->power_on(now);
  return "ok";
}

Sim* Bank::sim_named(std::string_view name) {
  for (auto& sim : sims_) {
    if (sim->iccid == name) return sim.get();
  }
  const auto k = number_of(name);  // the SIM that this modem had at the start
  return k ? sims_[static_cast<std::size_t>(*k)].get() : nullptr;
}

Sim* Bank::sim_in(int k) {
  return slots_[static_cast<std::size_t>(k)].modem->sim();
}

bool Bank::sim_in_use(const Sim* sim, int but) const {
  for (int k = 0; k < size(); ++k) {
    const Slot& slot = slots_[static_cast<std::size_t>(k)];
    if (k != but && slot.plugged && slot.modem->sim() == sim) return true;
  }
  return false;
}

std::string Bank::fault(int k, const Words& words, at::Instant now) {
  SimulatedModem& modem = this->modem(k);
  const std::string_view kind = words[2];
  const auto arg = [&](std::size_t n) { return words.size() > n + 3 ? words[n + 3] : std::string_view(); };
  const auto count = [&](std::size_t n) {
    return arg(n).empty() ? std::optional(1) : parse<int>(arg(n), 1, 10'000);
  };
  const auto duration = parse_seconds(arg(0));
  if (kind == "clear") {
    modem.clear(now);
    return "ok";
  }
  if (!plugged(k)) return "error not plugged";
  if (kind == "silence" && duration) {
    modem.silence(*duration, now);
  } else if (kind == "garbage" && duration) {
    modem.garbage(*duration, now);
  } else if (kind == "unregister" && duration) {
    modem.unregister(*duration, now);
  } else if (kind == "reboot" && (duration || arg(0).empty())) {
    modem.reboot(duration.value_or(std::chrono::seconds(3)), now);
  } else if (kind == "lost-answer" && count(0)) {
    modem.lose_answers(*count(0));
  } else if (kind == "drop-submit" && count(0)) {
    modem.drop_submits(*count(0));
  } else if (kind == "cms" && parse<int>(arg(0), 0, 65535) && count(1)) {
    modem.fail_submits(*parse<int>(arg(0), 0, 65535), *count(1));
  } else if (kind == "prompt") {
    modem.open_prompt(now);
  } else if (kind == "slow" && parse<double>(arg(0), 0.01, 10'000)) {
    modem.slow(*parse<double>(arg(0), 0.01, 10'000));
  } else {
    return "error unknown fault, or its arguments are wrong: " + std::string(kind);
  }
  return "ok";
}

std::string Bank::report(const Words& words) {
  if (words.size() != 3) return "error report NUMBER st=HEX|silent|default";
  Air::ReportRule rule;
  constexpr std::string_view kStatus = "st=";
  if (words[2].starts_with(kStatus)) {
    const auto st = parse<unsigned>(words[2].substr(kStatus.size()), 0u, 255u, 16);
    if (!st) return "error st= wants two hex digits";
    rule.tp_st = static_cast<std::uint8_t>(*st);
  } else if (words[2] == "silent") {
    rule.silent = true;
  } else if (words[2] != "default") {
    return "error report NUMBER st=HEX|silent|default";
  }
  return air_.set_report(std::string(words[1]), rule) ? "ok" : "error too many rules";
}

std::string Bank::refuse(const Words& words) {
  if (words.size() != 3) return "error refuse NUMBER CODE|never";
  const auto cms = words[2] == "never" ? std::optional(0) : parse<int>(words[2], 1, 65535);
  if (!cms) return "error refuse NUMBER CODE|never";
  return air_.refuse(std::string(words[1]), *cms) ? "ok" : "error too many numbers";
}

namespace {

struct Named {
  std::string_view what, how;
  Air::Mishap kind;
};
constexpr std::array kMishaps = {
    Named{"reports", "late", Air::Mishap::report_late}, Named{"reports", "twice", Air::Mishap::report_twice},
    Named{"reports", "lost", Air::Mishap::report_lost}, Named{"reports", "early", Air::Mishap::report_early},
    Named{"texts", "twice", Air::Mishap::text_twice},
};

}  // namespace

std::string Bank::network(const Words& words) {
  constexpr std::string_view kUsage = "error network reports late|twice|lost|early [N [SECONDS]], network texts twice [N [SECONDS]]";
  const auto* found = std::find_if(kMishaps.begin(), kMishaps.end(), [&](const Named& named) {
    return words.size() >= 3 && named.what == words[1] && named.how == words[2];
  });
  if (found == kMishaps.end() || words.size() > 5) return std::string(kUsage);
  const auto count = words.size() > 3 ? parse<int>(words[3], 0, 10'000) : std::optional(1);
  const auto by = words.size() > 4 ? parse_seconds(words[4]) : std::optional<Duration>(std::chrono::seconds(5));
  if (!count || !by) return std::string(kUsage);
  air_.mishap(found->kind, *count, *by);
  return "ok";
}

std::string Bank::status(at::Instant now) const {
  std::string out = "ok {\"modems\":[";
  for (const Slot& slot : slots_) {
    const SimulatedModem& m = *slot.modem;
    if (out.back() == '}') out += ',';
    out += "{\"modem\":" + json_string(m.settings().name);
    out += std::string(",\"plugged\":") + (slot.plugged ? "true" : "false");
    out += std::string(",\"registered\":") + (m.registered() ? "true" : "false");
    out += ",\"state\":" + json_string(slot.playback ? "playing" : m.state(now)) + ",\"submits\":" + std::to_string(m.submits());
    out += ",\"lost_bytes\":" + std::to_string(m.lost_bytes());
    if (const Sim* sim = m.sim()) {
      out += ",\"iccid\":" + json_string(sim->iccid) + ",\"number\":" + json_string(sim->number);
      out += ",\"sm_used\":" + std::to_string(sim->sm.used()) +
             ",\"sm_total\":" + std::to_string(sim->sm.total());
      out += ",\"pin_tries\":" + std::to_string(sim->pin_tries);
    }
    out += ",\"me_used\":" + std::to_string(m.me().used()) +
           ",\"me_total\":" + std::to_string(m.me().total()) + "}";
  }
  return out + "]}";
}

namespace {

struct Name {
  std::string_view name;
  std::uint64_t Counts::*count;
};
constexpr std::array kNames = {
    Name{"submits", &Counts::submits}, Name{"reports", &Counts::reports},
    Name{"inbound", &Counts::inbound}, Name{"delivered", &Counts::delivered},
    Name{"read", &Counts::read},       Name{"deleted", &Counts::deleted},
    Name{"held", &Counts::held},       Name{"waiting", &Counts::waiting},
    Name{"dropped", &Counts::dropped},
};

}  // namespace

std::string Bank::air_counts() const {
  const Counts counts = air_.counts();
  std::string out = "ok {";
  for (const Name& n : kNames) {
    if (out.back() != '{') out += ',';
    out += json_string(n.name) + ":" + std::to_string(counts.*n.count);
  }
  return out + "}";
}

std::optional<std::uint64_t> Bank::count(std::string_view name) const {
  const auto* found =
      std::find_if(kNames.begin(), kNames.end(), [&](const Name& n) { return n.name == name; });
  if (found == kNames.end()) return std::nullopt;
  return air_.counts().*found->count;
}

}  // namespace modembank
