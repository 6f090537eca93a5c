// The server over a real socket on loopback. Time is never waited for: what is due is swept by hand.
#include "daemon/doors/server.h"

#include <CppUTest/TestHarness.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

namespace {

doors::Server::Instant now() {
  return doors::Server::Instant::clock::now();
}

class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // What the socket takes now; the rest is returned.
  std::string_view write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return bytes;
  }
  void read() {
    char buffer[65536];
    for (;;) {
      const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
      if (n == 0) ended = true;
      if (n <= 0) {
        if (n < 0 && errno != EAGAIN) reset = true;
        return;
      }
      got.append(buffer, static_cast<std::size_t>(n));
    }
  }
  void finish() { ::shutdown(fd_, SHUT_WR); }

  std::string got;
  bool connected = false, ended = false, reset = false;

 private:
  int fd_;
};

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}

std::string post(const std::string& body, const std::string& more = "") {
  return "POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\nContent-Type: "
         "application/json\r\n" +
         more + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string kHealth = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kBody = R"({"to":"12345","text":"x"})";

}  // namespace

TEST_GROUP(Server) {
  Desk desk;
  boost::asio::io_context io{1};
  std::unique_ptr<doors::Server> server;
  std::uint16_t port = 0;

  void start(doors::Limits limits = {}) {
    desk.face.config.http.listen = {{"127.0.0.1", 0}};
    server = std::make_unique<doors::Server>(io, desk.api, desk.face.config, now, limits);
    CHECK(server->listen().has_value());
    port = server->ports().at(0);
  }
  void teardown() override {
    server->stop();
    io.poll();
    io.stop();
  }
  // Runs the loop until `done`, or until nothing has happened for two seconds: loopback needs microseconds.
  template <class Done>
  bool run(Client & client, Done done) {
    for (int quiet = 0; quiet < 2000;) {
      const std::size_t before = client.got.size();
      io.restart();
      const std::size_t ran = io.poll();
      desk.turn();
      client.read();
      if (done()) return true;
      if (ran == 0 && client.got.size() == before) {
        ++quiet;
        io.run_one_for(std::chrono::milliseconds(1));
      } else {
        quiet = 0;
      }
    }
    return false;
  }
  bool answers(Client & client, std::size_t wanted) {
    return run(client, [&] { return count(client.got, "HTTP/1.1 ") >= wanted && client.got.ends_with("}"); });
  }
  bool ends(Client & client) {
    return run(client, [&] { return client.ended; });
  }
};

