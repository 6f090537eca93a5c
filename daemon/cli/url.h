// Where the daemon is, and how names get into a request's target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klaxon::cli {

struct BaseUrl {
  bool tls = false;
  std::string host;         // "127.0.0.1", "::1", "gateway"
  std::uint16_t port = 80;  // 443 with TLS
  std::string authority;  // as written: what goes into Host
  std::string prefix;     // "/klaxon" behind a proxy; no slash at its end
};

// "http://HOST[:PORT][/PREFIX]", or https. None: anything else.
std::optional<BaseUrl> parse_base_url(std::string_view);

std::string percent_encoded(std::string_view);  // all but RFC 3986's unreserved characters
// "/v1/inbox?from=%2B44…"; empty values are left out.
std::string with_query(std::string target, const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace klaxon::cli
