// Who asks for little is heard between those who send lists.
#include <CppUTest/TestHarness.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "daemon/doors/server.h"
#include "tests/daemon/doors/desk.h"

using namespace klaxon;
using boost::asio::ip::tcp;

namespace {

std::string post(const std::string& body) {
  return "POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin\r\nContent-Type: "
         "application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string list_of(int count) {
  std::string body = R"({"text":"to many","to":["12345")";
  for (int i = 1; i < count; ++i) body += ",\"+4477" + std::to_string(10'000'000 + i) + "\"";
  return body + "]}";
}

}  // namespace

TEST_GROUP(BetweenLists) {
  Desk desk;
  boost::asio::io_context io{1}, outside;
  std::unique_ptr<doors::Server> server;
  std::deque<tcp::socket> clients;

  void setup() override {
    desk.face.config.http.listen = {{"127.0.0.1", 0}};
    server = std::make_unique<doors::Server>(io, desk.api, desk.face.config,
                                             [] { return doors::Server::Instant::clock::now(); });
    CHECK(server->listen().has_value());
  }
  void teardown() override {
    server->stop();
    io.poll();
    io.stop();
  }
  tcp::socket& connect() {
    tcp::socket& client = clients.emplace_back(outside);
    client.connect({boost::asio::ip::address_v4::loopback(), server->ports().at(0)});
    return client;
  }
  // Steps of the loop until so many requests were handed in, and no further.
  void hand_in(std::size_t count) {
    for (int steps = 0; desk.face.sent.size() < count && steps < 100'000; ++steps) {
      io.restart();
      io.run_one_for(std::chrono::milliseconds(100));
    }
    LONGS_EQUAL(count, desk.face.sent.size());
  }
};

TEST(BetweenLists, OneThatComesMeanwhileIsTakenBeforeTheNextList) {
  const std::string list = post(list_of(1000));
  for (int i = 0; i < 6; ++i) connect();
  for (int steps = 0; steps < 1'000 && server->connections() < 6; ++steps) {
    io.restart();
    io.run_one_for(std::chrono::milliseconds(100));
  }
  for (std::size_t i = 0; i < 5; ++i) boost::asio::write(clients[i], boost::asio::buffer(list));
  hand_in(1);
  boost::asio::write(clients[5], boost::asio::buffer(post(R"({"to":"12345","text":"to one"})")));
  hand_in(6);
  std::size_t place = 0;
  while (place < 6 && desk.face.sent[place].form.text != "to one") ++place;
  CHECK(place < 5);  // not behind all that were whole before it
}

TEST(BetweenLists, ListsAreTakenInTheirOrder) {
  for (int i = 0; i < 5; ++i) {
    boost::asio::write(connect(), boost::asio::buffer(post(list_of(500 + i))));
    hand_in(static_cast<std::size_t>(i) + 1);
  }
  for (std::size_t i = 0; i < 5; ++i) LONGS_EQUAL(500 + i, desk.face.sent[i].to.size());
}

TEST(BetweenLists, OneWhoLeavesBeforeItsTurnIsPassedOver) {
  const std::string list = post(list_of(1000));
  for (int i = 0; i < 3; ++i) boost::asio::write(connect(), boost::asio::buffer(list));
  hand_in(1);
  for (tcp::socket& client : clients) client.close();
  for (int steps = 0; steps < 1'000 && server->connections() > 0; ++steps) {
    io.restart();
    io.run_one_for(std::chrono::milliseconds(100));
    desk.turn();
  }
  LONGS_EQUAL(0, server->connections());
}
