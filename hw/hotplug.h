// The ttys of USB devices as they come and go, told by udev: an fd for the event loop, and events.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "at/expected.h"
#include "hw/usb_port.h"

namespace hw {

struct PortAdded {
  UsbPort port;  // also when something about a known one has changed
};
struct PortRemoved {
  std::string syspath;
};
struct PortsSeen {  // all that are there: at the start, and when events were lost on the way
  std::vector<UsbPort> ports;
};
using PortEvent = std::variant<PortAdded, PortRemoved, PortsSeen>;

class Hotplug {
 public:
  // Listening begins here; what was there before is the first event of take(). So nothing falls between the
  // two.
  static at::Expected<std::unique_ptr<Hotplug>, std::string> open();
  virtual ~Hotplug() = default;

  virtual int fd()
      const = 0;  // readable: take() has something to say. Owned by this: an event loop dup()s it
  virtual std::vector<PortEvent> take() = 0;  // never blocks; a bounded number at a time
};

}  // namespace hw
