// The SIMs: who they are (ICCID), where they are, what they may still send, how they fared. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/settings.h"
#include "daemon/bank/limits.h"
#include "daemon/store/records.h"

namespace klaxon {

constexpr int kNoSlot = -1;

// A submit whose outcome is not known, as far as a TP-MR can still tell (evidence 4).
struct OpenDoubt {
  Id message = 0;
  std::size_t part = 0;
  int mr_before = -1;     // the SIM's last TP-MR when it began; -1: not known, so TP-MR is no evidence
  bool by_mr = true;      // false once two doubts of one SIM overlap: then a count proves nothing
};

struct Sim {
  SimRecord record;
  const config::Sim* settings = nullptr;
  SimOverrideRecord overrides;
  int slot = kNoSlot;
  LocalTime counted_at;
  struct DayCount { std::int64_t segments = 0, hour = 0, in_hour = 0; };
  std::map<std::string, DayCount> days;  // by day, but for the one of counted_at: a clock that is wrong at first comes back to it
  std::array<std::int64_t, kSpans.size()> sent{};  // segments begun in each Span around counted_at
  double used = 0;                // virtual time: segments over weight; the least used sends next
  std::int64_t usable_ms = 0;     // when it was in the rotation last
  std::vector<OpenDoubt> doubts;
  // Circuit breaker: refusals of class sim or network in a row, to whom.
  std::set<std::string> failed_to;
  int suspensions = 0;
  std::int64_t suspended_until_ms = 0;

  std::string label() const;
  Sourced<std::int64_t> limit(Span, const config::Settings&) const;  // 0: none
  Sourced<double> weight(const config::Settings&) const;
  std::int64_t sent_in(Span span) const { return sent[static_cast<std::size_t>(span)]; }
  bool at_limit(const config::Settings&) const;
  bool suspended(std::int64_t now_ms) const { return now_ms < suspended_until_ms; }
};

class Sims {
 public:
  explicit Sims(const config::Settings& settings) : settings_(settings) {}
  void restore(const std::vector<SimRecord>&, const std::vector<SimDayRecord>&, const std::vector<SimOverrideRecord>&);

  // The SIM that a modem shows; made if it is new. What the settings say of it is found by ICCID, IMSI or modem.
  Sim& seen(const std::string& iccid, const std::string& imsi, const std::string& number, const std::string& modem,
            std::int64_t now_ms);
  Sim* find(const std::string& iccid);
  const Sim* find(const std::string& iccid) const;
  // By label or ICCID, as messages name it; empty if nothing is known by that name.
  std::string resolve(const std::string& label_or_iccid) const;
  const config::Sim* settings_for(const std::string& iccid, const std::string& imsi, const std::string& modem) const;

  static void roll_over(Sim&, const LocalTime&);  // to what was sent in that hour, day and month; of a new one nothing
  void begin_submit(Sim&, const LocalTime&);      // counts
  void undo_submit(Sim&, const LocalTime&);       // nothing was on the wire after all
  // Joins the rotation on equal terms: neither its past lead nor its past lag counts.
  void join_rotation(Sim&);
  // A submit was refused with the SIM or the network to blame: true when the SIM is suspended by it.
  bool count_refusal(Sim&, const std::string& to, std::int64_t now_ms);
  void count_success(Sim& sim);

  std::map<std::string, Sim>& all() { return sims_; }
  const std::map<std::string, Sim>& all() const { return sims_; }

 private:
  const config::Settings& settings_;
  std::map<std::string, Sim> sims_;
};

}  // namespace klaxon
