#include "daemon/doors/message_body.h"

#include <unordered_set>

#include "daemon/doors/content_body.h"
#include "daemon/doors/json_body.h"
#include "daemon/doors/preview.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace json = boost::json;
using config::Millis;

namespace {

constexpr std::int64_t kMinute = 60'000, kDay = 86'400'000;
constexpr std::size_t kContextOctets = 2048;
// 23.040 9.2.3.12.1: TP-VP in relative form says at most 63 weeks.
constexpr Millis kLongestValidity{63 * 7 * kDay};
constexpr std::int64_t kFarthestAhead = 400 * kDay;

const std::vector<std::pair<std::string_view, Lane>>& lanes() {
  static const std::vector<std::pair<std::string_view, Lane>> kAll{
      {"alert", Lane::alert}, {"urgent", Lane::urgent}, {"normal", Lane::normal}, {"bulk", Lane::bulk}};
  return kAll;
}

const std::vector<std::pair<std::string_view, DoubtPolicy>>& doubt_policies() {
  static const std::vector<std::pair<std::string_view, DoubtPolicy>> kAll{{"repeat", DoubtPolicy::repeat},
                                                                          {"hold", DoubtPolicy::hold}};
  return kAll;
}

void read_send_at(Fields& fields, const Rules& rules, MessageRecord& form) {
  const auto given = fields.text("send_at", 64);
  if (!given) return;
  const auto at = parse_rfc3339(*given);
  if (!at) return fields.refuse("send_at", "must be a time such as 2026-11-22T09:30:00Z");
  if (*at < rules.now_ms - kMinute) return fields.refuse("send_at", "lies in the past");
  if (*at > rules.now_ms + kFarthestAhead) return fields.refuse("send_at", "lies more than 400 days ahead");
  form.send_at_ms = *at;
  form.due_ms = *at > rules.now_ms ? *at : 0;
}

void read_times(Fields& fields, const Rules& rules, MessageRecord& form) {
  if (const auto valid = fields.duration("valid_for", Millis(1000), kLongestValidity)) {
    form.valid_for_ms = valid->count();
  }
  read_send_at(fields, rules, form);
}

void read_sim(Fields& fields, const Rules& rules, MessageRecord& form) {
  const auto sim = fields.text("sim", 64);
  if (!sim) return;
  if (sim->empty() || !rules.sim_known(*sim)) return fields.refuse("sim", "no SIM has this label or ICCID");
  form.sim = *sim;
}

// As one line of JSON: the bound is the same however it was laid out.
void read_context(Fields& fields, MessageRecord& form) {
  const json::value* given = fields.take("context");
  if (given == nullptr) return;
  if (!given->is_object()) return fields.refuse("context", "must be an object");
  std::string text = json::serialize(*given);
  if (text.size() > kContextOctets)
    return fields.refuse("context", "takes " + std::to_string(text.size()) + " octets as JSON; at most " +
                                        std::to_string(kContextOctets) + " are allowed");
  form.context = std::move(text);
}

Content read_form(Fields& fields, const Rules& rules, const std::vector<std::string>& numbers, int most_parts,
                  MessageRecord& form) {
  if (const auto lane = fields.word("lane", lanes())) form.lane = *lane;
  Content content = read_content(fields, rules, numbers, most_parts, form);
  check_content(fields, rules, content, form);
  if (const auto flash = fields.boolean("flash")) form.flash = *flash;
  if (const auto report = fields.boolean("report")) form.report = *report;
  read_times(fields, rules, form);
  read_sim(fields, rules, form);
  if (const auto doubt = fields.word("in_doubt", doubt_policies())) form.in_doubt = *doubt;
  if (auto ref = fields.text("ref", 255)) form.ref = std::move(*ref);
  if (const auto sensitive = fields.boolean("sensitive")) form.sensitive = *sensitive;
  read_context(fields, form);
  return content;
}

// Takes one recipient; a number that is there already is the same message.
struct Recipients {
  const Rules& rules;
  FieldErrors& errors;
  std::vector<std::string> numbers;
  std::unordered_set<std::string> seen;

