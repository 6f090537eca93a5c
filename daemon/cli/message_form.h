// What a message and a broadcast have in common: their options and their fields in a body.
#pragma once

#include <optional>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/cli/session.h"

namespace klaxon::cli {

// How a text may be written: shared with `preview`.
struct TextForm {
  std::string encoding, national_tables;  // national_tables: languages with commas, or "none"
  std::optional<int> replace_type;
  bool simplify = false;
};

struct MessageForm {
  std::string text;  // "-": from standard input
  bool text_given = false;
  std::string lane, valid_for, send_at, sim, ref, in_doubt;
  bool flash = false, no_report = false, sensitive = false;
  TextForm how;
  std::string idempotency_key;  // empty: a random one
};

void add_text_options(Command, TextForm&);
void put_text_fields(json::object& body, const TextForm&);
void add_form_options(Command, MessageForm&);
// Only what was given: the rest is the daemon's to decide. Reads the text from standard input for "-".
json::object body_of(const MessageForm&, Terminal&);
// The given key, or 128 random bits.
std::string key_of(const MessageForm&);

}  // namespace klaxon::cli
