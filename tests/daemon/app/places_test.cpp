// Places where modems are plugged in: their slots, and what another SIM in them may say of the one before.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::kAna;

namespace {

constexpr const char* kPlace = "pci-0000:00:14.0-usb-0:1.2";

}  // namespace

TEST_GROUP(Places){};

TEST(Places, a_place_keeps_its_slot_when_its_modem_goes) {
  Rig rig({.modems = 1, .family = modembank::Family::generic});
  const auto slot = rig.ask().slot_for(kPlace);
  CHECK(slot.has_value());
  rig.ask().modem_plugged(*slot, "/dev/ttyUSB2");
  STRCMP_EQUAL("/dev/ttyUSB2", rig.app().modems().back().port.c_str());
  rig.ask().modem_unplugged(*slot);
  CHECK(rig.ask().slot_for(kPlace) == slot);
  const ModemView gone = rig.app().modems().back();
  STRCMP_EQUAL(kPlace, gone.id.c_str());
  STRCMP_EQUAL("absent", gone.state.c_str());
  STRCMP_EQUAL("unplugged", gone.why.c_str());
}

TEST(Places, what_a_modem_of_the_configuration_is_called_is_no_place) {
  Rig rig({.modems = 1, .family = modembank::Family::generic});
  CHECK_FALSE(rig.ask().slot_for("modem0").has_value());
}

TEST(Places, are_bounded) {
  Rig rig({.modems = 1, .family = modembank::Family::generic});
  for (int i = 0; i < 3'000; ++i) rig.ask().slot_for("place " + std::to_string(i));
  LONGS_EQUAL(2'048, rig.app().slots());
}

TEST(Places, a_data_entry_of_another_SIM_says_nothing_of_the_one_before) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  rig.ready();
  rig.send(kAna, "begun by the first", {.report = false, .sim = rig.iccid(0)});
  rig.until([&] { return std::any_of(rig.air.begin(), rig.air.end(), [](const auto& r) { return r.event == "cmgs"; }); });
  rig.pass(8ms);  // the prompt is not answered yet
  rig.crash(true);
  rig.unplug(0);
  rig.unplug(1);
  CHECK(rig.until([&] { return rig.rows.messages.contains(1) && rig.row(1).state == MessageState::unknown; }, 10s));
  rig.bank.control("plug modem0 sim=modem1", rig.now());
  rig.pass(100ms);
  rig.fault("modem0 prompt");
  CHECK(rig.until([&] { return rig.app().modems()[0].state == "ready"; }, 60s));
  rig.pass(5s);
  LONGS_EQUAL(static_cast<int>(MessageState::unknown), static_cast<int>(rig.row(1).state));
}
