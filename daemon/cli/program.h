// The client as a whole: arguments in, exit code out (0 done, 1 refused, 2 wrong use, 3 klaxond can't be
// reached).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/session.h"

namespace klaxon::cli {

struct World {  // all that a test puts something else in place of
  Terminal terminal;
  Clock& clock;
  std::function<std::unique_ptr<Transport>(const BaseUrl&, const Trust&)> connect;
  std::function<std::string(const char* name)> environment;  // empty: not set
};

// `arguments` without the program's own name.
int run(std::vector<std::string> arguments, World&);

}  // namespace klaxon::cli
