// What a command works with once the arguments are understood.
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "config/settings.h"
#include "daemon/cli/api.h"

namespace klaxon::cli {

using config::Millis;

struct Terminal {
  std::istream& in;
  std::ostream& out;  // results, nothing else
  std::ostream& err;
  bool json = false;  // the API's own JSON instead of tables
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Millis now() const = 0;  // since any fixed moment
  virtual void pause(Millis) = 0;
};

struct Session {
  Terminal& terminal;
  Api& api;
  Clock& clock;
};

// A subcommand leaves what is to be done here; one of them is set. Each returns the exit code.
struct Chosen {
  std::function<int(Session&)> remote;
  std::function<int(Terminal&)> local;  // needs no daemon
};

using Render = std::function<std::string(const json::value&)>;

// Prints the answer (as it came for --json) or the failure; the exit code.
int show(Terminal&, const Outcome&, const Render&);
int complain(Terminal&, const Failure&);
// Everything up to the end of the input, without its last line end: for a text given as "-".
std::string rest_of_input(Terminal&);

}  // namespace klaxon::cli
