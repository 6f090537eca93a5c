#include "daemon/doors/preview.h"

#include <algorithm>
#include <optional>

#include "at/gsm7.h"
#include "at/ucs2.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostCharacters = 50;  // that are listed
constexpr std::size_t kMostRemoved = 8;      // beyond so many it is another text

struct Missing {
  char32_t character = 0;
  std::size_t count = 0, at = 0;  // at: its first place, in characters
};

std::vector<Missing> missing_in_gsm7(const std::string& text) {
  std::vector<Missing> missing;
  std::size_t place = 0;
  for (std::size_t at = 0; at < text.size(); ++place) {
    const char32_t c = at::utf8_next(text, &at);
    if (at::gsm7_cost(c) != 0) continue;
    const auto known =
        std::find_if(missing.begin(), missing.end(), [c](const Missing& one) { return one.character == c; });
    if (known != missing.end()) {
      ++known->count;
    } else if (missing.size() < kMostCharacters) {
      missing.push_back({c, 1, place});
    }
  }
  return missing;
}

std::string_view unit_name(at::Alphabet alphabet) {
  if (alphabet == at::Alphabet::ucs2) return "utf16";
  return alphabet == at::Alphabet::octets ? "octet" : "septet";
}

std::size_t units_of(const at::Segmented& cut) {
  std::size_t units = 0;
  for (std::size_t part = 0; part < cut.parts.size(); ++part) units += cut.length(part);
  return units;
}

json::array missing_json(const std::string& text) {
  json::array out;
  for (const Missing& one : missing_in_gsm7(text)) {
    out.push_back({{"char", utf8_of(one.character)},
                   {"code", at::code_point_name(one.character)},
                   {"count", one.count},
                   {"at", one.at}});
  }
  return out;
}

json::array replacements_json(const std::vector<at::Replacement>& replaced) {
  json::array out;
  for (const at::Replacement& one : replaced) {
    out.push_back({{"char", utf8_of(one.from)},
                   {"code", at::code_point_name(one.from)},
                   {"with", one.to},
                   {"count", one.count}});
  }
  return out;
}

// Tries changes of a message; what does not save a segment is no advice.
class Savings {
 public:
  Savings(const PreviewRequest& asked, const config::Policy& policy)
      : asked_(asked), policy_(policy), segments_((*asked.content.cut)->parts.size()) {}

  json::array list() {
    if (segments_ < 2) return {};
    if (asked_.form.octets.empty()) {
      other_encoding();
      simplified();
      national();
      removed();
    }
    shortened();
    return std::move(list_);
  }

 private:
  std::optional<at::Segmented> cheaper(MessageRecord form, std::size_t than) const {
    auto cut = cut_form(&form, asked_.to, policy_, kMostParts);
    if (!cut || cut->parts.size() >= than) return std::nullopt;
    return std::move(*cut);
  }
  json::object& advise(std::string_view change, const at::Segmented& cut) {
    json::object entry{{"change", change},
                       {"segments", cut.parts.size()},
                       {"encoding", at::alphabet_name(cut.alphabet)},
                       {"national", tables_json(cut.tables.locking, cut.tables.single)}};
    return list_.emplace_back(std::move(entry)).get_object();
  }

  void other_encoding() {
    if (asked_.form.encoding == TextEncoding::automatic) return;
    MessageRecord form = asked_.form;
    form.encoding = TextEncoding::automatic;
    if (const auto cut = cheaper(form, segments_)) advise("encoding", *cut)["with"] = "auto";
  }

  void simplified() {
    at::Simplified plain = at::simplify(asked_.form.text);
    if (plain.replaced.empty()) return;
    plain_ = asked_.form;
    plain_->text = std::move(plain.text);
    replacements_ = replacements_json(plain.replaced);
    const auto cut = cheaper(*plain_, segments_);
    if (!cut) return;
    advise("simplify", *cut)["replacements"] = replacements_;
    fewest_ = cut->parts.size();
  }

