#include "daemon/bank/discovery.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "hw/port_roles.h"

namespace klaxon {
namespace {

using at::Millis;

constexpr std::size_t kMostPorts = 1024;
constexpr Millis kQuiet{300};  // the ports of one device come one by one
constexpr Millis kProbeOfSeveral{4'000};
constexpr Millis kProbeOfOne{12'000};  // it may be in the middle of a submit, and nobody else waits
constexpr Millis kBusyGap{2'000};
// Modules need up to half a minute to boot, and a pool's bridges are there before its modems have power. So
// nothing is given up for good; but whatever does not answer is left in peace more and more.
constexpr std::array kSilentGaps{Millis{5'000}, Millis{15'000}, Millis{60'000}, Millis{300'000}};
// A modem behind a bridge has a rate. The usual ones, the likely first; a USB modem minds none.
constexpr std::array kRates{115'200, 9'600, 57'600, 460'800, 38'400, 19'200, 230'400, 921'600};

std::string hex4(unsigned value) {
  std::string text = "0000";
  for (std::size_t i = 4; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
  return text;
}

}  // namespace

int Discovery::baud(const Device& device) {
  const bool bridge = hw::is_bridge(device.ports.front());
  return bridge ? kRates[static_cast<std::size_t>(device.tries) % kRates.size()] : kRates.front();
}

void Discovery::feed(const hw::PortEvent& event, at::Instant now) {
  if (const auto* port = std::get_if<hw::PortAdded>(&event)) return added(port->port, now);
  if (const auto* gone = std::get_if<hw::PortRemoved>(&event)) return removed(gone->syspath, now);
  const auto& all = std::get<hw::PortsSeen>(event).ports;
  std::set<std::string> there;
  for (const hw::UsbPort& port : all) there.insert(port.syspath);
  std::vector<std::string> gone;
  for (const auto& [syspath, device] : device_of_)
    if (!there.contains(syspath)) gone.push_back(syspath);
  for (const std::string& syspath : gone) removed(syspath, now);
  for (const hw::UsbPort& port : all) added(port, now);
}

void Discovery::added(const hw::UsbPort& port, at::Instant now) {
  const std::string key = hw::modem_of(port);
  if (const auto known = device_of_.find(port.syspath); known != device_of_.end()) {
    Device& device = devices_.at(known->second);
    const auto same = [&](const hw::UsbPort& p) { return p.syspath == port.syspath; };
    auto& held = *std::find_if(device.ports.begin(), device.ports.end(), same);
    // The kernel gave the place to another device and the removal was lost on the way.
    if (known->second != key || held.node != port.node || held.vid != port.vid || held.pid != port.pid) {
      removed(port.syspath, now);
      return added(port, now);
    }
    held = port;
    return;
  }
  if (device_of_.size() >= kMostPorts) {
    if (!std::exchange(told_full_, true))
      actions_.emplace_back(
          Told{"more than " + std::to_string(kMostPorts) + " serial ports: the rest are passed over"});
    return;
  }
  device_of_[port.syspath] = key;
  Device& device = devices_[key];
  device.ports.push_back(port);
  device.place = hw::place_of(port);
  if (device.state == State::settling || device.state == State::left_alone) {
    device.state = State::settling;
    device.due = now + kQuiet;
  }
}

void Discovery::removed(const std::string& syspath, at::Instant now) {
  const auto known = device_of_.find(syspath);
  if (known == device_of_.end()) return;
  const auto at = devices_.find(known->second);
  device_of_.erase(known);
  Device& device = at->second;
  const auto port = std::find_if(device.ports.begin(), device.ports.end(),
                                 [&](const hw::UsbPort& p) { return p.syspath == syspath; });
  const std::string node = port->node;
  if (node == device.node && device.state == State::probing) actions_.emplace_back(Abandon{node});
  const bool lost = node == device.node, last = device.ports.size() == 1;
  if ((lost && device.state == State::plugged) || (last && device.listed)) {
    device.listed = false;
    actions_.emplace_back(Unplugged{device.place});
  }
  std::erase(device.order, node);
  device.ports.erase(port);
  if (device.ports.empty()) {
    devices_.erase(at);
  } else if (lost) {
    device.node.clear();
    device.state = State::settling;
    device.due = now + kQuiet;
  }
}

bool Discovery::fixed(const Device& device) const {
  for (const hw::UsbPort& port : device.ports)
    for (const std::string& named : rules_.fixed)
      if (named == port.node || std::find(port.names.begin(), port.names.end(), named) != port.names.end())
        return true;
  return false;
}

bool Discovery::ignored(const Device& device) const {
  const hw::UsbPort& port = device.ports.front();
  const std::string vid = hex4(port.vid), id = vid + ":" + hex4(port.pid);
  return std::any_of(rules_.ignored.begin(), rules_.ignored.end(), [&](const std::string& rule) {
    return rule == vid || rule == id || rule == device.place;
  });
}

bool Discovery::place_taken(const Device& device) const {
  return std::any_of(devices_.begin(), devices_.end(), [&](const auto& other) {
    return &other.second != &device && other.second.state == State::plugged &&
           other.second.place == device.place;
  });
}

void Discovery::tell(Device& device, const std::string& why) {
  if (device.told == why) return;
  device.told = why;
  const hw::UsbPort& port = device.ports.front();
  actions_.emplace_back(Told{device.place + ": " + hex4(port.vid) + ":" + hex4(port.pid) +
                             (port.product.empty() ? "" : " " + port.product) + ": " + why});
}

void Discovery::choose(Device& device, at::Instant now) {
  const auto leave = [&](const std::string& why) {
    device.state = State::left_alone;
    tell(device, why);
  };
  if (fixed(device)) return leave("left to its [[modem]]");
  if (ignored(device)) return leave("ignored, as discovery.ignore says");
  if (place_taken(device)) return wait(device, kBusyGap, "", "another modem has this place", now);
  const hw::PortChoice choice = hw::choose_port(device.ports);
  if (choice.order.empty()) return leave("none of its ports is one for AT commands");
  device.order.clear();
  for (const std::size_t index : choice.order) device.order.push_back(device.ports[index].node);
  if (choice.sure) return plug(device, device.order.front(), {});
  ask_next(device, now);
}

void Discovery::ask_next(Device& device, at::Instant now) {
  if (device.order.empty()) {
    const auto gap = kSilentGaps[std::min(static_cast<std::size_t>(device.tries), kSilentGaps.size() - 1)];
    ++device.tries;
    return wait(device, gap, "", "no port answers AT; it is asked again now and then", now);
  }
  device.state = State::probing;
  const bool only_one = device.ports.size() == 1;
  device.node = device.order.front();
  device.order.erase(device.order.begin());
  actions_.emplace_back(Probe{device.node, baud(device), only_one ? kProbeOfOne : kProbeOfSeveral});
}

void Discovery::wait(Device& device, at::Millis gap, const std::string& node, const std::string& why,
                     at::Instant now) {
  device.state = State::waiting;
  device.due = now + gap;
  device.node.clear();
  if (device.listed && device.told != why) actions_.emplace_back(Waits{device.place, node, why});
  tell(device, why);
}

void Discovery::plug(Device& device, std::string node, Heard heard) {
  device.state = State::plugged;
  device.node = std::move(node);
  tell(device, "a modem at " + device.node);
  actions_.emplace_back(Plugged{device.place, device.node, baud(device), std::move(heard)});
}

void Discovery::probed(const std::string& node, Answer answer, std::string why, Heard heard,
                       at::Instant now) {
  const auto at = std::find_if(devices_.begin(), devices_.end(), [&](const auto& held) {
    return held.second.state == State::probing && held.second.node == node;
  });
  if (at == devices_.end()) return;  // gone meanwhile
  Device& device = at->second;
  switch (answer) {
    case Answer::at:
      if (place_taken(device)) return wait(device, kBusyGap, node, "another modem has this place", now);
      return plug(device, node, std::move(heard));
    case Answer::silent:
      return ask_next(device, now);
    case Answer::busy:  // whoever has one port of a device has the device
    case Answer::refused:
      device.listed = true;
      return wait(device, kBusyGap, node, why, now);
  }
}

void Discovery::tick(at::Instant now) {
  for (auto& [key, device] : devices_) {
    const bool waits = device.state == State::settling || device.state == State::waiting;
    if (waits && device.due <= now) choose(device, now);
  }
}

std::vector<Discovery::Action> Discovery::take_output() {
  return std::exchange(actions_, {});
}

std::optional<at::Instant> Discovery::deadline() const {
  std::optional<at::Instant> first;
  for (const auto& [key, device] : devices_) {
    const bool waits = device.state == State::settling || device.state == State::waiting;
    if (waits && (!first || device.due < *first)) first = device.due;
  }
  return first;
}

}  // namespace klaxon
