// The certificate and key of http.tls_certificate and http.tls_key, and TLS over a socket that never blocks.
// OpenSSL alone, no Asio: the sockets' readiness is the connection's to wait for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/expected.h"
#include "config/settings.h"

struct ssl_st;
struct ssl_ctx_st;

namespace klaxon::doors {

// What a server shows of itself. Shared: a connection keeps the one that it was begun with.
class Identity {
 public:
  struct Fault {
    enum class Key { certificate, key } key = Key::certificate;  // which of the two settings is wrong
    std::string why;                                             // names the file
  };
  // Reads both files, PEM; the certificate's may hold the chain behind it. Faults: not readable, not PEM, no
  // pair, a key that everybody may read. A certificate that has ended or is not yet valid is none of them: a
  // wrong clock must not stop the box.
  static at::Expected<std::shared_ptr<const Identity>, Fault> load(const std::string& certificate,
                                                                   const std::string& key);
  ~Identity();

  const std::string& subject() const { return subject_; }  // as people write it: "CN=gateway"
  std::int64_t not_after() const { return not_after_; }    // Unix seconds
  std::string sha256() const { return sha256_; }           // the certificate's fingerprint, hex
  ssl_ctx_st* context() const { return context_; }

 private:
  explicit Identity(ssl_ctx_st* context) : context_(context) {}
  std::optional<Fault> read(const std::string& certificate, const std::string& key);
  void describe();

  ssl_ctx_st* context_;
  std::string subject_, sha256_;
  std::int64_t not_after_ = 0;
};

// Faults of the two settings with their places in the file; empty: fine, or TLS is not asked for.
std::vector<config::Finding> tls_findings(const config::Http&, const std::string& file);

// One connection's TLS, on a socket without blocking that it does not own.
class TlsStream {
 public:
  enum class Next {
    done,      // what was asked for happened
    readable,  // again when the socket is readable
    writable,  // again when the socket is writable
    plain,     // of the handshake: the client speaks HTTP without TLS; nothing was written
    ended      // closed by the other side, or broken: nothing more comes or goes
  };
  struct Moved {
    Next next = Next::done;
    std::size_t octets = 0;
  };

  TlsStream(const Identity&, int socket);
  ~TlsStream();

  Next handshake();
  // room: at least a whole record (16 KiB), or octets stay inside that the socket's readiness does not tell
  // of.
  Moved read(char* into, std::size_t room);
  // octets: not empty. After anything but `done`, the same must be offered again; done may mean a part of
  // them.
  Moved write(std::string_view octets);
  void finish();  // says that nothing more will be written; does not wait

 private:
  Next reason(int result);
  struct Free {
    void operator()(ssl_st*) const;
  };
  std::unique_ptr<ssl_st, Free> ssl_;
};

}  // namespace klaxon::doors
