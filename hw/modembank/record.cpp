#include "hw/modembank/record.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace modembank {
namespace {

void add_submit(std::string* out, const Record::Submitted& s) {
  *out += ",\"da\":" + json_string(s.da) + ",\"text\":" + json_string(s.text);
  *out +=
      ",\"tp_mr\":" + std::to_string(s.tp_mr) + ",\"alphabet\":" + json_string(s.alphabet) + ",\"segment\":";
  if (s.segment) {
    *out += "{\"ref\":" + std::to_string(s.segment->ref) + ",\"total\":" + std::to_string(s.segment->total) +
            ",\"seq\":" + std::to_string(s.segment->seq) + "}";
  } else {
    *out += "null";
  }
  *out += s.srr ? ",\"srr\":true" : ",\"srr\":false";
  *out += ",\"vp\":" + (s.vp ? std::to_string(*s.vp) : "null");
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escaped.data();
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string to_json(const Record& r, std::int64_t unix_ms) {
  const double mono_ms = std::chrono::duration<double, std::milli>(r.at.time_since_epoch()).count();
  std::array<char, 40> mono{};
  std::snprintf(mono.data(), mono.size(), "%.3f", mono_ms);
  std::string out = "{\"event\":" + json_string(r.event) + ",\"at_ms\":" + std::to_string(unix_ms) +
                    ",\"at_mono_ms\":" + mono.data();
  if (!r.modem.empty()) out += ",\"modem\":" + json_string(r.modem);
  if (!r.iccid.empty()) out += ",\"iccid\":" + json_string(r.iccid);
  if (r.submit) add_submit(&out, *r.submit);
  if (!r.mem.empty()) out += ",\"mem\":" + json_string(r.mem) + ",\"index\":" + std::to_string(r.index);
  if (r.inbound != 0) out += ",\"inbound\":" + std::to_string(r.inbound);
  if (!r.pdu.empty()) out += ",\"pdu\":" + json_string(r.pdu);
  return out + "}";
}

}  // namespace modembank
