#include "daemon/doors/directory_body.h"

#include <algorithm>
#include <unordered_set>

#include "at/segment.h"
#include "at/ucs2.h"
#include "daemon/automation/keywords.h"
#include "daemon/automation/template.h"
#include "daemon/doors/json_body.h"
#include "daemon/doors/token.h"

namespace klaxon::doors {

namespace json = boost::json;
using config::Millis;

namespace {

constexpr std::size_t kMostMembers = kMostRecipients;
constexpr std::size_t kMostSenders = 1000;
constexpr std::size_t kLongestTemplate = 4096;
constexpr std::int64_t kDay = 86'400'000;

bool plain_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

std::optional<std::string> number_of(const std::string& text, const Rules& rules) {
  if (text.size() > 64) return std::nullopt;
  return config::normalise_number(text, rules.settings.policy.default_country);
}

void same_as_path(Fields& fields, std::string_view field, std::string_view expected) {
  const auto given = fields.text(field, 256);
  if (given && *given != expected) fields.refuse(field, "is not what the path says");
}

void read_senders(Fields& fields, const Rules& rules, KeywordRecord& out) {
  out.from_given = fields.given("from");
  std::unordered_set<std::string> seen;
  fields.each_text("from", kMostSenders, [&](const std::string& text, const std::string& pointer) {
    std::string sender = text;
    if (text.starts_with("group:")) {
      if (!rules.group_size(text.substr(6))) return fields.errors().add(pointer, "there is no such group");
    } else {
      const auto number = number_of(text, rules);
      if (!number) return fields.errors().add(pointer, "must be a number or group:NAME");
      sender = *number;
    }
    if (seen.insert(sender).second) out.from.push_back(std::move(sender));
  });
  if (out.from_given && fields.given("from") && out.from.empty() && fields.errors().empty()) {
    fields.refuse("from", "names nobody");
  }
}

// The reference of a secret, never the secret: pin:file:NAME, a file inside policy.secrets_dir.
bool secret_reference(std::string_view text) {
  constexpr std::string_view kForm = "pin:file:";
  if (!text.starts_with(kForm)) return false;
  const std::string_view name = text.substr(kForm.size());
  return !name.empty() && name.size() <= 128 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) { return plain_character(c) || c == '.'; });
}

void read_secret(Fields& fields, KeywordRecord& out) {
  const auto secret = fields.text("secret", 256);
  if (!secret) return;
  if (secret->starts_with("totp:")) return fields.refuse("secret", "totp is not offered by this version");
  // What was given is not repeated: it may be the secret itself.
  if (!secret_reference(*secret)) return fields.refuse("secret", "must be pin:file:NAME, a plain file name");
  out.secret = *secret;
}

void read_action(Fields& fields, const Rules& rules, KeywordRecord& out) {
  const auto action = fields.text("action", 64);
  if (!action) {
    if (!fields.given("action")) fields.required("action");
  } else if (*action == "reply" || *action == "broadcast") {
    out.action = *action;
  } else {
    fields.refuse("action", "\"" + shortened(*action, 32) + "\" is not offered; reply and broadcast are");
  }
  const auto group = fields.text("group", 64);
  if (out.action == "broadcast" && !group && !fields.given("group")) fields.required("group");
  if (out.action == "reply" && group) fields.refuse("group", "is for broadcast only");
  if (group && out.action != "reply" && !rules.group_size(*group))
    fields.refuse("group", "there is no such group");
  if (group) out.group = *group;
}

void read_template(Fields& fields, const Rules& rules, KeywordRecord& out) {
  const auto text = fields.text("text", kLongestTemplate);
  if (!text) {
    if (!fields.given("text")) fields.required("text");
    return;
  }
  if (text->empty()) return fields.refuse("text", "is empty");
  // One that does not parse would only fail when it is needed most.
  if (!template_valid(*text)) return fields.refuse("text", "is no Mustache template");
  const int most = rules.settings.policy.max_segments;
  if (!at::segment_text(*text, at::Encoding::automatic, most)) {
    return fields.refuse("text", "needs more than " + std::to_string(most) + " segments as it stands");
  }
  out.text = *text;
}

void read_cooldown(Fields& fields, KeywordRecord& out) {
  if (out.action == "broadcast") out.cooldown_ms = 60'000;
  if (const auto cooldown = fields.duration("cooldown", Millis(0), Millis(7 * kDay))) {
    out.cooldown_ms = cooldown->count();
  }
}

}  // namespace

bool plain_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), plain_character);
}

std::optional<std::string> member_of(const std::string& text, const Rules& rules) {
  if (auto number = number_of(text, rules)) return number;
  return rules.contact_known && rules.contact_known(text) ? std::optional(text) : std::nullopt;
}

