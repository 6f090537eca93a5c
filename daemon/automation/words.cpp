// Words of a text as people type them: case, quotes and punctuation do not count.
#include <array>

#include "at/ucs2.h"
#include "daemon/automation/keywords.h"

namespace klaxon {

namespace {

char32_t upper(char32_t c) {
  if (c >= U'a' && c <= U'z') return c - 32;
  if ((c >= 0xE0 && c <= 0xFE && c != 0xF7)) return c - 32;            // Latin-1
  if (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2) return c - 32;           // Greek
  if (c >= 0x430 && c <= 0x44F) return c - 32;                         // Cyrillic
  if (c >= 0x450 && c <= 0x45F) return c - 80;
  if (c >= 0x100 && c <= 0x177 && c != 0x131 && c != 0x138) {          // Latin Extended-A: pairs, odd ones shifted
    const bool odd_is_upper = (c >= 0x139 && c <= 0x148);
    if (odd_is_upper) return (c % 2 == 0) ? c - 1 : c;
    return (c % 2 == 1) ? c - 1 : c;
  }
  return c;
}

bool blank(char32_t c) { return c == U' ' || c == U'\t' || c == U'\n' || c == U'\r' || c == 0xA0 || c == U'\f'; }

bool word_character(char32_t c) {
  if (c < 0x80) return (c >= U'0' && c <= U'9') || (c >= U'A' && c <= U'Z') || (c >= U'a' && c <= U'z');
  // Beyond ASCII only punctuation is stripped: Latin-1 signs, general punctuation, CJK quotes.
  if (c >= 0xA1 && c <= 0xBF) return c == 0xAA || c == 0xB5 || c == 0xBA;
  return !(c >= 0x2000 && c <= 0x206F) && !(c >= 0x3001 && c <= 0x301F);
}

// From the first to behind the last character that belongs to a word; first is not before last where there is none.
std::pair<std::size_t, std::size_t> core_of(std::string_view text) {
  std::size_t first = text.size(), last = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const char32_t c = at::utf8_next(text, &at);
    if (blank(c) || !word_character(c)) continue;
    first = std::min(first, here);
    last = at;
  }
  return {first, last};
}

}  // namespace

std::string fold_word(std::string_view utf8) {
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) at::utf8_append(&out, upper(at::utf8_next(utf8, &at)));
  return out;
}

Piece next_piece(std::string_view text, std::size_t from) {
  Piece piece{text.size(), text.size(), text.size()};
  std::size_t at = from;
  while (at < text.size()) {
    const std::size_t here = at;
    if (blank(at::utf8_next(text, &at))) continue;
    piece.begin = here;
    break;
  }
  if (piece.begin == text.size()) return piece;
  at = piece.begin;
  piece.end = text.size();
  while (at < text.size()) {
    const std::size_t here = at;
    if (!blank(at::utf8_next(text, &at))) continue;
    piece.end = here;
    break;
  }
  at = piece.end;
  piece.rest_at = text.size();
  while (at < text.size()) {
    const std::size_t here = at;
    if (blank(at::utf8_next(text, &at))) continue;
    piece.rest_at = here;
    break;
  }
  return piece;
}

std::string fold_phrase(std::string_view utf8) {
  const auto [first, last] = core_of(utf8);
  std::string out;
  if (first >= last) return out;
  const std::string_view core = utf8.substr(first, last - first);
  for (Piece piece = next_piece(core, 0); piece.begin < core.size(); piece = next_piece(core, piece.rest_at)) {
    if (!out.empty()) out += ' ';
    out += fold_word(core.substr(piece.begin, piece.end - piece.begin));
  }
  return out;
}

Spoken take_word(std::string_view text) {
  const Piece piece = next_piece(text, 0);
  const std::string_view raw = text.substr(piece.begin, piece.end - piece.begin);
  const auto [first, last] = core_of(raw);
  Spoken spoken;
  spoken.rest_at = piece.rest_at;
  if (first >= last) return spoken;
  spoken.word = fold_word(raw.substr(first, last - first));
  spoken.bang = last < raw.size() && raw[last] == '!';
  return spoken;
}

std::string shorten_number(std::string_view number) {
  if (number.size() <= 6) return std::string(number);
  std::string out(number.substr(0, std::min<std::size_t>(5, number.size() - 4)));
  out += "…";
  return out.append(number.substr(number.size() - 3));
}

}  // namespace klaxon
