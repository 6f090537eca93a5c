// Octets as one line of an answer, given to every parser. None may crash; numbers lie in their ranges, texts
// are UTF-8, and nothing comes out of nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <limits>
#include <string>

#include "at/params.h"
#include "at/result.h"
#include "at/ucs2.h"
#include "at/urc.h"

namespace {

void require(bool holds, const char* what, std::string_view line) {
  if (holds) return;
  std::cerr << what << ": " << line << '\n';
  std::abort();
}

bool digits_only(const std::string& s) {
  return s.find_first_not_of("0123456789") == std::string::npos;
}

template <class T>
bool within(const std::optional<T>& value, T most) {
  return !value || (*value >= 0 && *value <= most);
}

bool is_text(const std::string& text) {
  return at::utf8_valid(text);
}

constexpr int kAny = std::numeric_limits<int>::max();

void storage(std::string_view line) {
  for (const auto& use : at::parse_cpms(line)) require(use.used >= 0 && use.total >= 0, "negative use", line);
  at::parse_cpms_test(line);
  if (const auto values = at::parse_cnmi_test(line))
    for (const auto& list : {values->mode, values->mt, values->bm, values->ds, values->bfr}) {
      require(list.size() <= 512, "values without bound", line);
      for (int value : list) require(value >= 0 && value <= 255, "a value out of range", line);
    }
  if (const auto names = at::parse_cscs_test(line)) require(!names->empty(), "no names", line);
}

void messages(std::string_view line) {
  if (const auto notice = at::parse_cmti(line)) require(notice->index >= 0, "negative index", line);
  if (const auto header = at::parse_cmgl(line))
    require(header->index >= 0 && header->length >= 0 && within(header->stat, kAny), "negative", line);
  if (const auto header = at::parse_cmgr(line))
    require(header->length >= 0 && within(header->stat, kAny), "negative", line);
  if (const auto tp_mr = at::parse_cmgs(line)) require(*tp_mr >= 0 && *tp_mr <= 255, "TP-MR", line);
}

void identity(std::string_view line) {
  if (const auto iccid = at::parse_iccid(line))
    require(iccid->size() >= 18 && iccid->size() <= 22 && (digits_only(*iccid) || iccid->starts_with("89")),
            "ICCID", line);
  if (const auto imei = at::parse_imei(line)) require(digits_only(*imei), "IMEI", line);
  require(within(at::parse_pin_tries(line), kAny), "tries", line);
  if (const auto cpin = at::parse_cpin(line)) require(!cpin->empty(), "no state", line);
  require(at::identification(line).size() <= line.size(), "a model out of nothing", line);
}

void network(std::string_view line) {
  for (const char* prefix : {"+CREG:", "+CGREG:", "+CEREG:", "+C5GREG:"})
    for (const bool asked : {false, true}) {
      const auto r = at::parse_registration(line, prefix, asked);
      if (!r) continue;
      require(r->stat >= 0 && r->stat <= 11, "stat", line);
      require(within(r->n, 5) && within(r->act, 15), "n or AcT", line);
    }
  if (const auto s = at::parse_csq(line))
    require(s->rssi >= 0 && s->rssi <= 199 && within(s->ber, kAny), "rssi", line);
  if (const auto s = at::parse_cesq(line))
    require(within(s->rxlev, kAny) && within(s->rsrp, kAny), "+CESQ", line);
  require(within(at::parse_cfun(line), kAny), "fun", line);
  if (const auto t = at::parse_cclk(line)) {
    require(t->year >= 1000 && t->month >= 1 && t->month <= 12 && t->day >= 1 && t->day <= 31, "date", line);
    require(t->hour <= 23 && t->minute <= 59 && t->second <= 59, "time", line);
    require(!t->zone || (*t->zone >= -96 && *t->zone <= 96), "zone", line);
  }
}

void spelt(std::string_view line, at::Charset charset) {
  if (const auto o = at::parse_cops(line, charset)) {
    at::technology(o->act.value_or(-1));
    require(o->mode >= 0 && within(o->format, kAny) && is_text(o->oper), "+COPS", line);
  }
  if (const auto list = at::parse_cops_test(line, charset)) {
    require(list->size() <= line.size() / 6, "operators out of nothing", line);
    for (const auto& o : *list)
      require(within(o.stat, kAny) && is_text(o.long_name) && is_text(o.short_name) && is_text(o.numeric),
              "operator", line);
  }
  if (const auto own = at::parse_cnum(line, charset))
    require(is_text(own->number) && within(own->type, kAny), "+CNUM", line);
  if (const auto c = at::parse_csca(line, charset))
    require(is_text(c->number) && within(c->type, kAny), "+CSCA", line);
  if (const auto h = at::parse_cmgr_text(line, charset))
    require(!h->stat.empty() && is_text(h->number), "+CMGR", line);
  require(is_text(at::text_in(charset, line)), "no UTF-8", line);
}

// Every parser under its own prefix, so that no run is spent on finding prefixes.
void each(std::string_view line) {
  storage(line);
  messages(line);
  identity(line);
  network(line);
  for (const auto charset : {at::Charset::ira, at::Charset::gsm, at::Charset::ucs2, at::Charset::hex})
    spelt(line, charset);
}

}  // namespace

// The first octet may name a prefix that is put in front.
int fuzz_params(const std::uint8_t* bytes, std::size_t size) {
  static constexpr const char* kPrefixes[] = {
      "+CREG: ", "+CEREG: ", "+CSQ: ",  "+CESQ: ", "+COPS: ", "+CMGL: ", "+CMGR: ", "+CPMS: ", "+CSCA: ",
      "+CNUM: ", "+CSCS: ",  "+CNMI: ", "+CFUN: ", "+CPIN: ", "+CCLK: ", "+CMTI: ", "+CRSM: "};
  const std::string_view line(reinterpret_cast<const char*>(bytes), size);
  each(line);
  if (size > 0 && bytes[0] < std::size(kPrefixes)) each(kPrefixes[bytes[0]] + std::string(line.substr(1)));
  at::split_params(line);
  at::first_number(line);
  at::last_number(line);
  at::urc_kind(line);
  if (const auto result = at::parse_final(line)) {
    result->name();
    at::error_text(*result, at::CmsNumbering::quectel);
    at::classify_submit_error(*result, at::CmsNumbering::wavecom);
  }
  return 0;
}
