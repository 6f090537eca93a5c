#include "hw/modembank/bank.h"

#include <algorithm>

#include "hw/modembank/identity.h"

namespace modembank {
namespace {

ModemSettings modem_settings(const BankSettings& bank, int k) {
  ModemSettings settings;
  settings.name = "modem" + std::to_string(k);
  settings.imei = identity_of(k).imei;
  const bool odd = k % 2 == 1;
  settings.make =
      bank.family == Family::ec2x || (bank.family == Family::mixed && odd) ? Make::ec2x : Make::generic;
  settings.me_slots = bank.me_slots;
  settings.submit = bank.submit;
  settings.command = bank.command;
  settings.link_setup = bank.link_setup;
  settings.ack_wait = bank.ack_wait;
  settings.seed = bank.seed * 1'000 + static_cast<std::uint64_t>(k);
  return settings;
}

AirSettings air_settings(const BankSettings& bank) {
  AirSettings settings = bank.air;
  settings.seed = bank.seed;
  return settings;
}

}  // namespace

Bank::Bank(const BankSettings& settings) : air_(air_settings(settings)) {
  for (int k = 0; k < settings.modems; ++k) {
    const Identity who = identity_of(k);
    sims_.push_back(std::make_unique<Sim>(who.iccid, who.imsi, who.number, settings.sm_slots));
    const auto pin = settings.pins.find(k);
    if (pin != settings.pins.end()) sims_.back()->pin = pin->second;
    air_.enrol(sims_.back().get());
    slots_.push_back(Slot{
        std::make_unique<SimulatedModem>(modem_settings(settings, k), air_, sims_.back().get()), {}, true, 1});
    if (const auto recording = settings.played.find(k); recording != settings.played.end())
      slots_.back().playback = recording->second;
  }
}

// The port of a recording comes and goes as the recorded one did.
void Bank::follow(Slot& slot) {
  if (slot.plugged == slot.playback->plugged()) return;
  slot.plugged = slot.playback->plugged();
  if (slot.plugged) ++slot.plugs;
}

void Bank::feed(int k, std::string_view bytes, at::Instant now) {
  Slot& slot = slots_[static_cast<std::size_t>(k)];
  if (!slot.playback) return slot.modem->feed(bytes, now);
  slot.playback->feed(bytes, now);
  follow(slot);
}

std::string Bank::take_output(int k, at::Instant now) {
  Slot& slot = slots_[static_cast<std::size_t>(k)];
  if (!slot.playback) return slot.modem->take_output(now);
  std::string bytes = slot.playback->take_output(now);
  follow(slot);
  return bytes;
}

void Bank::tick(at::Instant now) {
  for (Slot& slot : slots_) {
    if (slot.playback) {
      slot.playback->tick(now);
      follow(slot);
      continue;
    }
    const auto due = slot.modem->deadline();
    if (due && *due <= now) slot.modem->tick(now);
  }
}

std::optional<at::Instant> Bank::deadline() const {
  std::optional<at::Instant> first;
  for (const Slot& slot : slots_) {
    const auto due = slot.playback ? slot.playback->deadline() : slot.modem->deadline();
    if (due && (!first || *due < *first)) first = due;
  }
  return first;
}

}  // namespace modembank
