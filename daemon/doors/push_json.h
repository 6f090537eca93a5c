// What a person wants to know of a WAP push among the texts: that a picture message waits, or where a link leads.
#pragma once

#include <boost/json.hpp>

#include "daemon/store/records.h"

namespace klaxon::doors {

// Puts "mms" {from, subject, size, url, class, expires_at} or "link" {url, text} where the text's octets are such a push;
// unknown values are null.
void put_push(const InboxRecord&, boost::json::object*);

}  // namespace klaxon::doors
