#include "drivers/families.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace drivers {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool recognises(const Family& family, const std::string& manufacturer, const std::string& model) {
  if (family.manufacturer.empty() || manufacturer.find(lower(family.manufacturer)) == std::string::npos)
    return false;
  return std::any_of(family.models.begin(), family.models.end(),
                     [&](std::string_view m) { return model.starts_with(lower(m)); });
}

}  // namespace

std::vector<const Family*> families() {
  return {&quectel_ec2x(), &generic()};
}

const Family* family_named(std::string_view name) {
  for (const Family* family : families())
    if (family->name == name) return family;
  return nullptr;
}

const Family& family_of(std::string_view manufacturer, std::string_view model) {
  for (const Family* family : families())
    if (recognises(*family, lower(manufacturer), lower(model))) return *family;
  return generic();
}

}  // namespace drivers
