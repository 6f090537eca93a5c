// The little of WBXML (WAP-192) that a service indication and a service loading need, and the charsets of WAP
// texts. Not for other rooms.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "at/wsp.h"

namespace at {

// IANA MIBenum numbers.
constexpr std::uint32_t kLatin1 = 4, kUtf8 = 106, kUcs2 = 1000, kUtf16 = 1015;

// Always UTF-8; what is in a charset that is not known, or lies about it, is read as Latin-1.
std::string text_in_charset(std::uint32_t charset, const std::string& octets);

std::optional<ServiceIndication> read_indication(std::span<const std::uint8_t> body);

}  // namespace at
