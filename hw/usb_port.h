// One tty of a USB device, as udev describes it. A plain value: what it means is port_roles.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hw {

// What a port of a modem is for.
enum class PortRole : std::uint8_t {
  at_primary,    // commands and URCs: the one to use
  at_secondary,  // commands; URCs on some
  at_ppp,        // commands, until a data call; URCs on few
  diagnosis,     // binary; garbage crashes some firmware
  positions,     // NMEA
  audio,
  other,  // known to be none of ours
  unknown
};

struct UsbPort {
  std::string node;                // "/dev/ttyUSB2"
  std::vector<std::string> names;  // its other names: /dev/serial/by-path/…
  std::string syspath;             // of the tty; no two ports that are there at the same time share it
  std::string device;              // syspath of the USB device; the ports of one modem share it
  std::string
      id_path;  // ID_PATH of the tty, with the interface: "pci-0000:00:14.0-usb-0:1.2:1.2"; may be empty
  int interfaces = 0;  // of the device; 0: not known
  std::uint16_t vid = 0, pid = 0;
  int interface = -1;            // -1: not known
  int channel = 0;               // of several ttys on one interface, as some serial bridges have them
  std::string triple;            // class, subclass and protocol of the interface: "ff/01/02"
  std::string driver;            // "option", "cdc_acm", "ftdi_sio"
  std::string serial, product;   // often empty, often the same on all modems of a kind
  std::optional<PortRole> told;  // by a udev rule of this machine
};

}  // namespace hw
