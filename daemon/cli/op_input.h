// The fields of one op's input. The first that is missing or of a wrong kind is remembered and named; what is
// read after it is empty, and the op asks once, at the end.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/gsm7.h"

namespace klaxon::cli {

namespace json = boost::json;

class OpInput {
 public:
  explicit OpInput(const json::object& input) : input_(input) {}

  bool has(std::string_view key) const;  // and is not null
  std::string text(std::string_view key);
  std::string text(std::string_view key, std::string absent);
  std::vector<std::string> texts(std::string_view key);  // none where it is absent
  bool flag(std::string_view key, bool absent);  // 0 and 1 as well
  std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most);
  std::int64_t number(std::string_view key, std::int64_t least, std::int64_t most, std::int64_t absent);
  at::Octets octets(std::string_view key);  // hex in any case
  at::Gsm7Tables tables();                  // locking, single

  void refuse(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }
  const std::string& error() const { return error_; }  // empty: none

 private:
  const json::value* find(std::string_view key) const;

  const json::object& input_;
  std::string error_;
};

}  // namespace klaxon::cli
