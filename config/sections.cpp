#include "config/sections.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "at/gsm7.h"
#include "config/bounds.h"
#include "config/countries.h"
#include "config/units.h"

namespace config {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;

// The reason against a string's value, at that value.
void blame(TomlTable& table, std::string_view key, std::string reason) {
  if (!reason.empty()) table.fault(key, std::move(reason));
}

void read_pin(TomlTable& table, bool world_readable, Sim* sim) {
  table.read("pin_file", &sim->pin_file);
  table.read("pin", &sim->pin);
  if (table.has("pin_file") && table.has("pin"))
    table.fault("pin", "stands beside pin_file; one of them is enough");
  if (table.has("pin_file")) blame(table, "pin_file", check_pin_file(sim->pin_file));
  if (table.has("pin")) blame(table, "pin", check_pin(sim->pin));
  if (!sim->pin.empty() && world_readable)
    table.fault("pin", "this file can be read by everybody; chmod o= it, or use pin_file");
}

// How the SIM is recognised: one way.
void read_recognition(TomlTable& table, Sim* sim) {
  table.read("iccid", &sim->iccid);
  table.read("modem", &sim->modem);
  table.read("imsi", &sim->imsi);
  const int ways = table.has("iccid") + table.has("modem") + table.has("imsi");
  if (ways != 1) {
    table.fault(ways == 0           ? "iccid"
                : table.has("imsi") ? "imsi"
                                    : "modem",
                "a [[sim]] is recognised by one of iccid, modem or imsi; here are " + std::to_string(ways));
  }
  if (table.has("iccid")) {
    const auto iccid = normalise_iccid(sim->iccid);
    if (!iccid) table.fault("iccid", "\"" + sim->iccid + "\" is no ICCID (10 to 20 digits)");
    sim->iccid = iccid.value_or(sim->iccid);
  }
  if (table.has("imsi") && !is_imsi(sim->imsi))
    table.fault("imsi", "\"" + sim->imsi + "\" is no IMSI (6 to 15 digits)");
  if (table.has("modem") && sim->modem.empty()) table.fault("modem", "is empty");
  if (table.has("imsi") && (table.has("pin") || table.has("pin_file")))
    table.fault("imsi", "can't be read before the PIN is entered; name this SIM by iccid or modem");
}

// The files themselves are read by the daemon, who knows their format.
void read_tls(TomlTable& table, Http* http) {
  const auto path = [&](std::string_view key, std::string* into, Place* place) {
    table.read(key, into);
    *place = table.place(key);
    if (!into->empty() && into->front() != '/') table.fault(key, "\"" + *into + "\" is no absolute path");
  };
  path("tls_certificate", &http->tls_certificate, &http->certificate_place);
  path("tls_key", &http->tls_key, &http->key_place);
  if (http->tls_certificate.empty() == http->tls_key.empty()) return;
  const bool lacks_key = http->tls_key.empty();
  table.fault(
      lacks_key ? "tls_certificate" : "tls_key",
      std::string("stands here without ") + (lacks_key ? "tls_key" : "tls_certificate") + "; TLS takes both");
}

// 0 or "" for ever. No less than what the daemon itself has to remember.
void read_keep(TomlTable& table, Millis* keep) {
  if (table.is_off("keep")) return;
  constexpr std::chrono::days kReportsCome{8}, kHundredYears{36'500};
  table.read("keep", keep, kReportsCome, kHundredYears);
}

void read_quiet_hours(TomlTable& table, QuietHours* quiet) {
  std::map<std::string, std::pair<std::string, QuietHours::Span>> by_prefix;  // with the country that said so
  for (const std::string& key : table.keys()) {
    const Country* country = find_country(key);
    if (key != "default" && country == nullptr) {
      table.fault(key, "is no country with a known dialling code; write two capitals such as GB, or default");
      continue;
    }
    std::string text;
    table.read(key, &text);
    const auto span = parse_quiet_hours(text);
    if (!span) {
      if (!text.empty()) table.fault(key, "\"" + text + "\" is no part of a day; write \"21:00-08:00\"");
      continue;
    }
    if (const auto reason = check_timezone(span->zone); !reason.empty()) {
      table.fault(key, reason);
      continue;
    }
    if (country == nullptr) {
      quiet->others = *span;
      continue;
    }
    for (const std::string_view prefix : e164_prefixes(*country)) {
      const auto [other, fresh] = by_prefix.try_emplace(std::string(prefix), key, *span);
      if (!fresh && other->second.second != *span)
        table.fault(key, "its numbers can't be told from those of " + other->second.first +
                             ", which has other hours here");
    }
  }
  for (auto& [prefix, said] : by_prefix) {
    if (said.second.zone.empty()) said.second.zone = only_timezone(said.first);
    quiet->by_prefix.emplace_back(prefix, said.second);
  }
}

// Confirmations: one for each way, short enough for a text or two.
void read_opt_out(TomlTable& table, Policy* policy) {
  constexpr std::size_t kMostOctets = 300;
  table.read("opt_out", &policy->opt_out);
  const auto reply = [&](std::string_view key, std::string* into) {
    table.read(key, into);
    if (into->size() > kMostOctets)
      table.fault(key, "has " + std::to_string(into->size()) + " octets; a confirmation has at most 300");
  };
  reply("stop_reply", &policy->stop_reply);
  reply("start_reply", &policy->start_reply);
}

// "auto" or a duration up to submit_timeout, which has been read.
void read_overdue(TomlTable& table, Policy* policy) {
  if (table.text_is("submit_overdue", "auto")) return;
  Millis overdue{-1};
  table.read("submit_overdue", &overdue, 100ms, policy->submit_timeout);
  if (overdue.count() >= 0) policy->submit_overdue = overdue;
}

// The languages of one country, or of "default".
std::optional<std::uint16_t> read_languages(TomlTable& table, const std::string& key) {
  const auto names = table.texts(key, at::kGsm7Languages);
  if (!names) return std::nullopt;
  std::uint16_t languages = 0;
  for (const auto& name : *names) {
    const auto language = at::gsm7_language(name.value);
    if (!language) {
      table.fault(*name.node, key + ": \"" + name.value + "\" has no national table; there are " +
                                  at::gsm7_language_list());
      continue;
    }
    languages = static_cast<std::uint16_t>(languages | 1u << *language);
  }
  return languages;
}

void read_national_tables(TomlTable& table, NationalTables* tables) {
  std::map<std::string, std::pair<std::string, std::uint16_t>> by_prefix;  // with the country that said so
  for (const std::string& key : table.keys()) {
    const Country* country = find_country(key);
    if (key != "default" && country == nullptr) {
      table.fault(key, "is no country with a known dialling code; write two capitals such as TR, or default");
      continue;
    }
    const auto languages = read_languages(table, key);
    if (!languages) continue;
    if (country == nullptr) {
      tables->others = *languages;
      continue;
    }
    for (const std::string_view prefix : e164_prefixes(*country)) {
      const auto [other, fresh] = by_prefix.try_emplace(std::string(prefix), key, *languages);
      if (!fresh && other->second.second != *languages)
        table.fault(key, "its numbers can't be told from those of " + other->second.first +
                             ", which has other languages here");
    }
  }
  for (const auto& [prefix, said] : by_prefix) tables->by_prefix.emplace_back(prefix, said.second);
}

}  // namespace

void read_http(TomlTable& table, Http* http) {
  table.read("allow_plaintext", &http->allow_plaintext);
  table.read("bootstrap_token_file", &http->bootstrap_token_file);
  read_tls(table, http);
  const auto listens = table.texts("listen", kMostListens);
  if (!listens) return;
  if (listens->empty()) table.fault("listen", "is empty; the API listens somewhere");
  http->listen.clear();
  for (const auto& text : *listens) {
    std::string why;
    const auto listen = parse_listen(text.value, &why);
    const auto same = [&](const Listen& other) {
      return other.host == listen->host && other.port == listen->port;
    };
    if (!listen) {
      table.fault(*text.node, "listen: " + why);
    } else if (std::any_of(http->listen.begin(), http->listen.end(), same)) {
      table.fault(*text.node, "listen: \"" + text.value + "\" stands here twice");
    } else if (!is_loopback(*listen) && !http->tls() && !http->allow_plaintext) {
      table.fault(*text.node, "listen: \"" + text.value +
                                  "\" is not loopback and needs TLS: set tls_certificate and tls_key; " +
                                  "allow_plaintext = true takes the risk");
    } else {
      http->listen.push_back(*listen);
    }
  }
}

void read_discovery(TomlTable& table, Discovery* discovery) {
  table.read("enabled", &discovery->enabled);
  const auto ignored = table.texts("ignore", kMostIgnored);
  if (!ignored) return;
  for (const auto& text : *ignored) {
    const auto rule = normalise_ignored(text.value);
    if (rule) {
      discovery->ignore.push_back(*rule);
    } else {
      table.fault(*text.node, "ignore: \"" + text.value +
                                  "\" is neither a USB id (\"0403:6001\", \"0403\") nor a place such as "
                                  "\"pci-0000:00:14.0-usb-0:1.2\"");
    }
  }
}

void read_modem(TomlTable& table, FixedModem* modem) {
  table.read("port", &modem->port);
  table.read("driver", &modem->driver);
  table.read("baud", &modem->baud, 1, 10'000'000);
  if (!table.has("port")) table.fault("port", "is missing in [[modem]]");
  if (table.has("port")) blame(table, "port", check_port_path(modem->port));
  blame(table, "driver", check_driver(modem->driver));
  if (!is_baud(modem->baud))
    table.fault("baud", std::to_string(modem->baud) + " is no speed of a serial port");
}

// One word of several, the first of which is the default.
template <class Choice>
void read_choice(TomlTable& table, const char* key, std::optional<Choice>* to,
                 const std::vector<std::pair<std::string, Choice>>& words) {
  if (!table.has(key)) return;
  std::string word = words.front().first;  // of another type than text: already blamed
  table.read(key, &word);
  std::string all;
  for (std::size_t k = 0; k < words.size(); ++k) {
    if (words[k].first == word) *to = words[k].second;
    if (k > 0) all += k + 1 == words.size() ? " or " : ", ";
    all += '"' + words[k].first + '"';
  }
  if (!*to) table.fault(key, "must be " + all);
}

// How its modem is to go about it.
void read_ways(TomlTable& table, SimKeys* keys) {
  read_choice(table, "submit", &keys->submit,
              {{"direct", Submit::direct}, {"store-first", Submit::store_first}});
  read_choice(table, "receive", &keys->receive, {{"stored", Receive::stored}, {"direct", Receive::direct}});
  read_choice(table, "link", &keys->link, {{"auto", Link::automatic}, {"on", Link::on}, {"off", Link::off}});
}

// What decides between SIMs besides limits and weight.
void read_preferences(TomlTable& table, SimKeys* keys) {
  constexpr double kMostCost = 1'000'000, kMostReserve = 0.9;
  constexpr std::size_t kMostPrefixes = 100;
  table.read("cost", &keys->cost);
  if (keys->cost && !(*keys->cost >= 0 && *keys->cost <= kMostCost))
    table.fault("cost", "must be 0 to 1000000, of a segment");
  table.read("alert_reserve", &keys->alert_reserve);
  if (keys->alert_reserve && !(*keys->alert_reserve >= 0 && *keys->alert_reserve <= kMostReserve))
    table.fault("alert_reserve", "must be 0 to 0.9, a share of each limit");
  if (table.has("pace")) table.read("pace", &keys->pace.emplace(false));
  read_ways(table, keys);
  const auto prefixes = table.texts("prefers", kMostPrefixes);
  if (!prefixes) return;
  keys->prefers.emplace();
  for (const auto& [prefix, node] : *prefixes) {
    if (is_number_prefix(prefix))
      keys->prefers->push_back(prefix);
    else
      table.fault(*node, "prefers: \"" + prefix +
                             "\" begins no number; write + and 1 to 14 digits, such as \"+34600\"");
  }
}

void read_sim_keys(TomlTable& table, SimKeys* keys) {
  constexpr double kMostWeight = 1'000;
  for (const Quota quota : kQuotas) {
    std::int64_t most = -1;
    table.read(quota_key(quota), &most, 0, most_of(quota));
    if (most >= 0) keys->limits[index_of(quota)] = most;
  }
  if (table.has("month_starts")) table.read("month_starts", &keys->month_starts.emplace(1), 1, 28);
  table.read("weight", &keys->weight);
  if (keys->weight && !(*keys->weight > 0 && *keys->weight <= kMostWeight))
    table.fault("weight", "must be above 0 and at most 1000");
  read_preferences(table, keys);
}

void read_sim(TomlTable& table, const std::string& default_country, bool world_readable, Sim* sim) {
  read_recognition(table, sim);
  read_pin(table, world_readable, sim);
  read_sim_keys(table, sim);
  table.read("label", &sim->label);
  if (table.has("label")) blame(table, "label", check_label(sim->label));
  table.read("number", &sim->number);
  if (!table.has("number") || sim->number.empty()) return;
  const auto number = normalise_number(sim->number, default_country);
  if (!number)
    table.fault("number", "\"" + sim->number + "\" is no telephone number; write +, country code, number");
  sim->number = number.value_or(sim->number);
}

void read_policy(TomlTable& table, Policy* policy) {
  table.read("submit_timeout", &policy->submit_timeout, 1s, 10min);
  read_overdue(table, policy);
  table.read("stop_deadline", &policy->stop_deadline, 0s, 10min);
  table.read("disk_deadline", &policy->disk_deadline, 100ms, 60s);
  table.read("max_attempts", &policy->max_attempts, 1, 100);
  table.read("max_segments", &policy->max_segments, 1, 255);  // 23.040 9.2.3.24.1: one octet counts the parts
  read_keep(table, &policy->keep);
  table.read("secrets_dir", &policy->secrets_dir);
  if (policy->secrets_dir.empty()) table.fault("secrets_dir", "is empty");
  table.read("default_country", &policy->default_country);
  if (!known_country(policy->default_country)) {
    table.fault("default_country",
                "\"" + policy->default_country +
                    "\" is no country with a known dialling code; write two capitals such as \"GB\"");
  }
  table.read("sticky", &policy->sticky);
  table.read("recipient_hourly_limit", &policy->recipient_hourly_limit, 0, 1'000'000);
  table.read("recipient_daily_limit", &policy->recipient_daily_limit, 0, 1'000'000);
  table.read("alert_modems", &policy->alert_modems, 0, 255);
  read_opt_out(table, policy);
  table.table("quiet_hours", [&](TomlTable& inner) { read_quiet_hours(inner, &policy->quiet_hours); });
  table.table("national_tables",
              [&](TomlTable& inner) { read_national_tables(inner, &policy->national_tables); });
}

}  // namespace config
