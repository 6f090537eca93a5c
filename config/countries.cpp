#include "config/countries.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace config {
namespace {

// Ordered by iso2. Where a carrier's code stands between prefix and number (BR, CL, CO) or carriers have
// international prefixes of their own (SG), that prefix is left empty: better refused than texted to a
// stranger.
constexpr Country kCountries[] = {
    {"AD", "376", "", "00", 9},    {"AE", "971", "0", "00", 9},       {"AF", "93", "0", "00", 9},
    {"AG", "1", "1", "011", 10},   {"AI", "1", "1", "011", 10},       {"AL", "355", "0", "00", 9},
    {"AM", "374", "0", "00", 8},   {"AO", "244", "", "00", 9},        {"AR", "54", "0", "00", 11},
    {"AS", "1", "1", "011", 10},   {"AT", "43", "0", "00", 0},        {"AU", "61", "0", "0011", 9},
    {"AW", "297", "", "00", 7},    {"AX", "358", "0", "00", 0},       {"AZ", "994", "0", "00", 9},
    {"BA", "387", "0", "00", 0},   {"BB", "1", "1", "011", 10},       {"BD", "880", "0", "00", 10},
    {"BE", "32", "0", "00", 9},    {"BF", "226", "", "00", 8},        {"BG", "359", "0", "00", 0},
    {"BH", "973", "", "00", 8},    {"BJ", "229", "", "00", 10, true}, {"BM", "1", "1", "011", 10},
    {"BN", "673", "", "00", 7},    {"BO", "591", "0", "", 8},         {"BR", "55", "", "", 11},
    {"BS", "1", "1", "011", 10},   {"BT", "975", "", "00", 8},        {"BW", "267", "", "00", 8},
    {"BY", "375", "80", "810", 9}, {"BZ", "501", "", "00", 7},        {"CA", "1", "1", "011", 10},
    {"CD", "243", "0", "00", 9},   {"CH", "41", "0", "00", 9},        {"CI", "225", "", "00", 10, true},
    {"CL", "56", "", "", 9},       {"CM", "237", "", "00", 9},        {"CN", "86", "0", "00", 11},
    {"CO", "57", "", "", 10},      {"CR", "506", "", "00", 8},        {"CU", "53", "0", "119", 8},
    {"CW", "599", "", "00", 8},    {"CY", "357", "", "00", 8},        {"CZ", "420", "", "00", 9},
    {"DE", "49", "0", "00", 0},    {"DK", "45", "", "00", 8},         {"DM", "1", "1", "011", 10},
    {"DO", "1", "1", "011", 10},   {"DZ", "213", "0", "00", 9},       {"EC", "593", "0", "00", 9},
    {"EE", "372", "", "00", 8},    {"EG", "20", "0", "00", 10},       {"ES", "34", "", "00", 9},
    {"ET", "251", "0", "00", 9},   {"FI", "358", "0", "00", 0},       {"FJ", "679", "", "00", 7},
    {"FO", "298", "", "00", 6},    {"FR", "33", "0", "00", 9},        {"GB", "44", "0", "00", 10},
    {"GD", "1", "1", "011", 10},   {"GE", "995", "0", "00", 9},       {"GF", "594", "0", "00", 9},
    {"GG", "44", "0", "00", 10},   {"GH", "233", "0", "00", 9},       {"GI", "350", "", "00", 8},
    {"GL", "299", "", "00", 6},    {"GP", "590", "0", "00", 9},       {"GR", "30", "", "00", 10},
    {"GT", "502", "", "00", 8},    {"GU", "1", "1", "011", 10},       {"GY", "592", "", "001", 7},
    {"HK", "852", "", "001", 8},   {"HN", "504", "", "00", 8},        {"HR", "385", "0", "00", 0},
    {"HT", "509", "", "00", 8},    {"HU", "36", "06", "00", 9},       {"ID", "62", "0", "001", 0},
    {"IE", "353", "0", "00", 0},   {"IL", "972", "0", "00", 9},       {"IM", "44", "0", "00", 10},
    {"IN", "91", "0", "00", 10},   {"IQ", "964", "0", "00", 10},      {"IR", "98", "0", "00", 10},
    {"IS", "354", "", "00", 7},    {"IT", "39", "", "00", 11, true},  {"JE", "44", "0", "00", 10},
    {"JM", "1", "1", "011", 10},   {"JO", "962", "0", "00", 9},       {"JP", "81", "0", "010", 10},
    {"KE", "254", "0", "000", 9},  {"KG", "996", "0", "00", 9},       {"KH", "855", "0", "001", 9},
    {"KN", "1", "1", "011", 10},   {"KR", "82", "0", "001", 10},      {"KW", "965", "", "00", 8},
    {"KY", "1", "1", "011", 10},   {"KZ", "7", "8", "810", 10},       {"LA", "856", "0", "00", 10},
    {"LB", "961", "0", "00", 8},   {"LC", "1", "1", "011", 10},       {"LI", "423", "", "00", 9},
    {"LK", "94", "0", "00", 9},    {"LT", "370", "0", "00", 8},       {"LU", "352", "", "00", 11},
    {"LV", "371", "", "00", 8},    {"LY", "218", "0", "00", 9},       {"MA", "212", "0", "00", 9},
    {"MC", "377", "", "00", 9},    {"MD", "373", "0", "00", 8},       {"ME", "382", "0", "00", 0},
    {"MG", "261", "0", "00", 9},   {"MK", "389", "0", "00", 8},       {"ML", "223", "", "00", 8},
    {"MM", "95", "0", "00", 0},    {"MN", "976", "", "001", 8},       {"MO", "853", "", "00", 8},
    {"MP", "1", "1", "011", 10},   {"MQ", "596", "0", "00", 9},       {"MS", "1", "1", "011", 10},
    {"MT", "356", "", "00", 8},    {"MU", "230", "", "00", 8},        {"MV", "960", "", "00", 7},
    {"MX", "52", "", "00", 10},    {"MY", "60", "0", "00", 10},       {"MZ", "258", "", "00", 9},
    {"NA", "264", "0", "00", 9},   {"NC", "687", "", "00", 6},        {"NE", "227", "", "00", 8},
    {"NG", "234", "0", "009", 10}, {"NI", "505", "", "00", 8},        {"NL", "31", "0", "00", 0},
    {"NO", "47", "", "00", 8},     {"NP", "977", "0", "00", 10},      {"NZ", "64", "0", "00", 0},
    {"OM", "968", "", "00", 8},    {"PA", "507", "", "00", 8},        {"PE", "51", "0", "00", 9},
    {"PF", "689", "", "00", 8},    {"PG", "675", "", "00", 8},        {"PH", "63", "0", "00", 10},
    {"PK", "92", "0", "00", 10},   {"PL", "48", "", "00", 9},         {"PR", "1", "1", "011", 10},
    {"PS", "970", "0", "00", 9},   {"PT", "351", "", "00", 9},        {"PY", "595", "0", "00", 9},
    {"QA", "974", "", "00", 8},    {"RE", "262", "0", "00", 9},       {"RO", "40", "0", "00", 9},
    {"RS", "381", "0", "00", 0},   {"RU", "7", "8", "810", 10},       {"RW", "250", "0", "00", 9},
    {"SA", "966", "0", "00", 9},   {"SD", "249", "0", "00", 9},       {"SE", "46", "0", "00", 0},
    {"SG", "65", "", "", 8},       {"SI", "386", "0", "00", 8},       {"SJ", "47", "", "00", 8},
    {"SK", "421", "0", "00", 9},   {"SM", "378", "", "00", 10, true}, {"SN", "221", "", "00", 9},
    {"SR", "597", "", "00", 7},    {"SV", "503", "", "00", 8},        {"SX", "1", "1", "011", 10},
    {"SY", "963", "0", "00", 9},   {"TC", "1", "1", "011", 10},       {"TG", "228", "", "00", 8},
    {"TH", "66", "0", "001", 9},   {"TJ", "992", "", "", 9},          {"TM", "993", "8", "810", 8},
    {"TN", "216", "", "00", 8},    {"TR", "90", "0", "00", 10},       {"TT", "1", "1", "011", 10},
    {"TW", "886", "0", "002", 9},  {"TZ", "255", "0", "000", 9},      {"UA", "380", "0", "00", 9},
    {"UG", "256", "0", "000", 9},  {"US", "1", "1", "011", 10},       {"UY", "598", "0", "00", 8},
    {"UZ", "998", "", "00", 9},    {"VA", "39", "", "00", 11, true},  {"VC", "1", "1", "011", 10},
    {"VE", "58", "0", "00", 10},   {"VG", "1", "1", "011", 10},       {"VI", "1", "1", "011", 10},
    {"VN", "84", "0", "00", 0},    {"XK", "383", "0", "00", 0},       {"YE", "967", "0", "00", 9},
    {"YT", "262", "0", "00", 9},   {"ZA", "27", "0", "00", 9},        {"ZM", "260", "0", "00", 9},
    {"ZW", "263", "0", "00", 0},
};
static_assert(std::is_sorted(std::begin(kCountries), std::end(kCountries),
                             [](const Country& a, const Country& b) { return a.iso2 < b.iso2; }));

// Area codes of one country within a calling code that it shares (ITU-T E.164, North American Numbering
// Plan).
struct AreaCode {
  std::string_view prefix;  // with the calling code
  std::string_view iso2;
};
constexpr AreaCode kAreaCodes[] = {
    {"1242", "BS"}, {"1246", "BB"}, {"1264", "AI"}, {"1268", "AG"}, {"1284", "VG"}, {"1340", "VI"},
    {"1345", "KY"}, {"1441", "BM"}, {"1473", "GD"}, {"1649", "TC"}, {"1658", "JM"}, {"1664", "MS"},
    {"1670", "MP"}, {"1671", "GU"}, {"1684", "AS"}, {"1721", "SX"}, {"1758", "LC"}, {"1767", "DM"},
    {"1784", "VC"}, {"1787", "PR"}, {"1809", "DO"}, {"1829", "DO"}, {"1849", "DO"}, {"1868", "TT"},
    {"1869", "KN"}, {"1876", "JM"}, {"1939", "PR"}, {"76", "KZ"},   {"77", "KZ"},
};
constexpr std::size_t kLongestPrefix = 4;

const std::vector<std::string_view>& all_prefixes() {  // ordered
  static const std::vector<std::string_view> kAll = [] {
    std::vector<std::string_view> all;
    for (const Country& country : kCountries) all.push_back(country.calling_code);
    for (const AreaCode& area : kAreaCodes) all.push_back(area.prefix);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }();
  return kAll;
}

}  // namespace

