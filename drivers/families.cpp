#include "drivers/families.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>

namespace drivers {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// The length of the longest of `starts` with which the text begins.
std::optional<std::size_t> longest_start(const std::vector<std::string_view>& starts,
                                         const std::string& text) {
  std::optional<std::size_t> longest;
  for (std::string_view start : starts)
    if (text.starts_with(lower(start))) longest = std::max(longest.value_or(0), start.size());
  return longest;
}

}  // namespace

std::vector<const Family*> families() {
  return {&huawei_stick(),   &huawei_module(), &simcom_sim800(), &simcom_sim900(), &simcom_sim5320(),
          &simcom_sim7600(), &simcom_a76xx(),  &zte_mf(),        &quectel_m95(),   &quectel_ec2x(),
          &quectel_ec200(),  &sierra(),        &telit(),         &ublox(),         &cinterion(),
          &wavecom(),        &generic()};
}

const Family* family_named(std::string_view name) {
  for (const Family* family : families())
    if (family->name == name) return family;
  return nullptr;
}

const Family& family_of(std::string_view manufacturer, std::string_view model) {
  const Family* best = &generic();
  std::optional<std::size_t> best_length;
  for (const Family* family : families()) {
    if (!longest_start(family->manufacturers, lower(manufacturer))) continue;
    const auto length = longest_start(family->models, lower(model));
    if (!length || (best_length && *length <= *best_length)) continue;
    best = family;
    best_length = length;
  }
  return *best;
}

bool is_chatter(std::string_view line) {
  for (const Family* family : families())
    for (std::string_view start : family->chatter)
      if (line.starts_with(start)) return true;
  return false;
}

}  // namespace drivers
