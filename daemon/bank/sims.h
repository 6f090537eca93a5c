// The SIMs: who they are (ICCID), where they are, what they may still send, how they fared. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "at/time.h"
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
  PerQuota<std::int64_t> sent{};  // begun around counted_at; of recipients: how many are met
  // What the times before counted_at saw, also those that a wrong clock has shown: it may come back to them.
  struct DayCount { std::int64_t segments = 0, abroad = 0; };
  std::map<std::string, DayCount> days;          // by day
  std::map<std::int64_t, std::int64_t> hours, minutes;  // since 1970 by the clock of `timezone`
  std::map<std::string, std::unordered_set<std::int64_t>> met;  // by month, recipient_key of whom it wrote to, where that is limited
  double used = 0;                // virtual time: segments over weight; the least used sends next
  std::int64_t usable_ms = 0;     // when it was in the rotation last
  std::vector<OpenDoubt> doubts;
  // Circuit breaker: refusals of class sim or network in a row, to whom.
  std::set<std::string> failed_to;
  int suspensions = 0;
  at::Instant suspended_until{};
  std::int64_t abroad_today = 0;
  const std::unordered_set<std::int64_t>* met_now = nullptr;  // of met, in the month of counted_at
  std::string home;               // how numbers of its country begin, without "+"
  double failing = 0;             // how much of what was tried lately failed by this SIM; 0 to 1
  std::optional<at::Instant> begun_at, begun_before;  // the newest submit and the one before it: its pace counts from here
  std::uint64_t present_at = 0;   // the refresh of candidates that it was one of last
  bool in_rotation = false, for_all = false;  // as the last dispatch saw it: for alerts at least, for every lane
  bool parked_next = true;        // of what waits for it and what any SIM may send, in turn

  static constexpr double kPoor = 0.25;

  std::string label() const;
  Sourced<std::int64_t> limit(Quota, const config::Settings&) const;  // 0: none
  int month_starts(const config::Settings&) const;
  Sourced<double> weight(const config::Settings&) const;
  double cost(const config::Settings&) const;
  bool paced(const config::Settings&) const;
  // When it may go on, by the limits and the counts of now; none: it is not paced.
  std::optional<at::Instant> paced_until(const config::Settings&, const LocalTime& now) const;
  double alert_reserve(const config::Settings&) const;               // share of each limit
  bool stores_first(const config::Settings&) const;
  bool receives_directly(const config::Settings&) const;
  bool keeps_link(const config::Settings&, bool family_does) const;
  const std::vector<std::string>* prefers(const config::Settings&) const;  // nullptr: nobody
  const std::string& name() const;                                   // label or ICCID
  SimDayRecord day_record() const;                                   // what a restart has to know of its counts
  std::int64_t sent_in(Quota quota) const { return sent[index_of(quota)]; }
  bool at_limit(const config::Settings&) const;
  std::int64_t room(const config::Settings&) const;                  // segments that its limits let go now; of no limit: very many
  // How much of a limit is used, for lane alert or for the others, whose part is smaller. 1 and above: all of it. No limit: nothing.
  double used_of(Quota, const config::Settings&, bool alert) const;
  struct Used { double share = 0; Quota quota = Quota::day; };
  Used most_used(const config::Settings&, bool alert) const;  // of those that no number is exempt from
  bool poor() const { return failing > kPoor; }
  bool suspended(at::Instant now) const { return now < suspended_until; }
};

class Sims {
 public:
  explicit Sims(const config::Settings& settings) : settings_(settings) {}
  Sims(const Sims&) = delete;
  Sims& operator=(const Sims&) = delete;
  void restore(const std::vector<SimRecord>&, const std::vector<SimDayRecord>&, const std::vector<SimOverrideRecord>&,
               const std::vector<SimRecipientRecord>& = {});

  // The SIM that a modem shows; made if it is new. What the settings say of it is found by ICCID, IMSI or modem.
  Sim& seen(const std::string& iccid, const std::string& imsi, const std::string& number, const std::string& modem,
            std::int64_t now_ms);
  Sim* find(const std::string& iccid);
  const Sim* find(const std::string& iccid) const;
  // By label or ICCID, as messages name it; empty if nothing is known by that name.
  std::string resolve(const std::string& label_or_iccid) const;
  const config::Sim* settings_for(const std::string& iccid, const std::string& imsi, const std::string& modem) const;

  void roll_over(Sim&, const LocalTime&) const;  // to what was sent in that minute, hour, day and month; of a new one nothing
  // Counts, also for its pace. What it gives is to be kept: a recipient who is new in a month where they are counted.
  std::optional<SimRecipientRecord> begin_submit(Sim&, const std::string& to, const LocalTime&, at::Instant now = {});
  void undo_submit(Sim&, const std::string& to, const LocalTime& begun);  // nothing was on the wire after all
  // Joins the rotation on equal terms: neither its past lead nor its past lag counts.
  void join_rotation(Sim&);
  // A submit was refused with the SIM or the network to blame: true when the SIM is suspended by it.
  bool count_refusal(Sim&, const std::string& to, at::Instant now);
  void count_success(Sim& sim);
  void count_failure(Sim& sim);   // refused or not answered, with nobody's number to blame

  std::map<std::string, Sim>& all() { return sims_; }
  const std::map<std::string, Sim>& all() const { return sims_; }

 private:
  std::string home_of(const std::string& number) const;

  const config::Settings& settings_;
  Sim& made(const std::string& iccid);

  std::map<std::string, Sim> sims_;
  std::unordered_map<std::string, Sim*> by_iccid_;  // of all, for find()
};

}  // namespace klaxon
