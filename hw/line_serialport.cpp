// Real ports, by libserialport. The only file that includes it.
#include <fcntl.h>
#include <libserialport.h>
#include <unistd.h>

#include <cerrno>

#include "hw/line_fd.h"

namespace hw {
namespace {

struct PortDeleter {
  void operator()(sp_port* port) const { sp_free_port(port); }
};
using PortPtr = std::unique_ptr<sp_port, PortDeleter>;

class SerialportLine : public Line {
 public:
  SerialportLine(PortPtr port, int fd, int lock) : port_(std::move(port)), fd_(fd), lock_(lock) {}
  ~SerialportLine() override {
    release_line(fd_);
    sp_close(port_.get());
    ::close(lock_);
  }
  SerialportLine(const SerialportLine&) = delete;
  SerialportLine& operator=(const SerialportLine&) = delete;

  int fd() const override { return fd_; }
  void drop_dtr() override { sp_set_dtr(port_.get(), SP_DTR_OFF); }
  std::string kind() const override { return "libserialport"; }

  // libserialport sets no rate or framing by itself. Failures don't matter: some gadgets refuse what means
  // nothing to them.
  void frame(int baud) {
    sp_set_baudrate(port_.get(), baud);
    sp_set_bits(port_.get(), 8);
    sp_set_parity(port_.get(), SP_PARITY_NONE);
    sp_set_stopbits(port_.get(), 1);
    sp_set_flowcontrol(port_.get(),
                       SP_FLOWCONTROL_NONE);  // and DTR and RTS on, without which many modems are deaf
  }

 private:
  PortPtr port_;
  int fd_;
  int lock_;
};

LineError sp_error(sp_return result, const std::string& name) {
  if (result == SP_ERR_FAIL) return line_error(sp_last_error_code(), name);
  if (result == SP_ERR_ARG) return {LineError::Kind::absent, name + ": not a serial port"};
  return {LineError::Kind::broken, name + ": libserialport error " + std::to_string(result)};
}

// sp_open sets modes (VMIN=0 among them) before anyone could lock its fd, which would ruin the line of
// whoever has it. So the lock is taken on an fd of its own, first.
at::Expected<int, LineError> take_lock(const std::string& name) {
  const int lock = ::open(name.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (lock < 0) return at::Unexpected{line_error(errno, name)};
  if (const auto problem = lock_line(lock, name)) {
    ::close(lock);
    return at::Unexpected{*problem};
  }
  return lock;
}

at::Expected<PortPtr, LineError> sp_opened(const std::string& name) {
  sp_port* found = nullptr;
  sp_return result = sp_get_port_by_name(name.c_str(), &found);
  PortPtr port(result == SP_OK ? found : nullptr);
  if (result == SP_OK) result = sp_open(port.get(), SP_MODE_READ_WRITE);
  if (result != SP_OK) return at::Unexpected{sp_error(result, name)};
  return port;
}

}  // namespace

at::Expected<std::unique_ptr<Line>, LineError> open_serialport(const std::string& name, int baud) {
  const auto lock = take_lock(name);
  if (!lock) return at::Unexpected{lock.error()};
  auto port = sp_opened(name);
  if (!port) {
    ::close(*lock);
    return at::Unexpected{port.error()};
  }
  exclude_others(*lock);
  int fd = -1;
  sp_get_port_handle(port->get(), &fd);
  auto line = std::make_unique<SerialportLine>(std::move(*port), fd, *lock);
  if (const auto problem = make_raw(fd, name)) return at::Unexpected{*problem};
  line->frame(baud);  // after make_raw: tcsetattr would forget a rate that has no Bxxx constant
  return std::unique_ptr<Line>(std::move(line));
}

}  // namespace hw
