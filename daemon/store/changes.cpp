#include "daemon/store/changes.h"

#include <utility>

#include "daemon/store/packer.h"

namespace klaxon::store {
namespace {

template <class Visitor, class Message>
void visit_change(Visitor& visit, Message& message) {
  visit(message.id);
  visit_progress(visit, message);
}

void unpack_one(Unpacker& unpack, Change* out) {
  unpack(out->kind);
  switch (out->kind) {
    case Change::Kind::message:
      visit_change(unpack, out->message);
      unpack_part_list(unpack, &out->message.parts);
      out->first = out->last = out->message.id;
      return;
    case Change::Kind::queued:
      unpack(out->first);
      unpack(out->last);
      return;
    case Change::Kind::inbox:
      unpack(out->first);
      out->last = out->first;
      return;
    case Change::Kind::modem:
      unpack(out->modem.modem);
      unpack(out->modem.state);
      unpack(out->modem.why);
      unpack(out->modem.iccid);
      return;
  }
  unpack.spoil();
}

}  // namespace

std::string& ChangeList::begin() {
  if (bytes_.empty()) bytes_.push_back(kPackedVersion);
  return bytes_;
}

void ChangeList::message(const MessageRecord& message) {
  Packer pack(&begin());
  pack(Change::Kind::message);
  visit_change(pack, message);
  pack_part_list(pack, message.parts);
  ++events_;
}

void ChangeList::queued(Id first, Id last) {
  if (last < first) return;
  Packer pack(&begin());
  pack(Change::Kind::queued);
  pack(first);
  pack(last);
  events_ += static_cast<std::size_t>(last - first) + 1;
}

void ChangeList::inbox(Id id) {
  Packer pack(&begin());
  pack(Change::Kind::inbox);
  pack(id);
  ++events_;
}

void ChangeList::modem(const ModemStateRecord& change) {
  Packer pack(&begin());
  pack(Change::Kind::modem);
  pack(change.modem);
  pack(change.state);
  pack(change.why);
  pack(change.iccid);
  ++events_;
}

void ChangeList::clear() {
  bytes_.clear();
  events_ = 0;
}

bool unpack_changes(std::string_view bytes, std::vector<Change>* out) {
  out->clear();
  Unpacker unpack(bytes);
  while (unpack.good() && !unpack.whole()) {
    unpack_one(unpack, &out->emplace_back());
    if (out->back().last < out->back().first) unpack.spoil();
  }
  if (!unpack.whole()) out->clear();
  return unpack.whole();
}

void overlay(MessageRecord* row, MessageRecord change) {
  row->state = change.state;
  row->parts = std::move(change.parts);
  row->due_ms = change.due_ms;
  row->attempts = change.attempts;
  row->submitted_ms = change.submitted_ms;
  row->delivered_ms = change.delivered_ms;
  row->in_doubt_ms = change.in_doubt_ms;
  row->unconfirmed = change.unconfirmed;
  row->error_code = std::move(change.error_code);
  row->error_text = std::move(change.error_text);
  row->why = std::move(change.why);
}

}  // namespace klaxon::store
