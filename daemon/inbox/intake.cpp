#include "daemon/inbox/intake.h"

#include <algorithm>
#include <variant>

#include "at/tpdu.h"
#include "at/ucs2.h"

namespace klaxon {

namespace {

constexpr std::int64_t kReleaseMs = 10LL * 60 * 1000;          // a person sees "part 2 of 3 missing" after this
constexpr std::int64_t kForgetMs = 7LL * 24 * 3600 * 1000;     // a late part still completes it until then
constexpr std::uint8_t kTypeZero = 0x40;                       // 23.040 9.2.3.9: acknowledged and discarded
constexpr std::size_t kGivenOut = 10'000;

class Fnv {  // 64 bits: two of 200 000 texts collide once in a billion banks
 public:
  Fnv& add(std::string_view bytes) {
    for (const char c : bytes) octet(static_cast<std::uint8_t>(c));
    return octet(0xFF).octet(static_cast<std::uint8_t>(bytes.size()));
  }
  Fnv& octet(std::uint8_t value) {
    hash_ = (hash_ ^ value) * 1099511628211ull;
    return *this;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 14695981039346656037ull;
};

std::string_view bytes_of(const at::Octets& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

std::uint64_t key_of(const std::string& iccid, const at::Deliver& deliver) {
  Fnv hash;
  hash.add(iccid).add(deliver.tp_oa.display()).octet(static_cast<std::uint8_t>(deliver.tp_oa.ton));
  for (const std::uint8_t octet : deliver.tp_scts.raw) hash.octet(octet);
  hash.octet(deliver.tp_pid).octet(deliver.tp_dcs);
  for (const at::InformationElement& element : deliver.ud.udh) hash.octet(element.iei).add(bytes_of(element.octets));
  return hash.add(bytes_of(deliver.ud.units)).value();
}

std::string joined_defects(const std::vector<at::Defect>& defects) {
  std::string out;
  for (const at::Defect& defect : defects) out += (out.empty() ? "" : "; ") + defect.reason;
  return out;
}

// Of a text that is cut a person still wants to know whom it was from.
bool tells_enough(const at::Pdu& pdu) {
  if (pdu.ends_before.empty()) return true;
  return std::holds_alternative<at::Deliver>(pdu.tpdu) && pdu.ends_before != "TP-OA";
}

std::int64_t ms_of(const at::Timestamp& stamp) { return stamp.unix_seconds ? *stamp.unix_seconds * 1000 : 0; }

at::PartKey key_of(const InboundPartRecord& part) {
  return {part.iccid, std::to_string(part.sender_ton) + ":" + part.sender,
          static_cast<std::uint8_t>(part.reference_bits), static_cast<std::uint16_t>(part.reference),
          static_cast<std::uint8_t>(part.total)};
}

at::Part part_of(const InboundPartRecord& part) {
  return {part.id, static_cast<std::uint8_t>(part.sequence), static_cast<at::Alphabet>(part.alphabet),
          at::Octets(part.units.begin(), part.units.end()), part.received_ms, {part.locking, part.single}};
}

bool octets_only(int alphabet) {
  return alphabet == static_cast<int>(at::Alphabet::octets) || alphabet == static_cast<int>(at::Alphabet::compressed);
}

}  // namespace

Intake::Intake(const Keywords& keywords) : keywords_(keywords), assembler_({kReleaseMs, kForgetMs}) {}

void Intake::restore(const std::vector<std::uint64_t>& keys, const std::vector<InboundPartRecord>& open_parts,
                     std::int64_t now_ms) {
  for (const std::uint64_t key : keys) remember(key, now_ms);
  for (const InboundPartRecord& part : open_parts) {
    kept_[part.id] = {part.secret_verdict, part.defects, part.sent_ms, part.sender, part.iccid};
    assembler_.restore(key_of(part), part_of(part), part.released);
  }
}

void Intake::remember(std::uint64_t key, std::int64_t now_ms) {
  if (!known_.insert(key).second) return;
  known_by_age_.emplace_back(now_ms, key);
  while (known_by_age_.size() > kKeys || (!known_by_age_.empty() && known_by_age_.front().first + kKeepKeysMs < now_ms)) {
    known_.erase(known_by_age_.front().second);
    known_by_age_.pop_front();
  }
}

Taken Intake::undecodable(const ReadPdu& read, const std::string& why, Id* next_part_id) {
  const std::uint64_t key = Fnv().add(read.iccid).add(read.hex).value();
  if (is_known(key)) return {Taken::Kind::duplicate, {}, {}, {}};
  remember(key, read.received_ms);
  InboundPartRecord part;
  part.id = (*next_part_id)++;
  part.iccid = read.iccid;
  part.modem = read.modem;
  part.mem = read.mem;
  part.index = read.index;
  part.pdu = read.hex.substr(0, 2000);
  part.key_hash = key;
  part.received_ms = read.received_ms;
  part.defects = "undecodable: " + why;
  part.released = true;
  Taken taken{Taken::Kind::part, part, {}, {}};
  taken.whole.push_back(single(part, {}));
  return taken;
}

void Intake::mask_secret(InboundPartRecord& part, std::string* text) const {
  if (part.sequence != 1 || octets_only(part.alphabet)) return;
  const auto masked = keywords_.mask(*text);
  if (!masked) return;
  *text = masked->text;
  part.secret_verdict = masked->verdict;
  part.keyword = masked->keyword;
  part.pdu.clear();  // it would show what the mask hides
  part.alphabet = static_cast<int>(at::Alphabet::ucs2);
  part.units = std::string(bytes_of(at::ucs2_octets(masked->text)));
}

Taken Intake::take(const ReadPdu& read, Id* next_part_id) {
  const auto pdu = at::decode_pdu(read.hex, at::Direction::from_sc);
  if (!pdu) return undecodable(read, pdu.error().reason, next_part_id);
  if (!tells_enough(*pdu)) return undecodable(read, joined_defects(pdu->defects), next_part_id);
  if (const auto* report = std::get_if<at::StatusReport>(&pdu->tpdu)) {
    ReportSeen seen{read.iccid, report->tp_mr, report->tp_ra.display(), ms_of(report->tp_scts), ms_of(report->tp_dt),
                    report->tp_st, read.received_ms};
    return {Taken::Kind::report, {}, seen, {}};
  }
  const auto* deliver = std::get_if<at::Deliver>(&pdu->tpdu);
  if (!deliver) return undecodable(read, "a SUBMIT-REPORT", next_part_id);
  if (deliver->tp_pid == kTypeZero) return {Taken::Kind::discarded, {}, {}, {}};
  const std::uint64_t key = key_of(read.iccid, *deliver);
  if (is_known(key)) return {Taken::Kind::duplicate, {}, {}, {}};
  remember(key, read.received_ms);

  InboundPartRecord part;
  part.id = (*next_part_id)++;
  part.iccid = read.iccid;
  part.modem = read.modem;
  part.mem = read.mem;
  part.index = read.index;
  part.pdu = read.hex;
  part.key_hash = key;
  part.sender = deliver->tp_oa.display();
  part.sender_ton = static_cast<int>(deliver->tp_oa.ton);
  part.sent_ms = ms_of(deliver->tp_scts);
  part.received_ms = read.received_ms;
  part.alphabet = static_cast<int>(deliver->ud.alphabet);
  part.units = std::string(bytes_of(deliver->ud.units));
  part.locking = deliver->ud.tables.locking;
  part.single = deliver->ud.tables.single;
  part.defects = joined_defects(pdu->defects);
  const bool several = deliver->ud.concat && deliver->ud.concat->total > 1;
  if (several) {
    part.reference_bits = deliver->ud.concat->reference_bits;
    part.reference = deliver->ud.concat->reference;
    part.total = deliver->ud.concat->total;
    part.sequence = deliver->ud.concat->sequence;
  }
  std::string text = deliver->ud.text();
  mask_secret(part, &text);

  Taken taken{Taken::Kind::part, {}, {}, {}};
  if (several) {
    kept_[part.id] = {part.secret_verdict, part.defects, part.sent_ms, part.sender, part.iccid};
    std::optional<std::uint64_t> repeat_of;
    for (const at::Joined& joined : assembler_.add(key_of(part), part_of(part), &repeat_of))
      taken.whole.push_back(whole_of(joined, read.received_ms));
    // The same part under another TP-SCTS: it is kept as a row, but belongs to no text a second time.
    if (repeat_of) {
      kept_.erase(part.id);
      part.released = true;
    }
  } else {
    part.released = true;
    taken.whole.push_back(single(part, std::move(text)));
  }
  taken.part = std::move(part);
  return taken;
}

Whole Intake::single(const InboundPartRecord& part, std::string text) const {
  Whole whole;
  whole.item.from = part.sender;
  whole.item.iccid = part.iccid;
  whole.item.text = std::move(text);
  if (octets_only(part.alphabet)) whole.item.octets = part.units;
  whole.item.received_ms = part.received_ms;
  whole.item.sent_ms = part.sent_ms;
  whole.item.keyword = part.keyword;
  whole.item.defects = part.defects;
  whole.parts = {part.id};
  whole.verdict = part.secret_verdict;
  return whole;
}

Whole Intake::whole_of(const at::Joined& joined, std::int64_t now_ms) {
  Whole whole;
  whole.key = joined.key;
  whole.joined = true;
  whole.parts.assign(joined.part_ids.begin(), joined.part_ids.end());
  whole.item.text = joined.text;
  whole.item.octets = std::string(bytes_of(joined.data));
  whole.item.segments = joined.key.total;
  whole.item.missing = joined.missing;
  whole.item.complete = joined.missing.empty();
  whole.item.received_ms = now_ms;
  for (const Id id : whole.parts) {
    const auto kept = kept_.find(id);
    if (kept == kept_.end()) continue;
    whole.item.from = kept->second.sender;
    whole.item.iccid = kept->second.iccid;
    if (whole.item.sent_ms == 0) whole.item.sent_ms = kept->second.sent_ms;
    if (kept->second.verdict != 0) whole.verdict = kept->second.verdict;
    if (!kept->second.defects.empty()) whole.item.defects += (whole.item.defects.empty() ? "" : "; ") + kept->second.defects;
    if (whole.item.complete) kept_.erase(kept);
  }
  if (joined.released_before) whole.item.replaces = given_out_as(joined.key);
  return whole;
}

std::vector<Whole> Intake::expire(std::int64_t now_ms) {
  std::vector<Whole> out;
  for (const at::Joined& joined : assembler_.expire(now_ms)) out.push_back(whole_of(joined, now_ms));
  return out;
}

Id Intake::given_out_as(const at::PartKey& key) const {
  const auto at = given_out_.find(key);
  return at == given_out_.end() ? 0 : at->second;
}

void Intake::note_given_out(const at::PartKey& key, Id item) {
  if (given_out_.size() >= kGivenOut) given_out_.erase(given_out_.begin());
  given_out_[key] = item;
}

}  // namespace klaxon
