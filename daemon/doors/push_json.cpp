#include "daemon/doors/push_json.h"

#include "at/wsp.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

json::value size_of(const at::MmsNotification& mms) {
  return mms.size ? json::value(*mms.size) : json::value(nullptr);
}

// Relative to when the text was sent; the SC's clock, else ours.
json::value expiry_of(const at::MmsNotification& mms, const InboxRecord& item) {
  if (mms.expires_unix) return json::string(rfc3339(*mms.expires_unix * 1000));
  if (!mms.expires_after) return nullptr;
  const std::int64_t from = item.sent_ms != 0 ? item.sent_ms : item.received_ms;
  return json::string(rfc3339(from + *mms.expires_after * 1000));
}

}  // namespace

void put_push(const InboxRecord& item, json::object* out) {
  if (item.octets.empty()) return;
  const auto push = at::decode_wap_push(at::Octets(item.octets.begin(), item.octets.end()));
  if (!push) return;
  if (push->mms) {
    const at::MmsNotification& mms = *push->mms;
    (*out)["mms"] = {{"from", text_or_null(mms.from)},
                     {"subject", text_or_null(mms.subject)},
                     {"size", size_of(mms)},
                     {"url", text_or_null(mms.location)},
                     {"class", text_or_null(mms.message_class)},
                     {"expires_at", expiry_of(mms, item)}};
  }
  if (push->indication)
    (*out)["link"] = {{"url", push->indication->href}, {"text", text_or_null(push->indication->text)}};
}

}  // namespace klaxon::doors
