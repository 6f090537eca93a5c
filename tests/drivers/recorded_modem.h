// A modem out of a recording (tests/corpus/chat/modems): for each line that it is given, what that modem was
// seen to answer. It knows nothing of the families.
//   > AT+CGMI\r       what it is asked; asked again, its next answer, at last always the same
//   < \r\nTelit\r\n…  what it answers, one burst a line; none: silence
//   > …\x1A           a PDU, which must be this one
//   > *               whatever else it is asked (ERROR without this)
//   @ 1000            what follows comes unasked
// Lines of V.250 (AT, ATE0) are taken by every modem. +CNMI= is taken within what +CNMI=? was seen to answer.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

class RecordedModem {
 public:
  explicit RecordedModem(const std::string& name);

  // line without CR; a PDU as "PDU:…" without its Ctrl-Z.
  std::string answer(const std::string& line);

  struct Submit {
    int octets = 0;
    std::string pdu, outcome;  // as answered; empty: silence
  };
  std::optional<Submit> submit() const;
  const std::vector<std::string>& unasked() const { return unasked_; }
  // The text that a +CMGR was answered with.
  std::optional<std::string> text() const;

 private:
  std::string told(const std::string& line);
  bool within_range(const std::string& cnmi) const;

  std::map<std::string, std::vector<std::string>> answers_;
  std::map<std::string, std::size_t> asked_;
  std::vector<std::string> unasked_;
};

// Names of all recordings.
std::vector<std::string> recordings();
