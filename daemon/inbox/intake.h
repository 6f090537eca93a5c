// What a SIM gave us, made into rows: decoded, held against what was seen before, masked where it holds a secret, joined.
// Pure: the caller writes the rows and lets the SIM's copy go only after they are on disk.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "at/assembler.h"
#include "daemon/automation/keywords.h"
#include "daemon/inbox/reports.h"
#include "daemon/store/records.h"

namespace klaxon {

struct ReadPdu {
  std::string iccid, modem;
  std::string mem;            // empty: pushed, not stored
  int index = -1;
  std::string hex;
  std::int64_t received_ms = 0;
};

struct Whole {                // a text as people see it; its id is given when it is written
  InboxRecord item;
  std::vector<Id> parts;
  std::uint8_t verdict = 0;   // of its secret: 0 none, 1 right, 2 wrong
  at::PartKey key;
  bool joined = false;        // of several parts: key means something
};

struct Taken {
  enum class Kind { part, duplicate, report, discarded } kind = Kind::discarded;
  std::optional<InboundPartRecord> part;  // to be written
  std::optional<ReportSeen> report;
  std::vector<Whole> whole;               // in order
};

class Intake {
 public:
  static constexpr std::int64_t kKeepKeysMs = 7LL * 24 * 3600 * 1000;  // an SC repeats what it thinks was not taken
  static constexpr std::size_t kKeys = 200'000;

  explicit Intake(const Keywords& keywords);
  void restore(const std::vector<std::uint64_t>& keys, const std::vector<InboundPartRecord>& open_parts,
               std::int64_t now_ms);

  // next_part_id is taken (and moved on) when a part is to be written.
  Taken take(const ReadPdu&, Id* next_part_id);
  std::vector<Whole> expire(std::int64_t now_ms);
  std::optional<std::int64_t> next_expiry_ms() const { return assembler_.next_expiry_ms(); }
  // The inbox item under which an incomplete text was given out; 0 if it was not (or in an earlier life).
  Id given_out_as(const at::PartKey&) const;
  void note_given_out(const at::PartKey&, Id item);

 private:
  struct KeptPart {
    std::uint8_t verdict = 0;
    std::string defects;
    std::int64_t sent_ms = 0;
    std::string sender;
    std::string iccid;
  };
  bool is_known(std::uint64_t key) const { return known_.contains(key); }
  void remember(std::uint64_t key, std::int64_t now_ms);
  Taken undecodable(const ReadPdu&, const std::string& why, Id* next_part_id);
  void mask_secret(InboundPartRecord&, std::string* text) const;
  Whole single(const InboundPartRecord&, std::string text) const;
  Whole whole_of(const at::Joined&, std::int64_t now_ms);

  const Keywords& keywords_;
  at::Assembler assembler_;
  std::unordered_set<std::uint64_t> known_;
  std::deque<std::pair<std::int64_t, std::uint64_t>> known_by_age_;
  std::map<Id, KeptPart> kept_;              // of parts in the assembler
  std::map<at::PartKey, Id> given_out_;
};

}  // namespace klaxon
