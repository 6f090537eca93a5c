// /v1/events: an answer without an end.
#include "daemon/doors/api_call.h"

namespace klaxon::doors {

void Api::get_events(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  auto after = query.text("after");
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  // A client that comes back knows better than the address it was started with.
  if (call->request.last_event_id && !call->request.last_event_id->empty())
    after = call->request.last_event_id;
  HttpResponse out;
  out.stream = events_.open({call->asker, call->caller.token, call->caller.may(kInbox), std::move(after)});
  if (!out.stream)
    return give(call->asker, busy(503, "too many streams of events are open", kStreamRetrySeconds));
  out.content_type = "text/event-stream; charset=utf-8";
  out.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  give(call->asker, std::move(out));
}

}  // namespace klaxon::doors
