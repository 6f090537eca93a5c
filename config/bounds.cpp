#include "config/bounds.h"

#include <arpa/inet.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace config {
namespace {

constexpr const char* kZones = "/usr/share/zoneinfo";

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

bool is_address(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> octets{};
  return inet_pton(family, host.c_str(), octets.data()) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::optional<TcpLine> parse_tcp_line(const std::string& port) {
  constexpr std::string_view kScheme = "tcp://";
  const std::size_t colon = port.rfind(':');
  if (!port.starts_with(kScheme) || colon < kScheme.size()) return std::nullopt;
  std::string host = port.substr(kScheme.size(), colon - kScheme.size());
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool name =
      !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
      });
  if (!(bracketed ? is_address(AF_INET6, host) : name)) return std::nullopt;
  if (!parse_port(std::string_view(port).substr(colon + 1))) return std::nullopt;
  return TcpLine{host, port.substr(colon + 1)};
}

std::string check_port_path(const std::string& port) {
  if (port.find("://") != std::string::npos)
    return parse_tcp_line(port) ? std::string{}
                                : quoted(port) + " is no line over TCP such as \"tcp://192.0.2.7:2001\"";
  if (port.empty() || port.front() != '/' || port.back() == '/' || port.find('\0') != std::string::npos)
    return quoted(port) + " is no device path such as \"/dev/ttyUSB0\"";
  return {};
}

std::string check_driver(const std::string& driver) {
  const bool named = !driver.empty() && std::all_of(driver.begin(), driver.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  return named ? std::string{} : quoted(driver) + " is no family's name; \"auto\" finds it";
}

std::string check_label(const std::string& label) {
  constexpr std::size_t kLongest = 64;
  if (label.empty() || label.size() > kLongest) return "must have 1 to 64 characters";
  if (std::any_of(label.begin(), label.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x21 || c == 0x7f; }))
    return quoted(label) + " holds a blank or a control character";
  // Where a message names its SIM, digits are an ICCID.
  if (all_digits(label)) return quoted(label) + " is a number; a label has a letter";
  return {};
}

std::string check_pin(const std::string& pin) {
  return pin.size() >= 4 && pin.size() <= 8 && all_digits(pin) ? std::string{} : "a PIN has 4 to 8 digits";
}

std::string check_pin_file(const std::string& path) {
  struct stat found {};
  if (path.empty() || path.front() != '/') return quoted(path) + " is no absolute path";
  if (stat(path.c_str(), &found) != 0) return path + ": " + std::strerror(errno);
  if (!S_ISREG(found.st_mode)) return path + " is no file";
  if ((found.st_mode & S_IROTH) != 0) return path + " can be read by everybody; chmod o= it";
  return {};
}

std::string check_timezone(const std::string& name) {
  if (name.empty()) return {};
  const std::filesystem::path zones = kZones;
  std::error_code ignored;
  const bool outside =
      name.front() == '/' || name.find("..") != std::string::npos || name.find('\0') != std::string::npos;
  // A system without the tables is told so by the daemon, where it matters.
  if (outside || (std::filesystem::is_directory(zones, ignored) &&
                  !std::filesystem::is_regular_file(zones / name, ignored)))
    return quoted(name) + " is no time zone of this system; write an IANA name such as \"Europe/London\"";
  return {};
}

// tzdata's list: country, place, zone, remark, with tabs between.
std::string only_timezone(const std::string& iso2) {
  std::ifstream list(std::filesystem::path(kZones) / "zone.tab");
  std::string line, only;
  while (std::getline(list, line)) {
    if (!line.starts_with(iso2 + '\t')) continue;
    if (!only.empty()) return {};
    const std::size_t begin = line.find('\t', iso2.size() + 1);
    if (begin == std::string::npos) return {};
    only = line.substr(begin + 1, line.find('\t', begin + 1) - begin - 1);
  }
  return check_timezone(only).empty() ? only : std::string{};
}

std::optional<std::string> normalise_iccid(const std::string& written) {
  std::string digits = written;
  while (!digits.empty() && (digits.back() == 'F' || digits.back() == 'f')) digits.pop_back();
  if (digits.size() < 10 || digits.size() > 20 || !all_digits(digits)) return std::nullopt;
  return digits;
}

bool is_usb_place(const std::string& id) {
  return id.find("usb") != std::string::npos && id.find(':') != std::string::npos &&
         id.find_first_of(" \t/") == std::string::npos;
}

std::optional<std::string> normalise_ignored(const std::string& written) {
  std::string id = written;
  std::transform(id.begin(), id.end(), id.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto hex4 = [&](std::size_t from) {
    return id.size() >= from + 4 && id.find_first_not_of("0123456789abcdef", from) >= from + 4;
  };
  const bool vendor = id.size() == 4 && hex4(0);
  const bool product = id.size() == 9 && id[4] == ':' && hex4(0) && hex4(5);
  if (vendor || product) return id;
  return is_usb_place(written) ? std::optional(written) : std::nullopt;
}

bool is_number_prefix(const std::string& written) {
  constexpr std::size_t kMostDigits = 14;  // of 15 that a number has at most
  return written.size() >= 2 && written.size() <= 1 + kMostDigits && written.front() == '+' &&
         all_digits(std::string_view(written).substr(1));
}

bool is_imsi(const std::string& imsi) {
  return imsi.size() >= 6 && imsi.size() <= 15 && all_digits(imsi);
}

bool is_baud(int baud) {
  constexpr std::array kBauds{1200,   2400,   4800,   9600,   19200,   38400,   57600,
                              115200, 230400, 460800, 921600, 1000000, 1500000, 3000000};
  return std::find(kBauds.begin(), kBauds.end(), baud) != kBauds.end();
}

std::optional<Listen> parse_listen(const std::string& text, std::string* why) {
  const std::size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost" && !bracketed) host = "127.0.0.1";
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_port(std::string_view(text).substr(colon + 1));
  if (!port) {
    *why = quoted(text) + " needs a port from 1 to 65535 behind a colon: \"127.0.0.1:8025\"";
  } else if (!is_address(bracketed ? AF_INET6 : AF_INET, host)) {
    *why = quoted(text) + " has no IP address before its port: \"127.0.0.1:8025\", \"[::1]:8025\"";
  } else {
    return Listen{host, *port};
  }
  return std::nullopt;
}

bool is_loopback(const Listen& listen) {
  in_addr v4{};
  if (inet_pton(AF_INET, listen.host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, listen.host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace config
