#include "at/result.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>

#include "at/result_table.h"

namespace at {

namespace {

struct Word {
  std::string_view text;
  Final kind;
};

// Whole lines only. The digits are V.250's V0 form, for the moment before ATV1 worked; 3, 6, 7, 8 end calls.
constexpr Word kWords[] = {
    {"OK", Final::ok},
    {"0", Final::ok},
    {"ERROR", Final::error},
    {"4", Final::error},
    {"ABORTED", Final::vendor_error},
    {"ABORT", Final::vendor_error},
    {"COMMAND NOT SUPPORT", Final::vendor_error},  // Huawei
    {"TOO MANY PARAMETERS", Final::vendor_error},  // Huawei
    {"UNKNOWN COMMAND", Final::vendor_error},
    {"NA", Final::vendor_error},  // Samsung Z810
};

struct Prefix {
  std::string_view text;
  Final kind;
};

constexpr Prefix kPrefixes[] = {
    {"+CMS ERROR", Final::cms_error},
    {"+CME ERROR", Final::cme_error},
    {"MODEM ERROR:", Final::vendor_error},  // Motorola EZX
};

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// The whole rest must be the number: "+CMS ERROR:AT+CGATT?" is an error cut short, not error 0.
std::optional<int> whole_number(std::string_view s) {
  int value = 0;
  const auto [end, bad] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (s.empty() || bad != std::errc{} || end != s.data() + s.size() || value < 0) return std::nullopt;
  return value;
}

std::string_view after_colon(std::string_view line) {
  const auto colon = line.find(':');
  return colon == std::string_view::npos ? std::string_view{} : trimmed(line.substr(colon + 1));
}

const ErrorRow* row_of(const ErrorRow* first, const ErrorRow* last, const FinalResult& result,
                       CmsNumbering numbering) {
  const std::string_view words = after_colon(result.text);
  const auto* row = std::find_if(first, last, [&](const ErrorRow& r) {
    if (r.numbering != CmsNumbering::standard && r.numbering != numbering) return false;
    return result.code ? r.first <= *result.code && *result.code <= r.last : same_text(r.text, words);
  });
  return row == last ? nullptr : row;
}

const ErrorRow* row_of(const FinalResult& result, CmsNumbering numbering) {
  if (result.kind == Final::cms_error)
    return row_of(std::begin(kCmsErrors), std::end(kCmsErrors), result, numbering);
  if (result.kind == Final::cme_error)
    return row_of(std::begin(kCmeErrors), std::end(kCmeErrors), result, numbering);
  return nullptr;
}

// Numbers without a row: which layer spoke tells what is likely (24.011 8.2.5.4: an unknown RP cause is
// "temporary failure").
ErrorClass class_of_unlisted_cms(int code) {
  if (code < 128) return ErrorClass::temporary;
  if (code < 160) return ErrorClass::refeatured;
  if (code < 192) return ErrorClass::permanent;
  if (code < 256) return ErrorClass::temporary;
  return ErrorClass::modem;
}

}  // namespace

std::string FinalResult::name() const {
  switch (kind) {
    case Final::ok:
      return "ok";
    case Final::error:
      return "error";
    case Final::cms_error:
      return code ? "cms_" + std::to_string(*code) : "cms_error";
    case Final::cme_error:
      return code ? "cme_" + std::to_string(*code) : "cme_error";
    case Final::vendor_error:
      break;
  }
  return "vendor_error";
}

std::optional<FinalResult> parse_final(std::string_view line) {
  const std::string_view text = trimmed(line);
  for (const Word& word : kWords)
    if (text == word.text) return FinalResult{word.kind, std::nullopt, std::string(text)};
  for (const Prefix& prefix : kPrefixes) {
    if (!text.starts_with(prefix.text)) continue;
    return FinalResult{prefix.kind, whole_number(after_colon(text)), std::string(text)};
  }
  return std::nullopt;
}

ErrorClass classify_submit_error(const FinalResult& result, CmsNumbering numbering) {
  if (result.ok()) return ErrorClass::none;
  if (const ErrorRow* row = row_of(result, numbering)) return row->reaction;
  if (result.kind == Final::cms_error && result.code) return class_of_unlisted_cms(*result.code);
  return ErrorClass::modem;
}

std::string_view error_text(const FinalResult& result, CmsNumbering numbering) {
  const ErrorRow* row = row_of(result, numbering);
  return row ? row->text : std::string_view{};
}

}  // namespace at
