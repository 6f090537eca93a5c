// Inbound parts joined in any order (23.040 9.2.3.24.1). Pure; the caller gives every part its own id and keeps it on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "at/tpdu.h"

namespace at {

struct PartKey {       // what makes two parts belong together
  std::string line;    // the SIM (ICCID)
  std::string sender;  // TP-OA as displayed, with its TON in front: "1:+4477.."
  std::uint8_t reference_bits = 8;
  std::uint16_t reference = 0;
  std::uint8_t total = 1;
  friend auto operator<=>(const PartKey&, const PartKey&) = default;
};

struct Part {
  std::uint64_t id = 0;          // the caller's
  std::uint8_t sequence = 1;     // 1-based
  Alphabet alphabet = Alphabet::gsm7;
  Octets units;                  // as in UserData
  std::int64_t received_ms = 0;  // caller's clock, Unix
  Gsm7Tables tables{};           // of gsm7 units
};

struct Joined {
  PartKey key;
  std::vector<std::uint64_t> part_ids;  // in sequence order
  std::vector<int> missing;             // sequence numbers; empty: complete
  bool released_before = false;         // an incomplete form of this set was given out earlier
  bool octets = false;                  // all 8-bit: the text is empty and data holds them; text and 8-bit mixed: both
  std::string text;
  Octets data;
};

// Decodes runs of parts of one alphabet and the same tables together, so that a surrogate pair or an escape cut in two is whole again.
std::string join_text(const std::vector<Part>& in_sequence_order);

class Assembler {
 public:
  struct Times {
    std::int64_t release_ms;  // an incomplete set is given out when its newest part is this old
    std::int64_t forget_ms;   // and forgotten (late parts no longer complete it) when it is this old
  };
  // max_open: sets kept at once; one more gives out (if not yet) and forgets the one whose newest part is oldest.
  explicit Assembler(Times, std::size_t max_open = 10000);
  Assembler(const Assembler&) = delete;
  Assembler& operator=(const Assembler&) = delete;

  // What the part completes or pushes out, in order. A complete set is forgotten. The same sequence with other units
  // means that the reference was used anew: the old set comes out incomplete (unless it did already) and a new one starts.
  // The same units again are a repeat: dropped, *repeat_of gets the first one's id.
  // A part that joins a set given out before without completing it makes the set due again.
  std::vector<Joined> add(const PartKey&, Part, std::optional<std::uint64_t>* repeat_of = nullptr);
  // After a restart: as add, but nothing comes out before the next add or expire, above the bound neither.
  // released: the part was in what was given out before.
  void restore(const PartKey&, Part, bool released);
  std::vector<Joined> expire(std::int64_t now_ms);
  std::optional<std::int64_t> next_expiry_ms() const;  // the next moment at which expire() does something
  std::size_t open() const { return sets_.size(); }

 private:
  struct Set {
    std::map<std::uint8_t, Part> parts;
    std::int64_t newest_ms = 0;
    bool released = false;  // given out once
    bool waits = true;      // holds a part that was not given out
  };
  using Sets = std::map<PartKey, Set>;
  struct Older {  // equal ages by key, so that the order is the same in every run
    using Entry = std::pair<std::int64_t, const PartKey*>;
    bool operator()(const Entry& a, const Entry& b) const {
      return a.first != b.first ? a.first < b.first : *a.second < *b.second;
    }
  };
  using ByAge = std::set<Older::Entry, Older>;  // newest part; the key lives in sets_

  static Joined join(const PartKey&, const Set&);
  ByAge& queue_of(const Set& set) { return set.waits ? waiting_ : given_out_; }
  void insert(Sets::iterator, Part, bool released);
  void erase(Sets::iterator);
  Joined release(Sets::iterator);
  void evict(std::vector<Joined>* out);

  Times times_;
  std::size_t max_open_;
  Sets sets_;
  ByAge waiting_, given_out_;
};

}  // namespace at
