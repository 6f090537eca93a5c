#include "drivers/states.h"

namespace drivers {

namespace {

using enum State;
using O = Occasion;

// clang-format off
const std::vector<Row> kRows = {
    {absent,                O::opened,       probing},
    {absent,                O::stopping,     draining},

    {opening,               O::opened,       probing},
    {opening,               O::closed,       absent},
    {opening,               O::stopping,     draining},

    {probing,               O::answered,     initialising},
    {probing,               O::silent,       recovering},
    {probing,               O::closed,       absent},
    {probing,               O::stopping,     draining},

    {initialising,          O::pin_asked,    awaiting_pin},
    {initialising,          O::no_sim,       awaiting_sim},
    {initialising,          O::unregistered, awaiting_registration},
    {initialising,          O::registered,   ready},
    {initialising,          O::silent,       recovering},
    {initialising,          O::unfit,        recovering},
    {initialising,          O::closed,       absent},
    {initialising,          O::stopping,     draining},

    {awaiting_pin,          O::sim_changed,  initialising},
    {awaiting_pin,          O::rebooted,     initialising},
    {awaiting_pin,          O::silent,       recovering},
    {awaiting_pin,          O::closed,       absent},
    {awaiting_pin,          O::stopping,     draining},

    {awaiting_sim,          O::sim_changed,  initialising},
    {awaiting_sim,          O::rebooted,     initialising},
    {awaiting_sim,          O::silent,       recovering},
    {awaiting_sim,          O::closed,       absent},
    {awaiting_sim,          O::stopping,     draining},

    {awaiting_registration, O::registered,   ready},
    {awaiting_registration, O::sim_changed,  initialising},
    {awaiting_registration, O::rebooted,     initialising},
    {awaiting_registration, O::silent,       recovering},
    {awaiting_registration, O::closed,       absent},
    {awaiting_registration, O::stopping,     draining},

    {ready,                 O::unregistered, awaiting_registration},
    {ready,                 O::sim_changed,  initialising},
    {ready,                 O::rebooted,     initialising},
    {ready,                 O::silent,       recovering},
    {ready,                 O::closed,       absent},
    {ready,                 O::stopping,     draining},

    {recovering,            O::answered,     initialising},
    {recovering,            O::reopening,    opening},
    {recovering,            O::given_up,     quarantined},
    {recovering,            O::closed,       absent},
    {recovering,            O::stopping,     draining},

    {quarantined,           O::answered,     initialising},
    {quarantined,           O::closed,       absent},
    {quarantined,           O::stopping,     draining},
};
// clang-format on

}  // namespace

const std::vector<Row>& rows() {
  return kRows;
}

std::optional<State> next_state(State from, Occasion occasion) {
  for (const Row& row : kRows)
    if (row.from == from && row.occasion == occasion) return row.to;
  return std::nullopt;
}

std::string_view state_name(State state) {
  switch (state) {
    case absent:
      return "absent";
    case opening:
      return "opening";
    case probing:
      return "probing";
    case initialising:
      return "initialising";
    case awaiting_pin:
      return "awaiting_pin";
    case awaiting_sim:
      return "awaiting_sim";
    case awaiting_registration:
      return "awaiting_registration";
    case ready:
      return "ready";
    case draining:
      return "draining";
    case recovering:
      return "recovering";
    case quarantined:
      return "quarantined";
  }
  return "?";
}

}  // namespace drivers
