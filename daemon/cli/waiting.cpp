#include "daemon/cli/waiting.h"

#include <vector>

#include "daemon/cli/answers.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

bool without_report(const json::object& message) {
  const auto* report = message.if_contains("report");
  return report != nullptr && report->is_bool() && !report->get_bool();
}

std::vector<json::object*> messages_of(json::value& answer) {
  std::vector<json::object*> found;
  auto* fields = answer.if_object();
  if (fields == nullptr) return found;
  auto* items = fields->if_contains("items");
  if (items == nullptr || !items->is_array()) return {fields};
  for (auto& item : items->get_array()) {
    if (item.is_object()) found.push_back(&item.get_object());
  }
  return found;
}

// False: refused, `failure` says why.
bool look_again(Session& session, json::object& message, Failure* failure) {
  auto reply = session.api.get("/v1/messages/" + percent_encoded(text_of(message, "id")));
  if (!reply && reply.error().exit_code == kUnreachable) return true;
  if (!reply) {
    *failure = reply.error();
    return false;
  }
  if (reply->body.is_object()) message = reply->body.get_object();
  return true;
}

}  // namespace

bool well_ended(const json::object& message) {
  const std::string state = text_of(message, "state");
  return state == "delivered" || (state == "submitted" && without_report(message));
}

bool at_its_end(const json::object& message) {
  const std::string state = text_of(message, "state");
  return well_ended(message) || state == "failed" || state == "expired" || state == "cancelled";
}

at::Expected<json::value, Failure> wait_for_end(Session& session, json::value answer, Millis limit) {
  constexpr Millis kBetweenLooks{500};
  const Millis until = session.clock.now() + limit;
  const auto messages = messages_of(answer);
  for (;;) {
    bool all = true;
    for (auto* message : messages) {
      Failure failure;
      if (at_its_end(*message)) continue;
      if (!look_again(session, *message, &failure)) return at::Unexpected{failure};
      all = all && at_its_end(*message);
      if (session.clock.now() >= until) break;
    }
    if (all || session.clock.now() >= until) return answer;
    session.clock.pause(kBetweenLooks);
  }
}

}  // namespace klaxon::cli
