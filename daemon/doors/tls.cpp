#include "daemon/doors/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace klaxon::doors {
namespace {

using Fault = Identity::Fault;

// Forward secrecy and authenticated encryption only: what any client since 2014 has. TLS 1.3 chooses among
// its own.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// The last thing that OpenSSL complained of, and an empty slate for what comes next.
std::string complaint() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* words = ERR_reason_error_string(code);
  return words != nullptr ? words : "OpenSSL gives no reason";
}

// Before OpenSSL says "system lib".
std::string unreadable(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) return path + ": " + std::strerror(errno);
  if (S_ISDIR(found.st_mode)) return path + " is a directory";
  const std::unique_ptr<BIO, int (*)(BIO*)> file(BIO_new_file(path.c_str(), "r"), BIO_free);
  const int number = errno;
  ERR_clear_error();
  return file ? std::string() : path + ": " + std::strerror(number);
}

bool for_everybody(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && (found.st_mode & S_IROTH) != 0;
}

// A daemon has nobody to ask.
int no_password(char*, int, int, void*) {
  return 0;
}

std::int64_t unix_seconds(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<std::int64_t>(timegm(&parts)) : 0;
}

std::string hex(const unsigned char* octets, unsigned size) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) out.append({kDigits[octets[i] >> 4], kDigits[octets[i] & 15]});
  return out;
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection owns no buffers; an answer's place in memory does not move between two attempts, but
  // may be cut.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A read ends behind each record that holds no data. Else it goes on for as long as the client sends
  // renewals of its keys, and the loop with all its modems waits for that.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, no_password);
}

config::Finding finding_of(const config::Http& http, const Fault& fault, const std::string& file) {
  const bool of_key = fault.key == Fault::Key::key;
  const config::Place place = of_key ? http.key_place : http.certificate_place;
  return {file, place.line, place.column, (of_key ? "tls_key: " : "tls_certificate: ") + fault.why};
}

}  // namespace

at::Expected<std::shared_ptr<const Identity>, Fault> Identity::load(const std::string& certificate,
                                                                    const std::string& key) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return at::Unexpected{Fault{Fault::Key::certificate, complaint()}};
  std::shared_ptr<Identity> made(new Identity(context));
  harden(context);
  if (auto fault = made->read(certificate, key)) return at::Unexpected{*fault};
  made->describe();
  return std::shared_ptr<const Identity>(std::move(made));
}

std::optional<Fault> Identity::read(const std::string& certificate, const std::string& key) {
  const auto of_certificate = [](std::string why) { return Fault{Fault::Key::certificate, std::move(why)}; };
  const auto of_key = [](std::string why) { return Fault{Fault::Key::key, std::move(why)}; };
  if (auto why = unreadable(certificate); !why.empty()) return of_certificate(std::move(why));
  if (SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1)
    return of_certificate(certificate + " holds no certificate in PEM: " + complaint());
  if (auto why = unreadable(key); !why.empty()) return of_key(std::move(why));
  if (for_everybody(key)) return of_key(key + " can be read by everybody; chmod o= it");
  if (SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    const int what = ERR_GET_REASON(ERR_peek_last_error());
    const std::string words = complaint();
    if (what == X509_R_KEY_VALUES_MISMATCH || what == X509_R_KEY_TYPE_MISMATCH)
      return of_key(key + " is not the key of " + certificate);
    return of_key(key + " holds no key in PEM without a password: " + words);
  }
  if (SSL_CTX_check_private_key(context_) != 1) return of_key(key + " is not the key of " + certificate);
  return {};
}

void Identity::describe() {
  X509* certificate = SSL_CTX_get0_certificate(context_);
  const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
  if (text) X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* start = nullptr;
  const long size_of_text = text ? BIO_get_mem_data(text.get(), &start) : 0;
  if (start != nullptr && size_of_text > 0) subject_.assign(start, static_cast<std::size_t>(size_of_text));
  not_after_ = unix_seconds(X509_get0_notAfter(certificate));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &size) == 1) sha256_ = hex(digest, size);
}

Identity::~Identity() {
  SSL_CTX_free(context_);
}

std::vector<config::Finding> tls_findings(const config::Http& http, const std::string& file) {
  if (!http.tls()) return {};
  const auto loaded = Identity::load(http.tls_certificate, http.tls_key);
  if (loaded) return {};
  return {finding_of(http, loaded.error(), file)};
}

void TlsStream::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

TlsStream::TlsStream(const Identity& identity, int socket) : ssl_(SSL_new(identity.context())) {
  if (!ssl_) return;
  SSL_set_fd(ssl_.get(), socket);
  SSL_set_accept_state(ssl_.get());
}

TlsStream::~TlsStream() = default;

// A reset and a missing close_notify come to the same: nobody is there.
TlsStream::Next TlsStream::reason(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Next::done;
    case SSL_ERROR_WANT_READ:
      return Next::readable;
    case SSL_ERROR_WANT_WRITE:
      return Next::writable;
    default:
      return Next::ended;
  }
}

TlsStream::Next TlsStream::handshake() {
  if (!ssl_) return Next::ended;
  ERR_clear_error();  // one queue for all connections: another's complaint would be taken for ours
  const Next next = reason(SSL_do_handshake(ssl_.get()));
  const bool plain = next == Next::ended && ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
  return plain ? Next::plain : next;
}

TlsStream::Moved TlsStream::read(char* into, std::size_t room) {
  ERR_clear_error();
  std::size_t octets = 0;
  const int result = SSL_read_ex(ssl_.get(), into, room, &octets);
  return {result == 1 ? Next::done : reason(result), octets};
}

TlsStream::Moved TlsStream::write(std::string_view octets) {
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), octets.data(), octets.size(), &written);
  return {result == 1 ? Next::done : reason(result), written};
}

void TlsStream::finish() {
  ERR_clear_error();
  if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace klaxon::doors
