#include "daemon/cli/http_call.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "config/version.h"

namespace klaxon::cli {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Failed = std::optional<error_code>;

constexpr std::chrono::seconds kConnectDeadline{5};
constexpr std::chrono::seconds kAnswerDeadline{60};  // 10 000 recipients on a slow disk
constexpr std::chrono::seconds kSilence{45};         // three of the daemon's signs of life
constexpr std::size_t kLargestAnswer = 64 << 20;
constexpr unsigned kOk = 200;

class Call {
 public:
  explicit Call(const BaseUrl& url) : url_(url) {}

  at::Expected<HttpAnswer, HttpFailure> make(const HttpRequest& asked) {
    if (const auto failed = connect()) return failure(*failed, false);
    const auto request = build(asked);
    if (const auto failed =
            stage(kAnswerDeadline, [&](auto done) { http::async_write(socket_, request, done); }))
      return failure(*failed, true);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kLargestAnswer);
    if (const auto failed =
            stage(kAnswerDeadline, [&](auto done) { http::async_read(socket_, buffer, parser, done); }))
      return failure(*failed, true);
    const auto& answer = parser.get();
    return HttpAnswer{answer.result_int(), answer.body(), std::string(answer[http::field::retry_after])};
  }

  at::Expected<HttpAnswer, HttpFailure> stream(const HttpRequest& asked, const Transport::Sink& sink) {
    if (const auto failed = connect()) return failure(*failed, false);
    const auto request = build(asked);
    if (const auto failed =
            stage(kAnswerDeadline, [&](auto done) { http::async_write(socket_, request, done); }))
      return failure(*failed, true);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    if (const auto failed = stage(kAnswerDeadline,
                                  [&](auto done) { http::async_read_header(socket_, buffer, parser, done); }))
      return failure(*failed, true);
    const unsigned status = parser.get().result_int();
    std::string& body = parser.get().body();
    while (!parser.is_done()) {
      const auto failed =
          stage(kSilence, [&](auto done) { http::async_read_some(socket_, buffer, parser, done); });
      if (status == kOk && !body.empty() && !sink(body)) return HttpAnswer{status, {}, {}};
      if (status == kOk) body.clear();
      if (failed) return failure(*failed, true);
      if (body.size() > kLargestAnswer) return failure(asio::error::message_size, true);
    }
    if (status == kOk) return failure(asio::error::eof, true);
    return HttpAnswer{status, std::move(body), std::string(parser.get()[http::field::retry_after])};
  }

 private:
  // Runs one asynchronous operation to its end or to its deadline.
  template <class Start>
  Failed stage(std::chrono::seconds limit, Start start) {
    std::optional<error_code> result;
    start([&result](error_code error, auto&&...) { result = error; });
    loop_.restart();
    loop_.run_for(limit);
    if (!result) {
      error_code ignored;
      socket_.close(ignored);
      resolver_.cancel();
      loop_.restart();
      loop_.run();
      return error_code(asio::error::timed_out);
    }
    return *result ? Failed(*result) : std::nullopt;
  }

  // An address is taken as it is: the client works where no name service does.
  Failed connect() {
    error_code no_address;
    const auto address = asio::ip::make_address(url_.host, no_address);
    if (!no_address) {
      const asio::ip::tcp::endpoint endpoint(address, url_.port);
      return stage(kConnectDeadline, [&](auto done) { socket_.async_connect(endpoint, done); });
    }
    asio::ip::tcp::resolver::results_type found;
    const auto failed = stage(kConnectDeadline, [&](auto done) {
      resolver_.async_resolve(
          url_.host, std::to_string(url_.port),
          [&found, done](error_code error, asio::ip::tcp::resolver::results_type results) {
            found = std::move(results);
            done(error);
          });
    });
    if (failed) return failed;
    return stage(kConnectDeadline, [&](auto done) { asio::async_connect(socket_, found, done); });
  }

  http::request<http::string_body> build(const HttpRequest& asked) const {
    http::request<http::string_body> request;
    request.method_string(asked.method);
    request.target(url_.prefix + asked.target);
    request.set(http::field::host, url_.authority);
    request.set(http::field::user_agent, "klaxon/" + std::string(config::version()));
    request.set(http::field::accept, "application/json, application/problem+json");
    request.set(http::field::connection, "close");
    if (!asked.token.empty()) request.set(http::field::authorization, "Bearer " + asked.token);
    if (!asked.idempotency_key.empty()) request.set("Idempotency-Key", asked.idempotency_key);
    if (!asked.body.empty()) request.set(http::field::content_type, "application/json");
    request.body() = asked.body;
    request.prepare_payload();
    return request;
  }

  HttpFailure reason(const error_code& error, bool connected) const {
    return {url_.authority + ": " + (error == asio::error::timed_out ? "no answer" : error.message()),
            connected};
  }
  at::Unexpected<HttpFailure> failure(const error_code& error, bool connected) const {
    return at::Unexpected{reason(error, connected)};
  }

  const BaseUrl& url_;
  asio::io_context loop_{1};
  asio::ip::tcp::socket socket_{loop_};
  asio::ip::tcp::resolver resolver_{loop_};
};

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(BaseUrl url) : url_(std::move(url)) {}
  at::Expected<HttpAnswer, HttpFailure> call(const HttpRequest& request) override {
    return Call(url_).make(request);
  }
  at::Expected<HttpAnswer, HttpFailure> stream(const HttpRequest& request, const Sink& sink) override {
    return Call(url_).stream(request, sink);
  }

 private:
  BaseUrl url_;
};

}  // namespace

std::unique_ptr<Transport> connect_over_tcp(const BaseUrl& url) {
  return std::make_unique<TcpTransport>(url);
}

}  // namespace klaxon::cli
