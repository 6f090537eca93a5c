#include "daemon/dispatch/cutting.h"

#include <algorithm>

namespace klaxon {

namespace {

at::Encoding as_coded(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::gsm7:
      return at::Encoding::gsm7;
    case TextEncoding::ucs2:
      return at::Encoding::ucs2;
    case TextEncoding::automatic:
      break;
  }
  return at::Encoding::automatic;
}

CutResult cut_with(const MessageRecord& record, const at::SegmentOptions& options) {
  if (record.octets.empty()) return at::segment_text(record.text, options);
  return at::segment_octets(at::Octets(record.octets.begin(), record.octets.end()), options);
}

}  // namespace

at::Languages languages_for(const MessageRecord& form, const std::string& to,
                            const config::NationalTables& policy) {
  return form.languages >= 0 ? static_cast<at::Languages>(form.languages) : policy.languages(to);
}

CutResult cut_message(const MessageRecord& record, at::Languages languages, int most_parts) {
  at::SegmentOptions options;
  options.encoding = as_coded(record.encoding);
  options.languages = languages;
  options.max_parts = most_parts;
  return cut_with(record, options);
}

void keep_cut(MessageRecord& record, const at::Segmented& cut) {
  record.parts.assign(cut.parts.size(), PartRecord{});
  record.locking = cut.tables.locking;
  record.single = cut.tables.single;
}

CutResult cut_again(const MessageRecord& record) {
  at::SegmentOptions options;
  options.encoding = as_coded(record.encoding);
  options.max_parts = kMostParts;
  if (record.locking != 0 || record.single != 0)
    options.tables = at::Gsm7Tables{record.locking, record.single};
  return cut_with(record, options);
}

CutResult cut_form(MessageRecord* form, const std::vector<std::string>& numbers, const config::Policy& policy,
                   int most_parts) {
  const int most = most_parts > 0 ? most_parts : policy.max_segments;
  std::vector<at::Languages> all;  // of the countries; a few at most
  if (form->languages >= 0 || !policy.national_tables.any() || numbers.empty()) {
    all.push_back(languages_for(*form, "", policy.national_tables));
  } else {
    for (const std::string& number : numbers) {
      const at::Languages languages = policy.national_tables.languages(number);
      if (std::find(all.begin(), all.end(), languages) == all.end()) all.push_back(languages);
    }
  }
  auto longest = cut_message(*form, all.front(), most);
  for (std::size_t i = 1; i < all.size() && longest; ++i) {
    auto cut = cut_message(*form, all[i], most);
    if (!cut || cut->parts.size() > longest->parts.size()) longest = std::move(cut);
  }
  if (longest) keep_cut(*form, *longest);
  return longest;
}

bool Cutter::depends(const MessageRecord& record) const {
  return record.languages < 0 && record.octets.empty() && policy_.national_tables.any();
}

const Cutter::Cut& Cutter::cut_of(const MessageRecord& record, const std::string& to) {
  if (record.text != text_ || record.encoding != encoding_) {
    text_ = record.text;
    encoding_ = record.encoding;
    cuts_.clear();
  }
  const at::Languages languages = policy_.national_tables.languages(to);
  const auto [at, fresh] =
      cuts_.try_emplace(languages, Cut{record.parts.size(), {record.locking, record.single}});
  if (!fresh) return at->second;
  if (const auto cut = cut_message(record, languages, kMostParts))
    at->second = {cut->parts.size(), cut->tables};
  return at->second;
}

void Cutter::cut(MessageRecord& record) {
  if (!depends(record)) return;
  const Cut& cut = cut_of(record, record.to);
  record.parts.assign(cut.parts, PartRecord{});
  record.locking = cut.tables.locking;
  record.single = cut.tables.single;
}

void Cutter::forget_text() {
  text_.clear();
  text_.shrink_to_fit();
  cuts_.clear();
}

std::size_t Cutter::segments(const MessageRecord& form, const std::vector<std::string>& to) {
  if (!depends(form)) return form.parts.size() * to.size();
  std::size_t sum = 0;
  for (const std::string& number : to) sum += cut_of(form, number).parts;
  return sum;
}

}  // namespace klaxon
