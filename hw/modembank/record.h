// One line of the air's log: what went on the air, what reached a SIM, what was read and deleted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "at/time.h"

namespace modembank {

struct Record {
  std::string event;  // "submit", "deliver", "cmgr", … (README.md lists them)
  at::Instant at{};
  std::string modem;  // "modem0"; empty when no modem had part in it
  std::string iccid;

  struct Submitted {
    std::string da, text, alphabet;
    int tp_mr = 0;
    struct Segment {
      int ref, total, seq;
    };
    std::optional<Segment> segment;
    bool srr = false;
    std::optional<int> vp;  // TP-VP relative, as it was written
  };
  std::optional<Submitted> submit;

  std::string mem;  // "SM", with index as the modem counts
  int index = -1;
  std::uint64_t inbound = 0;  // number of the inbound message or report, from 1
  std::string pdu;
};

// unix_ms: what Record.at is on the wall clock.
std::string to_json(const Record&, std::int64_t unix_ms);
std::string json_string(std::string_view);  // with its quotes

}  // namespace modembank
