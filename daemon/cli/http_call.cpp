#include "daemon/cli/http_call.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
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
constexpr std::chrono::seconds kHandshakeDeadline{10};
constexpr std::size_t kLargestAnswer = 64 << 20;
constexpr std::size_t kPiece = 64 * 1024;
constexpr unsigned kOk = 200;

using Answered = at::Expected<HttpAnswer, HttpFailure>;

class Call {
 public:
  Call(const BaseUrl& url, const Trust& trust) : url_(url), trust_(trust) {}

  Answered make(const HttpRequest& asked) {
    if (!url_.tls) {
      if (const auto failed = connect()) return failure(*failed, false);
      return exchange(socket_, asked);
    }
    // Before a connection is made, so that a wrong --ca is told as such.
    if (auto why = prepare_tls(); !why.empty()) return at::Unexpected{HttpFailure{std::move(why), false}};
    if (const auto failed = connect()) return failure(*failed, false);
    asio::ssl::stream<asio::ip::tcp::socket&> stream(socket_, tls_);
    if (const auto failed = shake_hands(stream)) return at::Unexpected{HttpFailure{*failed, false}};
    return exchange(stream, asked);
  }

 private:
  template <class Stream>
  Answered exchange(Stream& stream, const HttpRequest& asked) {
    const auto request = build(asked);
    if (const auto failed =
            stage(asked.patience, [&](auto done) { http::async_write(stream, request, done); }))
      return failure(*failed, true);
    return asked.sink ? receive_pieces(stream, asked) : receive(stream, asked);
  }

  template <class Stream>
  Answered receive(Stream& stream, const HttpRequest& asked) {
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(kLargestAnswer);
    if (const auto failed =
            stage(asked.patience, [&](auto done) { http::async_read(stream, buffer, parser, done); }))
      return failure(*failed, true);
    const auto& answer = parser.get();
    return HttpAnswer{answer.result_int(), answer.body(), std::string(answer[http::field::retry_after])};
  }

  template <class Stream>
  Answered receive_pieces(Stream& stream, const HttpRequest& asked) {
    boost::beast::flat_buffer buffer;
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    if (const auto failed = stage(asked.patience,
                                  [&](auto done) { http::async_read_header(stream, buffer, parser, done); }))
      return failure(*failed, true);
    auto& answer = parser.get();
    HttpAnswer out{answer.result_int(), {}, std::string(answer[http::field::retry_after])};
    std::string piece(kPiece, '\0');
    while (!parser.is_done()) {
      answer.body().data = piece.data();
      answer.body().size = piece.size();
      auto failed =
          stage(asked.patience, [&](auto done) { http::async_read_some(stream, buffer, parser, done); });
      const std::string_view got(piece.data(), piece.size() - answer.body().size);
      if (out.status != kOk && out.body.size() + got.size() <= kLargestAnswer) out.body.append(got);
      if (out.status == kOk && !got.empty() && !asked.sink(got)) {
        if (asked.endless) return out;
        return at::Unexpected{HttpFailure{"the answer could not be kept", true}};
      }
      if (failed && *failed != http::error::need_buffer) return failure(*failed, true);
    }
    if (out.status == kOk && asked.endless) return failure(asio::error::eof, true);
    return out;
  }

  // Empty, or why not.
  std::string prepare_tls() {
    error_code error;
    if (trust_.insecure) {
      tls_.set_verify_mode(asio::ssl::verify_none, error);
      return {};
    }
    if (trust_.ca_file.empty()) {
      tls_.set_default_verify_paths(error);
    } else {
      tls_.load_verify_file(trust_.ca_file, error);
      if (error) return "--ca: " + trust_.ca_file + " holds no certificate that can be read";
      // The file may hold the server's own certificate, whoever signed it.
      X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(tls_.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
    }
    tls_.set_verify_mode(asio::ssl::verify_peer, error);
    tls_.set_verify_callback(asio::ssl::host_name_verification(url_.host), error);
    return error ? error.message() : std::string();
  }

  std::optional<std::string> shake_hands(asio::ssl::stream<asio::ip::tcp::socket&>& stream) {
    error_code no_address;
    asio::ip::make_address(url_.host, no_address);
    if (no_address) SSL_set_tlsext_host_name(stream.native_handle(), url_.host.c_str());  // RFC 6066 3: names only
    const auto failed = stage(kHandshakeDeadline, [&](auto done) {
      stream.async_handshake(asio::ssl::stream_base::client, done);
    });
    if (!failed) return {};
    const long verdict = SSL_get_verify_result(stream.native_handle());
    if (failed->category() != asio::error::get_ssl_category()) return reason(*failed, false).reason;
    const bool other_name = verdict == X509_V_ERR_UNSPECIFIED || verdict == X509_V_ERR_HOSTNAME_MISMATCH;
    if (other_name) return url_.authority + ": its certificate is not for that name";
    if (verdict != X509_V_OK)
      return url_.authority + ": its certificate is not trusted: " + X509_verify_cert_error_string(verdict) +
             "; --ca names one to trust";
    const int what = ERR_GET_REASON(static_cast<unsigned long>(failed->value()));
    if (what == SSL_R_WRONG_VERSION_NUMBER) return url_.authority + ": no TLS is spoken there; try http://";
    return url_.authority + ": TLS: " + failed->message();
  }

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
    if (!asked.body.empty()) request.set(http::field::content_type, asked.content_type);
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
  const Trust& trust_;
  asio::io_context loop_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  asio::ip::tcp::socket socket_{loop_};
  asio::ip::tcp::resolver resolver_{loop_};
};

class TcpTransport final : public Transport {
 public:
  TcpTransport(BaseUrl url, Trust trust) : url_(std::move(url)), trust_(std::move(trust)) {}
  at::Expected<HttpAnswer, HttpFailure> call(const HttpRequest& request) override {
    return Call(url_, trust_).make(request);
  }

 private:
  BaseUrl url_;
  Trust trust_;
};

}  // namespace

std::unique_ptr<Transport> connect_over_tcp(const BaseUrl& url, const Trust& trust) {
  return std::make_unique<TcpTransport>(url, trust);
}

}  // namespace klaxon::cli
