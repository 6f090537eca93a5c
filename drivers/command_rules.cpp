#include "drivers/command_rules.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "at/params_text.h"

namespace drivers {

namespace {

constexpr std::string_view kPrompts = "asks for data, which nobody would enter";
constexpr std::string_view kText = "sends a text behind the queue's back: POST /v1/messages";
constexpr std::string_view kOnline = "leaves command mode";
constexpr std::string_view kPin = "may spend a try of a PIN or a password";
constexpr std::string_view kPort = "changes how the port itself speaks";
constexpr std::string_view kKept = "a text is deleted once it is on disk, and not before";

struct Rule {
  std::string_view name;  // in capitals; with * at its end: whatever starts so
  std::string_view why;
};
// Executed or set; to ask (…? and …=?) is harmless of all.
constexpr Rule kRules[] = {
    // 27.005 4
    {"+CMGS*", kText},
    {"+CMSS*", kText},
    {"+CMGC*", kPrompts},
    {"+CMGW*", kPrompts},
    {"+CNMA", "acknowledges to the network what is not on disk"},
    {"+CMGD*", kKept},
    {"+CUSD", "its answer comes later: POST /v1/modems/ID/ussd"},
    // Makes' own: sockets, files, mail, HTTP
    {"+QCMGS", kText},
    {"+CIPSEND*", kPrompts},
    {"+CCHSEND", kPrompts},
    {"+CFTRANRX", kPrompts},
    {"+CFTPSPUT*", kPrompts},
    {"+CMQTTTOPIC", kPrompts},
    {"+CMQTTPAYLOAD", kPrompts},
    {"+CMQTTSUB", kPrompts},
    {"+CMQTTWILL*", kPrompts},
    {"+CSSLSEND", kPrompts},
    {"+CCERTDOWN", kPrompts},
    {"+HTTPDATA", kPrompts},
    {"+FTPPUT", kPrompts},
    {"+SMTPBODY", kPrompts},
    {"+CMMSDOWN", kPrompts},
    {"+FSWRITE", kPrompts},
    {"+QFUPL", kPrompts},
    {"+QFWRITE", kPrompts},
    {"+QISEND*", kPrompts},
    {"+QSSLSEND", kPrompts},
    {"+QHTTPURL", kPrompts},
    {"+QHTTPPOST*", kPrompts},
    {"+QHTTPPUT*", kPrompts},
    {"+QFTPPUT", kPrompts},
    {"+QMTPUB*", kPrompts},
    {"+QSMTPBODY", kPrompts},
    {"+QSECWRITE", kPrompts},
    {"#SSEND*", kPrompts},
    {"#WSCRIPT", kPrompts},
    {"#FTPPUT", kPrompts},
    {"#HTTPSND", kPrompts},
    {"#EMAILD", kPrompts},
    {"#EMAILMSG", kPrompts},
    {"+UDWNFILE", kPrompts},
    {"+USOWR", kPrompts},
    {"+USOST", kPrompts},
    {"+USECMNG", kPrompts},
    {"^SISW", kPrompts},
    {"+WDWL", kOnline},
    // 27.007 6, 5.7; 27.010; what goes on-line
    {"D", kOnline},
    {"O", kOnline},
    {"A", kOnline},
    {"&D", kPort},
    {"+CGDATA", kOnline},
    {"+CMUX", kOnline},
    {"+QIOPEN", kOnline},
    {"#SD", kOnline},
    {"#SO", kOnline},
    // V.250 6.2: speed, framing, line ends
    {"+IPR", kPort},
    {"+ICF", kPort},
    {"+IFC", kPort},
    {"&K", kPort},
    {"Q", kPort},
    {"V", kPort},
    {"\\Q", kPort},
    {"S0", "answers calls, and so leaves command mode"},
    {"S2", kPort},
    {"S3", kPort},
    {"S4", kPort},
    {"S5", kPort},
    {"&W", "would be kept over restarts, and no setting but ours is to be"},
    // 27.007 7.4, 7.5, 8.3, 8.5, 8.17, 8.18, 8.43
    {"+CPIN", kPin},
    {"+CPIN2", kPin},
    {"+CPWD", kPin},
    {"+CSIM", kPin},
    {"+CGLA", kPin},
    {"^CPIN", kPin},
    {"^CARDLOCK", kPin},
    {"^SLCK", kPin},
    {"+EPIN", kPin},
};

struct Word {  // one command of a line
  std::string name;
  bool asks = false;  // …? or …=?
  std::string_view rest;
};

bool names(std::string_view rule, std::string_view name) {
  if (!rule.ends_with('*')) return rule == name;
  return name.starts_with(rule.substr(0, rule.size() - 1));
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

// V.250 5.4.2: an extended command ends at a semicolon outside quotes.
std::size_t extended_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == ';' && !quoted) return i;
  }
  return text.size();
}

