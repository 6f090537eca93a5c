#include "daemon/doors/api.h"

#include <algorithm>

#include "daemon/doors/api_call.h"

namespace klaxon::doors {

namespace {

enum class BodyWish { none, optional, required, csv };
constexpr unsigned kOpenToAll = 0;

}  // namespace

struct Route {
  std::string_view method;
  std::vector<std::string_view> path;  // "{}" stands for one segment
  unsigned scopes;
  BodyWish body;
  void (Api::*call)(const std::shared_ptr<Call>&);
  bool key_on_disk = false;  // an Idempotency-Key is kept with what the POST makes
};

// A literal segment goes before {}: the more special route stands first.
const std::vector<Route>& Api::routes() {
  using enum BodyWish;
  static const std::vector<Route> kRoutes{
      {"GET", {"healthz"}, kOpenToAll, none, &Api::get_health},
      {"GET", {"readyz"}, kOpenToAll, none, &Api::get_ready},
      {"GET", {"openapi.json"}, kOpenToAll, none, &Api::get_openapi},
      {"GET", {"metrics"}, kRead, none, &Api::get_metrics},
      {"POST", {"v1", "messages"}, kSend, required, &Api::post_messages, true},
      {"GET", {"v1", "messages"}, kRead, none, &Api::get_messages},
      {"POST", {"v1", "messages", "preview"}, kSend, required, &Api::preview_message},
      {"GET", {"v1", "messages", "{}"}, kRead, none, &Api::get_message},
      {"DELETE", {"v1", "messages", "{}"}, kSend, none, &Api::delete_message},
      {"POST", {"v1", "messages", "{}", "settle"}, kSend, required, &Api::settle_message},
      {"GET", {"v1", "queue"}, kRead, none, &Api::get_queue},
      {"GET", {"v1", "inbox"}, kInbox, none, &Api::get_inbox},
      {"GET", {"v1", "inbox", "{}"}, kInbox, none, &Api::get_inbox_item},
      {"GET", {"v1", "conversations"}, kRead | kInbox, none, &Api::get_conversations},
      {"GET", {"v1", "conversations", "{}"}, kRead | kInbox, none, &Api::get_conversation},
      {"GET", {"v1", "events"}, kRead, none, &Api::get_events},
      {"GET", {"v1", "modems"}, kRead, none, &Api::get_modems},
      {"GET", {"v1", "modems", "{}"}, kRead, none, &Api::get_modem},
      {"GET", {"v1", "modems", "{}", "recording"}, kRead, none, &Api::get_recording},
      {"POST", {"v1", "modems", "{}", "reset"}, kAdmin, optional, &Api::reset_modem},
      {"POST", {"v1", "modems", "{}", "at"}, kAdmin, required, &Api::say_to_modem},
      {"POST", {"v1", "modems", "{}", "ussd"}, kAdmin, required, &Api::dial_ussd},
      {"GET", {"v1", "sims"}, kRead, none, &Api::get_sims},
      {"GET", {"v1", "sims", "{}"}, kRead, none, &Api::get_sim},
      {"PATCH", {"v1", "sims", "{}"}, kAdmin, required, &Api::patch_sim},
      {"GET", {"v1", "contacts"}, kRead, none, &Api::get_contacts},
      {"POST", {"v1", "contacts", "import"}, kAdmin, csv, &Api::import_contacts},
      {"GET", {"v1", "contacts", "{}"}, kRead, none, &Api::get_contact},
      {"PUT", {"v1", "contacts", "{}"}, kAdmin, required, &Api::put_contact},
      {"DELETE", {"v1", "contacts", "{}"}, kAdmin, none, &Api::delete_contact},
      {"GET", {"v1", "groups"}, kRead, none, &Api::get_groups},
      {"POST", {"v1", "groups", "import"}, kAdmin, csv, &Api::import_groups},
      {"GET", {"v1", "groups", "{}"}, kRead, none, &Api::get_group},
      {"PUT", {"v1", "groups", "{}"}, kAdmin, required, &Api::put_group},
      {"DELETE", {"v1", "groups", "{}"}, kAdmin, none, &Api::delete_group},
      {"GET", {"v1", "keywords"}, kRead, none, &Api::get_keywords},
      {"POST", {"v1", "keywords", "unlock"}, kAdmin, required, &Api::unlock_number},
      {"POST", {"v1", "keywords", "reload"}, kAdmin, optional, &Api::reload_secrets},
      {"GET", {"v1", "keywords", "{}"}, kRead, none, &Api::get_keyword},
      {"PUT", {"v1", "keywords", "{}"}, kAdmin, required, &Api::put_keyword},
      {"DELETE", {"v1", "keywords", "{}"}, kAdmin, none, &Api::delete_keyword},
      {"GET", {"v1", "opt-outs"}, kRead, none, &Api::get_opt_outs},
      {"GET", {"v1", "opt-outs", "{}"}, kRead, none, &Api::get_opt_out},
      // Whoever may send may also promise to send less; taking that back is another matter.
      {"PUT", {"v1", "opt-outs", "{}"}, kSend, optional, &Api::put_opt_out},
      {"DELETE", {"v1", "opt-outs", "{}"}, kAdmin, none, &Api::delete_opt_out},
      {"POST", {"v1", "broadcasts"}, kSend, required, &Api::post_broadcasts, true},
      {"GET", {"v1", "broadcasts"}, kRead, none, &Api::get_broadcasts},
      {"GET", {"v1", "broadcasts", "{}"}, kRead, none, &Api::get_broadcast},
      {"POST", {"v1", "tokens"}, kAdmin, required, &Api::post_token},
      {"GET", {"v1", "tokens"}, kAdmin, none, &Api::get_tokens},
      {"GET", {"v1", "tokens", "{}"}, kAdmin, none, &Api::get_token},
      {"DELETE", {"v1", "tokens", "{}"}, kAdmin, none, &Api::delete_token},
      {"GET", {"v1", "audit"}, kAdmin, none, &Api::get_audit},
      {"POST", {"v1", "backup"}, kAdmin, optional, &Api::post_backup},
      {"DELETE", {"v1", "numbers", "{}"}, kAdmin, none, &Api::delete_number},
  };
  return kRoutes;
}

namespace {

bool matches(const Route& route, const std::vector<std::string>& path, std::vector<std::string>* captured) {
  captured->clear();
  if (route.path.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (route.path[i] == "{}") {
      captured->push_back(path[i]);
    } else if (route.path[i] != path[i]) {
      return false;
    }
  }
  return true;
}

std::string media_type(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return type;
}

bool is_json(std::string_view content_type) {
  const std::string type = media_type(content_type);
  return type == "application/json" || (type.starts_with("application/") && type.ends_with("+json"));
}

std::optional<HttpResponse> refuse_other_than_csv(const HttpRequest& request) {
  constexpr std::size_t kMostOctets = 2 * 1024 * 1024;
  if (request.body.empty()) return problem(400, "a CSV body is needed");
  if (media_type(request.content_type) != "text/csv")
    return problem(415, "the body must be CSV: Content-Type: text/csv");
  if (!request.content_encoding.empty() && request.content_encoding != "identity")
    return problem(415, "the body must not be compressed");
  if (request.body.size() > kMostOctets) return problem(413, "the file is larger than 2 MiB");
  return std::nullopt;
}

std::string missing_scopes(unsigned needed, unsigned given) {
  std::string out;
  for (const Scope scope : {kSend, kRead, kInbox, kAlert, kAdmin}) {
    if ((needed & scope & ~given) == 0) continue;
    out += (out.empty() ? "" : " and ") + std::string(scope_name(scope));
  }
  return out;
}

HttpResponse unauthorised(bool something_given) {
  HttpResponse out = problem(401, something_given ? "the token is not known here, or revoked"
                                                  : "a token is needed: Authorization: Bearer TOKEN");
  out.headers.emplace_back("WWW-Authenticate", something_given
                                                   ? R"(Bearer realm="klaxon", error="invalid_token")"
                                                   : R"(Bearer realm="klaxon")");
  return out;
}

}  // namespace

std::vector<Api::Offer> Api::offers() {
  std::vector<Offer> out;
  for (const Route& route : routes()) {
    std::string path;
    for (const std::string_view part : route.path) path.append("/").append(part);
    out.push_back({route.method, std::move(path), route.scopes, route.body != BodyWish::none,
                   route.body == BodyWish::required || route.body == BodyWish::csv});
  }
  return out;
}

Api::Api(Face& face) : face_(face), events_(face) {}

const Route* Api::find_route(const Target& target, const std::string& method,
                             std::vector<std::string>* captured, std::string* allow) const {
  for (const Route& route : routes()) {
    if (!matches(route, target.path, captured)) continue;
    if (route.method == method) return &route;
    if (allow->find(route.method) == std::string::npos) {
      *allow += (allow->empty() ? "" : ", ") + std::string(route.method);
      if (route.method == "GET") *allow += ", HEAD";
    }
  }
  return nullptr;
}

void Api::handle(HttpRequest request, AskerRef asker) {
  auto target = parse_target(request.target);
  if (!target) return give(asker, problem(400, "the request's target is not a path in UTF-8"));
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->asker = std::move(asker);
  call->target = std::move(*target);
  std::string allow;
  const Route* route = find_route(call->target, call->request.method, &call->captured, &allow);
  if (route == nullptr && allow.empty()) return give(call->asker, not_found());
  if (route == nullptr) {
    HttpResponse out = problem(405, "this path takes " + allow);
    out.headers.emplace_back("Allow", allow);
    return give(call->asker, std::move(out));
  }
  if (auto refusal = admit(*call, *route)) return give(call->asker, std::move(*refusal));
  if (route->method == "POST" && !route->key_on_disk && keep_answer(call)) return;
  (this->*route->call)(call);
}

std::optional<HttpResponse> Api::admit(Call& call, const Route& route) {
  if (route.scopes != kOpenToAll) {
    const auto caller = authenticate(call.request.authorization, face_.tokens());
    if (!caller) {
      ++counters_.unauthorised;
      return unauthorised(!call.request.authorization.empty());
    }
    call.caller = *caller;
    if (!caller->may(route.scopes)) return forbidden(missing_scopes(route.scopes, caller->scopes));
  }
  if (route.body == BodyWish::none) return std::nullopt;
  if (route.body == BodyWish::csv) return refuse_other_than_csv(call.request);
  return read_body(call, route.body == BodyWish::required);
}

std::optional<HttpResponse> Api::read_body(Call& call, bool required) {
  const HttpRequest& request = call.request;
  if (request.body.empty() && !required) return std::nullopt;
  if (request.body.empty()) return problem(400, "a JSON body is needed");
  if (!is_json(request.content_type))
    return problem(415, "the body must be JSON: Content-Type: application/json");
  if (!request.content_encoding.empty() && request.content_encoding != "identity") {
    return problem(415, "the body must not be compressed");
  }
  auto parsed = Document::parse(request.body);
  if (!parsed) return problem(400, parsed.error());
  call.body = std::move(*parsed);
  return std::nullopt;
}

void Api::give(const AskerRef& asker, HttpResponse response) {
  const auto open = asker.lock();
  if (!open || !open->open()) return;
  const auto digit = static_cast<std::size_t>(response.status / 100);
  if (digit < std::size(counters_.answered)) ++counters_.answered[digit];
  open->answer(std::move(response));
}

HttpResponse Api::refuse(int status, std::string_view detail) {
  ++counters_.answered[static_cast<std::size_t>(status / 100)];
  return status == 503 ? busy(status, detail, 1) : problem(status, detail);
}

void Api::wait_for(Ticket ticket, const AskerRef& asker, Then then) {
  waiting_.emplace(ticket, Waiting{asker, std::move(then)});
}

void Api::deliver() {
  for (const Answer& answer : face_.take_answers()) {
    const auto found = waiting_.find(answer.ticket);
    if (found == waiting_.end()) continue;
    const Waiting waiting = std::move(found->second);
    waiting_.erase(found);
    if (const auto asker = waiting.asker.lock(); !asker || !asker->open()) continue;
    if (const auto* no = std::get_if<Refused>(&answer.result)) {
      give(waiting.asker, refused(*no));
    } else {
      waiting.then(waiting.asker, answer);
    }
  }
  hurry_alerts();
  events_.turn();
}

bool Api::reader_busy(const AskerRef& asker) {
  if (face_.reads_waiting() < kReadsWaiting) return false;
  give(asker, busy(503, "too many requests wait for the disk", 1));
  return true;
}

void Api::read_rows(store::Reading kind, const AskerRef& asker, RowQuery query) {
  if (reader_busy(asker)) return;
  face_.read(kind, [this, asker, query = std::move(query)](store::Reader& reader) -> std::function<void()> {
    auto response = std::make_shared<HttpResponse>(query(reader));
    return [this, asker, response] { give(asker, std::move(*response)); };
  });
}

Rules Api::rules() const {
  const config::Settings& settings = face_.settings();
  return {settings,
          face_.unix_ms(),
          [this, &settings](const std::string& name) {
            const auto views = face_.sims();
            return std::any_of(views.begin(), views.end(),
                               [&](const SimView& sim) { return sim.iccid == name || sim.label == name; }) ||
                   std::any_of(settings.sims.begin(), settings.sims.end(), [&](const config::Sim& sim) {
                     return sim.iccid == name || sim.label == name;
                   });
          },
          [this](const std::string& name) -> std::optional<std::size_t> {
            for (const GroupRecord& group : face_.groups()) {
              if (group.name == name) return group.members.size();
            }
            return std::nullopt;
          },
          [this](const std::string& name) -> std::vector<std::string> {
            for (const GroupRecord& group : face_.groups()) {
              if (group.name == name) return face_.numbers_of(group);
            }
            return {};
          },
          [this](const std::string& name) { return face_.contacts().contains(name); }};
}

PageAsked page_asked(Query& query) {
  return {query.limit(), query.text("after").value_or("")};
}

Id after_id(Query& query, const PageAsked& page, char letter) {
  if (page.after.empty()) return 0;
  const auto id = parse_id(letter, page.after);
  if (!id) query.refuse("after", "must be an id of this list");
  return id.value_or(0);
}

std::optional<HttpResponse> plain_page(const Call& call, PageAsked* page) {
  FieldErrors errors;
  Query query(call.target, errors);
  *page = page_asked(query);
  query.close();
  if (!errors.empty()) return invalid(errors);
  return std::nullopt;
}

std::optional<HttpResponse> no_query(const Call& call) {
  FieldErrors errors;
  Query query(call.target, errors);
  query.close();
  if (!errors.empty()) return invalid(errors);
  return std::nullopt;
}

HttpResponse not_found() {
  return problem(404, "there is nothing here");
}

HttpResponse forbidden(std::string_view scope) {
  return problem(403, "the token lacks the scope " + std::string(scope));
}

}  // namespace klaxon::doors
