// Which of the SIMs that could send now sends this segment. Pure; the reason is kept with the message (`why`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace klaxon {

struct Candidate {             // a SIM in a modem that is in the rotation
  std::string iccid, name;     // name: label or ICCID, for the reason
  int slot = -1;
  bool idle = false;           // can take a segment now
  bool usable = true;          // not suspended, not at its limit
  double used = 0;             // segments over weight
};

struct Need {
  std::string only_iccid;      // asked for by the message, or bound by an earlier part
  bool bound = false;          // only_iccid is because of an earlier part
  std::string avoid_iccid;     // not this one, if there is another
};

struct Pick {
  enum class Kind { chosen, wait, park } kind = Kind::wait;  // park: only_iccid is not there
  std::size_t index = 0;
  std::string why;
};

Pick pick(const Need&, const std::vector<Candidate>&);

// How a refused submit is tried again.
struct Retry {
  bool again = false;
  std::int64_t delay_ms = 0;
  bool elsewhere = false;      // on another SIM, where there is one
  bool plain = false;          // without TP-SRR, TP-VP and class
};

}  // namespace klaxon
