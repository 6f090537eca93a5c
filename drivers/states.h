// The life cycle as a table: what may happen in a state, and where it leads. What is not in the table does
// not happen; an occasion without a row is ignored.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "drivers/modem.h"

namespace drivers {

enum class Occasion : std::uint8_t {
  opened,    // the shell opened the port
  closed,    // it is gone, or could not be opened
  answered,  // a bare AT was answered and the line is quiet
  silent,    // a command, or every AT, got no final result
  unfit,     // a setting was refused without which no text can be sent or read
  rebooted,  // a URC said so, or the settings must be made again
  pin_asked,
  no_sim,
  sim_changed,  // the SIM's state must be looked at again
  unregistered,
  registered,
  reopening,  // the ladder lets go of the port
  given_up,   // the ladder was climbed for long enough
  stopping
};

struct Row {
  State from;
  Occasion occasion;
  State to;
};

const std::vector<Row>& rows();
std::optional<State> next_state(State from, Occasion);

}  // namespace drivers
