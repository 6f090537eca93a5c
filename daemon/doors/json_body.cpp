#include "daemon/doors/json_body.h"

#include <algorithm>
#include <sstream>
#include <boost/json/basic_parser_impl.hpp>
#include <unordered_set>

namespace klaxon::doors {

namespace json = boost::json;

namespace {

constexpr std::size_t kDepth = 32;

// Builds the tree like json::parser does, and stops at a key that its object already has: the library would
// keep the last one in silence.
struct TreeBuilder {
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  json::value_stack stack;
  std::string key;
  std::vector<std::unordered_set<std::string>> keys;  // one per open object
  bool repeated = false;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    keys.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, json::error_code&) {
    keys.pop_back();
    stack.push_object(n);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t n, json::error_code&) {
    stack.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    key.append(part.data(), part.size());
    stack.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    key.append(part.data(), part.size());
    stack.push_key(part);
    if (!keys.back().insert(key).second) {
      repeated = true;
      error = json::make_error_code(json::error::syntax);
      return false;
    }
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view, json::error_code&) {
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, json::error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(json::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

std::string reason(const TreeBuilder& tree, const json::error_code& error, std::size_t offset) {
  if (tree.repeated) return "the key \"" + shortened(tree.key, 64) + "\" is there twice in one object";
  if (error == json::error::too_deep) return "nested deeper than " + std::to_string(kDepth) + " levels";
  return "not JSON in UTF-8: " + error.message() + " at octet " + std::to_string(offset);
}

}  // namespace

Document::Document(std::size_t body_octets)
    : memory_(std::max<std::size_t>(1024, body_octets)), root_(&memory_) {}

at::Expected<std::unique_ptr<Document>, std::string> Document::parse(std::string_view body) {
  std::unique_ptr<Document> out(new Document(body.size()));
  json::parse_options options;
  options.max_depth = kDepth;
  json::basic_parser<TreeBuilder> parser(options);
  TreeBuilder& tree = parser.handler();
  tree.stack.reset(&out->memory_);
  json::error_code error;
  const std::size_t used = parser.write_some(false, body.data(), body.size(), error);
  if (!error && used < body.size()) error = json::make_error_code(json::error::extra_data);
  if (error) return at::Unexpected{reason(tree, error, used)};
  out->root_ = tree.stack.release();
  return out;
}

Fields::Fields(const json::object& object, std::string base, FieldErrors& errors)
    : object_(object), base_(std::move(base)), errors_(errors) {}

const json::value* Fields::take(std::string_view name) {
  taken_.push_back(name);
  const json::value* found = object_.if_contains({name.data(), name.size()});
  return found == nullptr || found->is_null() ? nullptr : found;
}

bool Fields::given(std::string_view name) const {
  const json::value* found = object_.if_contains({name.data(), name.size()});
  return found != nullptr && !found->is_null();
}

std::optional<std::string> Fields::text(std::string_view name, std::size_t most_octets) {
  const json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  const json::string* text = value->if_string();
  if (text == nullptr) {
    refuse(name, "must be a string");
    return std::nullopt;
  }
  if (text->size() > most_octets) {
    refuse(name, "is longer than " + std::to_string(most_octets) + " octets");
    return std::nullopt;
  }
  return std::string(text->data(), text->size());
}

std::optional<bool> Fields::boolean(std::string_view name) {
  const json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const bool* truth = value->if_bool()) return *truth;
  refuse(name, "must be true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const std::int64_t* given = value->if_int64(); given != nullptr && *given >= least && *given <= most) return *given;
  refuse(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::optional<double> Fields::number(std::string_view name, double above, double most) {
  const json::value* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) {
    const double given = value->to_number<double>();
    if (given > above && given <= most) return given;
  }
  std::ostringstream bounds;
  bounds << "must be a number above " << above << ", at most " << most;
  refuse(name, bounds.str());
  return std::nullopt;
}

void Fields::each_text(std::string_view name, std::size_t most,
                       const std::function<void(const std::string&, const std::string&)>& each) {
  const json::value* value = take(name);
  if (value == nullptr) return;
  const json::array* list = value->if_array();
  if (list == nullptr) return refuse(name, "must be a list of strings");
  if (list->size() > most) return refuse(name, "has more than " + std::to_string(most) + " entries");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string at = pointer(name) + "/" + std::to_string(i);
    const json::string* text = (*list)[i].if_string();
    if (text == nullptr) {
      errors_.add(at, "must be a string");
    } else {
      each(std::string(text->data(), text->size()), at);
    }
  }
}

bool Fields::is_null(std::string_view name) const {
  const json::value* found = object_.if_contains({name.data(), name.size()});
  return found != nullptr && found->is_null();
}

std::optional<config::Millis> Fields::duration(std::string_view name, config::Millis least,
                                               config::Millis most) {
  const auto given = text(name, 32);
  if (!given) return std::nullopt;
  const auto parsed = config::parse_duration(*given);
  if (!parsed) {
    refuse(name, "must be a whole number with its unit: \"250ms\", \"15s\", \"10m\", \"24h\", \"7d\"");
  } else if (*parsed < least || *parsed > most) {
    refuse(name, "is out of bounds");
  } else {
    return parsed;
  }
  return std::nullopt;
}

void Fields::refuse(std::string_view name, std::string detail) {
  errors_.add(pointer(name), std::move(detail));
}

void Fields::close() {
  for (const auto& field : object_) {
    const std::string_view name(field.key().data(), field.key().size());
    if (std::find(taken_.begin(), taken_.end(), name) == taken_.end()) refuse(name, "unknown field");
  }
}

const json::object* object_of(const json::value& value, FieldErrors& errors) {
  const json::object* object = value.if_object();
  if (object == nullptr) errors.add("", "the body must be a JSON object");
  return object;
}

}  // namespace klaxon::doors
