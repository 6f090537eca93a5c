// Which command lines and codes a person may have said to a modem that works for a daemon. What waits for
// data, leaves command mode, changes how the port itself speaks, spends a try of a PIN, or goes round the
// queue is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drivers {

constexpr std::size_t kMostCommand = 256;  // octets of a line; V.250 5.2.1 leaves the limit to the modem
constexpr std::size_t kMostCode = 160;     // septets that every network takes (23.038 6.1.2.3)

// Why it may not be written; names the command. std::nullopt: it may.
std::optional<std::string> command_refusal(std::string_view line);
std::optional<std::string> code_refusal(std::string_view code);

// The extended commands on a line: "+CREG" and "+CSQ" of AT+CREG?;+CSQ (V.250 5.4). In capitals.
std::vector<std::string> commands_on(std::string_view line);

}  // namespace drivers
