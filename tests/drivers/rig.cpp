#include "tests/drivers/rig.h"

#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <cstdio>
#include <utility>

Rig::Rig(std::string family, drivers::Timers timers) : modem(std::move(family), timers) {}

void Rig::collect(drivers::Events more) {
  for (auto& event : more) {
    if (const auto* change = std::get_if<drivers::StateChanged>(&event); change && change->to == drivers::State::ready)
      recorder.became_ready();
    if (release_at_once)
      if (const auto* stored = std::get_if<drivers::StoredPdu>(&event)) modem.release(stored->at, now);
    events.push_back(std::move(event));
  }
}

void Rig::write() {
  const drivers::Output out = modem.take_output(now);
  if (out.close_port) {
    ++closes;
    recorder.closed(now);
    open = false;
    peer.lose_port();
  }
  if (out.open_port) {
    CHECK_FALSE_TEXT(asked, "asked to open before the last time was answered");
    asked = true;
    ++opens;
  }
  if (!out.bytes.empty()) {
    CHECK_TRUE_TEXT(open, "bytes for a closed port");
    recorder.wrote(out.bytes, now);
    peer.read(out.bytes, now);
  }
}

void Rig::answer_open() {
  if (!asked || !present) return;
  asked = false;
  open = true;
  recorder.opened(now);
  collect(modem.port_opened(now));
}

void Rig::turn() {
  collect(modem.tick(now));
  if (next_alert < last_alert && modem.can_take())
    modem.claim({.token = ++next_alert, .pdu_hex = "0001000B914477", .tpdu_octets = 6, .alert = true, .store_first = false}, now);
  write();
}

void Rig::step(at::Instant end) {
  ++turns;
  CHECK_TRUE_TEXT(turns < 200'000, "busy loop");
  if (asked && present) {
    answer_open();
    turn();
    return;
  }
  at::Instant next = end;
  if (const auto t = modem.deadline()) next = std::min(next, *t);
  if (open)
    if (const auto t = peer.next()) next = std::min(next, *t);
  now = std::max(now, next);
  if (const std::string bytes = peer.take(now); !bytes.empty() && open) {
    recorder.heard(bytes, now);
    collect(modem.feed(bytes, now));
  }
  turn();
  if (const auto t = modem.deadline()) CHECK_TRUE_TEXT(*t > now, "a deadline in the past");
}

void Rig::run(at::Millis time) {
  const auto end = now + time;
  turn();
  while (now < end) step(end);
}

bool Rig::run_until(drivers::State state, at::Millis at_most) {
  const auto end = now + at_most;
  turn();
  while (modem.state() != state && now < end) step(end);
  return modem.state() == state;
}

void Rig::plug() {
  present = true;
}

void Rig::unplug(const std::string& why) {
  present = open = false;
  peer.lose_port();
  recorder.lost(now);
  collect(modem.port_closed(why, now));
  write();
}

void Rig::claim_gated(std::uint64_t token, bool alert) {
  CHECK_TRUE_TEXT(modem.can_take(), "the modem can't take a claim");
  const bool stored = store_first && modem.storing() == drivers::Storing::ready;
  modem.claim({.token = token, .pdu_hex = "0001000B914477", .tpdu_octets = 6, .alert = alert, .store_first = stored}, now);
  turn();
}

void Rig::claim(std::uint64_t token, bool alert) {
  CHECK_TRUE_TEXT(modem.can_take(), "the modem can't take a claim");
  const bool stored = store_first && modem.storing() == drivers::Storing::ready;
  modem.claim({.token = token, .pdu_hex = "0001000B914477", .tpdu_octets = 6, .alert = alert, .store_first = stored}, now);
  modem.committed(token, now);
  turn();
}

drivers::SubmitDone Rig::verdict() {
  CHECK_TRUE_TEXT(run_until_event<drivers::SubmitDone>(400s), "no verdict");
  return last<drivers::SubmitDone>();
}

std::string state_of(const Rig& rig) {
  return std::string(drivers::state_name(rig.modem.state()));
}

std::string deliver(int n) {
  char tail[8];
  std::snprintf(tail, sizeof tail, "%04X", n & 0xFFFF);
  return "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC" + std::string(tail);
}
