#include "hw/port_roles.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include "hw/usb_modems.h"

namespace hw {
namespace {

constexpr std::uint16_t kToldByTriple = 0x12d1;

PortRole role_of_letter(char letter) {
  switch (letter) {
    case 'P':
      return PortRole::at_primary;
    case 'S':
      return PortRole::at_secondary;
    case 'M':
      return PortRole::at_ppp;
    case 'd':
      return PortRole::diagnosis;
    case 'g':
      return PortRole::positions;
    case 'a':
      return PortRole::audio;
    case 'x':
      return PortRole::other;
    default:
      return PortRole::unknown;
  }
}

PortRole role_in_table(const UsbPort& port) {
  const auto* at = std::lower_bound(std::begin(kKnownModems), std::end(kKnownModems), port,
                                    [](const KnownModem& known, const UsbPort& p) {
                                      return std::tie(known.vid, known.pid) < std::tie(p.vid, p.pid);
                                    });
  if (at == std::end(kKnownModems) || at->vid != port.vid || at->pid != port.pid) return PortRole::unknown;
  if (port.interface < 0 || static_cast<std::size_t>(port.interface) >= at->interfaces.size())
    return PortRole::unknown;
  return role_of_letter(at->interfaces[static_cast<std::size_t>(port.interface)]);
}

// Huawei tells a port's use by its interface's subclass and protocol, whatever the product. ff/ff/ff, on
// older sticks, tells nothing.
PortRole role_by_triple(std::string_view triple) {
  struct Use {
    std::string_view triple;
    PortRole role;
  };
  constexpr std::array kUses{Use{"ff/01/01", PortRole::at_ppp},    Use{"ff/01/02", PortRole::at_primary},
                             Use{"ff/02/01", PortRole::at_ppp},    Use{"ff/02/02", PortRole::at_primary},
                             Use{"ff/01/05", PortRole::positions}, Use{"ff/01/14", PortRole::positions},
                             Use{"ff/06/14", PortRole::positions}, Use{"ff/01/03", PortRole::diagnosis},
                             Use{"ff/02/03", PortRole::diagnosis}};
  for (const Use& use : kUses)
    if (use.triple == triple) return use.role;
  return PortRole::unknown;
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What is asked first. USB has a class for "answers AT commands" (CDC PSTN 4.1: 02/02/01).
int rank(const UsbPort& port, PortRole role) {
  if (role == PortRole::at_primary) return 0;
  if (role == PortRole::at_secondary) return 1;
  if (role == PortRole::at_ppp) return 2;
  return port.triple == "02/02/01" ? 3 : 4;
}

bool may_be_written_to(PortRole role) {
  return role == PortRole::at_primary || role == PortRole::at_secondary || role == PortRole::at_ppp ||
         role == PortRole::unknown;
}

std::string last_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// "….usb-0:1.2:1.0" without ":1.0", configuration and interface.
std::string without_interface(const std::string& id_path) {
  const std::size_t colon = id_path.rfind(':');
  if (colon == std::string::npos || id_path.find("usb") == std::string::npos) return id_path;
  const std::string tail = id_path.substr(colon + 1);
  const bool interface =
      tail.find('.') != std::string::npos && tail.find_first_not_of("0123456789.") == std::string::npos;
  // A device's own path ends in its chain of ports, "usb-0:1.2", which looks the same: it follows the bus.
  const std::size_t before = id_path.rfind(':', colon - 1);
  return interface && before != std::string::npos && before > id_path.rfind("usb") ? id_path.substr(0, colon)
                                                                                   : id_path;
}

}  // namespace

PortRole port_role(const UsbPort& port) {
  if (port.told) return *port.told;
  const PortRole listed = role_in_table(port);
  if (listed != PortRole::unknown) return listed;
  return port.vid == kToldByTriple ? role_by_triple(port.triple) : PortRole::unknown;
}

bool is_bridge(const UsbPort& port) {
  return one_of(
      port.driver,
      {"ftdi_sio", "cp210x",           "ch341",     "ch341-uart",        "pl2303",  "mos7840", "mos7720",
       "mxuport",  "ti_usb_3410_5052", "xr_serial", "ark3116",           "oti6858", "f81232",  "f81534",
       "io_ti",    "keyspan",          "quatech2",  "cdc_xr_usb_serial", "ch343",   "ch348"});
}

bool is_stranger(const UsbPort& port) {
  const std::uint16_t vid = port.vid, pid = port.pid;
  if (vid == 0x2341 || vid == 0x2a03 || vid == 0x2886) return true;    // Arduino, Seeed
  if (vid == 0x1366 || vid == 0x0d28) return true;                     // debug probes: J-Link, DAPLink
  if (vid == 0x0483 && (pid >> 8) == 0x37) return true;                // ST-Link
  if (vid == 0x1cf1 || (vid == 0x0658 && pid == 0x0200)) return true;  // Zigbee and Z-Wave sticks
  if (vid == 0x1546 && pid >= 0x01a4 && pid <= 0x01a9) return true;    // u-blox positioning receivers
  return vid == 0x239a || vid == 0x2e8a;                               // Adafruit, Raspberry Pi Pico
}

std::string place_of(const UsbPort& port) {
  if (port.id_path.empty()) return last_name(is_bridge(port) ? port.syspath : port.device);
  if (!is_bridge(port)) return without_interface(port.id_path);
  const std::string place = port.interfaces > 1 ? port.id_path : without_interface(port.id_path);
  return port.channel > 0 ? place + "-port" + std::to_string(port.channel) : place;
}

std::string modem_of(const UsbPort& port) {
  return is_bridge(port) ? port.syspath : port.device;
}

PortChoice choose_port(const std::vector<UsbPort>& ports) {
  PortChoice choice;
  for (std::size_t i = 0; i < ports.size(); ++i)
    if (may_be_written_to(port_role(ports[i])) && !is_stranger(ports[i])) choice.order.push_back(i);
  const auto before = [&](std::size_t a, std::size_t b) {
    const int first = rank(ports[a], port_role(ports[a])), second = rank(ports[b], port_role(ports[b]));
    if (first != second) return first < second;
    // Huawei's port for data calls comes before the one that carries URCs, and both answer AT.
    if (ports[a].vid == kToldByTriple && first == 4) return ports[a].interface > ports[b].interface;
    return ports[a].interface < ports[b].interface;
  };
  std::stable_sort(choice.order.begin(), choice.order.end(), before);
  choice.sure = !choice.order.empty() && port_role(ports[choice.order.front()]) == PortRole::at_primary;
  return choice;
}

}  // namespace hw
