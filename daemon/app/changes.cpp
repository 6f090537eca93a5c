// Requests that change what is there: cancel, settle, contacts, groups, keywords, tokens.
#include <algorithm>
#include <sstream>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

void Appliance::audit(std::string actor, std::string action, std::string detail, Line line) {
  turn_.append(line, store::InsertAudit{{next_audit_++, now_.unix_ms, std::move(actor), std::move(action), std::move(detail)}});
}

// The message may be on disk alone; then it is brought into memory first, so that memory stays the truth.
Ticket Appliance::with_message(Id id, std::function<Answer(Held&)> change) {
  if (const auto refused = refuse_while_away()) return *refused;
  const Ticket ticket = next_ticket_++;
  const auto done = [this, ticket, change](Held& held) {
    Answer answer = change(held);
    answer.ticket = ticket;
    const bool refused = std::holds_alternative<Refused>(answer.result);
    messages_.retire(held.record.id);
    if (refused) ready_answers_.push_back(std::move(answer));
    else pending_.push_back({ticket, held.gate, std::move(answer), false, {}});
  };
  if (Held* held = messages_.find(id)) {
    done(*held);
    return ticket;
  }
  ++row_reads_;
  read(store::Reading::brief, [this, id, ticket, done](store::Reader& rows) -> std::function<void()> {
    auto row = rows.message(id);
    const bool failed = rows.failure().has_value();
    return [this, id, ticket, done, failed, row = std::move(row)]() mutable {
      --row_reads_;
      Held* held = messages_.find(id);
      if (!held && row && row->state != MessageState::accepting) {
        const std::size_t parts = row->parts.size();
        for (std::size_t part = 0; part < parts; ++part)
          if (row->parts[part].state == MessageState::submitting) row->parts[part].state = MessageState::unknown;
        held = &messages_.hold(std::move(*row));
      }
      if (held) done(*held);
      else if (failed) ready_answers_.push_back({ticket, Refused{503, "", "the database cannot be read", 10}});
      else ready_answers_.push_back({ticket, Refused{404, "", "no such message", 0}});
    };
  });
  return ticket;
}

Ticket Appliance::cancel(Id id) {
  return with_message(id, [this](Held& held) { return cancel_now(held); });
}

Answer Appliance::cancel_now(Held& held) {
  MessageRecord& record = held.record;
  if (record.state == MessageState::cancelled) return {0, Changed{record, false, record.id}};
  for (auto& slot : slots_) {
    if (!slot->claim || slot->claim->message != record.id) continue;
    const PartRecord& begun = record.parts[slot->claim->part];
    if (!bound_sim(record).empty() || begun.state != MessageState::submitting) break;
    if (slot->modem.revoke(slot->claim->token)) take_back(*slot);
    break;
  }
  const bool untouched = std::all_of(record.parts.begin(), record.parts.end(),
                                     [](const PartRecord& part) { return part.state == MessageState::queued; });
  if (!untouched)
    return {0, Refused{409, "", record.final() ? "it is final already" : "it is too late: it is at a modem or on the air", 0}};
  for (PartRecord& part : record.parts) part.state = MessageState::cancelled;
  save(held);
  return {0, Changed{record, false, record.id}};
}

Ticket Appliance::settle(Id id, bool as_sent) {
  return with_message(id, [this, as_sent](Held& held) { return settle_now(held, as_sent); });
}

Answer Appliance::settle_now(Held& held, bool as_sent) {
  MessageRecord& record = held.record;
  if (record.state != MessageState::unknown) return {0, Refused{409, "", "it is not in doubt", 0}};
  for (std::size_t part = 0; part < record.parts.size(); ++part) {
    if (record.parts[part].state != MessageState::unknown) continue;
    if (!as_sent) give_up_report(record, part);  // whether it went out or not
    doubt_settled({record.id, part}, as_sent, -1, "settled by a person");
  }
  return {0, Changed{record, false, record.id}};
}

Ticket Appliance::change_sim(const std::string& iccid, const SimChange& change, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  Sim* sim = sims_.find(iccid);
  if (!sim) return refuse({404, "", "no such SIM", 0});
  std::ostringstream what;
  const auto apply = [&what](std::string_view name, const auto& wish, auto* now) {
    if (!wish) return;
    *now = *wish;
    what << ' ' << name;
    *wish ? what << '=' << **wish : what << " as configured";
  };
  for (const Quota quota : kQuotas)
    apply(config::quota_key(quota), change.limits[index_of(quota)], &sim->overrides.limits[index_of(quota)]);
  apply("weight", change.weight, &sim->overrides.weight);
  sim->overrides.iccid = iccid;
  audit(token_name(token), "sim.changed", (sim->label().empty() ? iccid : sim->label()) + ":" + what.str());
  return answer_when(turn_.append(Line::work, store::SaveSimOverride{sim->overrides}), {});
}

