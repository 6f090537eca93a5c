// udev's group of events, not the kernel's: by then the node has its rights and its names.
#include "hw/hotplug.h"

#include <libudev.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace hw {
namespace {

constexpr std::size_t kAtOnce = 256;  // events of one take(): one bank of 64 modems plugged in
constexpr std::size_t kMostPorts = 4096;
constexpr int kBuffer = 8 << 20;  // octets; the default loses events when a hub with 16 sticks gets power

struct Release {
  void operator()(udev* u) const { udev_unref(u); }
  void operator()(udev_monitor* m) const { udev_monitor_unref(m); }
  void operator()(udev_enumerate* e) const { udev_enumerate_unref(e); }
  void operator()(udev_device* d) const { udev_device_unref(d); }
};
template <class Thing>
using Owned = std::unique_ptr<Thing, Release>;

std::string text(const char* value) {
  return value == nullptr ? std::string{} : std::string(value);
}

std::string property(udev_device* device, const char* name) {
  return text(udev_device_get_property_value(device, name));
}

std::string attribute(udev_device* device, const char* name) {
  return device == nullptr ? std::string{} : text(udev_device_get_sysattr_value(device, name));
}

long number(const std::string& digits, int base, long otherwise) {
  char* end = nullptr;
  const long value = std::strtol(digits.c_str(), &end, base);
  return digits.empty() || *end != '\0' ? otherwise : value;
}

std::optional<PortRole> told_role(udev_device* tty) {
  struct Mark {
    const char* property;
    PortRole role;
  };
  // Not ID_MM_PORT_IGNORE: that is also how ModemManager is kept off the very port that we are to use.
  constexpr Mark kMarks[] = {{"ID_MM_PORT_TYPE_GPS", PortRole::positions},
                             {"ID_MM_PORT_TYPE_QCDM", PortRole::diagnosis},
                             {"ID_MM_PORT_TYPE_AUDIO", PortRole::audio},
                             {"ID_MM_PORT_TYPE_AT_PRIMARY", PortRole::at_primary},
                             {"ID_MM_PORT_TYPE_AT_SECONDARY", PortRole::at_secondary},
                             {"ID_MM_PORT_TYPE_AT_PPP", PortRole::at_ppp}};
  for (const Mark& mark : kMarks)
    if (property(tty, mark.property) == "1") return mark.role;
  return std::nullopt;
}

std::string triple_of(udev_device* interface) {
  const std::string kind = attribute(interface, "bInterfaceClass");
  if (kind.empty()) return {};
  return kind + "/" + attribute(interface, "bInterfaceSubClass") + "/" +
         attribute(interface, "bInterfaceProtocol");
}

// none: no tty of a USB device.
std::optional<UsbPort> describe(udev_device* tty) {
  udev_device* device = udev_device_get_parent_with_subsystem_devtype(tty, "usb", "usb_device");
  udev_device* interface = udev_device_get_parent_with_subsystem_devtype(tty, "usb", "usb_interface");
  if (device == nullptr || udev_device_get_devnode(tty) == nullptr) return std::nullopt;
  UsbPort port;
  port.node = text(udev_device_get_devnode(tty));
  for (auto* name = udev_device_get_devlinks_list_entry(tty); name != nullptr;
       name = udev_list_entry_get_next(name))
    port.names.push_back(text(udev_list_entry_get_name(name)));
  port.syspath = text(udev_device_get_syspath(tty));
  port.device = text(udev_device_get_syspath(device));
  port.id_path = property(tty, "ID_PATH");
  port.interfaces = static_cast<int>(number(attribute(device, "bNumInterfaces"), 10, 0));
  port.vid = static_cast<std::uint16_t>(number(attribute(device, "idVendor"), 16, 0));
  port.pid = static_cast<std::uint16_t>(number(attribute(device, "idProduct"), 16, 0));
  port.interface = static_cast<int>(number(attribute(interface, "bInterfaceNumber"), 16, -1));
  udev_device* channel = udev_device_get_parent_with_subsystem_devtype(tty, "usb-serial", nullptr);
  port.channel = static_cast<int>(number(attribute(channel, "port_number"), 10, 0));
  port.triple = triple_of(interface);
  port.driver = interface == nullptr ? std::string{} : text(udev_device_get_driver(interface));
  if (port.driver.empty()) port.driver = property(tty, "ID_USB_DRIVER");
  port.serial = attribute(device, "serial");
  port.product = attribute(device, "product");
  port.told = told_role(tty);
  return port;
}

class UdevHotplug : public Hotplug {
 public:
  UdevHotplug(Owned<udev> udev, Owned<udev_monitor> monitor)
      : udev_(std::move(udev)), monitor_(std::move(monitor)) {}

