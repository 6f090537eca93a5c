// The bodies of what people edit: groups, keywords, tokens, SIMs; and the small ones beside them.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <optional>
#include <string>

#include "daemon/app/face.h"
#include "daemon/doors/message_body.h"
#include "daemon/doors/problem.h"

namespace klaxon::doors {

// A name that is also an id in lists and paths: 1 to 64 letters, digits, - and _.
bool plain_name(std::string_view);

// name and word come from the path; a field of that name in the body must say the same.
// A number, or a contact by name as it is; none: neither.
std::optional<std::string> member_of(const std::string& text, const Rules&);
GroupRecord read_group(const boost::json::value& body, const std::string& name, const Rules&,
                       FieldErrors& errors);
// secret: its form only; whether the file can be read is the appliance's to say.
KeywordRecord read_keyword(const boost::json::value& body, const std::string& word, const Rules&,
                           FieldErrors& errors);
SimChange read_sim_change(const boost::json::value& body, FieldErrors& errors);
TokenRecord read_token(const boost::json::value& body, FieldErrors& errors);
std::string read_unlock(const boost::json::value& body, const Rules&, FieldErrors& errors);  // the number
std::optional<bool> read_settle(const boost::json::value& body, FieldErrors& errors);        // true: as sent

// The word as it is kept and matched: upper case. std::nullopt when it is not one word (blanks, punctuation
// or quotes around it) or longer than 64 octets.
std::optional<std::string> keyword_word(const std::string&);

}  // namespace klaxon::doors
