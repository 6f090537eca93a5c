#include "hw/modembank/sim.h"

#include <algorithm>

namespace modembank {

int Storage::used() const {
  return static_cast<int>(std::count_if(slots_.begin(), slots_.end(), [](const Slot& s) { return s.taken; }));
}

int Storage::add(Stored stored) {
  const auto free = std::find_if(slots_.begin(), slots_.end(), [](const Slot& s) { return !s.taken; });
  if (free == slots_.end()) return -1;
  *free = Slot{true, std::move(stored)};
  return static_cast<int>(free - slots_.begin());
}

Stored* Storage::at(int slot) {
  if (!has(slot) || !slots_[static_cast<std::size_t>(slot)].taken) return nullptr;
  return &slots_[static_cast<std::size_t>(slot)].stored;
}

bool Storage::erase(int slot) {
  if (at(slot) == nullptr) return false;
  slots_[static_cast<std::size_t>(slot)] = Slot{};
  return true;
}

}  // namespace modembank
