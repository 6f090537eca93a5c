#include "daemon/bank/plug_watch.h"

#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "daemon/bank/port_probe.h"
#include "hw/line.h"

namespace klaxon {
namespace {

// A [[modem]] may name a port by a symlink that udev does not know.
void add_name_of_fixed(hw::UsbPort& port, const std::vector<std::string>& fixed) {
  const std::string node = hw::node_behind(port.node);
  for (const std::string& named : fixed)
    if (!node.empty() && named.starts_with('/') && hw::node_behind(named) == node) port.names.push_back(named);
}

}  // namespace

// One port while it is asked. Completions that come after its end find it closed.
class PlugWatch::Probing : public std::enable_shared_from_this<Probing> {
 public:
  Probing(PlugWatch& owner, std::string node, std::unique_ptr<hw::Line> line, int fd, at::Millis budget)
      : owner_(owner),
        node_(std::move(node)),
        line_(std::move(line)),
        stream_(owner.loop_, fd),
        timer_(owner.loop_),
        probe_(budget, owner.clock_()) {
    stream_.non_blocking(true);  // else a write to a port that takes nothing would wait
  }

  void begin() {
    read();
    go_on();
  }
  void close() {
    closed_ = true;
    boost::system::error_code ignored;
    timer_.cancel();
    stream_.close(ignored);
    line_.reset();
  }

 private:
  void read() {
    stream_.async_read_some(boost::asio::buffer(in_),
                            [self = shared_from_this()](boost::system::error_code error, std::size_t n) {
                              if (self->closed_) return;
                              if (error) return self->give(Discovery::Answer::silent);
                              self->probe_.feed(std::string_view(self->in_.data(), n), self->owner_.clock_());
                              self->go_on();
                              if (!self->closed_) self->read();
                            });
  }
  void go_on() {
    probe_.tick(owner_.clock_());
    if (const auto answer = probe_.answer()) return give(*answer);
    // A port that takes not even four bytes is found out by the deadline.
    if (const std::string bytes = probe_.take_output(); !bytes.empty()) {
      boost::system::error_code ignored;
      stream_.write_some(boost::asio::buffer(bytes), ignored);
    }
    timer_.expires_at(probe_.deadline());
    timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (!error && !self->closed_) self->go_on();
    });
  }
  void give(Discovery::Answer answer) {
    const auto self = shared_from_this();
    close();  // before the modem's session opens it
    owner_.probings_.erase(node_);
    owner_.discovery_.probed(node_, answer, {}, probe_.heard(), owner_.clock_());
    owner_.act();
  }

  PlugWatch& owner_;
  std::string node_;
  std::unique_ptr<hw::Line> line_;
  boost::asio::posix::stream_descriptor stream_;
  boost::asio::steady_timer timer_;
  PortProbe probe_;
  std::array<char, 1024> in_{};
  bool closed_ = false;
};

PlugWatch::PlugWatch(boost::asio::io_context& loop, Discovery::Rules rules,
                     std::function<at::Instant()> clock, Calls calls)
    : loop_(loop),
      timer_(loop),
      events_(loop),
      fixed_(rules.fixed),
      discovery_(std::move(rules)),
      clock_(std::move(clock)),
      calls_(std::move(calls)) {}

PlugWatch::~PlugWatch() {
  stop();
}

std::string PlugWatch::start() {
  auto opened = hw::Hotplug::open();
  if (!opened) return opened.error();
  hotplug_ = std::move(*opened);
  const int fd = ::dup(hotplug_->fd());  // each side closes its own
  if (fd < 0) return "no descriptor is left for udev's events";
  events_.assign(fd);
  boost::asio::post(loop_, [this] {
    if (!stopped_) gather();
  });
  return {};
}

void PlugWatch::stop() {
  stopped_ = true;
  timer_.cancel();
  boost::system::error_code ignored;
  events_.close(ignored);
  for (auto& [node, probing] : probings_) probing->close();
  probings_.clear();
}

void PlugWatch::listen() {
  events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this](boost::system::error_code error) {
                       if (!error && !stopped_) gather();
                     });
}

void PlugWatch::gather() {
  for (hw::PortEvent& event : hotplug_->take()) {
    if (auto* added = std::get_if<hw::PortAdded>(&event)) add_name_of_fixed(added->port, fixed_);
    if (auto* seen = std::get_if<hw::PortsSeen>(&event))
      for (hw::UsbPort& port : seen->ports) add_name_of_fixed(port, fixed_);
    discovery_.feed(event, clock_());
  }
  listen();
  act();
}

void PlugWatch::act() {
  discovery_.tick(clock_());
  for (auto actions = discovery_.take_output(); !actions.empty(); actions = discovery_.take_output()) {
    for (const Discovery::Action& action : actions) {
      if (const auto* probe = std::get_if<Discovery::Probe>(&action)) begin(*probe);
      if (const auto* gone = std::get_if<Discovery::Abandon>(&action)) end(gone->node);
      if (const auto* plugged = std::get_if<Discovery::Plugged>(&action)) calls_.plugged(*plugged);
      if (const auto* unplugged = std::get_if<Discovery::Unplugged>(&action)) calls_.unplugged(*unplugged);
      if (const auto* waits = std::get_if<Discovery::Waits>(&action)) calls_.waits(*waits);
      if (const auto* told = std::get_if<Discovery::Told>(&action)) calls_.told(told->what);
    }
  }
  arm();
}

void PlugWatch::begin(const Discovery::Probe& probe) {
  auto line = hw::open_line(probe.node, probe.baud);
  const int fd = line ? ::dup((*line)->fd()) : -1;
  if (fd < 0) {
    using Answer = Discovery::Answer;
    using Kind = hw::LineError::Kind;
    Answer answer = Answer::refused;
    if (!line && line.error().kind == Kind::busy) answer = Answer::busy;
    if (!line && line.error().kind == Kind::absent) answer = Answer::silent;  // it is just being unplugged
    discovery_.probed(probe.node, answer, line ? "no descriptor is left" : line.error().text, {}, clock_());
    return;
  }
  auto probing = std::make_shared<Probing>(*this, probe.node, std::move(*line), fd, probe.budget);
  probings_[probe.node] = probing;
  probing->begin();
}

void PlugWatch::end(const std::string& node) {
  const auto at = probings_.find(node);
  if (at == probings_.end()) return;
  at->second->close();
  probings_.erase(at);
}

void PlugWatch::arm() {
  const auto due = discovery_.deadline();
  if (!due || stopped_) return;
  timer_.expires_at(*due);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error && !stopped_) act();
  });
}

}  // namespace klaxon
