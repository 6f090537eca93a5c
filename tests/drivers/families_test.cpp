// The table of the families: who is taken for what, what is written to it, and that nobody but the table
// knows a make.
#include <CppUTest/TestHarness.h>
#include <regex.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "drivers/families.h"

using drivers::Family;

namespace {

const std::filesystem::path kSource = KLAXON_SOURCE_DIR;

std::vector<std::string> lines_of(const Family& family) {
  std::vector<std::string> all;
  for (const auto* list :
       {&family.settings, &family.radio_on, &family.cnmi, &family.sms_service, &family.iccid, &family.resets})
    all.insert(all.end(), list->begin(), list->end());
  for (const auto& question : family.pin_tries) all.push_back(question.line);
  return all;
}

// POSIX, extended: std::regex does not pass g++ 12's warnings under the sanitizers.
bool matches(const std::string& text, const char* pattern) {
  regex_t compiled;
  if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) FAIL(pattern);
  const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  regfree(&compiled);
  return found;
}

// V.250 5.3 and 5.4: an extended command with its action, test, read or set form. One in a line: of two, an
// error in the first keeps the second from being carried out.
bool is_command_line(const std::string& line) {
#define ARGUMENT "(\"[^\";]*\"|[0-9]+)"
  return line.size() <= 80 && matches(line, "^AT[+^#!*%$][A-Z0-9]+(\\?|=" ARGUMENT "(," ARGUMENT "?)*)?$");
#undef ARGUMENT
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string without_comments(const std::string& code) {
  std::string out;
  for (std::size_t at = 0; at < code.size();) {
    const auto comment = std::min(code.find("//", at), code.size());
    out.append(code, at, comment - at);
    at = std::min(code.find('\n', comment), code.size());
  }
  return out;
}

// As a word or a part of a name: "huawei", "huawei_stick", but not "ublox" in "doublox".
bool names(const std::string& code, const std::string& word) {
  const auto letter = [&](std::size_t at) { return at < code.size() && std::isalpha(code[at]) != 0; };
  for (auto at = code.find(word); at != std::string::npos; at = code.find(word, at + 1))
    if ((at == 0 || !letter(at - 1)) && !letter(at + word.size())) return true;
  return false;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The files that are the table: each defines a family, families.* lists them.
bool is_table(const std::filesystem::path& path) {
  const std::string stem = path.stem().string();
  return path.parent_path().filename() == "drivers" && (stem == "families" || drivers::family_named(stem));
}

std::vector<std::filesystem::path> sources() {
  std::vector<std::filesystem::path> out;
  for (const char* room : {"drivers", "daemon", "hw"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kSource / room)) {
      const auto& path = entry.path();
      if ((path.extension() == ".cpp" || path.extension() == ".h") && !is_table(path)) out.push_back(path);
    }
  return out;
}

}  // namespace

TEST_GROUP(Families){};

TEST(Families, EachHasAName) {
  std::set<std::string_view> known;
  for (const Family* family : drivers::families()) {
    CHECK_TRUE(known.insert(family->name).second);
    CHECK_TRUE(drivers::family_named(family->name) == family);
    CHECK_TRUE(std::filesystem::exists(kSource / "drivers" / (std::string(family->name) + ".cpp")));
  }
  CHECK_TRUE(drivers::families().back() == &drivers::generic());
  CHECK_TRUE(known.size() >= 15);
  POINTERS_EQUAL(nullptr, drivers::family_named("no_such"));
}

TEST(Families, EachIsFoundByItsOwnWordsAndNoneByAnothers) {
  std::set<std::string> seen;
  for (const Family* family : drivers::families())
    for (std::string_view manufacturer : family->manufacturers)
      for (std::string_view model : family->models) {
        const std::string both = lower(std::string(manufacturer) + '|' + std::string(model));
        CHECK_TRUE_TEXT(seen.insert(both).second, both.c_str());
        STRCMP_EQUAL(std::string(family->name).c_str(),
                     std::string(drivers::family_of(manufacturer, model).name).c_str());
      }
}

TEST(Families, ModemsAreWhatTheySayTheyAre) {
  struct Known {
    const char *manufacturer, *model, *family;
  };
  for (const Known& known : {Known{"huawei", "E220", "huawei_stick"},
                             {"huawei", "K3715", "huawei_stick"},
                             {"Huawei Technologies Co., Ltd.", "EM820W", "huawei_module"},
                             {"huawei", "MU609", "huawei_module"},
                             {"huawei", "P30", "generic"},
                             {"SIMCOM_Ltd", "SIMCOM_SIM868", "simcom_sim800"},
                             {"SIMCOM_Ltd", "SIMCOM_SIM900A", "simcom_sim900"},
                             {"SIMCOM INCORPORATED", "SIMCOM_SIM5320E", "simcom_sim5320"},
                             {"SIMCOM INCORPORATED", "SIMCOM_SIM7100E", "simcom_sim7600"},
                             {"INCORPORATED", "A7670SA-FASE", "simcom_a76xx"},
                             {"SIMCOM INCORPORATED", "SIM7670G-MNGV", "simcom_a76xx"},
                             {"ZTE INCORPORATED", "K3565-Z", "zte_mf"},
                             {"Quectel_Ltd", "Quectel_M66", "quectel_m95"},
                             {"Quectel", "EC25", "quectel_ec2x"},
                             {"Quectel", "EC20F", "quectel_ec2x"},
                             {"Quectel", "EC200U", "quectel_ec200"},
                             {"Quectel", "EG915U", "quectel_ec200"},
                             {"Quectel", "RM520N-GL", "generic"},
                             {"Sierra Wireless, Incorporated", "MC7455", "sierra"},
                             {"Sierra Wireless", "MULTIBAND G850 EGSM 1800 1900", "wavecom"},
                             {"WAVECOM MODEM", "MULTIBAND  900E  1800", "wavecom"},
                             {"Telit", "LE910C4-NF", "telit"},
                             {"u-blox", "SARA-R410M-02B", "ublox"},
                             {"Cinterion", "PLS8-E", "cinterion"},
                             {"SIEMENS", "TC35i", "cinterion"},
                             {"SIEMENS", "S65", "generic"},
                             {"QUALCOMM INCORPORATED", "M6280", "generic"},
                             {"", "", "generic"}})
    STRCMP_EQUAL_TEXT(known.family,
                      std::string(drivers::family_of(known.manufacturer, known.model).name).c_str(),
                      known.model);
}

TEST(Families, EveryLineIsACommandThatHarmsNothing) {
  for (const Family* family : drivers::families())
    for (const std::string& line : lines_of(*family)) {
      CHECK_TRUE_TEXT(is_command_line(line), line.c_str());
      // Routed texts are lost with a read, a switched off module needs a hand, stored profiles wear the
      // flash.
      for (const char* never : {"AT+CNMI=2,2", "AT+CNMI=1,2", "AT+CPOWD", "AT+QPOWD", "AT^SMSO", "AT#SHDN",
                                "AT+CPWROFF", "AT&W", "AT&F", "ATZ", "AT+CPIN", "AT+CMGD", "AT+ZCDRUN"})
        CHECK_FALSE_TEXT(
            line.starts_with(never) && !line.starts_with("AT+CPINR") && !line.starts_with("AT+CPINC"),
            line.c_str());
    }
}

TEST(Families, EachCanBeSetUp) {
  for (const Family* family : drivers::families()) {
    const std::string name(family->name);
    CHECK_FALSE_TEXT(family->cnmi.empty(), name.c_str());
    CHECK_FALSE_TEXT(family->mems.empty(), name.c_str());
    CHECK_FALSE_TEXT(family->iccid.empty(), name.c_str());
    CHECK_FALSE_TEXT(family->pin_tries.empty(), name.c_str());
    CHECK_FALSE_TEXT(family->resets.empty(), name.c_str());
    CHECK_TRUE_TEXT(
        std::set<std::string>(family->cnmi.begin(), family->cnmi.end()).size() == family->cnmi.size(),
        "a rung twice");
    for (const std::string& rung : family->cnmi) CHECK_TRUE(rung.starts_with("AT+CNMI="));
  }
}

TEST(Families, NobodyElseKnowsAMake) {
  std::set<std::string> makes;
  for (const Family* family : drivers::families())
    if (family != &drivers::generic()) {
      const std::string name(family->name);
      makes.insert(name);
      makes.insert(name.substr(0, name.find('_')));
    }
  makes.insert({"u-blox", "siemens", "incorporated"});
  for (const auto& path : sources()) {
    const std::string where = std::filesystem::relative(path, kSource).string();
    // What the simulated bank can be, and the ports of known devices, are tables of their own.
    if (where.starts_with("hw/modembank/") || where.find("_table") != std::string::npos) continue;
    const std::string code = lower(without_comments(text_of(path)));
    for (const std::string& make : makes)
      CHECK_FALSE_TEXT(names(code, make), (where + " names " + make).c_str());
    CHECK_FALSE_TEXT(matches(code, "(family\\(\\)\\.|family->)name *[!=]=|switch *\\([^)]*family"),
                     (where + " asks which family it is").c_str());
  }
}
