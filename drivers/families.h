#pragma once

#include <string_view>
#include <vector>

#include "drivers/family.h"

namespace drivers {

const Family& generic();       // any modem that keeps to 27.005 and 27.007
const Family& quectel_ec2x();  // Quectel EC20, EC21, EC25, EG25, EG91, EG95, BG96

std::vector<const Family*> families();
// nullptr if there is none of that name.
const Family* family_named(std::string_view name);
// From the modem's own words; generic() if nobody knows them.
const Family& family_of(std::string_view manufacturer, std::string_view model);

}  // namespace drivers
