// What a text to port 2948 holds: a WSP Push (WAP-230 8.2.4) and in it, mostly, the notice that a picture
// message can be fetched (OMA MMS Encapsulation 1.2, 6.2). Reading only; the parts of the text must be joined
// first. Total: any octets give a value or a CodecError.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "at/address.h"
#include "at/expected.h"
#include "at/gsm7.h"

namespace at {

constexpr std::uint16_t kWapPushPort = 2948;  // and 2949, its secure twin

struct MmsNotification {  // m-notification-ind; a field that is not there is empty
  std::string transaction_id;
  std::string from;           // as the sender's centre wrote it, without "/TYPE=PLMN"
  std::string subject;        // UTF-8
  std::string location;       // X-Mms-Content-Location: what to fetch
  std::string message_class;  // "personal", "advertisement", "informational", "auto" or a name of its own
  std::optional<std::uint32_t> size;          // octets of the whole message
  std::optional<std::int64_t> expires_unix;   // seconds; one of the two
  std::optional<std::int64_t> expires_after;  // seconds from when it was sent
};

struct ServiceIndication {  // WAP-167; a service loading (WAP-168) has an address alone
  std::string href, text;
};

struct WapPush {
  std::uint8_t transaction = 0;
  std::string
      content_type;  // "application/vnd.wap.mms-message", or "#46" for a number that is not known here
  Octets body;
  std::optional<MmsNotification> mms;
  std::optional<ServiceIndication> indication;
};

// Octets of the user data, without UDH.
Expected<WapPush, CodecError> decode_wap_push(const Octets&);

}  // namespace at
