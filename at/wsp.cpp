#include "at/wsp.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "at/ucs2.h"
#include "at/wbxml.h"

namespace at {
namespace {

constexpr std::uint8_t kPush = 0x06;          // WAP-230 table 34
constexpr std::uint8_t kNotification = 0x82;  // m-notification-ind
constexpr std::uint8_t kAddressPresent = 0x80;
constexpr std::uint8_t kAbsoluteToken = 0x80;
constexpr std::uint8_t kLengthQuote = 31;  // a uintvar length follows
constexpr std::string_view kMms = "application/vnd.wap.mms-message";
constexpr std::string_view kIndication = "application/vnd.wap.sic";
constexpr std::string_view kLoading = "application/vnd.wap.slc";

// Reads forward; what is missing is empty and sticks.
class Cursor {
 public:
  explicit Cursor(std::span<const std::uint8_t> octets) : octets_(octets) {}

  bool more() const { return !failed_ && at_ < octets_.size(); }
  bool failed() const { return failed_; }
  std::size_t at() const { return at_; }
  std::uint8_t peek() const { return more() ? octets_[at_] : std::uint8_t{0}; }
  std::uint8_t octet() {
    if (more()) return octets_[at_++];
    failed_ = true;
    return 0;
  }
  std::span<const std::uint8_t> take(std::size_t size) {
    if (failed_ || octets_.size() - at_ < size) {
      failed_ = true;
      return {};
    }
    at_ += size;
    return octets_.subspan(at_ - size, size);
  }
  std::span<const std::uint8_t> rest() { return take(failed_ ? 0 : octets_.size() - at_); }

  // WAP-230 8.1.2: seven bits an octet, at most five of them.
  std::uint32_t uintvar() {
    std::uint32_t value = 0;
    for (int i = 0; i < 5; ++i) {
      const std::uint8_t next = octet();
      value = value << 7 | (next & 0x7Fu);
      if ((next & 0x80) == 0) return value;
    }
    failed_ = true;
    return 0;
  }

  // Text-string: up to a NUL; a quote in front keeps it from looking like a number.
  std::string text() {
    const auto from = octets_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, octets_.size()));
    const auto end = std::find(from, octets_.end(), 0);
    if (failed_ || end == octets_.end()) {
      failed_ = true;
      return {};
    }
    at_ += static_cast<std::size_t>(end - from) + 1;
    std::string out(from, end);
    if (!out.empty() && out.front() == '\x7F') out.erase(0, 1);
    return out;
  }

  // Any value (WAP-230 8.4.1.2), passed over or given back whole.
  std::span<const std::uint8_t> value() {
    const std::uint8_t first = peek();
    if (first < kLengthQuote) return take(octet());
    if (first == kLengthQuote) {
      octet();
      return take(uintvar());
    }
    const std::size_t from = at_;
    if (first >= 0x80)
      octet();
    else
      text();
    return failed_ ? std::span<const std::uint8_t>{} : octets_.subspan(from, at_ - from);
  }

