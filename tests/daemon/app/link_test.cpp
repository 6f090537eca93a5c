// Links that are kept open while several texts wait for a SIM.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::count;
using rig::kAna;

namespace {

rig::Options linked(config::Link link, int modems = 1) {
  rig::Options options{.modems = modems, .family = modembank::Family::generic};
  options.settings = [link](config::Settings& settings) { settings.sim_defaults.link = link; };
  options.bank = [](modembank::BankSettings& bank) {
    bank.submit = modembank::Latency::constant(1s);
    bank.link_setup = modembank::Latency::constant(2s);
  };
  return options;
}

std::vector<std::string> people(int count) {
  std::vector<std::string> out;
  for (int k = 0; k < count; ++k) out.push_back("+4479" + std::to_string(30'000'000 + k));
  return out;
}

// From the first AT+CMGS until so many were on the air.
std::chrono::milliseconds time_of(Rig& rig, int segments) {
  CHECK(rig.until([&] { return static_cast<int>(rig.on_air().size()) >= segments; }, 10min));
  const auto first = std::find_if(rig.air.begin(), rig.air.end(), [](const auto& r) { return r.event == "cmgs"; });
  return std::chrono::duration_cast<std::chrono::milliseconds>(rig.now() - first->at);
}

}  // namespace

TEST_GROUP(LinkStories){};

TEST(LinkStories, a_list_saves_the_set_ups_and_costs_one_command) {
  std::chrono::milliseconds took[2];
  for (const bool on : {false, true}) {
    Rig rig(linked(on ? config::Link::on : config::Link::off));
    rig.ready();
    rig.pass(2s);
    rig.send_list(people(20), "news", {.report = false});
    took[on] = time_of(rig, 20);
    LONGS_EQUAL(on ? 1 : 0, count(rig, "cmms"));
    LONGS_EQUAL(20, count(rig, "cmgs"));
  }
  CHECK(took[0] - took[1] >= 19 * 2s - 200ms);
  CHECK(took[1] <= 20 * 1s + 2s + 20 * 50ms);
}

TEST(LinkStories, by_default_a_family_that_nobody_vouches_for_keeps_none) {
  Rig rig(linked(config::Link::automatic));
  rig.ready();
  rig.send_list(people(5), "news", {.report = false});
  time_of(rig, 5);
  LONGS_EQUAL(0, count(rig, "cmms"));
}

TEST(LinkStories, the_parts_of_one_message_share_a_link) {
  Rig rig(linked(config::Link::on));
  rig.ready();
  rig.pass(2s);
  rig.send(kAna, std::string(600, 'x'), {.report = false});
  CHECK(time_of(rig, 4) <= 2s + 4 * 1s + 4 * 60ms);
}

TEST(LinkStories, a_network_that_breaks_them_gets_each_text_once) {
  Rig rig(linked(config::Link::on));
  rig.ready();
  rig.pass(2s);
  STRCMP_EQUAL("ok", rig.fault("modem0 cmms 6").c_str());
  rig.send_list(people(40), "news", {.report = false});
  const auto all_sent = [&] {
    return rig.rows.messages.size() == 40 &&
           std::all_of(rig.rows.messages.begin(), rig.rows.messages.end(),
                       [](const auto& row) { return row.second.state == MessageState::submitted; });
  };
  CHECK_TEXT(rig.until(all_sent, 10min), rig.tail_of_notes(20).c_str());
  LONGS_EQUAL(40, static_cast<long>(rig.on_air().size()));
  CHECK(rig.noted("a link that was kept open broke"));
  CHECK_TEXT(count(rig, "cmms") <= 8, "it gives up for a while, each time for longer");
}
