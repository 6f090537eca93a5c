// The bodies of POST /v1/messages and POST /v1/broadcasts, validated: every wrong field at once.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/face.h"
#include "daemon/doors/problem.h"

namespace klaxon::doors {

constexpr std::size_t kMostRecipients = 10'000;

// What a body is held against. Asked only when the body names such a thing.
struct Rules {
  const config::Settings& settings;
  std::int64_t now_ms = 0;
  std::function<bool(const std::string&)> sim_known;                         // label or ICCID
  std::function<std::optional<std::size_t>(const std::string&)> group_size;  // none: no such group
  std::function<std::vector<std::string>(const std::string&)> group_numbers{};  // whom it reaches
  std::function<bool(const std::string&)> contact_known{};
};

// Only meaningful while `errors` stays empty. The form's parts are sized; due_ms is set when send_at lies
// ahead; id, owner, to, created_ms and concat_reference are not set.
SendRequest read_message(const boost::json::value& body, const Rules&, FieldErrors& errors);
// form.form is the message; numbers are filled when `to` was given, group otherwise.
BroadcastRequest read_broadcast(const boost::json::value& body, const Rules&, FieldErrors& errors);

// The lane that a body asks for, if it can be told at all: the door needs it before anything else, for the
// scope.
std::optional<std::string> asked_lane(const boost::json::value& body);

// That its text is sensitive. Of a body that is refused later it does not matter what this says.
bool asks_sensitive(const boost::json::value& body);

std::string_view lane_name(Lane);
std::optional<Lane> parse_lane(std::string_view);

}  // namespace klaxon::doors
