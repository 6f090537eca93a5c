// Bodies of messages, broadcasts, groups and keywords. The first octet picks which; what is accepted keeps
// what the rooms behind the door rely on.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "at/segment.h"
#include "at/ucs2.h"
#include "daemon/automation/template.h"
#include "daemon/doors/directory_body.h"
#include "daemon/doors/json_body.h"
#include "daemon/doors/message_body.h"
#include "daemon/doors/target.h"
#include "daemon/doors/token.h"

namespace {

using namespace klaxon;

void must(bool holds) {
  if (!holds) std::abort();
}

const config::Settings& settings() {
  static const config::Settings kSettings;
  return kSettings;
}

doors::Rules rules() {
  return {settings(), 1'795'339'800'000, [](const std::string& name) { return name == "vodafone-1"; },
          [](const std::string& name) -> std::optional<std::size_t> {
            if (name == "staff") return 3;
            if (name == "empty") return 0;
            return std::nullopt;
          }};
}

void check_number(const std::string& number) {
  const bool plus = number.starts_with('+');
  const std::string_view digits = std::string_view(number).substr(plus ? 1 : 0);
  must(std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }));
  must(plus ? digits.size() >= 7 && digits.size() <= 15 : digits.size() >= 3 && digits.size() <= 8);
  must(config::normalise_number(number, settings().policy.default_country) == number);
}

void check_numbers(const std::vector<std::string>& numbers) {
  std::for_each(numbers.begin(), numbers.end(), check_number);
  must(std::set<std::string>(numbers.begin(), numbers.end()).size() == numbers.size());
}

void check_form(const MessageRecord& form) {
  const auto most = static_cast<std::size_t>(settings().policy.max_segments);
  must(!form.parts.empty() && form.parts.size() <= most);
  must(form.text.empty() != form.octets.empty());
  must(at::utf8_valid(form.text));
  must(form.ref.size() <= 255);
  must(form.valid_for_ms == 0 || form.valid_for_ms >= 1000);
  must(form.due_ms == 0 || form.due_ms == form.send_at_ms);
  must(form.sim.empty() || form.sim == "vodafone-1");
  must(form.state == MessageState::queued && form.id == 0 && form.to.empty());
}

void message(const boost::json::value& body) {
  doors::FieldErrors errors;
  const SendRequest request = doors::read_message(body, rules(), errors);
  if (!errors.empty()) return;
  check_form(request.form);
  check_numbers(request.to);
  must(!request.to.empty() && request.to.size() <= doors::kMostRecipients);
  must(request.list || request.to.size() == 1);
}

void broadcast(const boost::json::value& body) {
  doors::FieldErrors errors;
  const BroadcastRequest request = doors::read_broadcast(body, rules(), errors);
  if (!errors.empty()) return;
  check_form(request.form.form);
  check_numbers(request.form.numbers);
  must(request.form.group.empty() != request.form.numbers.empty());
}

void group(const boost::json::value& body) {
  doors::FieldErrors errors;
  const GroupRecord made = doors::read_group(body, "staff", rules(), errors);
  if (!errors.empty()) return;
  check_numbers(made.members);
  must(made.name == "staff");
}

void keyword(const boost::json::value& body) {
  doors::FieldErrors errors;
  const KeywordRecord made = doors::read_keyword(body, "OUTAGE", rules(), errors);
  if (!errors.empty()) return;
  must(made.action == "reply" || made.action == "broadcast");
  must(made.action == "reply" ? made.group.empty() : made.group == "staff" || made.group == "empty");
  must(made.action == "reply" || (made.from_given && !made.from.empty()));
  must(template_valid(made.text));
  render_template(made.text, {{"args", "mail is down"}});
  must(made.secret.empty() || made.secret.find("..") != 9);
  must(made.secret.find('/') == std::string::npos);
  must(made.cooldown_ms >= 0);
}

void token(const boost::json::value& body) {
  doors::FieldErrors errors;
  const TokenRecord made = doors::read_token(body, errors);
  if (errors.empty()) must(doors::scopes_of(made) != 0 && doors::plain_name(made.name));
}

void target(std::string_view text) {
  const auto parsed = doors::parse_target(text);
  if (!parsed) return;
  doors::FieldErrors errors;
  doors::Query query(*parsed, errors);
  const std::size_t limit = query.limit();
  must(limit >= 1 && limit <= 1000);
  query.time("since");
  query.text("ref", true);
  query.close();
  if (const auto word = parsed->path.empty() ? std::nullopt : doors::keyword_word(parsed->path.back())) {
    must(doors::keyword_word(*word) == word);
  }
}

}  // namespace

int fuzz_http_body(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (bytes[0] == 't') {
    target(rest);
    return 0;
  }
  const auto document = klaxon::doors::Document::parse(rest);
  if (!document) return 0;
  const boost::json::value& body = (*document)->root();
  switch (bytes[0] % 5) {
    case 0:
      message(body);
      break;
    case 1:
      broadcast(body);
      break;
    case 2:
      group(body);
      break;
    case 3:
      keyword(body);
      break;
    default:
      token(body);
      break;
  }
  return 0;
}