Word extended(std::string_view* line) {
  const std::size_t end = extended_end(*line);
  const std::string_view text = line->substr(0, end);
  line->remove_prefix(end);
  const std::size_t mark = std::min(text.find_first_of("=? "), text.size());
  const std::string_view tail = at::trim(text.substr(mark));
  const bool asks = tail == "?" || tail.starts_with("=?");
  return {upper(text.substr(0, mark)), asks, asks || tail.empty() ? std::string_view{} : tail.substr(1)};
}

// V.250 5.3.1: a letter (or & and a letter) and its number; S has a number in its name. D takes all that
// follows.
Word basic(std::string_view* line) {
  std::size_t end = is_letter(line->front()) ? 1 : std::min<std::size_t>(2, line->size());
  std::string name = upper(line->substr(0, end));
  std::size_t digits = end;
  while (digits < line->size() && at::is_digit((*line)[digits])) ++digits;
  if (name == "S") name += line->substr(end, digits - end);
  bool asks = false;
  end = digits;
  if (name[0] == 'S' && name.size() > 1 && end < line->size() &&
      ((*line)[end] == '=' || (*line)[end] == '?')) {
    asks = (*line)[end] == '?' || line->substr(end).starts_with("=?");
    ++end;
    while (end < line->size() && (at::is_digit((*line)[end]) || (*line)[end] == '?')) ++end;
  }
  line->remove_prefix(name == "D" ? line->size() : end);
  return {std::move(name), asks, {}};
}

std::vector<Word> words_of(std::string_view line) {
  std::vector<Word> words;
  if (line.size() < 2) return words;
  line.remove_prefix(2);  // AT
  while (!line.empty()) {
    const char c = line.front();
    if (c == ' ' || c == ';') {
      line.remove_prefix(1);
    } else if (is_letter(c) || c == '&' || c == '\\') {
      words.push_back(basic(&line));
    } else {
      words.push_back(extended(&line));
    }
  }
  return words;
}

// 27.007 7.4: mode 2 asks, and takes no password. 8.18: 176, 178, 192 and 242 read.
bool only_reads(const Word& word) {
  const auto args = at::params_of(word.rest);
  if (word.name == "+CLCK") return at::param_at(args, 1).text == "2" && args.size() <= 2;
  constexpr std::array<std::string_view, 4> kReading = {"176", "178", "192", "242"};
  const std::size_t which = word.name == "+CRLA" ? 1 : 0;
  return std::find(kReading.begin(), kReading.end(), at::param_at(args, which).text) != kReading.end();
}

std::string_view refusal_of(const Word& word) {
  if (word.asks) return {};
  if ((word.name == "+CLCK" || word.name == "+CRSM" || word.name == "+CRLA") && !only_reads(word))
    return kPin;
  for (const Rule& rule : kRules)
    if (names(rule.name, word.name)) return rule.why;
  return {};
}

}  // namespace

std::optional<std::string> command_refusal(std::string_view line) {
  const auto printable = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (line.size() > kMostCommand) return "is longer than " + std::to_string(kMostCommand) + " characters";
  if (!std::all_of(line.begin(), line.end(), printable))
    return "must be one line of ASCII, without CR, ESC, Ctrl-Z or any other control character";
  if (!upper(line.substr(0, 2)).starts_with("AT")) return "must begin with AT";
  for (const Word& word : words_of(line))
    if (const auto why = refusal_of(word); !why.empty()) return "AT" + word.name + " " + std::string(why);
  return std::nullopt;
}

std::optional<std::string> code_refusal(std::string_view code) {
  const auto dialled = [](char c) { return at::is_digit(c) || c == '*' || c == '#'; };
  if (code.empty() || code.size() > kMostCode || !std::all_of(code.begin(), code.end(), dialled))
    return "must be 1 to " + std::to_string(kMostCode) + " digits, * and #";
  // 22.030 6.6.2, 6.5.3.2: PIN, PIN2, their PUKs, and the password of call barring.
  for (const std::string_view spends : {"**04*", "**042*", "**05*", "**052*", "**03*", "*03*"})
    if (code.starts_with(spends)) return std::string(spends) + " " + std::string(kPin);
  return std::nullopt;
}

std::vector<std::string> commands_on(std::string_view line) {
  std::vector<std::string> names;
  for (Word& word : words_of(line))
    if (!is_letter(word.name.front()) && word.name.front() != '&') names.push_back(std::move(word.name));
  return names;
}

}  // namespace drivers
