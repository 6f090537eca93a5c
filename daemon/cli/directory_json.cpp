#include "daemon/cli/directory_json.h"

#include "config/units.h"
#include "daemon/cli/answers.h"

namespace klaxon::cli {
namespace {

std::vector<std::string> texts_of(const json::array& items) {
  std::vector<std::string> texts;
  for (const auto& item : items) {
    if (item.is_string()) texts.emplace_back(item.get_string());
  }
  return texts;
}

}  // namespace

Contact contact_from(const json::object& fields) {
  Contact contact;
  contact.name = text_of(fields, "name");
  if (const auto* numbers = items_of(fields, "numbers")) contact.numbers = texts_of(*numbers);
  if (const auto* tags = items_of(fields, "tags")) contact.tags = texts_of(*tags);
  return contact;
}

Group group_from(const json::object& fields) {
  Group group;
  group.name = text_of(fields, "name");
  if (const auto* members = items_of(fields, "members")) group.members = texts_of(*members);
  return group;
}

Keyword keyword_from(const json::object& fields) {
  Keyword keyword;
  keyword.word = text_of(fields, "word");
  if (const auto* from = items_of(fields, "from")) keyword.from = texts_of(*from);
  keyword.secret = text_of(fields, "secret");
  keyword.action = text_of(fields, "action");
  keyword.group = text_of(fields, "group");
  keyword.text = text_of(fields, "text");
  if (const auto lane = text_of(fields, "lane"); !lane.empty()) keyword.lane = lane;
  if (const auto* report = fields.if_contains("report"); report != nullptr && report->is_bool())
    keyword.report = report->get_bool();
  // A daemon that shows none means none, where a file that leaves it out means the default.
  keyword.cooldown = config::parse_duration(text_of(fields, "cooldown")).value_or(config::Millis{0});
  return keyword;
}

json::object body_of(const Contact& contact) {
  return {{"numbers", list_of(contact.numbers)}, {"tags", list_of(contact.tags)}};
}

json::object body_of(const Group& group) {
  return {{"members", list_of(group.members)}};
}

json::object body_of(const Keyword& keyword) {
  json::object body{{"action", keyword.action},
                    {"lane", keyword.lane},
                    {"report", keyword.report},
                    {"cooldown", config::format_duration(keyword.effective_cooldown())}};
  if (keyword.from) body["from"] = list_of(*keyword.from);
  if (!keyword.secret.empty()) body["secret"] = keyword.secret;
  if (!keyword.group.empty()) body["group"] = keyword.group;
  if (!keyword.text.empty()) body["text"] = keyword.text;
  return body;
}

}  // namespace klaxon::cli
