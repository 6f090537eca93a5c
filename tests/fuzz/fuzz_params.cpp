// Octets as one line of an answer, given to every parser. None may crash, and what is a count or an index is
// none below 0.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "at/params.h"
#include "at/result.h"
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

void storage(std::string_view line) {
  for (const auto& use : at::parse_cpms(line)) require(use.used >= 0 && use.total >= 0, "negative use", line);
  at::parse_cpms_test(line);
  if (const auto notice = at::parse_cmti(line)) require(notice->index >= 0, "negative index", line);
  if (const auto header = at::parse_cmgl(line))
    require(header->index >= 0 && header->length >= 0, "negative", line);
  if (const auto header = at::parse_cmgr(line)) require(header->length >= 0, "negative length", line);
  if (const auto tp_mr = at::parse_cmgs(line)) require(*tp_mr >= 0 && *tp_mr <= 255, "TP-MR", line);
}

void identity(std::string_view line) {
  if (const auto iccid = at::parse_iccid(line))
    require(iccid->size() >= 18 && iccid->size() <= 22 && iccid->size() >= 18, "ICCID", line);
  if (const auto imei = at::parse_imei(line)) require(digits_only(*imei), "IMEI", line);
  if (const auto tries = at::parse_pin_tries(line)) require(*tries >= 0, "tries", line);
  at::parse_cpin(line);
  at::parse_csca(line);
  at::parse_cnum(line);
}

void network(std::string_view line) {
  for (const char* prefix : {"+CREG:", "+CGREG:", "+CEREG:", "+C5GREG:"})
    for (const bool asked : {false, true})
      if (const auto r = at::parse_registration(line, prefix, asked))
        require(r->stat >= 0 && r->stat <= 11, "stat", line);
  if (const auto s = at::parse_csq(line)) require(s->rssi >= 0 && s->rssi <= 199, "rssi", line);
  if (const auto oper = at::parse_cops(line)) at::technology(oper->act.value_or(-1));
}

}  // namespace

int fuzz_params(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(bytes), size);
  storage(line);
  identity(line);
  network(line);
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
