// Texts in a modem's storage, from the notice to the delete: read, hand out, wait for release(), compare,
// delete. Decides which command comes next; the modem gives it its turn. Knows no port, no state of life.
//
// A place is in one of: waiting to be read, held (handed out, maybe released), or nowhere. Nothing is deleted
// that was not released, and nothing but the text that was handed out (27.005 3.5.4 deletes by index alone).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "at/channel.h"
#include "at/params.h"
#include "drivers/modem.h"
#include "drivers/timers.h"

namespace drivers {

// How +CPMS was accepted (27.005 3.2.3).
struct Storages {
  std::vector<std::string> readable;  // are swept; the first takes inbound texts
  std::string current;                // mem1 now
  int arguments = 3;                  // of the form of +CPMS= that works; 0: none, there is but one storage
  std::string own = {};  // where submits are stored first, as mem2; empty: none are, and drafts are let alone
};

class Intake {
 public:
  static constexpr std::size_t kMaxReads = 255;  // waiting; what is more waits for a sweep
  static constexpr std::size_t kMaxHeld = 600;
  static constexpr int kTries = 3;
  static constexpr at::Millis kRetryGap{500};
  static constexpr at::Millis kGhostGap{60'000};  // a text that can't be deleted
  static constexpr at::Millis kSureFor{2'000};    // a text read so recently is deleted without a second look

  explicit Intake(const Timers& timers, int index_base = 0) : timers_(timers), index_base_(index_base) {}

  // The port is gone: the next owner of these places may be another SIM.
  void forget();
  // The modem started anew or was silent: look twice before deleting, and look for what came meanwhile.
  void distrust();
  void configure(Storages, int index_base);
  void notice(const StoredAt&, at::Instant now);
  void release(const StoredAt&, at::Instant now);
  void submitted() { ++submits_; }
  // A submit was written there: what was deleted from this place before is no ghost.
  void stored_anew(int index) { erased_.erase({storages_.own, index}); }
  // A submit of ours lies there until it is released. `sent`: its slot should say so.
  void hold_own(const StoredAt&, std::string hex, bool sent, at::Instant now);
  Storing storing() const;
  // All storages are listed as soon as there is a turn.
  void sweep();
  void sweep(const std::string& mem);

  // What +CPMS told of a storage; std::nullopt: as before.
  void used(const std::string& mem, int count, std::optional<int> total, Events&);

  bool nearly_full() const;  // over 80 %
  std::size_t waiting() const { return reads_.size(); }
  // The next command; std::nullopt if there is nothing to do now. Until completed() no other is given.
  std::optional<at::Command> next(at::Instant now);
  // True: the command read or listed texts or deleted one (and not only switched the storage).
  bool completed(const at::Completed&, at::Instant now, Events&);
  std::optional<at::Instant> deadline() const;

 private:
  enum class Job : std::uint8_t { none, select, read, verify, erase, list };
  struct Reading {
    StoredAt at;
    int tries = 0;
    at::Instant not_before{};
    bool quiet = false;  // asked without a notice: emptiness is no surprise
  };
  struct Held {
    std::string hex;
    at::Instant read_at{};
    unsigned submits = 0;
    bool released = false;
    bool compare = false;
    bool give_again = false;
    bool own = false;           // a submit of ours
    bool to_be_marked = false;  // and its slot has to say STO SENT, or the next is not stored first
    int tries = 0;
    at::Instant not_before{};
  };
  struct Erased {
    std::string hex;
    int times = 0;
  };

  std::optional<at::Command> begin(Job, const StoredAt&);
  std::optional<Reading> next_reading(at::Instant now) const;
  std::optional<StoredAt> next_release(at::Instant now) const;
  void selected(const at::Completed&, Events&);
  void was_read(const at::Completed&, at::Instant now, Events&);
  void was_verified(const at::Completed&, at::Instant now, Events&);
  void was_erased(const at::Completed&, at::Instant now, Events&);
  void was_listed(const at::Completed&, at::Instant now, Events&);
  void listed(const at::CmglHeader&, const std::string& hex, at::Instant now, Events&);
  void own_listed(const StoredAt&, int stat, const std::string& hex, at::Instant now);
  void verify_own(std::map<StoredAt, Held>::iterator, int stat, const std::string& hex, at::Instant now,
                  Events&);
  void read_each(const std::string& mem, at::Instant now);
  void hold(const StoredAt&, std::string hex, at::Instant now, Events&);
  void read_again(at::Instant now, Events&, bool empty);
  void delete_again(const StoredAt&, at::Instant now, Events&, const std::string& why);
  void drop_reading(const StoredAt&);
  Timers timers_;
  int index_base_ = 0;
  Storages storages_;
  Job job_ = Job::none;
  StoredAt job_at_;  // what the running command is about
  std::deque<Reading> reads_;
  std::map<StoredAt, Held> held_;
  std::map<StoredAt, int>
      owed_releases_;  // of texts handed out before forget(): they name a place that is another's now
  std::map<StoredAt, Erased> erased_;  // what was deleted last at a place, to know a ghost
  std::vector<std::string> to_sweep_;
  std::map<std::string, int> refused_;   // storages that could not be selected
  std::map<std::string, int> unlisted_;  // +CMGL without an answer, in a row (some Huawei hang in it)
  bool crowded_ = false;                 // more was listed than can be held
  std::map<std::string, StorageSeen> use_;
  unsigned submits_ = 0;
  std::vector<StoredSubmit> own_seen_;  // by the list that runs
  bool own_known_ = false;              // the storage for our own was listed since configure()
  bool marks_known_ = false;            // a slot was seen to be marked as sent
  bool own_failed_ = false;             // not marked, not listed, or not to be deleted
};

}  // namespace drivers
