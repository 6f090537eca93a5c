// A place for a modem, as the appliance keeps it: the life-cycle machine, who sits in it, and what waits for the disk.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "config/settings.h"
#include "daemon/app/face.h"
#include "daemon/app/turn.h"
#include "daemon/inbox/reports.h"
#include "drivers/modem.h"
#include "drivers/recorder.h"

namespace klaxon {

struct Slot {
  // `fixed`: what the settings say of it; of a place for plugged modems no port, and its id.
  Slot(config::FixedModem fixed, std::string id, const drivers::Timers& timers)
      : settings(std::move(fixed)), modem(settings.driver, timers) {
    view.id = std::move(id);
    view.port = settings.port;
    view.driver = settings.driver;
  }

  struct Claim {               // a segment that is at this modem
    std::uint64_t token = 0;
    Id message = 0;
    std::size_t part = 0;
    Gate gate;
    Lane lane = Lane::normal;
    bool told = false;         // the modem knows that it is on disk
    bool disowned = false;     // counted as in doubt already; a result is evidence only
    int mr_before = -1;
    bool first_word = false;   // nobody spoke with this number before
  };
  struct Kept {                // a text, or a submit of ours, that may be deleted from the storage once its gates open
    drivers::StoredAt at;
    Gate gate, also{};
  };

  struct Receipt {             // of what the modem handed over: the network keeps it until its gate opens
    std::uint64_t number = 0;
    Gate gate;
  };

  struct Incident {            // it misbehaves, or did a moment ago
    std::int64_t began_ms = 0;
    at::Instant until{};       // its recording ends here at the latest
    std::string why;
  };

  config::FixedModem settings;
  drivers::Modem modem;
  drivers::Recorder recorder;
  std::optional<Incident> incident;
  std::string last_failure;    // the recording of the last one
  ModemView view;
  std::string iccid;           // empty: no SIM seen yet
  std::string sc_address;
  bool mr_counts = false;
  std::optional<Claim> claim;
  std::deque<Kept> kept;
  std::deque<Receipt> receipts;
  Id continuing = 0;           // a message whose next part goes here, before anything but alerts
  // The newest attempt at this modem: what is found at a takeover, or comes late, speaks of it and of no older one.
  std::optional<PartRef> last_begun;
  std::int64_t last_begun_ms = 0;
  bool entry_may_be_open = false;  // of it: nobody has written ESC since
  // What the takeover of the port showed, until the SIM is known.
  bool data_entry_was_open = false;
  std::optional<int> late_tp_mr;
  std::deque<drivers::PushedPdu> before_sim;
  std::optional<Gate> reset;   // asked for; behind its line in the audit
  struct Asked {               // by a person; behind its line in the audit
    drivers::Errand errand;
    Gate gate;
    std::uint64_t ticket = 0;
    bool told = false;         // the modem knows of it
  };
  std::optional<Asked> errand;
  // A PIN that may be entered once its attempt is on disk.
  std::optional<std::pair<std::string, Gate>> pin;
};

}  // namespace klaxon
