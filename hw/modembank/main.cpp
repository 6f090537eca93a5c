// klaxon-modembank: a bank of simulated modems at PTYs.
#include <cstdio>
#include <exception>

#include "hw/modembank/options.h"
#include "hw/modembank/server.h"

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto options = modembank::parse_options(argc, argv, &exit_code);
  if (!options) return exit_code;
  try {
    modembank::Server server(*options);
    server.run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "klaxon-modembank: %s\n", e.what());
    return 1;
  }
  return 0;
}
