// One PTY as a modem's port: DIR/modemK is a symlink to its slave side.
#pragma once

#include <string>
#include <string_view>

namespace modembank {

class Port {
 public:
  // Throws std::system_error. The slave is raw, and stays open here: what was written to it survives its
  // owner.
  explicit Port(std::string symlink);
  ~Port();  // unplugs: the owner reads EIO; the symlink goes, if it is still ours
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  int fd() const { return master_; }
  const std::string& pts() const { return pts_; }
  // Appends what there is to read now.
  void read(std::string* to);
  // Takes the bytes; what the PTY has no room for waits, up to a bound, beyond which it is lost as on a wire.
  void write(std::string_view bytes);
  bool write_waiting() const { return !waiting_.empty(); }
  void flush();
  // TIOCEXCL of a dead owner would keep the next one out, since the slave stays open here.
  void owner_left();

 private:
  std::string symlink_, pts_, waiting_;
  int master_ = -1, slave_ = -1;
};

}  // namespace modembank
