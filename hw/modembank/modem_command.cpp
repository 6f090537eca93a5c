// A command line taken apart (V.250 5.4); V.250 and 27.007 commands.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "at/params.h"
#include "hw/modembank/modem.h"

namespace modembank {
namespace {

constexpr at::Millis kCodeLatency{500};  // of the network, for a code

bool letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

// Where the command that starts here ends: at a semicolon outside quotes.
std::size_t extent(std::string_view text) {
  bool quoted = false;
  for (std::size_t k = 0; k < text.size(); ++k) {
    if (text[k] == '"') quoted = !quoted;
    if (text[k] == ';' && !quoted) return k;
  }
  return text.size();
}

std::string_view cme_words(int code) {
  switch (code) {
    case 3:
      return "operation not allowed";
    case 4:
      return "operation not supported";
    case 10:
      return "SIM not inserted";
    case 11:
      return "SIM PIN required";
    case 12:
      return "SIM PUK required";
    case 16:
      return "incorrect password";
    case 30:
      return "no network service";
    default:
      return "unknown";
  }
}

}  // namespace

int SimulatedModem::Command::number(std::size_t k, int otherwise) const {
  if (k >= args.size() || args[k].empty()) return otherwise;
  int value = 0;
  const char* end = args[k].data() + args[k].size();
  const auto [stop, problem] = std::from_chars(args[k].data(), end, value);
  return problem == std::errc() && stop == end && value >= 0 ? value : -1;
}

SimulatedModem::Answer SimulatedModem::ok(std::vector<std::string> lines) {
  Answer answer;
  answer.lines = std::move(lines);
  return answer;
}

SimulatedModem::Answer SimulatedModem::error() {
  Answer answer;
  answer.error = "ERROR";
  return answer;
}

SimulatedModem::Answer SimulatedModem::cms(int code) {
  Answer answer;
  answer.error = "+CMS ERROR: " + std::to_string(code);
  return answer;
}

// 27.007 9.1
SimulatedModem::Answer SimulatedModem::cme(int code) const {
  Answer answer = error();
  if (current_.cmee == 1) answer.error = "+CME ERROR: " + std::to_string(code);
  if (current_.cmee == 2) answer.error = "+CME ERROR: " + std::string(cme_words(code));
  return answer;
}

// std::nullopt: the line makes no sense from here on.
std::optional<SimulatedModem::Command> SimulatedModem::next_command(std::string_view* rest) const {
  Command command;
  std::string_view text = *rest;
  if (letter(text[0]) || text[0] == '&' || text[0] == '\\') {
    std::size_t k = letter(text[0]) ? 1 : 2;
    if (k > text.size()) return std::nullopt;
    command.name = upper(text.substr(0, k));
    std::size_t end = k;
    while (end < text.size() &&
           (digit(text[end]) || (command.name == "S" && (text[end] == '=' || text[end] == '?'))))
      ++end;
    if (end > k) command.args.emplace_back(text.substr(k, end - k));
    *rest = text.substr(end);
    return command;
  }
  if (std::string_view("+^*#%$").find(text[0]) == std::string_view::npos) return std::nullopt;
  const std::size_t end = extent(text);
  *rest = text.substr(end);
  text = text.substr(0, end);
  const std::size_t mark = std::min(text.find_first_of("=?"), text.size());
  command.name = upper(text.substr(0, mark));
  const std::string_view tail = text.substr(mark);
  if (tail == "?")
    command.form = Command::Form::read;
  else if (tail == "=?")
    command.form = Command::Form::test;
  else if (tail.starts_with('='))
    command.form = Command::Form::set;
  else if (!tail.empty())
    return std::nullopt;
  if (command.form == Command::Form::set) command.args = at::split_params(tail.substr(1));
  return command;
}

// V.250 5.4.3: one after the other; an error ends the line.
SimulatedModem::Answer SimulatedModem::execute_line(std::string_view line, at::Instant now) {
  Answer whole;
  while (true) {
    while (!line.empty() && (line[0] == ' ' || line[0] == ';')) line.remove_prefix(1);
    if (line.empty()) return whole;
    const auto command = next_command(&line);
    Answer one = command ? execute(*command, now) : error();
    for (auto& l : one.lines) whole.lines.push_back(std::move(l));
    for (auto& r : one.records) whole.records.push_back(std::move(r));
    whole.error = std::move(one.error);
    whole.next = one.next;
    whole.radio = std::move(one.radio);
    if (!whole.error.empty() || whole.next != Next::result) return whole;
  }
}

SimulatedModem::Answer SimulatedModem::execute(const Command& command, at::Instant now) {
  using M = SimulatedModem;
  static constexpr std::array kCommands = {
      Known{"+CGMI", &M::identity},      Known{"+GMI", &M::identity},
      Known{"+CGMM", &M::identity},      Known{"+GMM", &M::identity},
      Known{"+CGMR", &M::identity},      Known{"+GMR", &M::identity},
      Known{"+CGSN", &M::identity},      Known{"+GSN", &M::identity},
      Known{"+CMEE", &M::cmee},          Known{"+CIMI", &M::sim_identity},
      Known{"+CNUM", &M::sim_identity},  Known{"+CCID", &M::sim_identity},
      Known{"+ICCID", &M::sim_identity}, Known{"+QCCID", &M::sim_identity},
      Known{"+CPIN", &M::cpin},          Known{"+CPINR", &M::cpinr},
      Known{"+CFUN", &M::cfun},          Known{"+CREG", &M::creg},
      Known{"+CGREG", &M::creg},         Known{"+CEREG", &M::creg},
      Known{"+COPS", &M::cops},          Known{"+CSQ", &M::csq},
      Known{"+CSCS", &M::cscs},          Known{"+CPAS", &M::cpas},
      Known{"+CSMS", &M::csms},          Known{"+CMGF", &M::cmgf},
      Known{"+CSCA", &M::csca},          Known{"+CPMS", &M::cpms},
      Known{"+CNMI", &M::cnmi},          Known{"+CMGL", &M::cmgl},
      Known{"+CMGR", &M::cmgr},          Known{"+CMGD", &M::cmgd},
      Known{"+CMGS", &M::cmgs},          Known{"+CMGW", &M::cmgw},
      Known{"+CMSS", &M::cmss},          Known{"+CMMS", &M::cmms},
      Known{"+CNMA", &M::cnma},          Known{"+IPR", &M::accept},
      Known{"+IFC", &M::accept},         Known{"+CGSMS", &M::accept},
      Known{"+CLIP", &M::accept},        Known{"+CRC", &M::accept},
      Known{"+CUSD", &M::cusd},          Known{"+QPINC", &M::quectel},
      Known{"+QINDCFG", &M::quectel},    Known{"+QURCCFG", &M::quectel},
      Known{"+QCFG", &M::quectel},
  };
  if (command.name[0] != '+') return basic(command);
  const auto* known = std::find_if(kCommands.begin(), kCommands.end(),
                                   [&](const Known& k) { return k.name == command.name; });
  return known == kCommands.end() ? error() : (this->*known->verb)(command, now);
}

// The radio stays as it is.
void SimulatedModem::reset_settings() {
  const int fun = current_.cfun;
  current_ = Settings{};
  current_.cfun = fun;
}

SimulatedModem::Answer SimulatedModem::basic(const Command& command) {
  const int n = command.number(0, 0);
  if (command.name == "E")
    current_.echo = n == 1;
  else if (command.name == "V")
    current_.verbose = n == 1;
  else if (command.name == "Q")
    current_.quiet = n == 1;
  else if (command.name == "I")
    return ok({settings_.make == Make::ec2x ? "Quectel\r\nEC25\r\nRevision: EC25EFAR06A01M4G"
                                            : "Klaxon simulated modem"});
  else if (command.name == "Z" || command.name == "&F")
    reset_settings();
  else if (std::string_view("&C &D &K &W &S S X H L M").find(command.name) == std::string_view::npos)
    return error();
  return ok();
}

SimulatedModem::Answer SimulatedModem::identity(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok();
  const bool ec2x = settings_.make == Make::ec2x;
  const char last = command.name.back();
  if (last == 'I') return ok({ec2x ? "Quectel" : "Klaxon"});
  if (last == 'M') return ok({ec2x ? "EC25" : "simulated modem"});
  if (last == 'R') return ok({ec2x ? "EC25EFAR06A01M4G" : "1.0"});
  return ok({command.form == Command::Form::set ? "+CGSN: \"" + settings_.imei + "\"" : settings_.imei});
}

// EF-ICCID can be read before the PIN; IMSI and MSISDN can't.
SimulatedModem::Answer SimulatedModem::sim_identity(const Command& command, at::Instant) {
  const bool ec2x = settings_.make == Make::ec2x;
  if (command.name == (ec2x ? "+ICCID" : "+QCCID")) return error();
  if (command.form == Command::Form::test) return ok();
  if (sim_ == nullptr) return cme(10);
  if (command.name == "+CCID" || command.name == "+ICCID") return ok({command.name + ": " + sim_->iccid});
  if (command.name == "+QCCID")
    return ok({"+QCCID: " + sim_->iccid + (sim_->iccid.size() % 2 == 1 ? "F" : "")});
  if (!unlocked()) return cme(sim_->pin_tries > 0 ? 11 : 12);
  if (command.name == "+CIMI") return ok({sim_->imsi});
  return ok({"+CNUM: ,\"" + sim_->number + "\",145"});
}

SimulatedModem::Answer SimulatedModem::cmee(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok({"+CMEE: (0-2)"});
  if (command.form == Command::Form::read) return ok({"+CMEE: " + std::to_string(current_.cmee)});
  const int n = command.number(0, 0);
  if (n < 0 || n > 2) return cme(4);
  current_.cmee = n;
  return ok();
}

std::string SimulatedModem::pin_state() const {
  if (unlocked()) return "READY";
  return sim_->pin_tries > 0 ? "SIM PIN" : "SIM PUK";
}

// 27.007 8.3. Tries live on the SIM and survive every power cut.
SimulatedModem::Answer SimulatedModem::cpin(const Command& command, at::Instant now) {
  if (command.form == Command::Form::test) return ok();
  if (sim_ == nullptr) return cme(10);
  if (sim_at_) return cme(14);
  if (command.form == Command::Form::read) return ok({"+CPIN: " + pin_state()});
  if (unlocked() || command.args.empty()) return cme(3);
  air_.log(record("pin", now));
  const bool puk = sim_->pin_tries == 0;
  if (puk && command.args.size() < 2) return cme(12);
  int& tries = puk ? sim_->puk_tries : sim_->pin_tries;
  if (tries == 0) return cme(13);
  if (command.args[0] != (puk ? sim_->puk : sim_->pin)) {
    --tries;
    return cme(tries > 0 || puk ? 16 : 12);
  }
  if (puk) sim_->pin = command.args[1];
  sim_->pin_tries = 3;
  sim_->puk_tries = 10;
  pin_entered_ = true;
  open_sim(now);
  return ok();
}

// 27.007 8.65
SimulatedModem::Answer SimulatedModem::cpinr(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok();
  if (sim_ == nullptr) return cme(10);
  const std::string which = command.args.empty() ? "SIM PIN" : command.args[0];
  if (which == "SIM PIN") return ok({"+CPINR: SIM PIN," + std::to_string(sim_->pin_tries) + ",3"});
  if (which == "SIM PUK") return ok({"+CPINR: SIM PUK," + std::to_string(sim_->puk_tries) + ",10"});
  return cme(4);
}

SimulatedModem::Answer SimulatedModem::cfun(const Command& command, at::Instant now) {
  if (command.form == Command::Form::test) return ok({"+CFUN: (0,1,4),(0,1)"});
  if (command.form == Command::Form::read) return ok({"+CFUN: " + std::to_string(current_.cfun)});
  const int fun = command.number(0, -1);
  if (fun != 0 && fun != 1 && fun != 4) return cme(4);
  Answer answer = ok();
  if (command.number(1, 0) == 1) {
    answer.next = Next::reboot;
    return answer;
  }
  current_.cfun = fun;
  if (fun != 1) {
    registers_at_.reset();
    set_stat(0, now);
  } else if (stat_ != 1 && unlocked()) {
    open_sim(now);
  }
  return answer;
}

SimulatedModem::Answer SimulatedModem::creg(const Command& command, at::Instant) {
  int& mode = command.name == "+CREG"    ? current_.creg
              : command.name == "+CGREG" ? current_.cgreg
                                         : current_.cereg;
  if (command.form == Command::Form::test) return ok({command.name + ": (0-2)"});
  if (command.form == Command::Form::read) return ok({registration_line(command.name, mode, true)});
  const int n = command.number(0, 0);
  if (n < 0 || n > 2) return cme(4);
  mode = n;
  return ok();
}

SimulatedModem::Answer SimulatedModem::cops(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok({"+COPS: (2,\"Klaxon Test\",\"KLX\",\"00101\",2)"});
  if (command.form == Command::Form::set) {
    if (command.number(0, 0) == 3) current_.cops_format = command.number(1, 0);
    return ok();
  }
  if (stat_ != 1) return ok({"+COPS: 0"});
  const std::string name = current_.cops_format == 2 ? "00101" : "Klaxon Test";
  return ok({"+COPS: 0," + std::to_string(current_.cops_format) + ",\"" + name + "\"," +
             (settings_.make == Make::ec2x ? "7" : "2")});
}

SimulatedModem::Answer SimulatedModem::csq(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok({"+CSQ: (0-31,99),(0-7,99)"});
  return ok({stat_ == 1 ? "+CSQ: " + std::to_string(14 + settings_.seed % 14) + ",99" : "+CSQ: 99,99"});
}

SimulatedModem::Answer SimulatedModem::cscs(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok({"+CSCS: (\"GSM\",\"IRA\")"});
  if (command.form == Command::Form::read) return ok({"+CSCS: \"" + current_.cscs + "\""});
  if (command.args.empty() || (command.args[0] != "GSM" && command.args[0] != "IRA")) return cme(4);
  current_.cscs = command.args[0];
  return ok();
}

SimulatedModem::Answer SimulatedModem::cpas(const Command& command, at::Instant) {
  return ok({command.form == Command::Form::test ? "+CPAS: (0,3,4)" : "+CPAS: 0"});
}

// 27.007 7.15. The network answers later, if at all; one dialogue at a time.
SimulatedModem::Answer SimulatedModem::cusd(const Command& command, at::Instant now) {
  if (command.form == Command::Form::test) return ok({"+CUSD: (0-2)"});
  if (command.form == Command::Form::read) return ok({"+CUSD: 0"});
  const int n = command.number(0, 0);
  if (n < 0 || n > 2) return cme(4);
  if (n == 2) code_answered_at_.reset();
  if (n == 2 || command.args.size() < 2) return ok();
  if (sim_ == nullptr) return cme(10);
  if (!unlocked()) return cme(11);
  if (stat_ != 1) return cme(30);
  if (!code_answer_.empty()) code_answered_at_ = now + scaled(kCodeLatency);
  return ok();
}

SimulatedModem::Answer SimulatedModem::quectel(const Command& command, at::Instant) {
  if (settings_.make != Make::ec2x) return error();
  if (command.name == "+QPINC") {
    if (sim_ == nullptr) return cme(10);
    return ok({"+QPINC: \"SC\"," + std::to_string(sim_->pin_tries) + "," + std::to_string(sim_->puk_tries)});
  }
  if (command.name == "+QINDCFG" && command.form == Command::Form::set && command.args.size() > 1 &&
      command.args[0] == "smsfull") {
    current_.smsfull_urc = command.args[1] == "1";
  }
  return ok();
}

}  // namespace modembank
