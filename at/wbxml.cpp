#include "at/wbxml.h"

#include <algorithm>
#include <string_view>

#include "at/ucs2.h"

namespace at {
namespace {

// Global tokens of WAP-192 7.1.
constexpr std::uint8_t kEnd = 0x01, kInlineText = 0x03, kTableText = 0x83, kOpaque = 0xC3;
constexpr std::uint8_t kHasAttributes = 0x80;
constexpr std::uint32_t kServiceLoading = 0x06;  // public identifier; 0x05 is a service indication

struct Prefix {
  std::uint8_t token;
  std::string_view text;
};
// Attribute starts: WAP-167 table 5 and WAP-168 table 4. Both begin an address; only their numbers differ.
constexpr Prefix kIndicationHref[] = {
    {0x0B, ""}, {0x0C, "http://"}, {0x0D, "http://www."}, {0x0E, "https://"}, {0x0F, "https://www."}};
constexpr Prefix kLoadingHref[] = {
    {0x08, ""}, {0x09, "http://"}, {0x0A, "http://www."}, {0x0B, "https://"}, {0x0C, "https://www."}};
constexpr Prefix kDomains[] = {{0x85, ".com/"}, {0x86, ".edu/"}, {0x87, ".net/"}, {0x88, ".org/"}};

template <std::size_t N>
const Prefix* find(const Prefix (&prefixes)[N], std::uint8_t token) {
  const auto* found = std::find_if(prefixes, prefixes + N, [&](const Prefix& p) { return p.token == token; });
  return found == prefixes + N ? nullptr : found;
}

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> octets) : octets_(octets) {}

  std::optional<ServiceIndication> read();

 private:
  std::uint8_t octet() { return at_ < octets_.size() ? octets_[at_++] : failure(); }
  std::uint8_t failure() {
    failed_ = true;
    return 0;
  }
  std::uint32_t multi_byte() {
    std::uint32_t value = 0;
    for (int i = 0; i < 5; ++i) {
      const std::uint8_t next = octet();
      value = value << 7 | (next & 0x7Fu);
      if ((next & 0x80) == 0) return value;
    }
    return failure();
  }
  static std::string text_at(std::span<const std::uint8_t> octets, std::size_t from) {
    if (from >= octets.size()) return {};
    const auto rest = octets.subspan(from);
    return {rest.begin(), std::find(rest.begin(), rest.end(), 0)};
  }
  std::string text() {
    std::string out = text_at(octets_, at_);
    at_ += out.size() + 1;
    if (at_ > octets_.size()) failure();
    return out;
  }
  void skip(std::size_t size) {
    if (octets_.size() - at_ < size)
      failure();
    else
      at_ += size;
  }
  void attributes(ServiceIndication*);
  // A piece of text that any value or content may be made of; false: the token is none.
  bool piece(std::uint8_t token, std::string* out);

  std::span<const std::uint8_t> octets_, table_;
  std::size_t at_ = 0;
  bool loading_ = false, failed_ = false;
};

bool Reader::piece(std::uint8_t token, std::string* out) {
  if (token == kInlineText) {
    *out += text();
  } else if (token == kTableText) {
    *out += text_at(table_, multi_byte());
  } else {
    return false;
  }
  return true;
}

void Reader::attributes(ServiceIndication* indication) {
  std::string ignored;
  std::string* to = &ignored;
  while (!failed_) {
    const std::uint8_t token = octet();
    if (token == kEnd) return;
    if (token == kOpaque) {
      skip(multi_byte());
    } else if (const Prefix* start = loading_ ? find(kLoadingHref, token) : find(kIndicationHref, token)) {
      to = &indication->href;
      *to = start->text;
    } else if (const Prefix* domain = find(kDomains, token)) {
      *to += domain->text;
    } else if (!piece(token, to) && token < 0x80) {
      to = &ignored;  // another attribute begins
    }
  }
}

std::optional<ServiceIndication> Reader::read() {
  octet();  // version
  const std::uint32_t public_id = multi_byte();
  const std::uint32_t charset = multi_byte();
  const std::uint32_t table = multi_byte();
  if (failed_ || octets_.size() - at_ < table) return std::nullopt;
  table_ = octets_.subspan(at_, table);
  at_ += table;
  loading_ = public_id == kServiceLoading;
  ServiceIndication indication;
  while (!failed_ && at_ < octets_.size()) {
    const std::uint8_t token = octet();
    if (token == kOpaque)
      skip(multi_byte());
    else if (!piece(token, &indication.text) && token != kEnd && (token & kHasAttributes))
      attributes(&indication);
  }
  indication.href = text_in_charset(charset, indication.href);
  indication.text = text_in_charset(charset, indication.text);
  return indication;
}

}  // namespace

std::string text_in_charset(std::uint32_t charset, const std::string& octets) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(octets.data());
  if (charset == kUcs2 || charset == kUtf16) {
    std::u16string units = ucs2_units(bytes, octets.size());
    while (!units.empty() && units.back() == u'\0') units.pop_back();
    return utf8_from_utf16(units);
  }
  if (charset != kLatin1 && utf8_valid(octets)) return octets;
  std::string out;
  for (const char c : octets) utf8_append(&out, static_cast<unsigned char>(c));
  return out;
}

std::optional<ServiceIndication> read_indication(std::span<const std::uint8_t> body) {
  return Reader(body).read();
}

}  // namespace at
