// A request's JSON body, and how its fields are taken out: each once, by name, and what is left over is
// refused by name.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "at/expected.h"
#include "config/settings.h"
#include "daemon/doors/problem.h"

namespace klaxon::doors {

// Owns the memory of the whole tree: one monotonic resource per request.
class Document {
 public:
  // At most 32 deep, no key twice in one object, UTF-8 throughout. Error: what is wrong, for a 400.
  static at::Expected<std::unique_ptr<Document>, std::string> parse(std::string_view body);
  const boost::json::value& root() const { return root_; }

 private:
  explicit Document(std::size_t body_octets);
  boost::json::monotonic_resource memory_;
  boost::json::value root_;
};

class Fields {
 public:
  // `object` and `errors` outlive this. base: the object's own pointer, "" for the body.
  Fields(const boost::json::object& object, std::string base, FieldErrors& errors);

  // Null counts as left out.
  const boost::json::value* take(std::string_view name);
  std::optional<std::string> text(std::string_view name, std::size_t most_octets);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<double> number(std::string_view name, double above, double most);
  // Each entry of a list of strings, with its pointer; what is no string is refused here.
  void each_text(std::string_view name, std::size_t most,
                 const std::function<void(const std::string& text, const std::string& pointer)>& each);
  bool is_null(std::string_view name) const;  // there, and null
  std::optional<config::Millis> duration(std::string_view name, config::Millis least, config::Millis most);
  template <class E>
  std::optional<E> word(std::string_view name, const std::vector<std::pair<std::string_view, E>>& words) {
    const auto given = text(name, 64);
    if (!given) return std::nullopt;
    std::string all;
    for (const auto& [spelling, value] : words) {
      if (*given == spelling) return value;
      all += (all.empty() ? "" : ", ") + std::string(spelling);
    }
    refuse(name, "must be one of: " + all);
    return std::nullopt;
  }
  void refuse(std::string_view name, std::string detail);
  void required(std::string_view name) { refuse(name, "is required"); }
  bool given(std::string_view name) const;
  std::string pointer(std::string_view name) const { return base_ + "/" + pointer_token(name); }
  FieldErrors& errors() { return errors_; }
  void close();  // refuses every field that nobody took

 private:
  const boost::json::object& object_;
  std::string base_;
  FieldErrors& errors_;
  std::vector<std::string_view> taken_;
};

// The body must be an object. Otherwise null, and `errors` says so.
const boost::json::object* object_of(const boost::json::value&, FieldErrors& errors);

}  // namespace klaxon::doors
