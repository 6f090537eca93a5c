// The shell around discovery: listens to udev, probes ports, and tells which modem is plugged in where.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/bank/discovery.h"
#include "hw/hotplug.h"

namespace klaxon {

class PlugWatch {
 public:
  struct Calls {  // all on the loop's thread, never from within start()
    std::function<void(const Discovery::Plugged&)> plugged;
    std::function<void(const Discovery::Unplugged&)> unplugged;
    std::function<void(const Discovery::Waits&)> waits;
    std::function<void(const std::string&)> told;  // a log line
  };
  PlugWatch(boost::asio::io_context&, Discovery::Rules, std::function<at::Instant()> clock, Calls);
  ~PlugWatch();

  std::string start();  // the reason why nothing will be discovered, or empty
  void stop();          // no call follows

 private:
  class Probing;
  void listen();
  void gather();
  void act();
  void begin(const Discovery::Probe&);
  void end(const std::string& node);
  void arm();

  boost::asio::io_context& loop_;
  boost::asio::steady_timer timer_;
  boost::asio::posix::stream_descriptor events_;
  std::vector<std::string> fixed_;
  Discovery discovery_;
  std::function<at::Instant()> clock_;
  Calls calls_;
  std::unique_ptr<hw::Hotplug> hotplug_;
  std::map<std::string, std::shared_ptr<Probing>> probings_;  // by node
  bool stopped_ = false;
};

}  // namespace klaxon