Ticket Appliance::save_contacts(std::vector<ContactRecord> contacts, const std::string& renamed_from, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  if (contacts.empty()) return answer_when(turn_.here(Line::work), {});
  const std::string name = contacts.front().name;
  const bool created = contacts.size() == 1 && !keywords_.contact(name);
  store::ChangeContacts change;
  if (!renamed_from.empty()) {
    if (!keywords_.contact(renamed_from)) return refuse({404, "", "no such contact", 0});
    if (!created) return refuse({409, "", "somebody else has the name " + name, 0});
    change.groups = keywords_.groups_renamed(renamed_from, name);
    for (const GroupRecord& group : change.groups) keywords_.set_group(group);
    keywords_.erase_contact(renamed_from);
    change.gone.push_back(renamed_from);
    audit(token_name(token), "contact.renamed", renamed_from + " to " + name);
  } else {
    audit(token_name(token), contacts.size() == 1 ? "contact.saved" : "contacts.saved",
          contacts.size() == 1 ? name + ": " + std::to_string(contacts.front().numbers.size()) + " numbers"
                               : std::to_string(contacts.size()) + " contacts");
  }
  for (const ContactRecord& contact : contacts) keywords_.set_contact(contact);
  change.contacts = std::move(contacts);
  return answer_when(turn_.append(Line::work, std::move(change)), {{}, created && renamed_from.empty(), 0});
}

Ticket Appliance::delete_contact(const std::string& name, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  if (!keywords_.contact(name)) return refuse({404, "", "no such contact", 0});
  if (const GroupRecord* group = keywords_.group_with(name))
    return refuse({409, "", "group " + group->name + " has this member", 0});
  keywords_.erase_contact(name);
  audit(token_name(token), "contact.deleted", name);
  return answer_when(turn_.append(Line::work, store::ChangeContacts{{name}, {}, {}}), {});
}

Ticket Appliance::save_groups(std::vector<GroupRecord> groups, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  audit(token_name(token), "groups.saved", std::to_string(groups.size()) + " groups");
  for (const GroupRecord& group : groups) keywords_.set_group(group);
  return answer_when(turn_.append(Line::work, store::ChangeContacts{{}, {}, std::move(groups)}), {});
}

Ticket Appliance::save_group(GroupRecord group, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  const bool created = keywords_.group(group.name) == nullptr;
  audit(token_name(token), "group.saved", group.name + ": " + std::to_string(group.members.size()) + " members");
  const Gate gate = turn_.append(Line::work, store::SaveGroup{group});
  keywords_.set_group(std::move(group));
  return answer_when(gate, {{}, created, 0});
}

Ticket Appliance::delete_group(const std::string& name, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  for (const auto& [word, keyword] : keywords_.keywords())
    if (keyword.group == name || std::find(keyword.from.begin(), keyword.from.end(), "group:" + name) != keyword.from.end())
      return refuse({409, "", "keyword " + word + " uses it", 0});
  if (!keywords_.erase_group(name)) return refuse({404, "", "no such group", 0});
  audit(token_name(token), "group.deleted", name);
  return answer_when(turn_.append(Line::work, store::DeleteGroup{name}), {});
}

Ticket Appliance::save_keyword(KeywordRecord keyword, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  std::string secret;
  if (!keyword.secret.empty()) {
    const auto read = secret_file_(keyword.secret.substr(std::string("pin:file:").size()));
    if (!read) return refuse({422, "/secret", "its file cannot be read in policy.secrets_dir", 0});
    if (read->size() < kSecretDigits) return refuse({422, "/secret", "at least 4 digits are needed in its file", 0});
    secret = *read;
  }
  const bool created = keywords_.keyword(keyword.word) == nullptr;
  audit(token_name(token), "keyword.saved", keyword.word + ": " + keyword.action);
  const Gate gate = turn_.append(Line::work, store::SaveKeyword{keyword});
  keywords_.set_secret(keyword.word, secret);
  keywords_.set_keyword(std::move(keyword));
  return answer_when(gate, {{}, created, 0});
}

Ticket Appliance::delete_keyword(const std::string& word, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  if (!keywords_.erase_keyword(word)) return refuse({404, "", "no such keyword", 0});
  audit(token_name(token), "keyword.deleted", word);
  return answer_when(turn_.append(Line::work, store::DeleteKeyword{word}), {});
}

Ticket Appliance::unlock(const std::string& number, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  const auto cleared = keywords_.clear_failures(number);
  if (!cleared) return refuse({404, "/number", "nothing is locked or counted for it", 0});
  audit(token_name(token), "keyword.unlocked", shorten_number(number));
  return answer_when(turn_.append(Line::work, store::SaveLock{*cleared}), {});
}

Ticket Appliance::reload_secrets(Id token) {
  read_secrets();
  audit(token == 0 ? "klaxond" : token_name(token), "secrets.reloaded", "");
  return answer_when(turn_.here(Line::work), {});
}

Ticket Appliance::save_token(TokenRecord token, Id by) {
  if (const auto refused = refuse_while_away()) return *refused;
  const auto known = std::find_if(tokens_.begin(), tokens_.end(), [&](const TokenRecord& t) { return t.id == token.id; });
  const bool created = token.id == 0;
  if (!created && known == tokens_.end()) return refuse({404, "", "no such token", 0});
  if (created) {
    token.id = next_token_++;
    token.created_ms = now_.unix_ms;
    tokens_.push_back(token);
  } else {
    *known = token;
  }
  audit(token_name(by), created ? "token.created" : "token.revoked", token.name);
  const Gate gate = turn_.append(Line::work, store::SaveToken{token});
  return answer_when(gate, {{}, created, token.id});
}

Ticket Appliance::note_in_audit(const std::string& action, const std::string& detail, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  audit(token_name(token), action, detail);
  return answer_when(turn_.here(Line::work), {});
}

Ticket Appliance::erase_number(const std::string& number, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  audit(token_name(token), "number.erased", shorten_number(number));
  return answer_when(turn_.append(Line::work, store::EraseNumber{number}), {});
}

}  // namespace klaxon
