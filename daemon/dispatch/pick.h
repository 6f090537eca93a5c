// Which of the SIMs that could send now sends this segment. Pure; the reason is kept with the message (`why`).
//
// Of those that are free goes first, in this order: one that did not fail this message; one that fares well (no refusals of late,
// signal); the one whose preferred prefix fits most of the number; one at home; the cheaper one; the one that sent least for its weight.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace klaxon {

// What keeps a SIM back, or is worth a word: the gravest.
enum class Remark : std::uint8_t {
  none,
  roaming,
  weak_signal,
  refused_lately,
  near_limit,       // `share` says how near
  pacing,           // its segments are spread over the time of its limits
  kept_for_alerts,  // what is left of a limit
  overdue,          // waits for an answer for longer than usual
  at_limit,
  suspended,        // refusals in a row
};

struct Candidate {                  // a SIM in a modem that is in the rotation
  std::string_view iccid, name;     // name: label or ICCID, for the reason; live as long as the dispatch
  int slot = -1;
  bool idle = false;                // can take a segment now
  bool usable = true;               // not suspended, not at its limit
  bool alerts_only = false;         // what it may still send is for lane alert
  bool later = false;               // in a while for every lane: it is paced
  bool poor = false;                // fails of late, or hardly hears the network
  bool roaming = false;
  double cost = 0;                  // of a segment
  double used = 0;                  // segments over weight
  const std::vector<std::string>* prefers = nullptr;  // beginnings of numbers, "+34"
  Remark remark = Remark::none;
  const char* limit = "";           // near or at which: "today's"
  int share = 0;                    // of that limit, in percent

  std::string_view home = {};       // how numbers of its country begin, without "+"
  std::array<bool, 2> abroad_full{}, recipients_full{};  // for the others, for alerts
  const std::unordered_set<std::int64_t>* met = nullptr; // recipient_key of whom it may go on writing to

  // May it write to that number? Its limits of other countries and of different numbers don't concern everybody.
  bool may_reach(std::string_view to, bool alert) const;
  bool serves(bool alert) const { return usable && (alert || !alerts_only); }
  bool free_for(bool alert) const { return idle && serves(alert) && (alert || !later); }
};

struct Need {
  std::string_view to;              // TP-DA as shown
  bool alert = false;
  std::string only_iccid;           // asked for by the message, or bound by an earlier part
  bool bound = false;               // only_iccid is because of an earlier part
  std::string avoid_iccid;          // not this one, if there is another
  std::string_view sticky_iccid;    // has spoken with that number last; empty: none
  bool patient = false;             // waits for it while it is in the rotation
};

struct Pick {
  enum class Kind { chosen, wait, park } kind = Kind::wait;  // park: until `under` is free, or comes or goes; empty: no SIM may
  std::size_t index = 0;
  std::string why, under{};
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
