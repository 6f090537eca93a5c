// What people edit: /v1/groups and /v1/keywords.
#include "daemon/doors/api_call.h"
#include "daemon/doors/contact_body.h"
#include "daemon/doors/directory_body.h"

namespace klaxon::doors {

namespace {

constexpr std::size_t kMostKeywords = 1000;

template <class Row, class NameOf>
const Row* named(const std::vector<Row>& rows, const std::string& name, NameOf name_of) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return name_of(row) == name; });
  return found == rows.end() ? nullptr : &*found;
}

const std::string& group_name(const GroupRecord& group) {
  return group.name;
}
const std::string& word_of(const KeywordRecord& keyword) {
  return keyword.word;
}

bool created(const Answer& answer) {
  const auto* changed = std::get_if<Changed>(&answer.result);
  return changed != nullptr && changed->created;
}

}  // namespace

void Api::give_empty(const CallRef& call, Ticket ticket) {
  wait_for(ticket, call->asker,
           [this](const AskerRef& asker, const Answer&) { give(asker, empty_response()); });
}

void Api::get_groups(const CallRef& call) {
  bool csv = false;
  PageAsked page;
  if (auto refusal = page_or_csv(*call, &page, &csv, nullptr)) return give(call->asker, std::move(*refusal));
  if (csv) return give(call->asker, csv_response(groups_csv(face_.groups())));
  give(call->asker, memory_list(face_.groups(), page, group_json, group_name));
}

void Api::get_group(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto groups = face_.groups();
  const GroupRecord* group = named(groups, call->captured[0], group_name);
  give(call->asker, group == nullptr ? not_found() : json_response(200, group_json(*group)));
}

void Api::put_group(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const std::string& name = call->captured[0];
  FieldErrors errors;
  if (!plain_name(name)) errors.add("/name", "must be 1 to 64 letters, digits, - and _");
  GroupRecord group = read_group(call->body->root(), name, rules(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const auto groups = face_.groups();
  if (groups.size() >= kMostGroups && named(groups, name, group_name) == nullptr) {
    return give(call->asker, problem(409, "there are 1000 groups already"));
  }
  const boost::json::object shown = group_json(group);
  wait_for(face_.save_group(std::move(group), call->caller.token), call->asker,
           [this, shown](const AskerRef& asker, const Answer& answer) {
             give(asker, json_response(created(answer) ? 201 : 200, shown));
           });
}

void Api::delete_group(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  give_empty(call, face_.delete_group(call->captured[0], call->caller.token));
}

void Api::get_keywords(const CallRef& call) {
  PageAsked page;
  if (auto refusal = plain_page(*call, &page)) return give(call->asker, std::move(*refusal));
  page.after = keyword_word(page.after).value_or(page.after);
  give(call->asker, memory_list(face_.keywords(), page, keyword_json, word_of));
}

void Api::get_keyword(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto keywords = face_.keywords();
  const KeywordRecord* keyword = named(keywords, keyword_word(call->captured[0]).value_or(""), word_of);
  give(call->asker, keyword == nullptr ? not_found() : json_response(200, keyword_json(*keyword)));
}

void Api::put_keyword(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  const auto word = keyword_word(call->captured[0]);
  if (!word)
    errors.add("/word", "must be one word without blanks or punctuation around it, at most 64 octets");
  KeywordRecord keyword = read_keyword(call->body->root(), word.value_or(""), rules(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const auto keywords = face_.keywords();
  if (keywords.size() >= kMostKeywords && named(keywords, *word, word_of) == nullptr) {
    return give(call->asker, problem(409, "there are 1000 keywords already"));
  }
  const boost::json::object shown = keyword_json(keyword);
  wait_for(face_.save_keyword(std::move(keyword), call->caller.token), call->asker,
           [this, shown](const AskerRef& asker, const Answer& answer) {
             give(asker, json_response(created(answer) ? 201 : 200, shown));
           });
}

void Api::delete_keyword(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto word = keyword_word(call->captured[0]);
  if (!word) return give(call->asker, not_found());
  give_empty(call, face_.delete_keyword(*word, call->caller.token));
}

void Api::unlock_number(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  const std::string number = read_unlock(call->body->root(), rules(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  give_empty(call, face_.unlock(number, call->caller.token));
}

void Api::reload_secrets(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  if (call->body) {
    if (const auto* object = object_of(call->body->root(), errors)) Fields(*object, "", errors).close();
  }
  if (!errors.empty()) return give(call->asker, invalid(errors));
  give_empty(call, face_.reload_secrets(call->caller.token));
}

}  // namespace klaxon::doors
