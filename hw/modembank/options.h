// The command line of klaxon-modembank.
#pragma once

#include <optional>
#include <string>

#include "hw/modembank/bank.h"

namespace modembank {

struct Options {
  BankSettings bank;
  std::string dir, air_file, trace_file, control_socket;
};

// std::nullopt: end with *exit_code; help, version or what is wrong has been printed.
std::optional<Options> parse_options(int argc, char** argv, int* exit_code);

}  // namespace modembank