TEST(Server, KeepsTheConnection) {
  start();
  int asked = 0;
  server->on_request([&] { ++asked; });
  Client client(port);
  client.write(kHealth);
  CHECK(answers(client, 1));
  CHECK(client.got.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(client.got.find("\r\nContent-Length: 15\r\n") != std::string::npos);
  client.write(kHealth);
  CHECK(answers(client, 2));
  LONGS_EQUAL(2, asked);
  CHECK(!client.ended);
  LONGS_EQUAL(1, server->connections());
  client.finish();
  CHECK(ends(client));
  LONGS_EQUAL(0, server->connections());
}

TEST(Server, ClosesWhenAsked) {
  start();
  Client client(port), old(port);
  client.write("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
  CHECK(ends(client));
  CHECK(client.got.find("\r\nConnection: close\r\n") != std::string::npos);
  old.write("GET /healthz HTTP/1.0\r\n\r\n");
  CHECK(ends(old));
  CHECK(old.got.starts_with("HTTP/1.1 200"));
}

TEST(Server, HeadHasNoBody) {
  start();
  Client client(port);
  client.write("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(run(client, [&] { return client.got.ends_with("\r\n\r\n"); }));
  CHECK(client.got.find("Content-Length: 15") != std::string::npos);
  client.write(kHealth);
  CHECK(answers(client, 2));
}

TEST(Server, BytesMayComeOneByOne) {
  start();
  Client client(port);
  for (const char c : post(kBody)) {
    client.write({&c, 1});
    io.restart();
    io.poll();
  }
  CHECK(answers(client, 1));
  CHECK(client.got.starts_with("HTTP/1.1 202 Accepted"));
}

TEST(Server, ChunkedBodies) {
  start();
  Client client(port);
  client.write(
      "POST /v1/messages HTTP/1.1\r\nAuthorization: Bearer admin\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"to\"\r\n14\r\n:\"12345\",\"text\":\"x\"}\r\n0\r\n\r\n");
  CHECK(answers(client, 1));
  CHECK(client.got.starts_with("HTTP/1.1 202"));
}

TEST(Server, PipelinedRequestsAreAnsweredInOrderBehindTheGate) {
  start();
  desk.face.hold_answers = true;
  Client client(port);
  client.write(post(R"({"to":"11111","text":"x"})") + kHealth + post(R"({"to":"22222","text":"x"})"));
  CHECK(run(client, [&] { return desk.face.sent.size() == 1; }));
  for (int i = 0; i < 20; ++i) {
    io.restart();
    io.poll();
    desk.turn();
  }
  client.read();
  expect("", client.got);  // the answer is gated, and nothing overtakes it
  LONGS_EQUAL(1, desk.face.sent.size());
  desk.face.hold_answers = false;
  CHECK(answers(client, 3));
  const auto first = client.got.find("11111"), health = client.got.find("\"ok\""),
             second = client.got.find("22222");
  CHECK(first < health && health < second && second != std::string::npos);
}

TEST(Server, ALargeBodyIsRefusedAndTheClientSeesIt) {
  start();
  Client client(port);
  const std::string large = post(std::string(30 * 1000 * 1000, 'x'));
  std::string_view rest = large;
  CHECK(run(client, [&] {
    rest = client.write(rest);
    return rest.empty();
  }));
  client.finish();
  CHECK(ends(client));
  CHECK(!client.reset);
  CHECK(client.got.starts_with("HTTP/1.1 413 "));
  CHECK(client.got.find("application/problem+json") != std::string::npos);
  Client next(port);
  next.write(kHealth);
  CHECK(answers(next, 1));
}

TEST(Server, WhatIsDroppedIsBounded) {
  doors::Limits limits;
  limits.dropped_octets = 1'000'000;
  start(limits);
  Client client(port);
  const std::string large = post(std::string(30 * 1000 * 1000, 'x'));
  std::string_view rest = large;
  CHECK(run(client, [&] {
    rest = client.write(rest);
    return client.ended || client.reset;
  }));
  CHECK(!rest.empty());
  LONGS_EQUAL(0, server->connections());
}

TEST(Server, AChunkedBodyHasTheSameLimit) {
  doors::Limits limits;
  limits.body_octets = 100;
  start(limits);
  Client client(port);
  client.write("POST /v1/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n" +
               std::string(128, 'x') + "\r\n");
  CHECK(answers(client, 1));
  CHECK(client.got.starts_with("HTTP/1.1 413 "));
}

TEST(Server, ExpectContinue) {
  start();
  Client client(port);
  const std::string whole = post(kBody, "Expect: 100-continue\r\n");
  client.write(whole.substr(0, whole.size() - kBody.size()));
  CHECK(run(client, [&] { return client.got == "HTTP/1.1 100 Continue\r\n\r\n"; }));
  client.write(kBody);
  CHECK(answers(client, 2));
  CHECK(client.got.find("HTTP/1.1 202") != std::string::npos);
}

TEST(Server, WhatIsNoHttp) {
  start();
  for (const char* bytes : {"\x16\x03\x01\x02\x00\x01\x00", "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                            "GET /healthz HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    Client client(port);
    client.write(std::string_view(bytes, std::max<std::size_t>(strlen(bytes), 5)));
    client.finish();
    CHECK_TEXT(ends(client), bytes);
    CHECK_TEXT(client.got.starts_with("HTTP/1.1 400 ") || client.got.empty(), bytes);
  }
  Client client(port);
  client.write("GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
  CHECK(ends(client) || client.reset);
  CHECK(client.got.starts_with("HTTP/1.1 431 "));
}

TEST(Server, SlowAndIdleClientsAreEnded) {
  start();
  Client slow(port), idle(port);
  slow.write("GET /healthz HTTP/1.1\r\nX-Slow");
  CHECK(run(slow, [&] { return server->connections() == 2; }));
  for (int i = 0; i < 5; ++i) {
    io.restart();
    io.poll();
  }
  server->sweep(now() + std::chrono::seconds(31));
  CHECK(run(slow, [&] { return slow.ended; }));
  CHECK(slow.got.starts_with("HTTP/1.1 408 "));
  slow.finish();
  server->sweep(now() + std::chrono::seconds(61));
  CHECK(ends(idle));
  expect("", idle.got);
}

TEST(Server, ConnectionsHaveABound) {
  doors::Limits limits;
  limits.connections = 2;
  start(limits);
  auto first = std::make_unique<Client>(port);
  Client second(port), third(port);
  CHECK(run(second, [&] { return server->connections() == 2; }));
  third.write(kHealth);
  for (int i = 0; i < 20; ++i) {
    io.restart();
    io.poll();
  }
  third.read();
  expect("", third.got);
  LONGS_EQUAL(2, server->connections());
  first.reset();
  CHECK(answers(third, 1));
}

TEST(Server, BodiesWaitForRoom) {
  doors::Limits limits;
  limits.small_body = 10;
  limits.bodies_octets = 100;
  start(limits);
  const std::string body = R"({"to":"12345","text":")" + std::string(50, 'x') + "\"}";
  const std::string whole = post(body);
  Client first(port), second(port);
  first.write(whole.substr(0, whole.size() - 5));
  CHECK(run(first, [&] { return server->connections() == 2; }));
  for (int i = 0; i < 10; ++i) {
    io.restart();
    io.poll();
  }
  second.write(whole);
  for (int i = 0; i < 20; ++i) {
    io.restart();
    io.poll();
    desk.turn();
  }
  LONGS_EQUAL(0, desk.face.sent.size());
  first.write(whole.substr(whole.size() - 5));
  CHECK(answers(first, 1));
  CHECK(answers(second, 1));
  LONGS_EQUAL(2, desk.face.sent.size());
}

TEST(Server, StopEndsTheIdleAndLetsTheRestHaveTheirAnswer) {
  start();
  desk.face.hold_answers = true;
  Client idle(port), waiting(port);
  waiting.write(post(kBody));
  CHECK(run(waiting, [&] { return desk.face.sent.size() == 1 && server->connections() == 2; }));
  server->stop();
  CHECK(ends(idle));
  LONGS_EQUAL(1, server->connections());
  desk.face.hold_answers = false;
  CHECK(ends(waiting));
  CHECK(waiting.got.starts_with("HTTP/1.1 202"));
}

TEST(Server, AddressesThatCannotBeHad) {
  start();
  auto config = desk.face.config;
  config.http.listen = {{"127.0.0.1", 0}, {"127.0.0.1", port}};
  doors::Server other(io, desk.api, config, now);
  const auto refused = other.listen();
  CHECK(!refused.has_value());
  CHECK(refused.error().find(":" + std::to_string(port)) != std::string::npos);
  config.http.listen = {{"nowhere", 0}};
  doors::Server third(io, desk.api, config, now);
  CHECK(!third.listen().has_value());
}

TEST(Server, AStreamStaysOpenAndTellsThatItLives) {
  start();
  Client client(port);
  client.write("GET /v1/events HTTP/1.1\r\nAuthorization: Bearer admin\r\n\r\n");
  CHECK(run(client, [&] { return client.got.ends_with(": klaxon\n\n"); }));
  CHECK(client.got.find("Content-Length") == std::string::npos);
  CHECK(client.got.find("\r\nConnection: close\r\n") != std::string::npos);
  const std::size_t before = client.got.size();
  server->sweep(now() + std::chrono::seconds(14));
  CHECK(!client.ended);
  server->sweep(now() + std::chrono::seconds(16));
  CHECK(run(client, [&] { return client.got.size() > before; }));
  expect(":\n\n", client.got.substr(before));
  desk.face.rows.event_rows.emplace_back().modem = ModemStateRecord{"modem0", "ready", "", ""};
  CHECK(run(client, [&] { return client.got.ends_with("}}\n\n"); }));
  STRCMP_CONTAINS("id: e1\nevent: modem\n", client.got.c_str());
  client.finish();
  CHECK(ends(client));
  LONGS_EQUAL(0, server->connections());
}

TEST(Server, AStreamThatNobodyReadsIsCutOff) {
  start();
  Client client(port);
  for (int i = 0; i < 40'000; ++i) {
    auto& modem = desk.face.rows.event_rows.emplace_back().modem.emplace();
    modem.modem = "modem0";
    modem.why = std::string(1000, 'x');
  }
  client.write("GET /v1/events?after=e0 HTTP/1.1\r\nAuthorization: Bearer admin\r\n\r\n");
  const int reads_before = desk.face.rows.event_reads;
  for (int i = 0; i < 3000; ++i) {
    io.restart();
    io.poll();
    desk.turn();
  }
  const int reads = desk.face.rows.event_reads - reads_before;
  CHECK(reads > 1 && reads < 350);  // the socket is full long before all has been read
  LONGS_EQUAL(1, server->connections());
  server->sweep(now() + std::chrono::seconds(61));
  LONGS_EQUAL(0, server->connections());
}

TEST(Server, StreamsEndWhenTheServerStops) {
  start();
  Client client(port);
  client.write("GET /v1/events HTTP/1.1\r\nAuthorization: Bearer admin\r\n\r\n");
  CHECK(run(client, [&] { return client.got.ends_with(": klaxon\n\n"); }));
  server->stop();
  CHECK(ends(client));
}

TEST(Server, HeadOfAStreamHasAnEnd) {
  start();
  Client client(port);
  client.write("HEAD /v1/events HTTP/1.1\r\nAuthorization: Bearer admin\r\n\r\n");
  CHECK(ends(client));
  CHECK(client.got.ends_with("\r\n\r\n"));
  STRCMP_CONTAINS("text/event-stream", client.got.c_str());
}
