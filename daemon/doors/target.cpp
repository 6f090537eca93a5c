#include "daemon/doors/target.h"

#include <algorithm>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "at/ucs2.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace urls = boost::urls;

namespace {

bool clean(const std::string& decoded) {
  return decoded.find('\0') == std::string::npos && at::utf8_valid(decoded);
}

std::optional<std::string> decode(urls::pct_string_view encoded) {
  std::string out = encoded.decode();
  if (!clean(out)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  const auto url = urls::parse_origin_form({text.data(), text.size()});
  if (!url || url->has_fragment()) return std::nullopt;
  Target out;
  for (const auto segment : url->encoded_segments()) {
    auto decoded = decode(segment);
    if (!decoded) return std::nullopt;
    out.path.push_back(std::move(*decoded));
  }
  for (const auto param : url->encoded_params()) {
    auto name = decode(param.key);
    if (!name || !decode(param.value)) return std::nullopt;
    out.query.emplace_back(std::move(*name), std::string(param.value.data(), param.value.size()));
  }
  return out;
}

std::optional<std::string> Query::text(std::string_view name, bool plus_is_space) {
  taken_.emplace_back(name);
  std::optional<std::string> found;
  for (const auto& [key, encoded] : target_.query) {
    if (key != name || encoded.empty()) continue;
    if (found) refuse(name, "is given twice");
    urls::encoding_opts options;
    options.space_as_plus = plus_is_space;
    found = urls::pct_string_view(encoded).decode(options);
  }
  return found;
}

std::optional<std::int64_t> Query::time(std::string_view name) {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto parsed = parse_rfc3339(*given);
  if (!parsed) refuse(name, "must be a time such as 2026-11-22T09:30:00Z");
  return parsed;
}

std::size_t Query::limit() {
  const auto given = text("limit");
  if (!given) return 100;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
  if (error == std::errc() && end == given->data() + given->size() && value >= 1 && value <= 1000)
    return value;
  refuse("limit", "must be a whole number from 1 to 1000");
  return 100;
}

void Query::refuse(std::string_view name, std::string detail) {
  errors_.add("/" + pointer_token(name), "query parameter " + std::move(detail));
}

void Query::close() {
  for (const auto& [key, value] : target_.query) {
    if (std::find(taken_.begin(), taken_.end(), key) == taken_.end()) refuse(key, "unknown");
  }
}

std::optional<Id> parse_id(char letter, std::string_view text) {
  if (text.size() < 2 || text.size() > 19 || text.front() != letter || text[1] == '0') return std::nullopt;
  Id value = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string id_text(char letter, Id id) {
  return letter + std::to_string(id);
}

}  // namespace klaxon::doors
