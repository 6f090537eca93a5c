// How national numbers of a country become E.164: its calling code, what is dialled before a national number,
// what is dialled before an international one, and how long a number is.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace config {

struct Country {
  std::string_view iso2;           // ISO 3166-1 alpha-2
  std::string_view calling_code;   // without "+"
  std::string_view trunk;          // "0", "8", "06", "1"; empty: national numbers are dialled as they are
  std::string_view international;  // "00", "011"; empty: only "+" is understood
  // Longest national (significant) number. 0: it varies so much that a number is taken for a national one
  // only with its trunk prefix in front.
  std::uint8_t digits = 0;
  bool zero_belongs = false;  // a 0 in front is part of the number, abroad too
};

const Country* find_country(std::string_view iso2);               // nullptr: not in the table
const Country* find_calling_code(std::string_view calling_code);  // any one country that has it

// What a country's numbers begin with, without "+". Its calling code, or the area codes that are its own
// where several countries share one and can be told apart by them (+1 787 of PR). US and CA can't, nor GB and
// JE: they have the same.
std::vector<std::string_view> e164_prefixes(const Country&);
// The longest of all countries' prefixes that this E.164 number begins with; empty: none, or no such number.
std::string_view e164_prefix(std::string_view number);

}  // namespace config
