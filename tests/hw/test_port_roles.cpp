// Which port of a modem is talked to, and which never.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "hw/port_roles.h"
#include "hw/usb_modems.h"
// CppUTest's macros come last: they would reach into the standard library.
#include <CppUTest/TestHarness.h>

namespace {

using hw::PortRole;
using hw::UsbPort;

UsbPort port(unsigned vid, unsigned pid, int interface, std::string driver = "option") {
  UsbPort p;
  p.vid = static_cast<std::uint16_t>(vid);
  p.pid = static_cast<std::uint16_t>(pid);
  p.interface = interface;
  p.driver = std::move(driver);
  p.node = "/dev/ttyUSB" + std::to_string(interface);
  p.device = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1.2";
  p.syspath = p.device + "/1-1.2:1." + std::to_string(interface) + p.node.substr(4);
  p.id_path = "pci-0000:00:14.0-usb-0:1.2:1." + std::to_string(interface);
  p.interfaces = 5;
  return p;
}

std::string order(const std::vector<UsbPort>& ports) {
  std::string numbers;
  for (const std::size_t index : hw::choose_port(ports).order)
    numbers += std::to_string(ports[index].interface);
  return numbers;
}

std::vector<UsbPort> ports(unsigned vid, unsigned pid, int count) {
  std::vector<UsbPort> all;
  for (int i = 0; i < count; ++i) all.push_back(port(vid, pid, i));
  return all;
}

}  // namespace

TEST_GROUP(PortRoles){};

TEST(PortRoles, the_table_is_sorted_and_names_no_product_twice) {
  for (const auto* at = std::begin(hw::kKnownModems) + 1; at != std::end(hw::kKnownModems); ++at)
    CHECK((at - 1)->vid < at->vid || ((at - 1)->vid == at->vid && (at - 1)->pid < at->pid));
}

TEST(PortRoles, the_table_uses_its_own_letters_and_gives_a_product_one_port_at_most) {
  for (const hw::KnownModem& known : hw::kKnownModems) {
    CHECK(known.interfaces.find_first_not_of("PSMdgax-") == std::string_view::npos);
    CHECK(known.interfaces.find('P') == known.interfaces.rfind('P'));
  }
}

// systemd/60-klaxon-modems.rules keeps ModemManager off what is in the table: by vendor, or by product.
TEST(PortRoles, the_udev_rules_know_every_product_of_the_table) {
  std::ifstream file(KLAXON_SOURCE_DIR "/systemd/60-klaxon-modems.rules");
  const auto hex = [](unsigned id) {
    char text[8];
    std::snprintf(text, sizeof text, "%04x", id);
    return std::string(text);
  };
  std::map<std::string, std::string> products;  // by vendor; empty: all
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("ATTR{idVendor}==")) continue;
    const std::size_t product = line.find("ATTR{idProduct}==");
    products[line.substr(17, 4)] = product == std::string::npos ? "" : line.substr(product);
  }
  CHECK(products.size() > 20);
  for (const hw::KnownModem& known : hw::kKnownModems) {
    const auto vendor = products.find(hex(known.vid));
    CHECK_TEXT(vendor != products.end(), hex(known.vid).c_str());
    CHECK_TEXT(vendor->second.empty() || vendor->second.find(hex(known.pid)) != std::string::npos,
               hex(known.pid).c_str());
  }
}

TEST(PortRoles, of_a_known_modem_its_AT_port_needs_no_probing) {
  const auto choice = hw::choose_port(ports(0x2c7c, 0x0125, 4));
  CHECK(choice.sure);
  LONGS_EQUAL(2, choice.order.front());
}

TEST(PortRoles, what_is_known_to_be_something_else_is_never_in_the_order) {
  STRCMP_EQUAL("23", order(ports(0x2c7c, 0x0125, 4)).c_str());  // not diagnosis, not positions
  STRCMP_EQUAL("23", order(ports(0x1e0e, 0x9001, 5)).c_str());  // nor audio
  STRCMP_EQUAL("3", order(ports(0x1199, 0x9071, 4)).substr(0, 1).c_str());
}

TEST(PortRoles, the_order_does_not_depend_on_which_came_first) {
  auto all = ports(0x1bc7, 0x1201, 7);
  std::swap(all[0], all[4]);
  STRCMP_EQUAL("4", order(all).substr(0, 1).c_str());
}

TEST(PortRoles, an_unknown_modem_is_probed_from_its_first_port_on) {
  const auto choice = hw::choose_port(ports(0x2c7c, 0x7777, 3));
  CHECK_FALSE(choice.sure);
  STRCMP_EQUAL("012", order(ports(0x2c7c, 0x7777, 3)).c_str());
}

