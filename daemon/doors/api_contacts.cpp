// /v1/contacts, and contacts and groups as a spreadsheet has them.
#include "daemon/doors/api_call.h"
#include "daemon/doors/contact_body.h"

namespace klaxon::doors {

namespace {

const std::string& contact_name(const ContactRecord& contact) {
  return contact.name;
}

// ?dry_run=true: everything is checked, nothing is changed.
bool dry_run_asked(const Call& call, FieldErrors& errors) {
  Query query(call.target, errors);
  const auto given = query.text("dry_run");
  if (given && *given != "true" && *given != "false") query.refuse("dry_run", "must be true or false");
  query.close();
  return given == "true";
}

struct Imported {
  std::size_t added = 0, changed = 0, unchanged = 0;
  HttpResponse response(bool dry_run) const {
    return json_response(
        200, boost::json::object{
                 {"dry_run", dry_run}, {"added", added}, {"changed", changed}, {"unchanged", unchanged}});
  }
};

// Leaves in `rows` what differs. find: the row of that name now, or nullptr.
template <class Row, class Find, class Same>
Imported keep_changes(std::vector<Row>& rows, Find find, Same same) {
  Imported all;
  std::erase_if(rows, [&](const Row& row) {
    const Row* known = find(row.name);
    const bool unchanged = known != nullptr && same(*known, row);
    ++(known == nullptr ? all.added : unchanged ? all.unchanged : all.changed);
    return unchanged;
  });
  return all;
}

}  // namespace

std::optional<HttpResponse> page_or_csv(const Call& call, PageAsked* page, bool* csv, std::string* tag) {
  FieldErrors errors;
  Query query(call.target, errors);
  const auto format = query.text("format");
  if (format && *format != "csv" && *format != "json") query.refuse("format", "must be csv or json");
  *csv = format == "csv";
  if (tag != nullptr) *tag = query.text("tag").value_or("");
  if (!*csv) *page = page_asked(query);
  query.close();
  if (!errors.empty()) return invalid(errors);
  return std::nullopt;
}

HttpResponse csv_response(std::string body) {
  HttpResponse out;
  out.content_type = "text/csv; charset=utf-8";
  out.body = std::move(body);
  return out;
}

void Api::get_contacts(const CallRef& call) {
  PageAsked page;
  bool csv = false;
  std::string tag;
  if (auto refusal = page_or_csv(*call, &page, &csv, &tag)) return give(call->asker, std::move(*refusal));
  std::vector<ContactRecord> rows;
  const auto& contacts = face_.contacts();
  for (auto at = contacts.upper_bound(page.after); at != contacts.end(); ++at) {
    const auto& tags = at->second.tags;
    if (!tag.empty() && std::find(tags.begin(), tags.end(), tag) == tags.end()) continue;
    rows.push_back(at->second);
    if (!csv && rows.size() > page.limit) break;
  }
  give(call->asker,
       csv ? csv_response(contacts_csv(rows)) : list_response(rows, page.limit, contact_json, contact_name));
}

void Api::get_contact(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto known = face_.contacts().find(call->captured[0]);
  give(call->asker,
       known == face_.contacts().end() ? not_found() : json_response(200, contact_json(known->second)));
}

void Api::put_contact(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const std::string& name = call->captured[0];
  FieldErrors errors;
  ContactRecord contact = read_contact(call->body->root(), name, rules(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const std::string renamed_from = contact.name == name ? "" : name;
  if (renamed_from.empty() && face_.contacts().size() >= kMostContacts && !face_.contacts().contains(name))
    return give(call->asker, problem(409, "there are 10000 contacts already"));
  const boost::json::object shown = contact_json(contact);
  std::vector<ContactRecord> one;
  one.push_back(std::move(contact));
  wait_for(face_.save_contacts(std::move(one), renamed_from, call->caller.token), call->asker,
           [this, shown](const AskerRef& asker, const Answer& answer) {
             const auto* changed = std::get_if<Changed>(&answer.result);
             give(asker, json_response(changed != nullptr && changed->created ? 201 : 200, shown));
           });
}

void Api::delete_contact(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  give_empty(call, face_.delete_contact(call->captured[0], call->caller.token));
}

void Api::import_contacts(const CallRef& call) {
  FieldErrors errors;
  const bool dry_run = dry_run_asked(*call, errors);
  auto rows =
      errors.empty() ? read_contacts_csv(call->request.body, rules(), errors) : std::vector<ContactRecord>();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const auto& known = face_.contacts();
  const Imported all = keep_changes(
      rows,
      [&](const std::string& name) {
        const auto at = known.find(name);
        return at == known.end() ? nullptr : &at->second;
      },
      [](const ContactRecord& a, const ContactRecord& b) { return a == b; });
  if (known.size() + all.added > kMostContacts)
    return give(call->asker, problem(409, "there would be more than 10000 contacts"));
  if (dry_run || rows.empty()) return give(call->asker, all.response(dry_run));
  wait_for(face_.save_contacts(std::move(rows), "", call->caller.token), call->asker,
           [this, all](const AskerRef& asker, const Answer&) { give(asker, all.response(false)); });
}

void Api::import_groups(const CallRef& call) {
  FieldErrors errors;
  const bool dry_run = dry_run_asked(*call, errors);
  auto rows =
      errors.empty() ? read_groups_csv(call->request.body, rules(), errors) : std::vector<GroupRecord>();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const auto known = face_.groups();
  const Imported all = keep_changes(
      rows,
      [&](const std::string& name) {
        const auto at = std::find_if(known.begin(), known.end(),
                                     [&](const GroupRecord& row) { return row.name == name; });
        return at == known.end() ? nullptr : &*at;
      },
      [](const GroupRecord& a, const GroupRecord& b) { return a.members == b.members; });
  if (known.size() + all.added > kMostGroups)
    return give(call->asker, problem(409, "there would be more than 1000 groups"));
  if (dry_run || rows.empty()) return give(call->asker, all.response(dry_run));
  wait_for(face_.save_groups(std::move(rows), call->caller.token), call->asker,
           [this, all](const AskerRef& asker, const Answer&) { give(asker, all.response(false)); });
}

}  // namespace klaxon::doors
