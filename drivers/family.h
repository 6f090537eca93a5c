// A family of modems as data: what differs between makes, and nothing that runs. The life cycle (modem.h)
// reads these fields and never asks for a name. A quirk is a field, with the firmware it was seen on in its
// comment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "at/result.h"

namespace drivers {

struct Family {
  std::string_view name;
  // Recognised by AT+CGMI holding `manufacturer` and AT+CGMM starting with one of `models` (any case).
  // Without a manufacturer: only by name or as the last resort.
  std::string_view manufacturer;
  std::vector<std::string_view> models;

  at::CmsNumbering cms = at::CmsNumbering::standard;  // of +CMS ERROR from 512 up
  bool mr_counts =
      false;  // TP-MR goes up by one per submit, so the next one tells whether a doubtful one went out
  bool probe_aborts = false;  // a bare AT during +CMGS aborts it: never probe

  std::vector<std::string> settings;   // after ATE0 and +CMEE, in order; what is refused does not matter
  std::vector<std::string> cnmi;       // ladder for +CNMI, mt=1 (27.005 3.4.1); the first that is accepted
  std::vector<std::string> mems;       // storages that hold inbound texts; the first takes them
  std::vector<std::string> iccid;      // alternatives; all must work without a PIN
  std::vector<std::string> pin_tries;  // alternatives for "how many tries are left"
  int index_base = 1;      // lowest index of a storage, where +CMGL is refused and each place is asked for
  std::string_view reset;  // reboots the modem
};

}  // namespace drivers
