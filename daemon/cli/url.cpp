#include "daemon/cli/url.h"

#include <charconv>

namespace klaxon::cli {
namespace {

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

bool parse_port(std::string_view text, std::uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc{} && end == text.data() + text.size() && *port != 0;
}

}  // namespace

std::optional<BaseUrl> parse_base_url(std::string_view url) {
  constexpr std::string_view kPlain = "http://", kTls = "https://";
  BaseUrl parsed;
  parsed.tls = url.starts_with(kTls);
  if (parsed.tls) parsed.port = 443;
  if (!parsed.tls && !url.starts_with(kPlain)) return std::nullopt;
  url.remove_prefix(parsed.tls ? kTls.size() : kPlain.size());
  if (url.find_first_of("@?# \t\r\n") != std::string_view::npos) return std::nullopt;
  const std::size_t slash = url.find('/');
  const std::string_view authority = url.substr(0, slash);
  parsed.authority = authority;
  if (slash != std::string_view::npos) parsed.prefix = url.substr(slash);
  while (parsed.prefix.ends_with('/')) parsed.prefix.pop_back();
  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && host_end == std::string_view::npos) return std::nullopt;
  parsed.host = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  if (parsed.host.empty()) return std::nullopt;
  std::string_view rest;
  if (host_end != std::string_view::npos) rest = authority.substr(host_end + (bracketed ? 1 : 0));
  if (!rest.empty() && (rest.front() != ':' || !parse_port(rest.substr(1), &parsed.port)))
    return std::nullopt;
  return parsed;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (unreserved(c)) {
      encoded += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[octet >> 4];
    encoded += kHex[octet & 0xF];
  }
  return encoded;
}

std::string with_query(std::string target, const std::vector<std::pair<std::string, std::string>>& query) {
  char joint = '?';
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    target += joint + name + "=" + percent_encoded(value);
    joint = '&';
  }
  return target;
}

}  // namespace klaxon::cli
