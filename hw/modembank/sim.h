// What stays when the modem goes: a SIM with its storage (EF-SMS), its TP-MR (EF-SMSS) and its PIN.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace modembank {

enum class Stat : std::uint8_t { rec_unread = 0, rec_read = 1, sto_unsent = 2, sto_sent = 3 };  // 27.005 3.1

struct Stored {
  Stat stat = Stat::rec_unread;
  std::string pdu;  // with the SC address
  int tpdu_octets = 0;
  std::uint64_t inbound = 0;  // the air's number of what was received; 0 for own messages
};

class Storage {
 public:
  explicit Storage(int slots) : slots_(static_cast<std::size_t>(slots)) {}

  int total() const { return static_cast<int>(slots_.size()); }
  int used() const;
  bool full() const { return used() == total(); }
  bool has(int slot) const { return slot >= 0 && slot < total(); }
  // 0-based, lowest free slot first. -1: full.
  int add(Stored);
  // Null: empty or out of range.
  Stored* at(int slot);
  bool erase(int slot);  // false: was empty

 private:
  struct Slot {
    bool taken = false;
    Stored stored;
  };
  std::vector<Slot> slots_;
};

struct Sim {
  Sim(std::string iccid_, std::string imsi_, std::string number_, int slots)
      : iccid(std::move(iccid_)), imsi(std::move(imsi_)), number(std::move(number_)), sm(slots) {}

  std::string iccid, imsi, number;
  std::string sc_address;
  Storage sm;
  std::size_t line = 0;      // its place in Air
  std::uint8_t next_mr = 0;  // counts what reached the air
  std::string pin;           // empty: no PIN is asked
  std::string puk = "12345678";
  int pin_tries = 3, puk_tries = 10;
};

}  // namespace modembank
