#include "daemon/cli/op_input.h"

#include "at/ucs2.h"

namespace klaxon::cli {

const json::value* OpInput::find(std::string_view key) const {
  const json::value* value = input_.if_contains(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

bool OpInput::has(std::string_view key) const {
  return find(key) != nullptr;
}

std::string OpInput::text(std::string_view key) {
  if (!has(key)) refuse(std::string(key) + " is missing");
  return text(key, {});
}

std::string OpInput::text(std::string_view key, std::string absent) {
  const json::value* value = find(key);
  if (value == nullptr) return absent;
  if (value->is_string()) return std::string(value->get_string());
  refuse(std::string(key) + " is no string");
  return {};
}

std::vector<std::string> OpInput::texts(std::string_view key) {
  const json::value* value = find(key);
  if (value == nullptr) return {};
  const json::array* items = value->if_array();
  if (items == nullptr) refuse(std::string(key) + " is no list");
  std::vector<std::string> out;
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    if ((*items)[i].is_string())
      out.emplace_back((*items)[i].get_string());
    else
      refuse(std::string(key) + " holds something else than strings");
  }
  return out;
}

bool OpInput::flag(std::string_view key, bool absent) {
  const json::value* value = find(key);
  if (value == nullptr) return absent;
  if (value->is_bool()) return value->get_bool();
  return number(key, 0, 1) == 1;
}

std::int64_t OpInput::number(std::string_view key, std::int64_t least, std::int64_t most) {
  if (!has(key)) refuse(std::string(key) + " is missing");
  return number(key, least, most, least);
}

std::int64_t OpInput::number(std::string_view key, std::int64_t least, std::int64_t most,
                             std::int64_t absent) {
  const json::value* value = find(key);
  if (value == nullptr) return absent;
  boost::system::error_code failed;
  const auto number = value->is_number() ? value->to_number<std::int64_t>(failed) : 0;
  if (value->is_number() && !failed && number >= least && number <= most) return number;
  refuse(std::string(key) + " is no whole number from " + std::to_string(least) + " to " +
         std::to_string(most));
  return least;
}

at::Octets OpInput::octets(std::string_view key) {
  const std::string hex = text(key);
  auto octets = at::hex_decode(hex);
  if (octets) return std::move(*octets);
  refuse(std::string(key) + (hex.size() % 2 != 0 ? " has an odd number of hex digits" : " is not hex"));
  return {};
}

at::Gsm7Tables OpInput::tables() {
  constexpr int kOctet = 255;  // as in their elements; reserved ones are the default tables
  return {static_cast<std::uint8_t>(number("locking", 0, kOctet, 0)),
          static_cast<std::uint8_t>(number("single", 0, kOctet, 0))};
}

}  // namespace klaxon::cli
