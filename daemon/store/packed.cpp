#include "daemon/store/packed.h"

#include <algorithm>

#include "daemon/store/packer.h"

namespace klaxon::store {
namespace {

constexpr char kMessageVersion =
    4;  // since 2: visit_message_2 behind the parts; since 3: the context; since 4: sensitive

// One list of fields for both directions. Order and number
// are the format: add at the end, with a new version.
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
  visit_progress(visit, message);
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

template <class Visitor, class Message>
void visit_message_3(Visitor& visit, Message& message) {
  visit(message.context);
}

template <class Visitor, class Message>
void visit_message_4(Visitor& visit, Message& message) {
  visit(message.sensitive);
}

void pack_list(Packer& pack, const std::string& value) {
  pack.text(value);
}
template <class Item>
void pack_list(Packer& pack, const std::vector<Item>& list) {
  pack.number(static_cast<std::int64_t>(list.size()));
  for (const Item& item : list) pack_list(pack, item);
}

void unpack_list(Unpacker& unpack, std::string* out) {
  unpack(*out);
}
template <class Item>
void unpack_list(Unpacker& unpack, std::vector<Item>* out) {
  const std::size_t items = unpack.count();
  for (std::size_t i = 0; i < items && unpack.good(); ++i) unpack_list(unpack, &out->emplace_back());
}

template <class List>
std::string packed_list(const List& list) {
  if (list.empty()) return {};
  Packer pack;
  pack_list(pack, list);
  return pack.take();
}

template <class List>
bool unpacked_list(std::string_view bytes, List* out) {
  out->clear();
  if (bytes.empty()) return true;
  Unpacker unpack(bytes);
  unpack_list(unpack, out);
  if (!unpack.whole()) out->clear();
  return unpack.whole();
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
  visit_message_3(pack, message);
  visit_message_4(pack, message);
  return pack.take();
}

std::string pack_further(const FurtherNumbers& further) {
  return packed_list(further);
}

std::string pack_further_of_each(const std::vector<FurtherNumbers>& further) {
  return packed_list(further);
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
  if (unpack.version() >= 3) visit_message_3(unpack, *out);
  if (unpack.version() >= 4) visit_message_4(unpack, *out);
  if (!unpack.whole()) *out = {};
  return unpack.whole();
}

bool unpack_further(std::string_view bytes, FurtherNumbers* out) {
  return unpacked_list(bytes, out);
}

bool unpack_further_of_each(std::string_view bytes, std::vector<FurtherNumbers>* out) {
  return unpacked_list(bytes, out);
}

}  // namespace klaxon::store
