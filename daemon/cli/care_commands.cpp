#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

// A file that has its name only once it is whole and on disk. 0600: it holds texts, numbers and token hashes.
class WholeFile {
 public:
  explicit WholeFile(std::string path) : path_(std::move(path)), part_(path_ + ".part") {
    file_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file_ < 0) failed_ = errno;
  }
  ~WholeFile() {
    if (file_ >= 0) ::close(file_);
    if (file_ >= 0 && !kept_) ::unlink(part_.c_str());
  }
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  bool write(std::string_view octets) {
    while (failed_ == 0 && !octets.empty()) {
      const ssize_t n = ::write(file_, octets.data(), octets.size());
      if (n < 0 && errno != EINTR) failed_ = errno;
      if (n > 0) octets.remove_prefix(static_cast<std::size_t>(n));
    }
    return failed_ == 0;
  }
  bool keep() {
    if (failed_ == 0 && ::fsync(file_) != 0) failed_ = errno;
    if (failed_ == 0 && ::rename(part_.c_str(), path_.c_str()) != 0) failed_ = errno;
    kept_ = failed_ == 0;
    return kept_;
  }
  bool failed() const { return failed_ != 0; }
  std::string why() const { return path_ + ": " + std::strerror(failed_); }

 private:
  std::string path_, part_;
  int file_ = -1, failed_ = 0;
  bool kept_ = false;
};

int back_up(Session& session, const std::string& path) {
  constexpr std::chrono::hours kPatience{1};  // a copy of many gigabytes on a slow disk
  WholeFile file(path);
  const auto cannot = [&] { return complain(session.terminal, {kRefused, 0, file.why()}); };
  if (file.failed()) return cannot();
  std::uint64_t octets = 0;
  const auto outcome = session.api.fetch("/v1/backup", kPatience, [&](std::string_view piece) {
    octets += piece.size();
    return file.write(piece);
  });
  if (file.failed()) return cannot();
  if (!outcome) return complain(session.terminal, outcome.error());
  if (!file.keep()) return cannot();
  session.terminal.err << path << ": " << octets << " octets\n";
  return kDone;
}

}  // namespace

void add_care(Command app, Chosen& chosen) {
  auto path = std::make_shared<std::string>();
  auto backup = app.subcommand("backup", "Write a copy of all that klaxond keeps into a file");
  backup.positional("FILE", *path);
  backup.on_use(
      [path, &chosen] { chosen.remote = [path](Session& session) { return back_up(session, *path); }; });

  auto number = std::make_shared<std::string>();
  auto erase = app.subcommand("erase", "Delete the texts to and from a number, and the number with them");
  erase.positional("NUMBER", *number);
  erase.on_use([number, &chosen] {
    chosen.remote = [number](Session& session) {
      return show(session.terminal, session.api.erase("/v1/numbers/" + percent_encoded(*number)),
                  [](const json::value& answer) {
                    return answer.is_object()
                               ? printable(shown(answer.get_object(), "number")) + " is being erased\n"
                               : "";
                  });
    };
  });
}

}  // namespace klaxon::cli
