// The shell around a Bank: PTYs, the air's file, the control socket, one epoll loop that sleeps until
// something is due.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hw/modembank/bank.h"
#include "hw/modembank/options.h"
#include "hw/modembank/port.h"

namespace modembank {

class Server {
 public:
  // Throws std::system_error when a port, the file or the socket can't be made.
  explicit Server(const Options&);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void run();  // until SIGTERM, SIGINT or `quit`

 private:
  struct Client {
    int fd = -1;
    std::string in, out;
    struct Wait {
      std::string count;
      std::uint64_t at_least = 0;
      at::Instant until{};
    };
    std::optional<Wait> wait;  // later lines stay unread until it is over
    bool write_watched = false, closing = false;
  };
  enum class Source : std::uint64_t { modem, client, listener, timer, signals, watch };
  void watch(int fd, Source, std::uint64_t number, std::uint32_t events);
  void handle(Source, std::uint64_t number);
  void open_control(const std::string& path);
  void sync_ports();
  void read_port(int k);
  void write_ports();
  void write_air();
  void append(int fd, const std::string& lines);
  void arm();
  void owners_left();
  void accept_client();
  void read_client(Client&);
  void serve(Client&);
  void answer(Client&, const std::string& line);
  void flush(Client&);
  bool settle_waits();  // true: commands that stood behind a wait were done
  std::string start_wait(Client&, std::string_view line);
  void close_clients();

  Options options_;
  Bank bank_;
  int epoll_ = -1, timer_ = -1, signals_ = -1, inotify_ = -1, listener_ = -1, air_ = -1, trace_ = -1;
  std::vector<std::unique_ptr<Port>> ports_;
  std::vector<int> plugs_;  // of which plugging each port is
  std::vector<bool> write_watched_;
  std::map<int, int> modem_by_watch_;
  std::map<int, Client> clients_;
  std::optional<at::Instant> armed_;
  bool ending_ = false;
};

}  // namespace modembank
