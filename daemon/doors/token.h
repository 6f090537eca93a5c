// Bearer tokens: made here, shown once, kept as SHA-256, compared in constant time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon::doors {

std::string sha256(std::string_view);  // 32 raw octets
std::string new_token();               // 256 random bits as text
inline std::string token_sha256(std::string_view token) {
  return sha256(token);
}

enum Scope : unsigned { kSend = 1, kRead = 2, kInbox = 4, kAlert = 8, kAdmin = 16 };
std::optional<Scope> parse_scope(std::string_view);
std::string_view scope_name(Scope);
unsigned scopes_of(const TokenRecord&);  // admin includes all

struct Caller {
  Id token = 0;
  unsigned scopes = 0;
  bool may(unsigned needed) const { return (scopes & needed) == needed; }
};
// authorization: the header's value. Looks at every token whatever it finds, and never at a revoked one.
std::optional<Caller> authenticate(std::string_view authorization, const std::vector<TokenRecord>&);

}  // namespace klaxon::doors
