// POST /v1/messages/preview: what a text would take, and what would make it cheaper. Nothing is kept of it.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "daemon/doors/content_body.h"

namespace klaxon::doors {

struct PreviewRequest {
  MessageRecord form;
  std::vector<std::string> to;  // may be empty
  Content content;  // cut even where policy.max_segments is passed, which is among the errors then
};
// The body of a message, but that `to` may be missing. In message_body.cpp, with all that a message says.
PreviewRequest read_preview(const boost::json::value& body, const Rules&, FieldErrors&);

// Precondition: it could be cut.
boost::json::object preview_json(const PreviewRequest&, const config::Policy&);

}  // namespace klaxon::doors
