// How the blobs are written and read, for the packed*.cpp files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon::store {

inline constexpr char kPackedVersion = 1;

// Integers are zigzag varints (7 bits a byte, low ones first), strings have their length in front.
class Packer {
 public:
  explicit Packer(char version = kPackedVersion) : own_(1, version), bytes_(own_) {}
  explicit Packer(std::string* behind) : bytes_(*behind) {}
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;
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
  std::string own_;
  std::string& bytes_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes, char newest = kPackedVersion) : left_(bytes) {
    good_ = !left_.empty() && left_.front() >= kPackedVersion && left_.front() <= newest;
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
  void spoil() { good_ = false; }
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

// What becomes of a message; the same rule.
template <class Visitor, class Message>
void visit_progress(Visitor& visit, Message& message) {
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
}

// A part that was never begun is one byte: nearly every row that is inserted has nothing else.
inline constexpr std::int64_t kFresh = 0, kTouched = 1;

inline void pack_part_list(Packer& pack, const std::vector<PartRecord>& parts) {
  pack.number(static_cast<std::int64_t>(parts.size()));
  for (const PartRecord& part : parts) {
    const bool fresh = part == PartRecord{};
    pack.number(fresh ? kFresh : kTouched);
    if (!fresh) visit_part(pack, part);
  }
}

inline void unpack_part_list(Unpacker& unpack, std::vector<PartRecord>* out) {
  const std::size_t parts = unpack.count();
  out->reserve(parts);
  for (std::size_t i = 0; i < parts && unpack.good(); ++i) {
    PartRecord part;
    if (unpack.number() == kTouched) visit_part(unpack, part);
    out->push_back(std::move(part));
  }
}

}  // namespace klaxon::store
