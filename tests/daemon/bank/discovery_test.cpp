// What becomes of the ports that are plugged in: which is used, which are asked, and that the others get no
// byte.
#include "daemon/bank/discovery.h"

#include <algorithm>
#include <chrono>
#include <string>

// CppUTest's macros come last: they would reach into the standard library.
#include <CppUTest/TestHarness.h>

using namespace klaxon;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPlace = "pci-0000:00:14.0-usb-0:1.2";

struct Field {  // udev and the ports, as a story tells them
  explicit Field(Discovery::Rules rules = {}) : discovery(std::move(rules)) {}

  hw::UsbPort port(unsigned vid, unsigned pid, int interface, int number, const std::string& chain = "1.2",
                   const std::string& driver = "option") {
    hw::UsbPort p;
    p.vid = static_cast<std::uint16_t>(vid);
    p.pid = static_cast<std::uint16_t>(pid);
    p.interface = interface;
    p.interfaces = driver == "option" ? 4 : 1;
    p.driver = driver;
    p.node = "/dev/ttyUSB" + std::to_string(number);
    p.device = "/sys/devices/usb1/1-" + chain;
    p.syspath = p.device + ":1." + std::to_string(interface) + "/ttyUSB" + std::to_string(number);
    p.id_path = "pci-0000:00:14.0-usb-0:" + chain + ":1." + std::to_string(interface);
    return p;
  }
  void plug(unsigned vid, unsigned pid, int count, int first = 0, const std::string& chain = "1.2") {
    for (int i = 0; i < count; ++i) plug(port(vid, pid, i, first + i, chain));
  }
  void plug(hw::UsbPort p) {
    discovery.feed(hw::PortAdded{p}, now);
    there.push_back(std::move(p));
  }
  void unplug() {
    for (const hw::UsbPort& p : std::exchange(there, {})) discovery.feed(hw::PortRemoved{p.syspath}, now);
  }
  void pass(at::Millis d) {
    for (const at::Instant end = now + d; now < end;) {
      const auto due = discovery.deadline();
      now = due ? std::clamp(*due, now, end) : end;
      discovery.tick(now);
    }
  }
  void says(const std::string& node, Discovery::Answer answer, const std::string& why = {}) {
    discovery.probed(node, answer, why, {}, now);
  }
  // What is done, one word each.
  std::string done() {
    std::string all;
    for (const Discovery::Action& action : discovery.take_output()) {
      std::string word;
      if (const auto* a = std::get_if<Discovery::Probe>(&action)) word = "probe " + a->node, baud = a->baud;
      if (const auto* a = std::get_if<Discovery::Abandon>(&action)) word = "abandon " + a->node;
      if (const auto* a = std::get_if<Discovery::Plugged>(&action))
        word = "plugged " + a->place + " " + a->node;
      if (const auto* a = std::get_if<Discovery::Unplugged>(&action)) word = "unplugged " + a->place;
      if (const auto* a = std::get_if<Discovery::Waits>(&action)) word = "waits " + a->place + " " + a->why;
      if (const auto* a = std::get_if<Discovery::Told>(&action)) told = a->what;
      if (!word.empty()) all += (all.empty() ? "" : "; ") + word;
    }
    return all;
  }

  Discovery discovery;
  at::Instant now = at::Instant{} + 1h;
  std::vector<hw::UsbPort> there;
  std::string told;
  int baud = 0;
};

using Answer = Discovery::Answer;

}  // namespace

TEST_GROUP(Discovery){};

TEST(Discovery, a_known_modem_is_used_at_its_AT_port_without_asking_any) {
  Field field;
  field.plug(0x2c7c, 0x0125, 4);
  STRCMP_EQUAL("", field.done().c_str());  // more ports may come
  field.pass(300ms);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB2", field.done().c_str());
  CHECK_FALSE(field.discovery.deadline().has_value());
}

TEST(Discovery, it_waits_for_the_last_port) {
  Field field;
  for (int i = 0; i < 4; ++i) {
    field.plug(field.port(0x2c7c, 0x0125, i, i));
    field.pass(200ms);
    STRCMP_EQUAL("", field.done().c_str());
  }
  field.pass(100ms);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB2", field.done().c_str());
}