  void add(const json::value& value, const std::string& pointer) {
    const json::string* text = value.if_string();
    if (text == nullptr) return errors.add(pointer, "must be a string with a number");
    auto number = text->size() <= 64 ? config::normalise_number(std::string(text->data(), text->size()),
                                                                rules.settings.policy.default_country)
                                     : std::nullopt;
    if (!number) {
      return errors.add(pointer,
                        "\"" + shortened({text->data(), text->size()}, 32) +
                            "\" is no number: + and 7 to 15 digits, 3 to 8 digits, or national digits");
    }
    if (seen.insert(*number).second) numbers.push_back(std::move(*number));
  }
};

// Returns the numbers; *list tells whether an array was given.
std::vector<std::string> read_to(Fields& fields, const Rules& rules, bool* list) {
  Recipients out{rules, fields.errors(), {}, {}};
  const json::value* to = fields.take("to");
  if (to == nullptr) return {};
  const json::array* many = to->if_array();
  *list = many != nullptr;
  if (many == nullptr) {
    out.add(*to, fields.pointer("to"));
  } else if (many->empty()) {
    fields.refuse("to", "is an empty list");
  } else if (many->size() > kMostRecipients) {
    fields.refuse("to", "has " + std::to_string(many->size()) + " recipients; at most 10000 are allowed");
  } else {
    for (std::size_t i = 0; i < many->size(); ++i)
      out.add((*many)[i], fields.pointer("to") + "/" + std::to_string(i));
  }
  return std::move(out.numbers);
}

void read_group(Fields& fields, const Rules& rules, BroadcastRecord& form) {
  const auto group = fields.text("group", 64);
  if (!group) return;
  const auto size = rules.group_size(*group);
  if (!size) return fields.refuse("group", "there is no such group");
  if (*size == 0) return fields.refuse("group", "has no members");
  form.group = *group;
}

}  // namespace

SendRequest read_message(const json::value& body, const Rules& rules, FieldErrors& errors) {
  SendRequest out;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  if (!fields.given("to")) fields.required("to");
  out.to = read_to(fields, rules, &out.list);
  read_form(fields, rules, out.to, rules.settings.policy.max_segments, out.form);
  fields.close();
  return out;
}

BroadcastRequest read_broadcast(const json::value& body, const Rules& rules, FieldErrors& errors) {
  BroadcastRequest out;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  const bool group = fields.given("group"), to = fields.given("to");
  if (group && to) fields.refuse("to", "group and to exclude each other");
  if (!group && !to) fields.refuse("group", "is required (or to)");
  bool list = false;
  out.form.numbers = read_to(fields, rules, &list);
  read_group(fields, rules, out.form);
  const bool of_group = out.form.numbers.empty() && rules.group_numbers;
  read_form(fields, rules, of_group ? rules.group_numbers(out.form.group) : out.form.numbers,
            rules.settings.policy.max_segments, out.form.form);
  fields.close();
  return out;
}

PreviewRequest read_preview(const json::value& body, const Rules& rules, FieldErrors& errors) {
  PreviewRequest out;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  bool list = false;
  out.to = read_to(fields, rules, &list);
  out.content = read_form(fields, rules, out.to, kMostParts, out.form);
  fields.close();
  return out;
}

std::optional<std::string> asked_lane(const json::value& body) {
  const json::object* object = body.if_object();
  const json::value* lane = object == nullptr ? nullptr : object->if_contains("lane");
  const json::string* text = lane == nullptr ? nullptr : lane->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string(text->data(), text->size());
}

bool asks_sensitive(const json::value& body) {
  const json::object* object = body.if_object();
  const json::value* sensitive = object == nullptr ? nullptr : object->if_contains("sensitive");
  return sensitive != nullptr && sensitive->is_bool() && sensitive->get_bool();
}

std::string_view lane_name(Lane wanted) {
  for (const auto& [name, lane] : lanes()) {
    if (lane == wanted) return name;
  }
  return "normal";
}

std::optional<Lane> parse_lane(std::string_view name) {
  for (const auto& [spelling, lane] : lanes()) {
    if (spelling == name) return lane;
  }
  return std::nullopt;
}

}  // namespace klaxon::doors
