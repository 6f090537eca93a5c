// A family of modems as data: what differs between makes, and nothing that runs. The life cycle (modem.h)
// reads these fields and never asks for a name. A quirk is a field, with the firmware it was seen on in its
// comment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/result.h"
#include "at/time.h"
#include "at/ussd.h"

namespace drivers {

// How to ask for the PIN tries that are left. With a prefix, the number is field `field` (from 0) of the line
// that starts so; without one, the answer has the form of 27.007 8.65 or of +QPINC.
struct TriesQuestion {
  std::string line;
  std::string_view prefix = {};
  std::size_t field = 0;
};

struct Family {
  std::string_view name;
  // Recognised by +CGMI (or ATI) starting with one of `manufacturers` and +CGMM starting with one of
  // `models`, any case; "" is any model. Of several families the longest model decides. Without a
  // manufacturer: only by name or as the last resort.
  std::vector<std::string_view> manufacturers;
  std::vector<std::string_view> models;

  at::CmsNumbering cms = at::CmsNumbering::standard;  // of +CMS ERROR from 512 up

  // --- quirks ---
  // TP-MR goes up by one per submit, so the next one tells whether a doubtful one went out.
  bool mr_counts = false;
  bool probe_aborts = false;   // a bare AT during +CMGS aborts it: never probe
  bool cpin_lacks_ok = false;  // no OK comes after "+CPIN: READY": a bare AT is written for one
  at::Millis command_gap{0};   // between a final result and the next command
  at::Millis prompt_gap{0};    // between the prompt and the PDU, whose first octets get lost otherwise
  at::Millis submit_rest{0};   // after a submit every command is refused for so long
  at::Millis busy_for{0};      // storages and indications are refused for so long: asked again every second
  // +CMSS marks the slot as sent (27.005 3.5.2), and a slot that is not marked after a restart was not sent.
  bool store_first = true;
  std::optional<int> act{};  // access technology (27.007 7.3) of one that knows a single one and prints none
  // Texts may be handed over by +CMT and acknowledged by +CNMA (27.005 3.4.4), where that is asked for.
  bool direct = true;
  bool keeps_link = false;  // AT+CMMS is documented for it (27.005 3.5.6)

  // --- commands ---
  std::vector<std::string> settings;  // after ATE0 and +CMEE, in order; what is refused does not matter
  std::vector<std::string> radio_on = {
      "AT+CFUN=1"};               // alternatives, when +CFUN? says that it is off; or none
  std::vector<std::string> cnmi;  // ladder for +CNMI, mt=1 (27.005 3.4.1); the first that is accepted
  std::vector<std::string> mems;  // storages that hold inbound texts; the first takes them
  // Alternatives that let texts travel in the CS domain, for a modem that prefers PS (27.007 10.1.24).
  std::vector<std::string> sms_service = {"AT+CGSMS=3", "AT+CGSMS=1"};
  std::vector<std::string> iccid;        // alternatives; all must work without a PIN
  std::vector<TriesQuestion> pin_tries;  // alternatives
  int index_base = 1;  // lowest index of a storage, where +CMGL is refused and each place is asked for
  std::vector<std::string> resets;        // reboot the modem; one after the other, a minute apart
  std::vector<std::string_view> chatter;  // how lines start that come unasked and that at/urc does not know
  // How a code is spelt for +CUSD: alternatives, the first that is accepted. Of the forms plain and packed.
  std::vector<at::UssdForm> ussd = {at::UssdForm::plain};
};

}  // namespace drivers
