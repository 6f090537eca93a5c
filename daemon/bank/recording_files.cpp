#include "daemon/bank/recording_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace klaxon {

namespace {

constexpr std::chrono::milliseconds kLastMoment{500};
constexpr std::string_view kEnding = ".chat";
constexpr std::size_t kTimeLength = std::string_view("-20261122T093000.000Z.chat").size();

std::string modem_of(const std::string& name) {
  return name.substr(0, name.size() - std::min(name.size(), kTimeLength));
}
std::string time_of(const std::string& name) {
  return name.substr(name.size() - std::min(name.size(), kTimeLength));
}

// Complete or absent. The reason why not, or nothing.
std::string write_whole(const std::string& path, const std::string& content) {
  const std::string part = path + ".part";
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) return std::strerror(errno);
  const bool written = ::fchmod(fd, 0640) == 0 &&
                       ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  const int error = errno;
  ::close(fd);
  if (written && ::rename(part.c_str(), path.c_str()) == 0) return {};
  ::unlink(part.c_str());
  return written ? std::strerror(errno) : std::strerror(error == 0 ? ENOSPC : error);
}

void prune(const std::string& dir) {
  std::vector<RecordingFile> files;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(dir, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename();
    std::error_code gone;
    const auto octets = std::filesystem::file_size(entry->path(), gone);
    if (name.ends_with(kEnding) && !gone) files.push_back({name, static_cast<std::size_t>(octets)});
  }
  for (const std::string& name : too_many(std::move(files))) ::unlink((dir + '/' + name).c_str());
}

}  // namespace

// Owned by RecordingFiles and by its thread, whoever ends last.
struct RecordingFiles::Desk {
  explicit Desk(std::string folder) : dir(std::move(folder)) {}
  void run();
  std::string keep(const Recording&) const;

  const std::string dir;
  std::mutex mutex;  // of what follows
  std::condition_variable changed;
  std::deque<Recording> waiting;
  std::vector<std::string> complaints;
  std::string told;
  bool stopping = false, done = false;
};

std::string RecordingFiles::Desk::keep(const Recording& recording) const {
  if (::mkdir(dir.c_str(), 0750) != 0 && errno != EEXIST) return std::strerror(errno);
  std::string why =
      write_whole(dir + '/' + recording_name(recording.modem, recording.began_ms), recording.chat);
  prune(dir);
  return why;
}

void RecordingFiles::Desk::run() {
  std::unique_lock lock(mutex);
  while (!stopping || !waiting.empty()) {
    if (waiting.empty()) {
      changed.wait(lock);
      continue;
    }
    const Recording recording = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    const std::string why = keep(recording);
    lock.lock();
    if (!why.empty() && why != told) complaints.push_back("recordings can't be kept in " + dir + ": " + why);
    told = why;
  }
  done = true;
  changed.notify_all();
}

RecordingFiles::RecordingFiles(std::string dir) : desk_(std::make_shared<Desk>(std::move(dir))) {
  std::thread([desk = desk_] { desk->run(); }).detach();
}

RecordingFiles::~RecordingFiles() {
  std::unique_lock lock(desk_->mutex);
  desk_->stopping = true;
  desk_->changed.notify_all();
  desk_->changed.wait_for(lock, kLastMoment, [this] { return desk_->done; });
}

void RecordingFiles::write(Recording recording) {
  const std::lock_guard lock(desk_->mutex);
  if (desk_->waiting.size() >= kWaiting) desk_->waiting.pop_front();
  desk_->waiting.push_back(std::move(recording));
  desk_->changed.notify_all();
}

std::vector<std::string> RecordingFiles::complaints() {
  const std::lock_guard lock(desk_->mutex);
  return std::exchange(desk_->complaints, {});
}

std::string recording_name(std::string_view modem, std::int64_t began_ms) {
  std::string name(modem.substr(0, 128));
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == ':' || c == '.';
    if (!plain) c = '_';
  }
  if (name.starts_with('.')) name.front() = '_';
  const std::time_t seconds = static_cast<std::time_t>(began_ms / 1'000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 64> time{};
  std::snprintf(time.data(), time.size(), "-%04d%02d%02dT%02d%02d%02d.%03dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                static_cast<int>(began_ms % 1'000));
  return name + time.data() + std::string(kEnding);
}

std::vector<std::string> too_many(std::vector<RecordingFile> files) {
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return time_of(a.name) > time_of(b.name); });
  std::vector<std::string> out;
  std::map<std::string, std::size_t> of_modem;
  std::size_t kept = 0, octets = 0;
  for (const RecordingFile& file : files) {
    const bool room = kept < RecordingFiles::kFiles && octets + file.octets <= RecordingFiles::kOctets &&
                      of_modem[modem_of(file.name)] < RecordingFiles::kOfOneModem;
    if (!room) {
      out.push_back(file.name);
      continue;
    }
    ++kept;
    ++of_modem[modem_of(file.name)];
    octets += file.octets;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace klaxon
