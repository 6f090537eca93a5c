// The modem's end of a port, in virtual time. It answers sensibly by itself; a test says only what is
// different:
//   peer.expect("AT+CMGS=").answer("\r\n> ");
//   peer.expect_pdu().after(62s).answer("\r\n+CMGS: 12\r\n\r\nOK\r\n");
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "at/time.h"

using namespace std::chrono_literals;

class Peer {
 public:
  struct Rule {
    std::string prefix;
    at::Millis delay{5};
    std::string bytes;
    bool silent = false;
    int times = 1;  // -1: for ever

    Rule& answer(std::string b) {
      bytes = std::move(b);
      return *this;
    }
    Rule& ok() { return answer("\r\nOK\r\n"); }
    Rule& nothing() {
      silent = true;
      return *this;
    }
    Rule& after(at::Millis d) {
      delay = d;
      return *this;
    }
    Rule& always() {
      times = -1;
      return *this;
    }
    Rule& twice() {
      times = 2;
      return *this;
    }
  };

  // The next line that starts so. Lines are without CR; "\x1B" is ESC.
  Rule& expect(std::string prefix) {
    return rules_.emplace_back(Rule{std::move(prefix), at::Millis{5}, {}, false, 1});
  }
  // The octets between prompt and Ctrl-Z.
  Rule& expect_pdu() { return expect("PDU:"); }
  void urc(const std::string& line) { says("\r\n" + line + "\r\n"); }
  void says(std::string bytes, at::Millis delay = at::Millis{0}) {
    later_.emplace(now_ + delay, std::move(bytes));
  }

  // Answers instead of the peer's own sense, for all but ESC. What ends with a prompt opens a data entry.
  std::function<std::string(const std::string& line)> script;
  std::function<void()> on_pdu;  // a PDU was read; before its answer

  // What a real modem holds.
  std::map<std::string, std::map<int, std::string>> store{{"SM", {}}, {"ME", {}}};
  std::map<std::string, std::map<int, int>> stats{{"SM", {}},
                                                  {"ME", {}}};  // <stat>; what is not here is read
  std::string mem1 = "SM", mem2 = "SM";
  bool marks_sent = true;  // +CMSS makes a slot STO SENT
  std::string cpin = "READY";
  std::string pin = "1234";
  int tries = 3;
  int creg = 1, cgreg = 1, cereg = 0;
  int tp_mr = 0;
  int places = 20;
  std::string manufacturer = "Acme", model = "M1";
  bool echo = false;
  bool hung = false;        // reads and says nothing; what is written is lost
  bool buffering = false;   // reads nothing; carried out when it is off again
  bool data_entry = false;  // a prompt is open
  int entries_escaped = 0;
  at::Millis lag{0};                 // before each answer; they stay in order
  double lose_answers = 0;           // share of answers that get lost on the way
  std::vector<std::string> air;      // PDUs that were sent
  std::vector<std::string> deleted;  // PDUs that were deleted
  void reboot(at::Instant now);      // settings and what was being done are gone

  void wake(at::Instant now);  // end of buffering
  void read(const std::string& bytes, at::Instant now);
  std::optional<at::Instant> next() const;  // when it says something
  std::string take(at::Instant now);
  void lose_port() {
    last_answer_ = {};
    later_.clear();
    line_.clear();
    data_entry = false;
  }
  bool all_expected() const;
  // How many lines started so.
  int count(const std::string& prefix) const;
  std::vector<std::string> lines;  // everything that was written, ESC as "\x1B", PDUs as "PDU:…"
  std::vector<at::Instant> times;

 private:
  void line(const std::string& text);
  std::string sensible(const std::string& text);
  std::string cpms(const std::string& text);
  std::string stored(const std::string& text);
  std::string written(const std::string& pdu);
  std::string sent_from_storage(int index);
  bool ruled(const std::string& text);
  void answers(const std::string& bytes);

  std::deque<Rule> rules_;
  std::multimap<at::Instant, std::string> later_;
  std::string line_, unread_;
  bool storing_ = false;  // the data entry is +CMGW's
  at::Instant now_{}, last_answer_{};
  std::mt19937 random_{1};
};
