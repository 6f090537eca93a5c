#include "daemon/dispatch/sticky.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace klaxon {

namespace {
constexpr std::size_t kMostSims = 4'096;  // in one life
std::uint64_t key_of(std::string_view number) {
  return std::hash<std::string_view>{}(number);
}
}  // namespace

std::uint16_t Sticky::index_of(std::string_view iccid) {
  const auto at = std::find(iccids_.begin(), iccids_.end(), iccid);
  if (at == iccids_.end()) iccids_.emplace_back(iccid);
  return static_cast<std::uint16_t>(at == iccids_.end() ? iccids_.size() - 1
                                                        : static_cast<std::size_t>(at - iccids_.begin()));
}

void Sticky::spoke(std::string_view number, std::string_view iccid) {
  if (number.empty() || iccid.empty() || half_ == 0) return;
  if (iccids_.size() == kMostSims && std::find(iccids_.begin(), iccids_.end(), iccid) == iccids_.end())
    return;
  if (recent_.size() >= half_ && !recent_.contains(key_of(number))) older_ = std::exchange(recent_, {});
  recent_[key_of(number)] = index_of(iccid);
}

void Sticky::spoke_before(std::string_view number, std::string_view iccid) {
  if (sim_of(number).empty() && recent_.size() < half_) spoke(number, iccid);
}

void Sticky::did_not_speak(std::string_view number) {
  recent_.erase(key_of(number));
  older_.erase(key_of(number));
}

std::string_view Sticky::sim_of(std::string_view number) const {
  for (const auto* half : {&recent_, &older_})
    if (const auto at = half->find(key_of(number)); at != half->end()) return iccids_[at->second];
  return {};
}

}  // namespace klaxon
