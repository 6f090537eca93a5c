#include "daemon/doors/token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace klaxon::doors {

namespace {

constexpr std::array<std::pair<std::string_view, Scope>, 5> kScopes{
    {{"send", kSend}, {"read", kRead}, {"inbox", kInbox}, {"alert", kAlert}, {"admin", kAdmin}}};
constexpr unsigned kAllScopes = kSend | kRead | kInbox | kAlert | kAdmin;

bool is_bearer(std::string_view scheme) {
  constexpr std::string_view kBearer = "bearer";
  if (scheme.size() != kBearer.size()) return false;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    if ((scheme[i] | 0x20) != kBearer[i]) return false;
  }
  return true;
}

// RFC 6750 2.1; the scheme's case does not count.
std::string_view bearer_credentials(std::string_view authorization) {
  const std::size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos || !is_bearer(authorization.substr(0, blank))) return {};
  const std::size_t start = authorization.find_first_not_of(' ', blank);
  return start == std::string_view::npos ? std::string_view() : authorization.substr(start);
}

}  // namespace

std::string sha256(std::string_view text) {
  std::string out(32, '\0');
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha256(),
                 nullptr) != 1 ||
      size != out.size()) {
    throw std::runtime_error("libcrypto has no SHA-256");
  }
  return out;
}

std::string new_token() {
  std::array<unsigned char, 32> bits{};
  if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) {
    throw std::runtime_error("libcrypto has no random bits");
  }
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const unsigned char octet : bits) {
    out += kHex[octet >> 4];
    out += kHex[octet & 15];
  }
  return out;
}

std::optional<Scope> parse_scope(std::string_view name) {
  for (const auto& [spelling, scope] : kScopes) {
    if (name == spelling) return scope;
  }
  return std::nullopt;
}

std::string_view scope_name(Scope wanted) {
  for (const auto& [spelling, scope] : kScopes) {
    if (scope == wanted) return spelling;
  }
  return "?";
}

unsigned scopes_of(const TokenRecord& token) {
  unsigned out = 0;
  for (const std::string& name : token.scopes) {
    if (const auto scope = parse_scope(name)) out |= *scope;
  }
  return (out & kAdmin) != 0 ? kAllScopes : out;
}

std::optional<Caller> authenticate(std::string_view authorization, const std::vector<TokenRecord>& tokens) {
  const std::string_view credentials = bearer_credentials(authorization);
  if (credentials.empty()) return std::nullopt;
  const std::string digest = sha256(credentials);
  const TokenRecord* found = nullptr;
  for (const TokenRecord& token : tokens) {
    const bool same = token.sha256.size() == digest.size() &&
                      CRYPTO_memcmp(token.sha256.data(), digest.data(), digest.size()) == 0;
    if (same && token.revoked_ms == 0) found = &token;
  }
  if (found == nullptr) return std::nullopt;
  return Caller{found->id, scopes_of(*found)};
}

}  // namespace klaxon::doors