 private:
  std::span<const std::uint8_t> octets_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

// Long-integer without its length, or a short one.
std::optional<std::uint32_t> integer(std::span<const std::uint8_t> octets) {
  if (octets.empty() || octets.size() > 4) return std::nullopt;
  if (octets.size() == 1 && octets[0] >= 0x80) return octets[0] & 0x7Fu;
  std::uint32_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8 | octet;
  return value;
}

// Encoded-string-value: a text, or a length, a charset (IANA MIBenum) and a text in it.
std::string encoded_string(Cursor& cursor) {
  if (cursor.peek() > kLengthQuote) return text_in_charset(kUtf8, cursor.text());
  Cursor inner(cursor.value());
  const std::uint32_t charset = integer(inner.value()).value_or(kUtf8);
  const auto octets = inner.rest();
  std::string text(octets.begin(), octets.end());
  const bool wide = charset == kUcs2 || charset == kUtf16;
  if (!wide && !text.empty() && text.back() == '\0') text.pop_back();
  if (!text.empty() && text.front() == '\x7F') text.erase(0, 1);
  return text_in_charset(charset, text);
}

// "+447785328749/TYPE=PLMN"
std::string from(Cursor& cursor) {
  Cursor inner(cursor.value());
  if (inner.octet() != kAddressPresent) return {};
  std::string address = encoded_string(inner);
  if (const auto type = address.find("/TYPE="); type != std::string::npos) address.resize(type);
  return address;
}

void expiry(Cursor& cursor, MmsNotification* mms) {
  Cursor inner(cursor.value());
  const bool absolute = inner.octet() == kAbsoluteToken;
  const auto seconds = integer(inner.value());
  if (!seconds) return;
  (absolute ? mms->expires_unix : mms->expires_after) = *seconds;
}

std::string message_class(Cursor& cursor) {
  static constexpr std::array<std::string_view, 4> kNames{"personal", "advertisement", "informational",
                                                          "auto"};
  if (cursor.peek() < 0x80) return text_in_charset(kUtf8, cursor.text());
  const std::size_t index = cursor.octet() & 0x7Fu;
  return index < kNames.size() ? std::string(kNames[index]) : std::string{};
}

// OMA MMS Encapsulation 1.2, 6.2 and 7.2: the fields that a notice has, in any order; others are passed over.
std::optional<MmsNotification> read_mms(std::span<const std::uint8_t> body) {
  MmsNotification mms;
  bool notification = false;
  for (Cursor cursor(body); cursor.more();) {
    if (cursor.peek() < 0x80) {  // a header by name
      cursor.text();
      cursor.text();
      continue;
    }
    switch (cursor.octet()) {
      case 0x8C:
        notification = cursor.octet() == kNotification;
        break;
      case 0x98:
        mms.transaction_id = text_in_charset(kUtf8, cursor.text());
        break;
      case 0x89:
        mms.from = from(cursor);
        break;
      case 0x96:
        mms.subject = encoded_string(cursor);
        break;
      case 0x8A:
        mms.message_class = message_class(cursor);
        break;
      case 0x8E:
        mms.size = integer(cursor.value());
        break;
      case 0x88:
        expiry(cursor, &mms);
        break;
      case 0x83:
        mms.location = text_in_charset(kUtf8, cursor.text());
        break;
      default:
        cursor.value();
    }
  }
  return notification ? std::optional(std::move(mms)) : std::nullopt;
}

// WAP-230 8.4.2.24: a number or a text, or a length with one of them and parameters behind it.
std::string content_type(Cursor& cursor) {
  const std::uint8_t first = cursor.peek();
  if (first <= kLengthQuote) {
    Cursor inner(cursor.value());
    return inner.peek() <= kLengthQuote ? std::string{} : content_type(inner);
  }
  if (first < 0x80) return cursor.text();
  const std::uint8_t number = cursor.octet() & 0x7F;
  switch (number) {
    case 0x2E:
      return std::string(kIndication);
    case 0x30:
      return std::string(kLoading);
    case 0x3E:
      return std::string(kMms);
    default:
      return "#" + std::to_string(number);
  }
}

}  // namespace

Expected<WapPush, CodecError> decode_wap_push(const Octets& octets) {
  const auto bad = [](std::size_t octet, const char* reason) {
    return Unexpected<CodecError>{{octet, reason}};
  };
  Cursor cursor(octets);
  WapPush push;
  push.transaction = cursor.octet();
  if (cursor.octet() != kPush || cursor.failed()) return bad(1, "no WSP Push");
  const std::uint32_t headers = cursor.uintvar();
  const std::size_t headers_at = cursor.at();
  Cursor inner(cursor.take(headers));
  if (cursor.failed()) return bad(headers_at, "headers longer than the push");
  push.content_type = text_in_charset(kUtf8, content_type(inner));
  if (inner.failed()) return bad(headers_at, "content type cut");
  const auto body = cursor.rest();
  push.body.assign(body.begin(), body.end());
  if (push.content_type == kMms) push.mms = read_mms(body);
  if (push.content_type == kIndication || push.content_type == kLoading)
    push.indication = read_indication(body);
  return push;
}

}  // namespace at