GroupRecord read_group(const json::value& body, const std::string& name, const Rules& rules,
                       FieldErrors& errors) {
  GroupRecord out;
  out.name = name;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  same_as_path(fields, "name", name);
  if (!fields.given("members")) fields.required("members");
  std::unordered_set<std::string> seen;
  fields.each_text("members", kMostMembers, [&](const std::string& text, const std::string& pointer) {
    auto member = member_of(text, rules);
    if (!member)
      return errors.add(pointer, "\"" + shortened(text, 32) + "\" is neither a number nor a contact");
    if (seen.insert(*member).second) out.members.push_back(std::move(*member));
  });
  fields.close();
  return out;
}

SimChange read_sim_change(const json::value& body, FieldErrors& errors) {
  constexpr double kMostWeight = 1'000;
  SimChange out;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  std::string names;
  for (const Quota quota : kQuotas) {
    const std::string_view name = config::quota_key(quota);
    const auto given = fields.integer(name, 0, config::most_of(quota));
    if (given || fields.is_null(name)) out.limits[index_of(quota)].emplace(given);
    names += std::string(name) + ", ";
  }
  const auto weight = fields.number("weight", 0, kMostWeight);
  if (weight || fields.is_null("weight")) out.weight.emplace(weight);
  fields.close();
  if (errors.empty() && object->empty())
    errors.add("", "nothing to change: " + names + "weight; null for what is configured");
  return out;
}

KeywordRecord read_keyword(const json::value& body, const std::string& word, const Rules& rules,
                           FieldErrors& errors) {
  KeywordRecord out;
  out.word = word;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  if (const auto given = fields.text("word", 256); given && keyword_word(*given) != word) {
    fields.refuse("word", "is not what the path says");
  }
  read_action(fields, rules, out);
  read_senders(fields, rules, out);
  if (!out.from_given && !out.action.empty() && out.action != "reply") {
    fields.refuse("from", "is needed for " + out.action + ": the numbers and groups that may");
  }
  read_secret(fields, out);
  read_template(fields, rules, out);
  if (const auto lane = fields.text("lane", 64)) {
    const auto known = parse_lane(*lane);
    if (!known) fields.refuse("lane", "must be one of: alert, urgent, normal, bulk");
    out.lane = known.value_or(Lane::normal);
  }
  if (const auto report = fields.boolean("report")) out.report = *report;
  read_cooldown(fields, out);
  fields.close();
  return out;
}

TokenRecord read_token(const json::value& body, FieldErrors& errors) {
  TokenRecord out;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  const auto name = fields.text("name", 64);
  if (!fields.given("name")) fields.required("name");
  if (name && !plain_name(*name)) fields.refuse("name", "must be 1 to 64 letters, digits, - and _");
  if (name) out.name = *name;
  if (const auto team = fields.text("team", 64)) {
    if (!plain_name(*team)) fields.refuse("team", "must be 1 to 64 letters, digits, - and _");
    out.team = *team;
  }
  fields.each_text("scopes", 16, [&](const std::string& scope, const std::string& pointer) {
    if (!parse_scope(scope)) return errors.add(pointer, "must be one of: send, read, inbox, alert, admin");
    if (std::find(out.scopes.begin(), out.scopes.end(), scope) == out.scopes.end())
      out.scopes.push_back(scope);
  });
  if (!fields.given("scopes")) fields.required("scopes");
  if (fields.given("scopes") && out.scopes.empty() && errors.empty()) fields.refuse("scopes", "names none");
  fields.close();
  return out;
}

std::string read_unlock(const json::value& body, const Rules& rules, FieldErrors& errors) {
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return {};
  Fields fields(*object, "", errors);
  const auto given = fields.text("number", 64);
  if (!fields.given("number")) fields.required("number");
  const auto number = given ? number_of(*given, rules) : std::nullopt;
  if (given && !number) fields.refuse("number", "is no number");
  fields.close();
  return number.value_or("");
}

std::optional<bool> read_settle(const json::value& body, FieldErrors& errors) {
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return std::nullopt;
  Fields fields(*object, "", errors);
  if (!fields.given("as")) fields.required("as");
  const auto as_sent = fields.word<bool>("as", {{"sent", true}, {"resend", false}});
  fields.close();
  return as_sent;
}

// Matched as it is spoken: what take_word() would strip or split off can never be asked for.
std::optional<std::string> keyword_word(const std::string& text) {
  constexpr std::size_t kLongestWord = 64;
  if (text.empty() || text.size() > kLongestWord || !at::utf8_valid(text)) return std::nullopt;
  std::string word = fold_word(text);
  if (take_word(text).word != word) return std::nullopt;
  return word;
}

}  // namespace klaxon::doors
