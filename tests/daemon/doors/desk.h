// Asks the API without a socket.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>

#include "daemon/doors/api.h"
#include "tests/daemon/doors/fake_face.h"

// Five tokens exist, one per scope; the token's text is the scope's name.
struct Desk {
  FakeFace face;
  klaxon::doors::Api api{face};

  struct Slip final : klaxon::doors::Asker {  // waits for one answer
    std::optional<klaxon::doors::HttpResponse> response;
    bool gone = false;
    bool open() const override { return !gone; }
    void answer(klaxon::doors::HttpResponse given) override { response = std::move(given); }
  };

  Desk();
  // Hands the request in; the answer may come with turn().
  std::shared_ptr<Slip> hand_in(klaxon::doors::HttpRequest);
  void turn();
  klaxon::doors::HttpResponse ask(klaxon::doors::HttpRequest);
  klaxon::doors::HttpResponse ask(const std::string& method, const std::string& target,
                                  const std::string& body = "", const std::string& token = "admin");
};

klaxon::doors::HttpRequest request(const std::string& method, const std::string& target,
                                   const std::string& body = "", const std::string& token = "admin");
boost::json::value parsed(const klaxon::doors::HttpResponse&);
// The text at a JSON pointer, strings without quotes; "(absent)" when nothing is there.
std::string at_path(const klaxon::doors::HttpResponse&, const std::string& pointer);
// The pointers of a 422, in order: "/to/1 /text".
std::string pointers(const klaxon::doors::HttpResponse&);
std::string header(const klaxon::doors::HttpResponse&, const std::string& name);