const Country* find_country(std::string_view iso2) {
  const auto* found =
      std::lower_bound(std::begin(kCountries), std::end(kCountries), iso2,
                       [](const Country& row, std::string_view key) { return row.iso2 < key; });
  return found != std::end(kCountries) && found->iso2 == iso2 ? found : nullptr;
}

const Country* find_calling_code(std::string_view calling_code) {
  const auto* found = std::find_if(std::begin(kCountries), std::end(kCountries),
                                   [&](const Country& row) { return row.calling_code == calling_code; });
  return found != std::end(kCountries) ? found : nullptr;
}

std::vector<std::string_view> e164_prefixes(const Country& country) {
  std::vector<std::string_view> own;
  for (const AreaCode& area : kAreaCodes) {
    if (area.iso2 == country.iso2) own.push_back(area.prefix);
  }
  if (own.empty()) own.push_back(country.calling_code);
  return own;
}

std::string_view e164_prefix(std::string_view number) {
  if (!number.starts_with('+')) return {};
  number.remove_prefix(1);
  const auto& known = all_prefixes();
  for (std::size_t length = std::min(kLongestPrefix, number.size()); length > 0; --length) {
    const auto at = std::lower_bound(known.begin(), known.end(), number.substr(0, length));
    if (at != known.end() && *at == number.substr(0, length)) return *at;
  }
  return {};
}

}  // namespace config
