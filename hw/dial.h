// A line over TCP, as terminal servers offer their serial ports: raw bytes. To get one takes time, and nobody
// may be held up meanwhile: so it is a small machine around an fd. Whoever drives it sets the deadline and
// drops it when that is over.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "hw/line.h"

namespace hw {

class Dial {
 public:
  using Outcome = at::Expected<std::unique_ptr<Line>, LineError>;

  // host: an address or a name. A name is looked up in a thread of its own, which may outlive this by what
  // the system's resolver takes to give up.
  Dial(std::string host, std::string port);
  Dial(Dial&&) noexcept;
  ~Dial();

  // Goes on as far as it can without waiting. None: call it again when fd() is ready; fd() may be another one
  // each time.
  std::optional<Outcome> advance();
  int fd() const;
  bool awaits_write() const;  // ready is writable; else readable

 private:
  struct Addresses;
  struct Lookup;
  std::optional<Outcome> connect_next();
  std::optional<Outcome> connected();
  LineError refused(const std::string& why) const;

  std::string name_, host_, port_, why_;
  std::shared_ptr<Lookup> lookup_;
  std::unique_ptr<Addresses> addresses_;
  int socket_ = -1;
};

}  // namespace hw
