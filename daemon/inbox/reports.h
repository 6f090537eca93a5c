// Which submit a status report speaks of: SIM, TP-MR, TP-RA and time (23.040 9.2.3.6: TP-MR is one octet and wraps).
// Reports that come before their +CMGS are kept for a while and tried again.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon {

struct PartRef {
  Id message = 0;
  std::size_t part = 0;
  friend bool operator==(const PartRef&, const PartRef&) = default;
};

struct ReportSeen {
  std::string iccid;
  int tp_mr = 0;
  std::string ra;                // TP-RA displayed
  std::int64_t scts_ms = 0;      // 0: unreadable
  std::int64_t discharged_ms = 0;
  int tp_st = 0;
  std::int64_t received_ms = 0;
  // When the SC took the text; where TP-SCTS can't be read, when the report came.
  std::int64_t at_ms() const { return scts_ms != 0 ? scts_ms : received_ms; }
  bool copy_of(const ReportSeen&) const;  // all that the network wrote is the same
};

// The same subscriber, however the network writes the number: equal last nine digits (or all of a shorter one).
bool same_subscriber(std::string_view a, std::string_view b);

class Reports {
 public:
  static constexpr std::size_t kEarly = 1000;               // unmatched ones kept
  static constexpr std::int64_t kEarlyMs = 10 * 60 * 1000;  // and for how long
  static constexpr std::size_t kApplied = 1000;             // remembered, should the network send them twice
  static constexpr std::size_t kReported = 20'000;          // of the life before
  static constexpr std::size_t kGivenUp = 1000;             // submits that were begun again
  static constexpr std::size_t kPerReference = 64;          // submits with one TP-MR on one SIM that still await theirs

  // at_ms: when it was submitted; where its TP-MR is not known (below 0), when it was begun.
  void awaits(const std::string& iccid, int tp_mr, std::string to, std::int64_t at_ms, PartRef);
  void settled(const std::string& iccid, int tp_mr, PartRef);
  // Among submits with this SIM, TP-MR and recipient the one whose time is nearest to TP-SCTS; the oldest without TP-SCTS.
  std::optional<PartRef> match(const ReportSeen&) const;
  // The same among those whose TP-MR is not known: what a slot of the SIM or a person called sent.
  std::optional<PartRef> match_unnumbered(const ReportSeen&) const;
  // By its time it may be about what was begun then: the SC's clock is its own, and it may have tried for a while.
  static bool in_time(const ReportSeen&, std::int64_t begun_ms);

  // What it said is known: a copy of it says nothing, least of all of a doubt to the same subscriber.
  void applied(ReportSeen);
  bool was_applied(const ReportSeen&) const;
  // The life before had a report for this submit: another like it is a copy, until that TP-MR is given out again.
  void was_reported(const std::string& iccid, int tp_mr, std::string to);
  bool seems_copy(const ReportSeen&) const;

  // It was begun again, so nobody awaits its report: one that comes is about nobody else either.
  void gave_up(const std::string& iccid, std::string to, std::int64_t begun_ms);
  // From the beginning of such a submit to TP-SCTS, milliseconds; none: it can't be about one.
  std::optional<std::int64_t> gap_to_given_up(const ReportSeen&) const;

  void keep_early(ReportSeen);
  // The early ones that fit a submit which has just been accepted.
  std::vector<ReportSeen> take_early(const std::string& iccid, int tp_mr, std::string_view to, std::int64_t started_ms);
  // The first early one of which this is true.
  std::optional<ReportSeen> take_early_if(const std::function<bool(const ReportSeen&)>& is_so);
  void drop_early(std::int64_t now_ms);

 private:
  struct Waiting {
    PartRef ref;
    std::string to;
    std::int64_t submitted_ms = 0;
  };
  std::unordered_map<std::string, std::array<std::vector<Waiting>, 256>> waiting_;
  std::unordered_map<std::string, std::vector<Waiting>> unnumbered_;
  std::unordered_map<std::string, std::array<std::vector<std::string>, 256>> reported_;  // to whom, by SIM and TP-MR
  std::size_t reported_count_ = 0;
  struct GivenUp {
    std::string iccid, to;
    std::int64_t begun_ms = 0;
  };
  std::deque<GivenUp> given_up_;
  std::deque<ReportSeen> early_, applied_;
};

}  // namespace klaxon
