// /v1/tokens and /v1/audit.
#include "daemon/doors/api_call.h"
#include "daemon/doors/directory_body.h"

namespace klaxon::doors {

namespace {

constexpr std::size_t kMostTokens = 1000;  // in use; each request is held against them all

const TokenRecord* token_named(const std::vector<TokenRecord>& tokens, const std::string& text) {
  const auto id = parse_id('t', text);
  const auto found =
      std::find_if(tokens.begin(), tokens.end(), [&](const TokenRecord& t) { return id == t.id; });
  return found == tokens.end() ? nullptr : &*found;
}

bool works_as_admin(const TokenRecord& token) {
  return token.revoked_ms == 0 && (scopes_of(token) & kAdmin) != 0;
}

}  // namespace

void Api::get_tokens(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  const PageAsked asked = page_asked(query);
  const Id after = after_id(query, asked, 't');
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  std::vector<TokenRecord> tokens = face_.tokens();
  std::erase_if(tokens, [after](const TokenRecord& token) { return token.id <= after; });
  std::sort(tokens.begin(), tokens.end(),
            [](const TokenRecord& a, const TokenRecord& b) { return a.id < b.id; });
  give(call->asker, list_response(tokens, asked.limit, token_json,
                                  [](const TokenRecord& token) { return id_text('t', token.id); }));
}

void Api::get_token(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const TokenRecord* token = token_named(face_.tokens(), call->captured[0]);
  give(call->asker, token == nullptr ? not_found() : json_response(200, token_json(*token)));
}

// The token itself is in this answer and nowhere else.
void Api::post_token(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  TokenRecord record = read_token(call->body->root(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const auto& tokens = face_.tokens();
  const auto in_use =
      std::count_if(tokens.begin(), tokens.end(), [](const auto& t) { return t.revoked_ms == 0; });
  if (static_cast<std::size_t>(in_use) >= kMostTokens) {
    return give(call->asker, problem(409, "there are 1000 tokens already"));
  }
  const std::string token = new_token();
  record.sha256 = token_sha256(token);
  record.created_ms = face_.unix_ms();
  wait_for(face_.save_token(record, call->caller.token), call->asker,
           [this, record, token](const AskerRef& asker, const Answer& answer) mutable {
             record.id = std::get<Changed>(answer.result).id;
             boost::json::object out = token_json(record);
             out["token"] = token;
             HttpResponse response = json_response(201, out);
             response.headers.emplace_back("Cache-Control", "no-store");
             give(asker, std::move(response));
           });
}

void Api::delete_token(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto& tokens = face_.tokens();
  const TokenRecord* found = token_named(tokens, call->captured[0]);
  if (found == nullptr) return give(call->asker, not_found());
  if (found->revoked_ms != 0) return give(call->asker, empty_response());
  if (works_as_admin(*found) && std::count_if(tokens.begin(), tokens.end(), works_as_admin) == 1) {
    return give(call->asker, problem(409, "this is the last admin token; make another first"));
  }
  TokenRecord revoked = *found;
  revoked.revoked_ms = face_.unix_ms();
  give_empty(call, face_.save_token(std::move(revoked), call->caller.token));
}

void Api::get_audit(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  const PageAsked asked = page_asked(query);
  const Id after = after_id(query, asked, 'a');
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  read_rows(store::Reading::lengthy, call->asker, [after, limit = asked.limit](store::Reader& reader) {
    return list_response(reader.audit({after, limit + 1, 0}), limit, audit_json,
                         [](const AuditRecord& row) { return id_text('a', row.id); });
  });
}

}  // namespace klaxon::doors