  // With every language; what it comes to is the advice. Together with simplify where that saves more than
  // either.
  void national() {
    const auto with_tables = [&](MessageRecord form, std::size_t than) {
      form.languages = at::kAllLanguages;
      return cheaper(std::move(form), than);
    };
    const auto named = [&](json::object& entry, const at::Segmented& cut) {
      entry["national_tables"] = language_names((1 << cut.tables.locking | 1 << cut.tables.single) & ~1);
    };
    std::size_t alone = std::min(fewest_, segments_);
    if (const auto cut = with_tables(asked_.form, segments_)) {
      named(advise("national_tables", *cut), *cut);
      alone = std::min(alone, cut->parts.size());
    }
    if (!plain_) return;
    if (const auto cut = with_tables(*plain_, alone)) {
      json::object& entry = advise("simplify+national_tables", *cut);
      named(entry, *cut);
      entry["replacements"] = replacements_;
    }
  }

  void removed() {
    const auto missing = missing_in_gsm7(asked_.form.text);
    if (missing.empty() || missing.size() > kMostRemoved) return;
    MessageRecord form = asked_.form;
    json::array characters;
    for (const Missing& one : missing) {
      const std::string character = utf8_of(one.character);
      for (std::size_t at = 0; (at = form.text.find(character, at)) != std::string::npos;)
        form.text.erase(at, character.size());
      characters.emplace_back(character);
    }
    if (form.text.empty()) return;
    if (const auto cut = cheaper(form, segments_))
      advise("remove", *cut)["characters"] = std::move(characters);
  }

  // From its end: into one part, or by all that the last part holds.
  void shortened() {
    const at::Segmented& cut = **asked_.content.cut;
    const std::size_t units = segments_ == 2 ? units_of(cut) - cut.capacity(1) : cut.length(segments_ - 1);
    list_.push_back({{"change", "shorten"},
                     {"segments", segments_ - 1},
                     {"encoding", at::alphabet_name(cut.alphabet)},
                     {"national", tables_json(cut.tables.locking, cut.tables.single)},
                     {"units", units}});
  }

  const PreviewRequest& asked_;
  const config::Policy& policy_;
  std::size_t segments_;
  std::size_t fewest_ = static_cast<std::size_t>(-1);  // that simplify alone comes to
  std::optional<MessageRecord> plain_;                 // with its look-alikes replaced
  json::array replacements_;
  json::array list_;
};

}  // namespace

json::object preview_json(const PreviewRequest& asked, const config::Policy& policy) {
  const at::Segmented& cut = **asked.content.cut;
  json::array lengths;
  for (std::size_t part = 0; part < cut.parts.size(); ++part) lengths.emplace_back(cut.length(part));
  json::object out;
  out["encoding"] = at::alphabet_name(cut.alphabet);
  out["national"] = tables_json(cut.tables.locking, cut.tables.single);
  out["segments"] = cut.parts.size();
  out["unit"] = unit_name(cut.alphabet);
  out["units"] = units_of(cut);
  out["units_left"] = cut.capacity(cut.parts.size()) - cut.length(cut.parts.size() - 1);
  out["lengths"] = std::move(lengths);
  if (asked.form.sensitive) {
    out["text"] = nullptr;
    if (asked.form.octets.empty()) out["not_in_gsm7"] = missing_json(asked.form.text);
  } else if (asked.form.octets.empty()) {
    out["text"] = asked.form.text;
    out["not_in_gsm7"] = missing_json(asked.form.text);
  } else {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(asked.form.octets.data());
    out["data"] = at::hex_encode(octets, asked.form.octets.size());
  }
  if (!asked.content.replaced.empty()) out["replacements"] = replacements_json(asked.content.replaced);
  out["cheaper"] = Savings(asked, policy).list();
  return out;
}

}  // namespace klaxon::doors
