#include "tests/drivers/recorded_modem.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "at/params.h"

namespace {

const std::string kFolder = KLAXON_SOURCE_DIR "/tests/corpus/chat/modems";
const std::string kAny = "*";

std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (const char kind = text.at(++i); kind == 'x') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += kind == 'r' ? '\r' : kind == 'n' ? '\n' : kind;
    }
  }
  return out;
}

// AT, ATE0, ATV1Q0X4
bool is_v250(const std::string& line) {
  static const std::string kLetters = "EQVX", kDigits = "0123456789";
  if (!line.starts_with("AT") || line.size() % 2 != 0) return false;
  for (std::size_t i = 2; i < line.size(); i += 2)
    if (kLetters.find(line[i]) == std::string::npos || kDigits.find(line[i + 1]) == std::string::npos)
      return false;
  return true;
}

bool has(const std::vector<int>& values, int value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

RecordedModem::RecordedModem(const std::string& name) {
  std::ifstream in(kFolder + '/' + name + ".chat");
  if (!in) throw std::runtime_error("no recording " + name);
  std::string command;
  bool unasked = false;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::string text = unescape(line.size() > 2 ? line.substr(2) : std::string{});
    if (line[0] == '@') {
      unasked = true;
    } else if (line[0] == '>') {
      command = text;
      if (command.ends_with('\x1A')) command = "PDU:" + command;
      if (command.ends_with('\r') || command.ends_with('\x1A')) command.pop_back();
      answers_[command].emplace_back();
    } else if (unasked) {
      unasked_.push_back(text);
    } else {
      answers_.at(command).back() += text;
    }
  }
}

bool RecordedModem::within_range(const std::string& cnmi) const {
  const auto test = answers_.find("AT+CNMI=?");
  if (test == answers_.end()) return false;
  const std::string& answer = test->second.front();
  const auto from = answer.find("+CNMI:");
  const auto range = at::parse_cnmi_test(answer.substr(from, answer.find('\r', from) - from));
  std::vector<int> values;
  for (const std::string& value : at::split_params(cnmi.substr(std::string("AT+CNMI=").size())))
    values.push_back(std::stoi(value));
  return range && values.size() == 5 && has(range->mode, values[0]) && has(range->mt, values[1]) &&
         has(range->bm, values[2]) && has(range->ds, values[3]) && has(range->bfr, values[4]);
}

std::string RecordedModem::told(const std::string& line) {
  const auto& all = answers_.at(line);
  const std::size_t turn = std::min(asked_[line]++, all.size() - 1);
  return all[turn];
}

std::string RecordedModem::answer(const std::string& line) {
  if (answers_.contains(line)) return told(line);
  if (is_v250(line)) return "\r\nOK\r\n";
  if (line.starts_with("AT+CNMI=") && line != "AT+CNMI=?" && within_range(line)) return "\r\nOK\r\n";
  return answers_.contains(kAny) ? told(kAny) : "\r\nERROR\r\n";
}

std::optional<RecordedModem::Submit> RecordedModem::submit() const {
  static const std::string kCommand = "AT+CMGS=";
  std::optional<Submit> out;
  for (const auto& [line, all] : answers_)
    if (line.starts_with(kCommand)) out = Submit{std::stoi(line.substr(kCommand.size())), {}, {}};
  for (const auto& [line, all] : answers_)
    if (out && line.starts_with("PDU:")) out->pdu = line.substr(4), out->outcome = all.front();
  return out;
}

std::optional<std::string> RecordedModem::text() const {
  for (const auto& [line, all] : answers_) {
    if (!line.starts_with("AT+CMGR=")) continue;
    const auto header = all.front().find("+CMGR:");
    if (header == std::string::npos) continue;
    const auto pdu = all.front().find('\n', header) + 1;
    return all.front().substr(pdu, all.front().find('\r', pdu) - pdu);
  }
  return std::nullopt;
}

std::vector<std::string> recordings() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".chat") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}
