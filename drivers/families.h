#pragma once

#include <string_view>
#include <vector>

#include "drivers/family.h"

namespace drivers {

const Family& generic();         // any modem that keeps to 27.005 and 27.007
const Family& huawei_stick();    // E1550, E173, E3131, E3372 and their kin, K3715
const Family& huawei_module();   // ME909, MU609, MU709, EM820
const Family& simcom_sim800();   // SIM800, SIM808, SIM868
const Family& simcom_sim900();   // SIM300, SIM900, SIM908
const Family& simcom_sim5320();  // SIM5320, SIM5360
const Family& simcom_sim7600();  // SIM7100, SIM7500, SIM7600
const Family& simcom_a76xx();    // A7670, A7672, A7608, SIM7670, SIM7672
const Family& zte_mf();          // MF100, MF180, MF190, MF626, K3565-Z
const Family& quectel_m95();     // M26, M35, M66, M95, MC60
const Family& quectel_ec2x();    // EC20, EC21, EC25, EG25, EG91, EG95, BG96
const Family& quectel_ec200();   // EC200, EC600, EG800, EG912, EG915
const Family& sierra();          // MC73xx to EM75xx
const Family& telit();           // GL865, HE910, LE910
const Family& ublox();           // LISA, SARA, TOBY, LARA
const Family& cinterion();       // TC35, MC35, MC55, MC75, EHS, PLS
const Family& wavecom();         // Q2403, Q2406, M1206, M1306

std::vector<const Family*> families();  // generic() last
// nullptr if there is none of that name.
const Family* family_named(std::string_view name);
// From the modem's own words; generic() if nobody knows them.
const Family& family_of(std::string_view manufacturer, std::string_view model);
// A line that some family says unasked and that at/urc.h does not list.
bool is_chatter(std::string_view line);

}  // namespace drivers
