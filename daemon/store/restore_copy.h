// A backup put in the place of the database, while no daemon runs.
//
// A copy is older than the world. What it holds as queued may have been sent since, so by default it is not
// sent again: it comes back in doubt, for a person to settle. What is to be sent at a time that has not come
// yet stays queued: it can't have gone. A sensitive text is in no copy, so what was owed of those has failed.
#pragma once

#include <cstdint>
#include <string>

#include "at/expected.h"
#include "daemon/store/store.h"

namespace klaxon::store {

enum class Owed {
  hold,  // in doubt
  send   // whoever says so knows that nothing was sent since the copy was made
};

struct RestoreReport {
  std::int64_t copied_ms = 0;  // when the copy was made; 0: not said in it
  std::int64_t messages = 0;
  std::int64_t in_doubt = 0;           // messages that were queued or being submitted, held now
  std::int64_t without_text = 0;       // sensitive ones that were owed: they have failed
  std::int64_t unsent_recipients = 0;  // of broadcasts that had not reached everybody; they get nothing
  std::string kept_in;                 // the folder with what was there before
};

// Checks the copy whole before anything is touched. Failures: a daemon runs there, no klaxon.db, damaged,
// from a newer klaxon, no room. A power cut in the middle leaves the old database or the new one.
at::Expected<RestoreReport, Failure> restore_copy(const std::string& file, const std::string& data_dir,
                                                  std::int64_t now_ms, Owed);

}  // namespace klaxon::store
