// Which port of a USB device is the one to talk to. Pure: udev's description in, an order out.
//
// Three sources, the surer one first: what udev rules of this machine say of the port (ID_MM_PORT_TYPE_*, as
// ModemManager's rules and its users set them), the table of known modems (usb_modems.h), and, where both are
// silent, asking the port itself. A port that is known to be something else is never in the order, so nobody
// writes to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "hw/usb_port.h"

namespace hw {

PortRole port_role(const UsbPort&);

// A USB to serial bridge: each of its ports is a line of its own with a modem, or anything else, at its end.
bool is_bridge(const UsbPort&);
// A device that is surely no modem, by its id: microcontroller boards, debug probes, positioning receivers.
bool is_stranger(const UsbPort&);

// The physical place, whatever is plugged in there: ID_PATH without the interface; of a bridge with several
// ports with what tells them apart. Never empty.
std::string place_of(const UsbPort&);
// Ports with the same one belong to one modem.
std::string modem_of(const UsbPort&);

struct PortChoice {
  std::vector<std::size_t> order;  // to be tried one after the other; empty: nothing here may be written to
  bool sure = false;               // the first needs no probing
};
// The ports of one modem.
PortChoice choose_port(const std::vector<UsbPort>&);

}  // namespace hw
