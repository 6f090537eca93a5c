// The TE character set (+CSCS, 27.007 5.5): how a modem spells the texts and numbers inside its answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace at {

enum class Charset : std::uint8_t {
  ira,   // as it stands; octets that are no UTF-8 are read as ISO 8859-1
  gsm,   // octets are septets of the default alphabet (23.038 6.2.1)
  ucs2,  // four hex digits a unit
  hex    // two hex digits a septet
};

// UTF-8, whatever came. What is not spelt in the character set stands as it is: modems print ASCII
// regardless.
std::string text_in(Charset, std::string_view printed);

// A dialling string, also one spelt in UCS-2 where nobody asked for it. Type of address 145 is international
// (24.008 10.5.4.7): the plus is put in front where it is missing.
std::string number_in(Charset, std::string_view printed, std::optional<int> type_of_address);

}  // namespace at
