// What a body wants to be sent: text or octets, how they may be written, and how many parts that makes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "at/look_alikes.h"
#include "daemon/dispatch/cutting.h"
#include "daemon/doors/json_body.h"
#include "daemon/doors/message_body.h"

namespace klaxon::doors {

struct Content {
  std::string asked;                      // the text as it was given
  std::vector<at::Replacement> replaced;  // by simplify; the form's text is what is left
  std::optional<CutResult> cut;  // of the recipient's country that takes most parts; none: nothing to cut
};

// text, data, encoding, simplify, national_tables, replace_type. numbers: who gets it; none for a preview to
// nobody. The form is sized when it could be cut. What is wrong with the fields is noted, a text that is too
// long is not.
Content read_content(Fields&, const Rules&, const std::vector<std::string>& numbers, int most_parts,
                     MessageRecord& form);
// Notes what can't be sent as it was cut: too many parts, characters that the encoding lacks.
void check_content(Fields&, const Rules&, const Content&, const MessageRecord& form);

std::string utf8_of(char32_t);                            // one character
boost::json::value language_names(int languages);         // a list; null: as the policy says
boost::json::value tables_json(int locking, int single);  // {"locking", "single"}; null: none

}  // namespace klaxon::doors