  int fd() const override { return udev_monitor_get_fd(monitor_.get()); }

  std::vector<PortEvent> take() override {
    std::vector<PortEvent> events;
    if (std::exchange(look_at_all_, false)) events.emplace_back(PortsSeen{enumerate()});
    for (std::size_t taken = 0; taken < kAtOnce; ++taken) {
      errno = 0;
      const Owned<udev_device> tty(udev_monitor_receive_device(monitor_.get()));
      if (tty == nullptr) {
        // The kernel dropped some: what is known is compared with what is there.
        if (errno == ENOBUFS) events.emplace_back(PortsSeen{enumerate()});
        break;
      }
      if (auto event = event_of(tty.get())) events.push_back(std::move(*event));
    }
    return events;
  }

 private:
  static std::optional<PortEvent> event_of(udev_device* tty) {
    const std::string action = text(udev_device_get_action(tty));
    if (action == "remove") return PortRemoved{text(udev_device_get_syspath(tty))};
    if (action != "add" && action != "change") return std::nullopt;
    if (auto port = describe(tty)) return PortAdded{std::move(*port)};
    return std::nullopt;
  }

  std::vector<UsbPort> enumerate() {
    std::vector<UsbPort> found;
    const Owned<udev_enumerate> all(udev_enumerate_new(udev_.get()));
    if (all == nullptr) return found;
    udev_enumerate_add_match_subsystem(all.get(), "tty");
    udev_enumerate_scan_devices(all.get());
    for (auto* at = udev_enumerate_get_list_entry(all.get()); at != nullptr && found.size() < kMostPorts;
         at = udev_list_entry_get_next(at)) {
      const Owned<udev_device> tty(udev_device_new_from_syspath(udev_.get(), udev_list_entry_get_name(at)));
      if (tty == nullptr) continue;
      if (auto port = describe(tty.get())) found.push_back(std::move(*port));
    }
    return found;
  }

  Owned<udev> udev_;
  Owned<udev_monitor> monitor_;
  bool look_at_all_ = true;
};

}  // namespace

at::Expected<std::unique_ptr<Hotplug>, std::string> Hotplug::open() {
  Owned<udev> udev(udev_new());
  if (udev == nullptr) return at::Unexpected{std::string("libudev: ") + std::strerror(errno)};
  Owned<udev_monitor> monitor(udev_monitor_new_from_netlink(udev.get(), "udev"));
  if (monitor == nullptr ||
      udev_monitor_filter_add_match_subsystem_devtype(monitor.get(), "tty", nullptr) < 0)
    return at::Unexpected{std::string("udev's events cannot be had: ") + std::strerror(errno)};
  udev_monitor_set_receive_buffer_size(monitor.get(),
                                       kBuffer);  // refused to those who are not root: then the default
  if (const int error = udev_monitor_enable_receiving(monitor.get()); error < 0)
    return at::Unexpected{std::string("udev's events cannot be had: ") + std::strerror(-error)};
  return std::unique_ptr<Hotplug>(std::make_unique<UdevHotplug>(std::move(udev), std::move(monitor)));
}

}  // namespace hw
