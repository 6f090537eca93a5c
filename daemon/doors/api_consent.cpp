// /v1/opt-outs: who has asked not to be written to.
#include "config/settings.h"
#include "daemon/doors/api_call.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace {

boost::json::object opt_out_json(const OptOutRecord& row) {
  return {
      {"id", id_text('o', row.id)}, {"number", row.number}, {"by", row.by}, {"since", rfc3339(row.since_ms)}};
}

HttpResponse no_number() {
  return problem(422, "the path ends in no telephone number; write +, country code, number");
}

}  // namespace

std::optional<std::string> Api::number_in_path(const Call& call) const {
  return config::normalise_number(call.captured[0], face_.settings().policy.default_country);
}

void Api::get_opt_outs(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  const PageAsked asked = page_asked(query);
  const Id after = after_id(query, asked, 'o');
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  give(call->asker, list_response(face_.opt_outs(after, asked.limit + 1), asked.limit, opt_out_json,
                                  [](const OptOutRecord& row) { return id_text('o', row.id); }));
}

void Api::get_opt_out(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto number = number_in_path(*call);
  if (!number) return give(call->asker, no_number());
  const auto row = face_.opted_out(*number);
  give(call->asker, row ? json_response(200, opt_out_json(*row)) : not_found());
}

void Api::put_opt_out(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  if (call->body) {
    if (const auto* object = object_of(call->body->root(), errors)) Fields(*object, "", errors).close();
  }
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const auto number = number_in_path(*call);
  if (!number) return give(call->asker, no_number());
  wait_for(face_.opt_out(*number, call->caller.token), call->asker,
           [this, number = *number](const AskerRef& asker, const Answer& answer) {
             const auto* changed = std::get_if<Changed>(&answer.result);
             const auto row = face_.opted_out(number);
             if (!row) return give(asker, problem(409, "it has opted in again meanwhile"));
             give(asker,
                  json_response(changed != nullptr && changed->created ? 201 : 200, opt_out_json(*row)));
           });
}

void Api::delete_opt_out(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto number = number_in_path(*call);
  if (!number) return give(call->asker, no_number());
  give_empty(call, face_.opt_in(*number, call->caller.token));
}

}  // namespace klaxon::doors
