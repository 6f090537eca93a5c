#include "daemon/cli/api.h"

#include <algorithm>

#include "daemon/cli/answers.h"
#include "daemon/cli/text_table.h"

namespace klaxon::cli {
namespace {

constexpr unsigned kFirstRefusal = 400, kBusy = 503;

json::value parsed(const std::string& body, bool* is_json) {
  boost::system::error_code error;
  json::value value = body.empty() ? json::value(nullptr) : json::parse(body, error);
  *is_json = !error;
  return error ? json::value(nullptr) : value;
}

}  // namespace

std::string refusal_text(const HttpAnswer& answer) {
  bool is_json = false;
  const json::value body = parsed(answer.body, &is_json);
  std::string text = std::to_string(answer.status);
  if (!body.is_object()) return text + " (an answer that klaxond does not give; is this its address?)";
  const auto& problem = body.get_object();
  text.append(" ").append(printable(text_of(problem, "title")));
  const auto* fields = items_of(problem, "errors");
  const bool named = fields != nullptr && !fields->empty();
  // Where fields are named, the detail only repeats them.
  if (const auto detail = text_of(problem, "detail"); !named && !detail.empty())
    text.append(": ").append(printable(detail));
  for (const auto& field : named ? *fields : json::array{}) {
    if (!field.is_object()) continue;
    text.append("\n  ").append(printable(text_of(field.get_object(), "pointer")));
    text.append(": ").append(printable(text_of(field.get_object(), "detail")));
  }
  if (!answer.retry_after.empty()) text += "\n  try again in " + printable(answer.retry_after) + " s";
  if (answer.status == 401) text += "\n  give a token by --token-file, --token or KLAXON_TOKEN";
  return text;
}

Outcome Api::call(HttpRequest request, bool again_when_lost, Wanted wanted) {
  request.token = token_;
  auto answer = transport_->call(request);
  if (!answer && answer.error().connected && again_when_lost) answer = transport_->call(request);
  if (!answer) return at::Unexpected{unreachable(answer.error())};
  if (answer->status >= kFirstRefusal)
    return at::Unexpected{Failure{kRefused, answer->status, refusal_text(*answer)}};
  bool is_json = true;
  json::value body = wanted == Wanted::text ? json::value(answer->body) : parsed(answer->body, &is_json);
  if (!is_json || answer->status >= 300) {
    const std::string status = std::to_string(answer->status);
    return at::Unexpected{
        Failure{kUnreachable, answer->status, status + ", and no JSON: this is not klaxond"}};
  }
  return Reply{answer->status, std::move(body), std::move(answer->body)};
}

Failure Api::unreachable(const HttpFailure& failure) const {
  return {kUnreachable, 0, "can't reach klaxond: " + failure.reason};
}

Outcome Api::fetch(const std::string& target, std::chrono::seconds patience,
                   std::function<bool(std::string_view)> sink) {
  HttpRequest request{"POST", target, {}, token_, {}};
  request.sink = std::move(sink);
  request.patience = patience;
  const auto answer = transport_->call(request);
  if (!answer) return at::Unexpected{unreachable(answer.error())};
  if (answer->status >= kFirstRefusal)
    return at::Unexpected{Failure{kRefused, answer->status, refusal_text(*answer)}};
  return Reply{answer->status, nullptr, {}};
}

Outcome Api::ask(const std::string& target, const json::object& body, std::chrono::seconds patience) {
  HttpRequest request{"POST", target, json::serialize(body), {}, {}};
  request.patience = patience;
  return call(std::move(request), false);
}

Outcome Api::get(const std::string& target) {
  return call({"GET", target, {}, {}, {}}, true);
}

Outcome Api::text(const std::string& target) {
  return call({"GET", target, {}, {}, {}}, true, Wanted::text);
}

std::optional<Failure> Api::follow(const std::string& target, std::function<bool(std::string_view)> sink) {
  constexpr std::chrono::seconds kSilence{45};  // three of the daemon's signs of life
  HttpRequest request{"GET", target, {}, token_, {}};
  request.sink = std::move(sink);
  request.patience = kSilence;
  request.endless = true;
  const auto answer = transport_->call(request);
  if (!answer) return unreachable(answer.error());
  if (answer->status >= kFirstRefusal)
    return Failure{answer->status == kBusy ? kUnreachable : kRefused, answer->status, refusal_text(*answer)};
  return std::nullopt;
}

Outcome Api::put(const std::string& target, const json::object& body) {
  return call({"PUT", target, json::serialize(body), {}, {}}, true);
}

Outcome Api::post_csv(const std::string& target, std::string body) {
  HttpRequest request{"POST", target, std::move(body), {}, {}};
  request.content_type = "text/csv";
  return call(std::move(request), true);
}

Outcome Api::patch(const std::string& target, const json::object& body) {
  return call({"PATCH", target, json::serialize(body), {}, {}}, true);
}

Outcome Api::erase(const std::string& target) {
  return call({"DELETE", target, {}, {}, {}}, false);
}

Outcome Api::post(const std::string& target, const json::object& body, const std::string& idempotency_key) {
  return call({"POST", target, json::serialize(body), {}, idempotency_key}, !idempotency_key.empty());
}

Outcome Api::list(const std::string& target, std::size_t most) {
  constexpr std::size_t kPage = 1000;
  const char joint = target.find('?') == std::string::npos ? '?' : '&';
  json::array items;
  json::value next = nullptr;
  do {
    const std::size_t wanted = most == 0 ? kPage : std::min(kPage, most - items.size());
    std::string page = target + joint + "limit=" + std::to_string(wanted);
    if (next.is_string()) page += "&after=" + percent_encoded(std::string(next.get_string()));
    auto reply = get(page);
    if (!reply) return reply;
    if (!reply->body.is_object())
      return at::Unexpected{Failure{kUnreachable, reply->status, "the answer is no list"}};
    if (const auto* found = items_of(reply->body.get_object(), "items"))
      items.insert(items.end(), found->begin(), found->end());
    const auto* following = reply->body.get_object().if_contains("next");
    next = following != nullptr ? *following : json::value(nullptr);
  } while (next.is_string() && (most == 0 || items.size() < most));
  json::object all{{"items", std::move(items)}, {"next", std::move(next)}};
  std::string raw = json::serialize(all);
  return Reply{200, std::move(all), std::move(raw)};
}

}  // namespace klaxon::cli