TEST(Discovery, an_unknown_modem_is_asked_port_by_port) {
  Field field;
  field.plug(0x1234, 0x5678, 3);
  field.pass(300ms);
  STRCMP_EQUAL("probe /dev/ttyUSB0", field.done().c_str());
  field.pass(1min);
  STRCMP_EQUAL("", field.done().c_str());  // never two at once
  field.says("/dev/ttyUSB0", Answer::silent);
  STRCMP_EQUAL("probe /dev/ttyUSB1", field.done().c_str());
  field.says("/dev/ttyUSB1", Answer::at);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB1", field.done().c_str());
}

TEST(Discovery, devices_do_not_wait_for_each_other) {
  Field field;
  field.plug(0x1234, 0x5678, 2, 0, "1.2");
  field.plug(0x1234, 0x5678, 2, 4, "1.3");
  field.pass(300ms);
  STRCMP_EQUAL("probe /dev/ttyUSB0; probe /dev/ttyUSB4", field.done().c_str());
}

TEST(Discovery, what_never_answers_is_asked_more_and_more_seldom_and_never_given_up) {
  Field field;
  field.plug(0x1234, 0x5678, 1);
  field.pass(300ms);
  for (const at::Millis gap : {5'000ms, 15'000ms, 60'000ms, 300'000ms, 300'000ms}) {
    STRCMP_EQUAL("probe /dev/ttyUSB0", field.done().c_str());
    field.says("/dev/ttyUSB0", Answer::silent);
    STRCMP_EQUAL("", field.done().c_str());
    field.pass(gap - 1ms);
    STRCMP_EQUAL("", field.done().c_str());
    field.pass(1ms);
  }
}

TEST(Discovery, behind_a_bridge_the_rate_changes_with_each_round) {
  Field field;
  field.plug(field.port(0x0403, 0x6001, 0, 0, "1.2", "ftdi_sio"));
  field.pass(300ms);
  field.done();
  LONGS_EQUAL(115200, field.baud);
  field.says("/dev/ttyUSB0", Answer::silent);
  field.pass(5s);
  field.done();
  LONGS_EQUAL(9600, field.baud);
  field.says("/dev/ttyUSB0", Answer::at);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB0", field.done().c_str());
}

TEST(Discovery, a_busy_port_is_told_once_and_asked_again_and_the_others_of_its_device_are_not) {
  Field field;
  field.plug(0x1234, 0x5678, 2);
  field.pass(300ms);
  field.done();
  field.says("/dev/ttyUSB0", Answer::busy, "held");
  STRCMP_EQUAL("waits pci-0000:00:14.0-usb-0:1.2 held", field.done().c_str());
  field.pass(2s);
  STRCMP_EQUAL("probe /dev/ttyUSB0", field.done().c_str());
  field.says("/dev/ttyUSB0", Answer::busy, "held");
  STRCMP_EQUAL("", field.done().c_str());
  field.pass(2s);
  field.done();
  field.says("/dev/ttyUSB0", Answer::at);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB0", field.done().c_str());
}

TEST(Discovery, an_unplug_ends_a_probe_and_its_late_answer_counts_for_nothing) {
  Field field;
  field.plug(0x1234, 0x5678, 1);
  field.pass(300ms);
  field.done();
  field.unplug();
  STRCMP_EQUAL("abandon /dev/ttyUSB0", field.done().c_str());
  field.says("/dev/ttyUSB0", Answer::at);
  STRCMP_EQUAL("", field.done().c_str());
  CHECK_FALSE(field.discovery.deadline().has_value());
}

TEST(Discovery, a_modem_goes_and_comes_back_under_another_number) {
  Field field;
  field.plug(0x2c7c, 0x0125, 4);
  field.pass(300ms);
  field.done();
  field.unplug();
  STRCMP_EQUAL("unplugged pci-0000:00:14.0-usb-0:1.2", field.done().c_str());
  field.plug(0x2c7c, 0x0125, 4, 7);
  field.pass(300ms);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB9", field.done().c_str());
}

TEST(Discovery, another_product_at_the_same_place_is_another_choice) {
  Field field;
  field.plug(0x2c7c, 0x0125, 4);
  field.pass(300ms);
  field.unplug();
  field.done();
  field.plug(0x1199, 0x9071, 4);
  field.pass(300ms);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB3", field.done().c_str());
}

TEST(Discovery, a_device_with_a_port_of_the_configuration_is_left_to_it_whole) {
  Field field({{"/dev/serial/by-path/modem-if3"}, {}});
  auto ports = {field.port(0x2c7c, 0x0125, 2, 2), field.port(0x2c7c, 0x0125, 3, 3)};
  for (auto p : ports) {
    if (p.interface == 3) p.names.push_back("/dev/serial/by-path/modem-if3");
    field.plug(p);
  }
  field.pass(1h);
  STRCMP_EQUAL("", field.done().c_str());
  STRCMP_CONTAINS("left to its [[modem]]", field.told.c_str());
}

TEST(Discovery, of_a_bridge_only_the_port_of_the_configuration_is_left_out) {
  Field field({{"/dev/ttyUSB0"}, {}});
  for (int i = 0; i < 2; ++i) {
    auto p = field.port(0x0403, 0x6010, i, i, "1.2", "ftdi_sio");
    p.interfaces = 2;
    field.plug(p);
  }
  field.pass(300ms);
  STRCMP_EQUAL("probe /dev/ttyUSB1", field.done().c_str());
}

TEST(Discovery, what_is_to_be_ignored_gets_no_byte) {
  for (const char* rule : {"0403", "0403:6001", kPlace}) {
    Field field({{}, {rule}});
    field.plug(field.port(0x0403, 0x6001, 0, 0, "1.2", "ftdi_sio"));
    field.pass(1h);
    STRCMP_EQUAL("", field.done().c_str());
  }
}

TEST(Discovery, after_lost_events_what_is_known_is_compared_with_what_is_there) {
  Field field;
  field.plug(0x2c7c, 0x0125, 4);
  field.pass(300ms);
  field.done();
  std::vector<hw::UsbPort> now_there{field.port(0x1199, 0x9071, 3, 5, "1.3")};
  field.discovery.feed(hw::PortsSeen{now_there}, field.now);
  STRCMP_EQUAL("unplugged pci-0000:00:14.0-usb-0:1.2", field.done().c_str());
  field.pass(300ms);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.3 /dev/ttyUSB5", field.done().c_str());
}

TEST(Discovery, a_port_that_is_told_twice_is_one_port) {
  Field field;
  field.plug(0x2c7c, 0x0125, 4);
  field.discovery.feed(hw::PortsSeen{field.there}, field.now);
  field.pass(300ms);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB2", field.done().c_str());
  field.discovery.feed(hw::PortsSeen{field.there}, field.now);
  field.pass(1h);
  STRCMP_EQUAL("", field.done().c_str());
}

TEST(Discovery, the_AT_port_alone_may_go_and_come_again) {
  Field field;
  field.plug(0x2c7c, 0x0125, 4);
  field.pass(300ms);
  field.done();
  field.discovery.feed(hw::PortRemoved{field.there[2].syspath}, field.now);
  STRCMP_EQUAL("unplugged pci-0000:00:14.0-usb-0:1.2", field.done().c_str());
  field.plug(field.there[2]);
  field.pass(300ms);
  STRCMP_EQUAL("plugged pci-0000:00:14.0-usb-0:1.2 /dev/ttyUSB2", field.done().c_str());
}

TEST(Discovery, a_flood_of_ports_has_a_bound) {
  Field field;
  for (int i = 0; i < 1100; ++i) field.plug(field.port(0x2c7c, 0x0125, 2, i, "1." + std::to_string(i)));
  field.pass(300ms);
  const std::string all = field.done();
  LONGS_EQUAL(1024, std::count(all.begin(), all.end(), ';') + 1);
}
