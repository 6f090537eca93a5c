#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

constexpr int kMaxStat = 11, kMaxAct = 15, kMaxN = 5;

using Params = std::vector<Param>;

std::optional<int> small(const Param& p, std::size_t digits, int most) {
  if (p.quoted || p.text.size() > digits) return std::nullopt;
  const auto value = decimal(p.text);
  return value && *value <= most ? value : std::nullopt;
}
// Three digits: some print 001. A location has four and more.
std::optional<int> stat_of(const Param& p) {
  return small(p, 3, kMaxStat);
}
std::optional<int> act_of(const Param& p) {
  return small(p, 2, kMaxAct);
}
bool is_location(const Param& p) {
  return p.text.empty() || hexadecimal(p.text);
}
bool same_style(const Param& lac, const Param& ci) {
  return lac.text.empty() || ci.text.empty() || lac.quoted == ci.quoted;
}

// What follows <stat>, read exactly: nothing; lac, ci; and AcT, and a <rac> or causes of at most three
// digits; or with the <rac> in front of the ci, as Altair and Novatel print it.
std::optional<Registration> exact(const Params& p, std::size_t stat) {
  const std::size_t count = p.size() - stat - 1;
  const Param &lac = param_at(p, stat + 1), &second = param_at(p, stat + 2), &third = param_at(p, stat + 3),
              &fourth = param_at(p, stat + 4);
  Registration out;
  if (count == 0) return out;
  if (count == 1 || !is_location(lac) || !is_location(second)) return std::nullopt;
  out.lac = hexadecimal(lac.text);
  if (same_style(lac, second) && (act_of(third) || third.text.empty()) && fourth.text.size() <= 3) {
    out.ci = hexadecimal(second.text);
    out.act = act_of(third);
    return out;
  }
  if (count != 4 || second.text.size() > 2 || !is_location(third) || !act_of(fourth)) return std::nullopt;
  out.ci = hexadecimal(third.text);
  out.act = act_of(fourth);
  return out;
}

// Whatever else stands there: what can be a location is one.
Registration rough(const Params& p, std::size_t stat) {
  Registration out;
  out.lac = hexadecimal(param_at(p, stat + 1).text);
  out.ci = hexadecimal(param_at(p, stat + 2).text);
  return out;
}

struct Form {
  const Params& p;
  bool answer;  // n is in front

  std::size_t stat() const { return answer ? 1 : 0; }
  bool possible() const {
    if (answer && (p.size() < 2 || !small(p[0], 3, kMaxN))) return false;
    return stat_of(p[stat()]).has_value();
  }
  std::optional<Registration> read(bool exactly) const {
    if (!possible()) return std::nullopt;
    auto out = exactly ? exact(p, stat()) : rough(p, stat());
    if (!out) return std::nullopt;
    out->stat = *stat_of(p[stat()]);
    if (answer) out->n = decimal(p[0].text);
    return out;
  }
};

}  // namespace

// 27.007 7.2, 10.1.20, 10.1.22, 10.1.47. An answer and a URC differ by <n> alone, and quotes get lost: the
// form that fits exactly counts, the expected one first; an answer's is the longer one, so it is the first
// guess for the rest.
std::optional<Registration> parse_registration(std::string_view line, std::string_view prefix, bool asked) {
  const auto text = after_prefix(line, prefix);
  if (!text) return std::nullopt;
  const Params p = raw_params_of(*text);
  const bool stat_left_out = asked && p.size() > 1 && p[1].text.empty() && !p[1].quoted;
  if (stat_left_out) return std::nullopt;
  for (const Form form : {Form{p, asked}, Form{p, !asked}})
    if (const auto exactly = form.read(true)) return exactly;
  if (const auto answer = Form{p, true}.read(false)) return answer;
  return Form{p, false}.read(false);
}

}  // namespace at
