#include "daemon/doors/content_body.h"

#include <limits>

#include "at/ucs2.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

const std::vector<std::pair<std::string_view, TextEncoding>>& encodings() {
  static const std::vector<std::pair<std::string_view, TextEncoding>> kAll{
      {"auto", TextEncoding::automatic}, {"gsm7", TextEncoding::gsm7}, {"ucs2", TextEncoding::ucs2}};
  return kAll;
}

std::string too_many_segments(std::size_t count, int most) {
  return "needs " + (count == 0 ? std::string("more than 255") : std::to_string(count)) +
         " segments; at most " + std::to_string(most) + " are allowed";
}

void read_national_tables(Fields& fields, MessageRecord& form) {
  const json::value* given = fields.take("national_tables");
  if (given == nullptr) return;
  const json::array* names = given->if_array();
  if (names == nullptr || names->size() > at::kGsm7Languages)
    return fields.refuse("national_tables", "must be a list of languages: " + at::gsm7_language_list());
  form.languages = 0;
  for (std::size_t i = 0; i < names->size(); ++i) {
    const json::string* name = (*names)[i].if_string();
    const auto language =
        name == nullptr ? std::nullopt : at::gsm7_language(std::string_view(name->data(), name->size()));
    if (language) {
      form.languages |= 1 << *language;
    } else {
      fields.errors().add(fields.pointer("national_tables") + "/" + std::to_string(i),
                          "must be one of: " + at::gsm7_language_list());
    }
  }
}

void read_replace_type(Fields& fields, MessageRecord& form) {
  const json::value* given = fields.take("replace_type");
  if (given == nullptr) return;
  const std::int64_t* type = given->if_int64();
  if (type == nullptr || *type < 1 || *type > 7)
    return fields.refuse("replace_type", "must be a number from 1 to 7");
  form.replace_type = static_cast<std::uint8_t>(*type);
}

std::size_t parts_of(const CutResult& cut) {
  if (cut) return cut->parts.size();
  return cut.error().parts == 0 ? std::numeric_limits<std::size_t>::max() : cut.error().parts;
}

// Look-alikes are replaced unless that takes more parts: three dots for an ellipsis are no saving in UCS-2.
void simplify(MessageRecord& form, Content& content, const std::vector<std::string>& numbers,
              const config::Policy& policy, int most_parts) {
  at::Simplified plain = at::simplify(form.text);
  if (plain.replaced.empty()) return;
  MessageRecord other = form;
  other.text = std::move(plain.text);
  auto cut = cut_form(&other, numbers, policy, most_parts);
  if (parts_of(cut) > parts_of(*content.cut)) return;
  form = std::move(other);
  content.replaced = std::move(plain.replaced);
  content.cut = std::move(cut);
}

void read_text(Fields& fields, const Rules& rules, const std::vector<std::string>& numbers, int most_parts,
               MessageRecord& form, Content& content) {
  const bool simplified = fields.boolean("simplify").value_or(false);
  auto text = fields.text("text", std::numeric_limits<std::size_t>::max());
  if (simplified && fields.given("data")) fields.refuse("simplify", "is for text");
  if (!text) return;
  if (text->empty()) return fields.refuse("text", "is empty");
  content.asked = form.text = std::move(*text);
  content.cut = cut_form(&form, numbers, rules.settings.policy, most_parts);
  if (simplified) simplify(form, content, numbers, rules.settings.policy, most_parts);
}

void read_octets(Fields& fields, const Rules& rules, const std::vector<std::string>& numbers, int most_parts,
                 MessageRecord& form, Content& content) {
  const auto hex = fields.text("data", std::numeric_limits<std::size_t>::max());
  if (!hex) return;
  const auto octets = at::hex_decode(*hex);
  if (!octets || octets->empty()) return fields.refuse("data", "must be octets in hex, two digits each");
  if (form.encoding != TextEncoding::automatic)
    fields.refuse("encoding", "is for text; data goes as 8-bit octets");
  if (form.languages > 0) fields.refuse("national_tables", "are for text; data goes as 8-bit octets");
  form.octets.assign(octets->begin(), octets->end());
  content.cut = cut_form(&form, numbers, rules.settings.policy, most_parts);
}

}  // namespace

Content read_content(Fields& fields, const Rules& rules, const std::vector<std::string>& numbers,
                     int most_parts, MessageRecord& form) {
  Content content;
  if (const auto encoding = fields.word("encoding", encodings())) form.encoding = *encoding;
  read_national_tables(fields, form);
  const bool text = fields.given("text"), octets = fields.given("data");
  if (text && octets) fields.refuse("data", "text and data exclude each other");
  if (!text && !octets) fields.refuse("text", "is required (or data)");
  read_text(fields, rules, numbers, most_parts, form, content);
  read_octets(fields, rules, numbers, most_parts, form, content);
  read_replace_type(fields, form);
  return content;
}

void check_content(Fields& fields, const Rules& rules, const Content& content, const MessageRecord& form) {
  if (!content.cut) return;
  const CutResult& cut = *content.cut;
  const auto most = static_cast<std::size_t>(rules.settings.policy.max_segments);
  const char* source = form.octets.empty() ? "text" : "data";
  if (cut && cut->parts.size() > most)
    return fields.refuse(source, too_many_segments(cut->parts.size(), rules.settings.policy.max_segments));
  if (cut && form.replace_type != 0 && cut->parts.size() > 1)
    return fields.refuse("replace_type",
                         "is for texts of one segment; this one needs " + std::to_string(cut->parts.size()));
  if (cut) return;
  switch (cut.error().kind) {
    case at::SegmentError::Kind::too_many:
    case at::SegmentError::Kind::no_room:
      return fields.refuse(source, too_many_segments(cut.error().parts, rules.settings.policy.max_segments));
    case at::SegmentError::Kind::not_in_alphabet: {
      const char32_t missing = cut.error().code_point;
      const std::string shown = missing < 0x20 ? "" : " \"" + utf8_of(missing) + "\"";
      return fields.refuse("encoding",
                           "the GSM 7-bit alphabet lacks " + at::code_point_name(missing) + shown);
    }
    case at::SegmentError::Kind::not_utf8:
      return fields.refuse(source, "is not UTF-8");
  }
}

std::string utf8_of(char32_t code_point) {
  std::string out;
  at::utf8_append(&out, code_point);
  return out;
}

json::value language_names(int languages) {
  if (languages < 0) return nullptr;
  json::array names;
  for (std::uint8_t language = 1; language < at::kGsm7Languages; ++language) {
    if ((languages >> language & 1) != 0) names.emplace_back(at::gsm7_language(language));
  }
  return names;
}

json::value tables_json(int locking, int single) {
  if (locking == 0 && single == 0) return nullptr;
  const auto name = [](int language) {
    return language == 0 ? json::value(nullptr)
                         : json::value(at::gsm7_language(static_cast<std::uint8_t>(language)));
  };
  return json::object{{"locking", name(locking)}, {"single", name(single)}};
}

}  // namespace klaxon::doors
