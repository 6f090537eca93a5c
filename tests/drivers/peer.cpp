#include "tests/drivers/peer.h"

#include <algorithm>
#include <utility>

namespace {

constexpr const char* kOk = "\r\nOK\r\n";

std::string lines_and_ok(const std::string& text) {
  return "\r\n" + text + "\r\n\r\nOK\r\n";
}

std::string header(const std::string& pdu) {
  return std::to_string(pdu.size() / 2 - 8);
}

}  // namespace

void Peer::read(const std::string& bytes, at::Instant now) {
  now_ = now;
  if (hung) return;
  if (buffering) {
    unread_ += bytes;
    return;
  }
  for (char c : bytes) {
    if (c == '\x1B') {
      line_.clear();
      line("\x1B");
    } else if (data_entry && c == '\x1A') {
      data_entry = false;
      line("PDU:" + std::exchange(line_, {}));
    } else if (!data_entry && c == '\r') {
      line(std::exchange(line_, {}));
    } else {
      line_ += c;
    }
  }
}

void Peer::wake(at::Instant now) {
  hung = buffering = false;
  read(std::exchange(unread_, {}), now);
}

std::optional<at::Instant> Peer::next() const {
  if (later_.empty()) return std::nullopt;
  return later_.begin()->first;
}

std::string Peer::take(at::Instant now) {
  std::string out;
  now_ = now;
  while (!later_.empty() && later_.begin()->first <= now) {
    out += later_.begin()->second;
    later_.erase(later_.begin());
  }
  return out;
}

bool Peer::all_expected() const {
  return std::all_of(rules_.begin(), rules_.end(), [](const Rule& r) { return r.times < 0; });
}

int Peer::count(const std::string& prefix) const {
  return static_cast<int>(
      std::count_if(lines.begin(), lines.end(), [&](const std::string& l) { return l.starts_with(prefix); }));
}

bool Peer::ruled(const std::string& text) {
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    const bool whole = rule->prefix == "AT";  // else every command would match
    if (whole ? text != "AT" : !text.starts_with(rule->prefix)) continue;
    if (!rule->silent) {
      data_entry = rule->bytes.ends_with("> ");
      says(rule->bytes, rule->delay);
    }
    if (rule->times > 0 && --rule->times == 0) rules_.erase(rule);
    return true;
  }
  return false;
}

void Peer::line(const std::string& text) {
  lines.push_back(text);
  times.push_back(now_);
  if (echo) says(text.starts_with("PDU:") ? text.substr(4) + '\x1A' : text + '\r');
  if (text.starts_with("PDU:") && on_pdu) on_pdu();
  if (text.starts_with("AT+CMG")) storing_ = text.starts_with("AT+CMGW=");
  if (hung || ruled(text)) return;
  if (!script || text == "\x1B") return answers(sensible(text));
  const std::string bytes = script(text);
  data_entry = bytes.ends_with("> ");
  answers(bytes);
}

void Peer::answers(const std::string& bytes) {
  if (bytes.empty()) return;
  if (std::uniform_real_distribution<>(0, 1)(random_) < lose_answers) return;
  last_answer_ = std::max(last_answer_, now_ + lag + at::Millis{5});
  later_.emplace(last_answer_, bytes);
}

void Peer::reboot(at::Instant now) {
  now_ = now;
  lose_port();
  unread_.clear();
  mem1 = "SM";
  hung = buffering = false;
}

std::string Peer::cpms(const std::string& text) {
  if (text == "AT+CPMS=?") return lines_and_ok("+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")");
  const auto use = [&](const std::string& mem) {
    return std::to_string(store[mem].size()) + "," + std::to_string(places);
  };
  if (text == "AT+CPMS?") {
    const std::string one = '"' + mem1 + "\"," + use(mem1);
    return lines_and_ok("+CPMS: " + one + ',' + one + ',' + one);
  }
  mem1 = text.substr(9, 2);
  if (text.size() > 14) mem2 = text.substr(14, 2);
  return lines_and_ok("+CPMS: " + use(mem1) + ',' + use(mem1) + ',' + use(mem1));
}

