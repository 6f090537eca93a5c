// What becomes of the ports that udev tells of: which modem sits at which place, and on which of its ports it
// is talked to. Pure: events, answers and the time come in, things to do come out.
//
// A device is left alone until its last port is there. Then the port is known (hw/port_roles.h), or its ports
// are asked one after the other; never two of one device at once, each with a deadline, and never one that is
// known to be something else.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "at/time.h"
#include "hw/hotplug.h"

namespace klaxon {

// What a port said while it was probed, before the first AT: what a takeover would have read. Empty mostly.
struct Heard {
  std::string before_escape, after_escape;
};

class Discovery {
 public:
  struct Rules {
    std::vector<std::string> fixed;    // ports of [[modem]]: their devices are not discovered a second time
    std::vector<std::string> ignored;  // "0403:6001", "0403", or a place
  };

  // What is to be done.
  struct Probe {
    std::string node;
    int baud = 0;
    at::Millis budget{};
  };  // ask it for AT; answer with probed()
  struct Abandon {
    std::string node;
  };  // it is gone: no answer is awaited any more
  struct Plugged {
    std::string place, node;
    int baud = 0;
    Heard heard;
  };
  struct Unplugged {
    std::string place;
  };
  struct Waits {
    std::string place, node, why;
  };  // a port that cannot be had now
  struct Told {
    std::string what;
  };  // a log line
  using Action = std::variant<Probe, Abandon, Plugged, Unplugged, Waits, Told>;

  enum class Answer { at, silent, busy, refused };

  explicit Discovery(Rules rules) : rules_(std::move(rules)) {}

  void feed(const hw::PortEvent&, at::Instant now);
  void probed(const std::string& node, Answer, std::string why, Heard, at::Instant now);
  void tick(at::Instant now);
  std::vector<Action> take_output();
  std::optional<at::Instant> deadline() const;

 private:
  enum class State { settling, probing, plugged, waiting, left_alone };
  struct Device {  // the ports of one modem
    std::vector<hw::UsbPort> ports;
    std::string place;
    State state = State::settling;
    at::Instant due{};               // of settling and waiting
    std::vector<std::string> order;  // nodes still to be asked
    std::string node;                // asked now, or in use
    int tries = 0;
    std::string told;     // the last complaint, once each
    bool listed = false;  // told of as waiting: what becomes of it is told too
  };
  void added(const hw::UsbPort&, at::Instant now);
  void removed(const std::string& syspath, at::Instant now);
  void choose(Device&, at::Instant now);
  void ask_next(Device&, at::Instant now);
  void plug(Device&, std::string node, Heard);
  void wait(Device&, at::Millis, const std::string& node, const std::string& why, at::Instant now);
  void tell(Device&, const std::string& why);
  bool fixed(const Device&) const;
  bool ignored(const Device&) const;
  bool place_taken(const Device&) const;
  static int baud(const Device&);

  Rules rules_;
  std::map<std::string, Device> devices_;         // by hw::modem_of
  std::map<std::string, std::string> device_of_;  // syspath of a port to its device's key
  std::vector<Action> actions_;
  bool told_full_ = false;
};

}  // namespace klaxon
