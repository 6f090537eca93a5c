// What a request asks for: the path in decoded segments, and the query's parameters.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/doors/problem.h"
#include "daemon/store/store.h"

namespace klaxon::doors {

struct Target {
  std::vector<std::string> path;                           // "/v1/messages" -> "v1", "messages"
  std::vector<std::pair<std::string, std::string>> query;  // names decoded, values as on the wire
};
// Origin form only; percent-decoded octets must be UTF-8 without NUL. std::nullopt: a 400.
std::optional<Target> parse_target(std::string_view);

// Takes the parameters out by name. An empty value counts as left out; unknown names are refused.
class Query {
 public:
  Query(const Target& target, FieldErrors& errors) : target_(target), errors_(errors) {}
  // A '+' stays one where a number or a time is read: people write ?to=+4477… and mean it.
  std::optional<std::string> text(std::string_view name, bool plus_is_space = false);
  std::optional<std::int64_t> time(std::string_view name);  // RFC 3339 -> Unix ms
  std::size_t limit();                                      // 1 to 1000, default 100
  void refuse(std::string_view name, std::string detail);
  void close();

 private:
  const Target& target_;
  FieldErrors& errors_;
  std::vector<std::string> taken_;
};

// "m42" <-> 42. Canonical digits only, so that an id has one spelling.
std::optional<Id> parse_id(char letter, std::string_view);
std::string id_text(char letter, Id);

}  // namespace klaxon::doors
