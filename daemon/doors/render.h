// Records as the API's JSON (what each field means is in docs/api.md).
#pragma once

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <string>

#include "daemon/app/face.h"
#include "daemon/doors/http.h"

namespace klaxon::doors {

std::string_view state_name(MessageState);
std::optional<MessageState> parse_state(std::string_view);  // not `accepting`, which nobody sees

// A copy of what is needed to name SIMs, so that answers can be built on the reader's thread.
struct SimLabels {
  std::map<std::string, std::string> label_of;  // by ICCID
  std::map<std::string, std::string> iccid_of;  // by label
  static std::shared_ptr<const SimLabels> from(const std::vector<SimView>&);
};

boost::json::object message_json(const MessageRecord&, const SimLabels&);
// As it was at acceptance: what a 202 shows, first time and when its key is repeated.
MessageRecord as_accepted(MessageRecord);
boost::json::object inbox_json(const InboxRecord&, const SimLabels&);
boost::json::object conversation_json(const ConversationRecord&);
boost::json::object conversation_item_json(const ConversationItem&, const SimLabels&);
// "message", "inbox", "modem"; "gone": what it spoke of has been deleted.
std::string_view event_type(const EventRecord&);
// with_texts: what an inbound text says is in it.
boost::json::object event_json(const EventRecord&, const SimLabels&, bool with_texts);
// counts: StateCounts with lane index 0 only; recipients that have no message yet count as queued.
boost::json::object broadcast_json(const BroadcastRecord&, std::size_t total, const StateCounts& counts);
boost::json::object modem_json(const ModemView&);
boost::json::object sim_json(const SimView&);
boost::json::object contact_json(const ContactRecord&);
boost::json::object group_json(const GroupRecord&);
boost::json::object keyword_json(const KeywordRecord&);  // the secret's reference is all there is
boost::json::object token_json(const TokenRecord&);
boost::json::object audit_json(const AuditRecord&);

HttpResponse json_response(int status, const boost::json::value&);
HttpResponse empty_response();  // 204

// {"items": […]} written item by item: a tree of ten thousand would weigh ten times its text.
class ListText {
 public:
  ListText();
  void add(const boost::json::object& item);
  // An object whose first fields are the ones of `own`, as text; `rest` is the text of the others, without its opening brace.
  void add(std::string_view own, std::string_view rest);
  HttpResponse response(int status, const boost::json::object& more) &&;  // more: the fields after items

 private:
  std::string body_;
};

}  // namespace klaxon::doors
