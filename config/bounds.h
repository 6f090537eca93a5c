// What a value may be, where its type doesn't say it all. Each returns the reason against it, empty when
// there is none.
#pragma once

#include <optional>
#include <string>

#include "config/settings.h"

namespace config {

std::string check_port_path(const std::string&);  // a device's absolute path, or tcp://host:port
std::string check_driver(
    const std::string&);  // a family's name; whether it exists is known to drivers/ alone
std::string check_label(const std::string&);
std::string check_pin(const std::string&);       // 4 to 8 digits (11.11 of TS 31.101 speaks of 8 octets)
std::string check_pin_file(const std::string&);  // is there, and not for everybody
std::string check_timezone(const std::string&);  // an IANA name that this system has
// The IANA name of a country's clock; empty where the system knows several for it, or none.
std::string only_timezone(const std::string& iso2);
std::optional<std::string> normalise_iccid(
    const std::string&);           // digits, without the filler F; none: no ICCID
// What discovery.ignore may name: a USB vendor, a product, or a place; lower case where it is hex. None: none of them.
std::optional<std::string> normalise_ignored(const std::string&);
bool is_usb_place(const std::string&);  // an ID_PATH as udev makes it for what is plugged in
bool is_number_prefix(const std::string&);  // "+34600"
bool is_imsi(const std::string&);  // 23.003 2.2: not more than 15 digits
bool is_baud(int);

// "127.0.0.1:8025", "[::]:8025", "localhost:8025" (127.0.0.1); on failure `why` is set. No other names: the
// daemon starts where no name service is.
std::optional<Listen> parse_listen(const std::string&, std::string* why);
bool is_loopback(const Listen&);

}  // namespace config
