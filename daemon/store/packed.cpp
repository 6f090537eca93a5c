#include "daemon/store/packed.h"

#include <algorithm>

namespace klaxon::store {
namespace {

constexpr char kVersion = 1;
constexpr char kMessageVersion = 2;  // since 2: visit_message_2 behind the parts

// Integers are zigzag varints (7 bits a byte, low ones first), strings have their length in front.
class Packer {
 public:
  explicit Packer(char version = kVersion) : bytes_(1, version) {}
  void number(std::int64_t value) {
    auto left = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    for (; left >= 0x80; left >>= 7) bytes_.push_back(static_cast<char>(left | 0x80));
    bytes_.push_back(static_cast<char>(left));
  }
  void text(std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    bytes_.append(value);
  }
  void operator()(const std::string& value) { text(value); }
  template <class T>
  void operator()(const T& value) {
    number(static_cast<std::int64_t>(value));
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes, char newest = kVersion) : left_(bytes) {
    good_ = !left_.empty() && left_.front() >= kVersion && left_.front() <= newest;
    if (!good_) return;
    version_ = left_.front();
    left_.remove_prefix(1);
  }
  char version() const { return version_; }
  std::int64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
    }
    good_ = false;
    return 0;
  }
  // How many items follow; each takes a byte at least, which bounds a damaged count.
  std::size_t count() {
    const std::int64_t items = number();
    if (items < 0 || static_cast<std::uint64_t>(items) > left_.size()) good_ = false;
    return good_ ? static_cast<std::size_t>(items) : 0;
  }
  void operator()(std::string& value) {
    const std::size_t size = count();
    value.assign(left_.substr(0, size));
    left_.remove_prefix(size);
  }
  template <class T>
  void operator()(T& value) {
    value = static_cast<T>(number());
  }
  bool good() const { return good_; }
  bool whole() const { return good_ && left_.empty(); }

 private:
  std::string_view left_;
  char version_ = 0;
  bool good_;
};

// One list of fields for both directions. Order and number
// are the format: add at the end, with a new version.
template <class Visitor, class Part>
void visit_part(Visitor& visit, Part& part) {
  visit(part.state);
  visit(part.iccid);
  visit(part.modem);
  visit(part.tp_mr);
  visit(part.started_ms);
  visit(part.submitted_ms);
  visit(part.delivered_ms);
  visit(part.tp_st);
}

template <class Visitor, class Message>
void visit_message(Visitor& visit, Message& message) {
  visit(message.id);
  visit(message.owner);
  visit(message.broadcast);
  visit(message.to);
  visit(message.text);
  visit(message.octets);
  visit(message.lane);
  visit(message.encoding);
  visit(message.flash);
  visit(message.report);
  visit(message.valid_for_ms);
  visit(message.send_at_ms);
  visit(message.sim);
  visit(message.in_doubt);
  visit(message.ref);
  visit(message.concat_reference);
  visit(message.created_ms);
  visit(message.durable_late);
  visit(message.state);
  visit(message.due_ms);
  visit(message.attempts);
  visit(message.submitted_ms);
  visit(message.delivered_ms);
  visit(message.in_doubt_ms);
  visit(message.unconfirmed);
  visit(message.error_code);
  visit(message.error_text);
  visit(message.why);
  visit(message.avoid_iccid);
  visit(message.plain);
}

template <class Visitor, class Message>
void visit_message_2(Visitor& visit, Message& message) {
  visit(message.replace_type);
  visit(message.languages);
  visit(message.locking);
  visit(message.single);
}

// A part that was never begun is one byte: nearly every row that is inserted has nothing else.
constexpr std::int64_t kFresh = 0, kTouched = 1;

void pack_part_list(Packer& pack, const std::vector<PartRecord>& parts) {
  pack.number(static_cast<std::int64_t>(parts.size()));
  for (const PartRecord& part : parts) {
    const bool fresh = part == PartRecord{};
    pack.number(fresh ? kFresh : kTouched);
    if (!fresh) visit_part(pack, part);
  }
}

void unpack_part_list(Unpacker& unpack, std::vector<PartRecord>* out) {
  const std::size_t parts = unpack.count();
  out->reserve(parts);
  for (std::size_t i = 0; i < parts && unpack.good(); ++i) {
    PartRecord part;
    if (unpack.number() == kTouched) visit_part(unpack, part);
    out->push_back(std::move(part));
  }
}

}  // namespace

std::string pack_parts(const std::vector<PartRecord>& parts) {
  Packer pack;
  pack_part_list(pack, parts);
  return pack.take();
}

std::string pack_strings(const std::vector<std::string>& strings) {
  Packer pack;
  pack.number(static_cast<std::int64_t>(strings.size()));
  for (const std::string& value : strings) pack.text(value);
  return pack.take();
}

std::string pack_numbers(const std::vector<std::int64_t>& numbers) {
  Packer pack;
  pack.number(static_cast<std::int64_t>(numbers.size()));
  for (const std::int64_t value : numbers) pack.number(value);
  return pack.take();
}

std::string pack_message(const MessageRecord& message) {
  Packer pack(kMessageVersion);
  visit_message(pack, message);
  pack_part_list(pack, message.parts);
  visit_message_2(pack, message);
  return pack.take();
}

bool unpack_parts(std::string_view bytes, std::vector<PartRecord>* out) {
  out->clear();
  Unpacker unpack(bytes);
  unpack_part_list(unpack, out);
  if (!unpack.whole()) out->clear();
  return unpack.whole();
}

bool unpack_strings(std::string_view bytes, std::vector<std::string>* out) {
  out->clear();
  Unpacker unpack(bytes);
  const std::size_t strings = unpack.count();
  out->resize(strings);
  for (std::string& value : *out) unpack(value);
  if (!unpack.whole()) out->clear();
  return unpack.whole();
}

bool unpack_numbers(std::string_view bytes, std::vector<std::int64_t>* out) {
  out->clear();
  Unpacker unpack(bytes);
  const std::size_t numbers = unpack.count();
  out->resize(numbers);
  for (std::int64_t& value : *out) value = unpack.number();
  if (!unpack.whole()) out->clear();
  return unpack.whole();
}

bool unpack_message(std::string_view bytes, MessageRecord* out) {
  *out = {};
  Unpacker unpack(bytes, kMessageVersion);
  visit_message(unpack, *out);
  unpack_part_list(unpack, &out->parts);
  if (unpack.version() >= 2) visit_message_2(unpack, *out);
  if (!unpack.whole()) *out = {};
  return unpack.whole();
}

}  // namespace klaxon::store
