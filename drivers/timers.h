// Every wait of a modem's life in one place: unit, default, bounds, reason. The configuration overrides by name
// (policy.submit_timeout, policy.submit_overdue); tests in virtual time use the defaults.
#pragma once

#include <optional>

#include "at/time.h"

namespace drivers {

struct Timers {
  using Millis = at::Millis;
  // Hard end of waiting for +CMGS. 1 s to 300 s. TR1M alone is 35-45 s (24.011 10).
  Millis submit_timeout{60'000};
  // Soft limit; none: 4 times the modem's own 99th percentile, at least submit_overdue_floor, at most submit_timeout.
  std::optional<Millis> submit_overdue;
  Millis submit_overdue_floor{5'000};
  Millis prompt{10'000};            // 27.005 3.5.1; 3G sticks take up to 10 s
  Millis settings{3'000};           // plain settings and questions
  Millis sim{10'000};               // +CPIN?, +CPMS=, +CMGR, +CMGD: kannel found 3 s too short for +CMGD
  Millis enter_pin{20'000};
  Millis radio{20'000};             // +CFUN=1
  Millis store{15'000};             // +CMGW: a slot of the SIM is written in 0.3 to 5 s
  Millis store_again{60'000};       // after a +CMGW that was refused
  Millis list{120'000};             // +CMGL=4 on a full storage
  Millis escape{300};               // after ESC at takeover
  Millis leftover{100};             // reading what was left over before ESC is written
  Millis probe_gap{1'000};          // between two AT on the ladder, and while overdue
  Millis reopen_after{5'000};       // AT unanswered for so long: close and reopen
  Millis reopen_pause{1'000};       // DTR low
  Millis quarantine_after{600'000}; // of fruitless ladder; then probed every quarantine_gap, without more log lines
  Millis quarantine_gap{5'000};
  Millis sim_poll{2'000};           // +CPIN? while awaiting_sim
  Millis registration_poll{2'000};
  Millis sms_ready{60'000};         // the SMS layer after SIM
  Millis health{30'000};            // signal; while no submit is accepted, registration and operator, too
  Millis seldom{300'000};           // these two and the other storages while submits are accepted
  Millis errand_wait{30'000};       // for an errand's turn: a submit in flight, the settings, the ladder
  Millis ussd_close{15'000};        // +CUSD=2
  Millis sweep{60'000};             // idle: +CMGL=4 per storage; a +CMTI can be lost
};

}  // namespace drivers