std::string Peer::stored(const std::string& text) {
  auto& mem = store[mem1];
  const auto stat = [&](int index) {
    const auto known = stats[mem1].find(index);
    return std::to_string(known == stats[mem1].end() ? 1 : known->second);
  };
  if (text.starts_with("AT+CMGL=")) {
    std::string out;
    for (const auto& [index, pdu] : mem)
      out += "\r\n+CMGL: " + std::to_string(index) + "," + stat(index) + ",," + header(pdu) + "\r\n" + pdu;
    return out + "\r\n" + kOk;
  }
  const int index = std::stoi(text.substr(8));
  const auto place = mem.find(index);
  if (text.starts_with("AT+CMGD=")) {
    if (place == mem.end()) return "\r\n+CMS ERROR: 321\r\n";
    deleted.push_back(place->second);
    mem.erase(place);
    stats[mem1].erase(index);
    return kOk;
  }
  if (place == mem.end()) return kOk;
  return "\r\n+CMGR: " + stat(index) + ",," + header(place->second) + "\r\n" + place->second + "\r\n" + kOk;
}

std::string Peer::written(const std::string& pdu) {
  auto& mem = store[mem2];
  int index = 1;
  while (mem.contains(index)) ++index;
  if (index > places) return "\r\n+CMS ERROR: 322\r\n";
  mem[index] = pdu;
  stats[mem2][index] = 2;
  return lines_and_ok("+CMGW: " + std::to_string(index));
}

std::string Peer::sent_from_storage(int index) {
  const auto place = store[mem2].find(index);
  if (place == store[mem2].end()) return "\r\n+CMS ERROR: 321\r\n";
  air.push_back(place->second);
  if (marks_sent) stats[mem2][index] = 3;
  return lines_and_ok("+CMSS: " + std::to_string(++tp_mr % 256));
}

std::string Peer::sensible(const std::string& text) {
  const auto is = [&](const char* prefix) { return text.starts_with(prefix); };
  if (text == "\x1B") {
    entries_escaped += data_entry;
    return std::exchange(data_entry, false) ? kOk : "";
  }
  if (is("PDU:") && storing_) return written(text.substr(4));
  if (is("AT+CMSS=")) return sent_from_storage(std::stoi(text.substr(8)));
  if (is("PDU:")) {
    air.push_back(text.substr(4));
    return lines_and_ok("+CMGS: " + std::to_string(++tp_mr % 256));
  }
  if (is("AT+CMGS=") || is("AT+CMGW=")) {
    data_entry = true;
    return "\r\n> ";
  }
  if (is("AT+CGMI")) return lines_and_ok(manufacturer);
  if (is("AT+CGMM")) return lines_and_ok(model);
  if (is("AT+CGMR")) return lines_and_ok("R1.02");
  if (is("AT+CGSN")) return lines_and_ok("867962041234567");
  if (is("AT+CMEE?")) return lines_and_ok("+CMEE: 1");
  if (is("AT+CMGF?")) return lines_and_ok("+CMGF: 0");
  if (is("AT+CFUN?")) return lines_and_ok("+CFUN: 1");
  if (is("AT+CPIN?"))
    return cpin.starts_with("+CM") ? "\r\n" + cpin + "\r\n" : lines_and_ok("+CPIN: " + cpin);
  if (is("AT+CPIN=")) {
    if (text != "AT+CPIN=\"" + pin + '"') return "\r\n+CME ERROR: 16\r\n";
    cpin = "READY";
    return kOk;
  }
  if (is("AT+CPINR")) return lines_and_ok("+CPINR: SIM PIN," + std::to_string(tries) + ",3");
  if (is("AT+CCID") || is("AT+QCCID")) return lines_and_ok("+CCID: 8944110000000000001F");
  if (is("AT+CIMI")) return lines_and_ok("234150000000001");
  if (is("AT+CNUM")) return lines_and_ok("+CNUM: \"\",\"+447700900001\",145");
  if (is("AT+CPMS")) return cpms(text);
  if (is("AT+CSCA?")) return lines_and_ok("+CSCA: \"+447785016005\",145");
  if (is("AT+CREG?")) return lines_and_ok("+CREG: 1," + std::to_string(creg));
  if (is("AT+CGREG?")) return lines_and_ok("+CGREG: 1," + std::to_string(cgreg));
  if (is("AT+CEREG?")) return lines_and_ok("+CEREG: 1," + std::to_string(cereg));
  if (is("AT+CSQ")) return lines_and_ok("+CSQ: 21,99");
  if (is("AT+COPS?")) return lines_and_ok("+COPS: 0,2,\"23415\",7");
  if (is("AT+CMMS=?")) return lines_and_ok("+CMMS: (0-2)");
  if (is("AT+CMGL=") || is("AT+CMGR=") || is("AT+CMGD=")) return stored(text);
  return is("AT") ? kOk : "";
}
