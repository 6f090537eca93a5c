#include "daemon/doors/message_body.h"

#include <array>
#include <cstdio>
#include <limits>
#include <unordered_set>

#include "at/segment.h"
#include "at/ucs2.h"
#include "daemon/doors/json_body.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace json = boost::json;
using config::Millis;

namespace {

constexpr std::int64_t kMinute = 60'000, kDay = 86'400'000;
// 23.040 9.2.3.12.1: TP-VP in relative form says at most 63 weeks.
constexpr Millis kLongestValidity{63 * 7 * kDay};
constexpr std::int64_t kFarthestAhead = 400 * kDay;

const std::vector<std::pair<std::string_view, Lane>>& lanes() {
  static const std::vector<std::pair<std::string_view, Lane>> kAll{
      {"alert", Lane::alert}, {"urgent", Lane::urgent}, {"normal", Lane::normal}, {"bulk", Lane::bulk}};
  return kAll;
}

const std::vector<std::pair<std::string_view, TextEncoding>>& encodings() {
  static const std::vector<std::pair<std::string_view, TextEncoding>> kAll{
      {"auto", TextEncoding::automatic}, {"gsm7", TextEncoding::gsm7}, {"ucs2", TextEncoding::ucs2}};
  return kAll;
}

const std::vector<std::pair<std::string_view, DoubtPolicy>>& doubt_policies() {
  static const std::vector<std::pair<std::string_view, DoubtPolicy>> kAll{{"repeat", DoubtPolicy::repeat},
                                                                          {"hold", DoubtPolicy::hold}};
  return kAll;
}

at::Encoding as_coded(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::gsm7:
      return at::Encoding::gsm7;
    case TextEncoding::ucs2:
      return at::Encoding::ucs2;
    case TextEncoding::automatic:
      break;
  }
  return at::Encoding::automatic;
}

std::string character_named(char32_t code_point) {
  std::array<char, 16> hex{};
  std::snprintf(hex.data(), hex.size(), "U+%04X", static_cast<unsigned>(code_point));
  std::string out = hex.data();
  if (code_point >= 0x20) {
    out += " \"";
    at::utf8_append(&out, code_point);
    out += '"';
  }
  return out;
}

std::string too_many_segments(std::size_t count, int most) {
  return "needs " + (count == 0 ? std::string("more than 255") : std::to_string(count)) +
         " segments; at most " + std::to_string(most) + " are allowed";
}

// The number of segments, counted without the bound: for the error's text only.
std::size_t count_segments(std::string_view text, at::Encoding encoding) {
  const auto counted = at::segment_text(text, encoding, std::numeric_limits<int>::max());
  return counted ? counted->parts.size() : 0;
}

void size_parts(MessageRecord& form, const at::Segmented& cut) {
  form.parts.assign(std::max<std::size_t>(cut.parts.size(), 1), PartRecord{});
}

void read_text(Fields& fields, const Rules& rules, MessageRecord& form) {
  const auto text = fields.text("text", std::numeric_limits<std::size_t>::max());
  if (!text) return;
  if (text->empty()) return fields.refuse("text", "is empty");
  const int most = rules.settings.policy.max_segments;
  const at::Encoding encoding = as_coded(form.encoding);
  const auto cut = at::segment_text(*text, encoding, most);
  form.text = *text;
  if (cut) return size_parts(form, *cut);
  switch (cut.error().kind) {
    case at::SegmentError::Kind::too_many:
      return fields.refuse("text", too_many_segments(count_segments(*text, encoding), most));
    case at::SegmentError::Kind::not_in_alphabet:
      return fields.refuse("encoding",
                           "the GSM 7-bit alphabet lacks " + character_named(cut.error().code_point));
    case at::SegmentError::Kind::not_utf8:
      return fields.refuse("text", "is not UTF-8");
  }
}

void read_octets(Fields& fields, const Rules& rules, MessageRecord& form) {
  const auto hex = fields.text("data", std::numeric_limits<std::size_t>::max());
  if (!hex) return;
  const auto octets = at::hex_decode(*hex);
  if (!octets || octets->empty()) return fields.refuse("data", "must be octets in hex, two digits each");
  if (form.encoding != TextEncoding::automatic)
    fields.refuse("encoding", "is for text; data goes as 8-bit octets");
  const int most = rules.settings.policy.max_segments;
  form.octets.assign(octets->begin(), octets->end());
  if (const auto cut = at::segment_octets(*octets, most)) return size_parts(form, *cut);
  // 23.040 9.2.3.24.1: 134 octets each beside the UDH.
  fields.refuse("data", too_many_segments((octets->size() + 133) / 134, most));
}

void read_content(Fields& fields, const Rules& rules, MessageRecord& form) {
  if (const auto encoding = fields.word("encoding", encodings())) form.encoding = *encoding;
  const bool text = fields.given("text"), octets = fields.given("data");
  if (text && octets) fields.refuse("data", "text and data exclude each other");
  if (!text && !octets) fields.refuse("text", "is required (or data)");
  read_text(fields, rules, form);
  read_octets(fields, rules, form);
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

void read_form(Fields& fields, const Rules& rules, MessageRecord& form) {
  if (const auto lane = fields.word("lane", lanes())) form.lane = *lane;
  read_content(fields, rules, form);
  if (const auto flash = fields.boolean("flash")) form.flash = *flash;
  if (const auto report = fields.boolean("report")) form.report = *report;
  read_times(fields, rules, form);
  read_sim(fields, rules, form);
  if (const auto doubt = fields.word("in_doubt", doubt_policies())) form.in_doubt = *doubt;
  if (auto ref = fields.text("ref", 255)) form.ref = std::move(*ref);
  fields.not_offered("sensitive");
  fields.not_offered("context");
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
  read_form(fields, rules, out.form);
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
  read_form(fields, rules, out.form.form);
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
