// The one loop: Asio around the appliance, the store's threads and the doors.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "daemon/app/appliance.h"
#include "daemon/bank/plug_watch.h"
#include "daemon/bank/recording_files.h"
#include "daemon/bank/session.h"
#include "daemon/doors/server.h"
#include "daemon/ops/notify_socket.h"
#include "daemon/ops/pulse.h"
#include "daemon/store/store.h"

namespace klaxon {

class Shell {
 public:
  // settings outlive it. Throws nothing; start() says what is wrong.
  explicit Shell(const config::Settings&);
  ~Shell();

  // Opens the store and the listening sockets; writes the bootstrap token. The reason for a refusal, or empty.
  std::string start();
  void run();  // until SIGTERM or SIGINT and a clean end

 private:
  void wake_soon();      // a turn after what is ready now has been gathered
  void turn();
  void gather_store();
  void seal();
  void speak();          // what may now be said: to modems, callers, the log
  void beat();           // tells the service manager that a turn went through
  void arm();
  void add_session(std::size_t slot);
  Session* session_at(const std::string& place, std::size_t* slot);
  void watch_ports();
  void await_reload();   // SIGHUP
  void reload_identity();
  void watch_certificate();  // warns of its end, and again each day
  void began_stopping();
  std::optional<std::string> secret_file(const std::string& name) const;
  std::string bootstrap_token();
  void keep_marks();

  const config::Settings& settings_;
  boost::asio::io_context loop_{1};
  boost::asio::steady_timer timer_{loop_};
  boost::asio::steady_timer seal_timer_{loop_};
  boost::asio::steady_timer certificate_timer_{loop_};
  boost::asio::signal_set ends_{loop_};
  boost::asio::signal_set reloads_{loop_};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<PortMarkFile> marks_;
  std::unique_ptr<Appliance> appliance_;
  std::unique_ptr<doors::Api> api_;
  std::unique_ptr<doors::Server> server_;
  std::vector<std::unique_ptr<Session>> sessions_;  // one for each slot
  std::unique_ptr<PlugWatch> plugs_;
  RecordingFiles recordings_;
  ops::NotifySocket manager_{ops::take_notify_address()};
  ops::Pulse pulse_{ops::take_watchdog()};
  bool turn_posted_ = false, stopping_ = false, seal_waits_ = false;
  std::optional<at::Instant> armed_;
  at::Instant stop_at_{};
  double mean_commit_micros_ = 500;
  std::string check_told_;
};

// A new admin token in data_dir's database: for whoever lost the last one. The token, or the reason why not (second).
std::pair<std::string, std::string> make_admin_token(const config::Settings&, const std::string& name);

}  // namespace klaxon