TEST(PortRoles, of_a_modem_whose_other_ports_alone_are_known_the_rest_is_probed) {
  STRCMP_EQUAL("024", order({port(0x1546, 0x1102, 0), port(0x1546, 0x1102, 2), port(0x1546, 0x1102, 4),
                             port(0x1546, 0x1102, 6), port(0x1546, 0x1102, 8), port(0x1546, 0x1102, 10)})
                          .c_str());
}

TEST(PortRoles, an_interface_that_says_AT_is_asked_before_one_that_says_nothing) {
  auto all = ports(0x1234, 0x5678, 3);
  all[1].triple = "02/02/01";
  STRCMP_EQUAL("102", order(all).c_str());
}

TEST(PortRoles, Huawei_tells_by_the_interface) {
  auto all = ports(0x12d1, 0x1573, 4);
  all[0].triple = "ff/02/01";
  all[1].triple = "ff/02/02";
  all[2].triple = "ff/01/03";
  all[3].triple = "ff/01/05";
  const auto choice = hw::choose_port(all);
  CHECK(choice.sure);
  STRCMP_EQUAL("10", order(all).c_str());
}

TEST(PortRoles, an_older_Huawei_is_asked_from_behind_where_its_URCs_are) {
  auto all = ports(0x12d1, 0x1001, 3);
  for (auto& p : all) p.triple = "ff/ff/ff";
  STRCMP_EQUAL("210", order(all).c_str());
}

TEST(PortRoles, a_rule_of_this_machine_is_surer_than_the_table) {
  auto all = ports(0x2c7c, 0x0125, 4);
  all[2].told = PortRole::other;
  all[3].told = PortRole::at_primary;
  STRCMP_EQUAL("3", order(all).c_str());
  all[0].told = PortRole::at_secondary;
  STRCMP_EQUAL("30", order(all).c_str());
}

TEST(PortRoles, boards_and_receivers_are_not_written_to) {
  for (const auto& [vid, pid] :
       {std::pair{0x2341u, 0x0043u}, {0x1546u, 0x01a8u}, {0x1366u, 0x0105u}, {0x0483u, 0x374bu}})
    CHECK(hw::choose_port({port(vid, pid, 0, "cdc_acm")}).order.empty());
  CHECK_FALSE(hw::choose_port({port(0x1546, 0x1010, 0, "cdc_acm")}).order.empty());
}

TEST(PortRoles, a_place_is_the_path_without_the_interface) {
  STRCMP_EQUAL("pci-0000:00:14.0-usb-0:1.2", hw::place_of(port(0x2c7c, 0x0125, 2)).c_str());
  UsbPort bare = port(0x2c7c, 0x0125, 2);
  bare.id_path = "pci-0000:00:14.0-usb-0:1.2";
  STRCMP_EQUAL("pci-0000:00:14.0-usb-0:1.2", hw::place_of(bare).c_str());
  bare.id_path = "platform-3f980000.usb-usb-0:1.2:1.0";
  STRCMP_EQUAL("platform-3f980000.usb-usb-0:1.2", hw::place_of(bare).c_str());
  bare.id_path.clear();
  STRCMP_EQUAL("1-1.2", hw::place_of(bare).c_str());
}

TEST(PortRoles, the_ports_of_a_bridge_are_places_of_their_own) {
  UsbPort first = port(0x0403, 0x6011, 0, "ftdi_sio"), second = port(0x0403, 0x6011, 1, "ftdi_sio");
  first.interfaces = second.interfaces = 4;
  CHECK(hw::modem_of(first) != hw::modem_of(second));
  STRCMP_EQUAL("pci-0000:00:14.0-usb-0:1.2:1.1", hw::place_of(second).c_str());
  first.interfaces = 1;
  STRCMP_EQUAL("pci-0000:00:14.0-usb-0:1.2", hw::place_of(first).c_str());
  UsbPort channel = port(0x9710, 0x7840, 0, "mos7840");
  channel.interfaces = 1;
  channel.channel = 3;
  STRCMP_EQUAL("pci-0000:00:14.0-usb-0:1.2-port3", hw::place_of(channel).c_str());
}

TEST(PortRoles, the_ports_of_a_modem_belong_together) {
  CHECK(hw::modem_of(port(0x2c7c, 0x0125, 0)) == hw::modem_of(port(0x2c7c, 0x0125, 3)));
}
