#include "daemon/doors/tls.h"

#include <CppUTest/TestHarness.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

using namespace klaxon::doors;

namespace {

using Next = TlsStream::Next;

// A certificate that its own key signed, for a day.
void write_pair(const std::string& certificate, const std::string& key) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> pair(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 86'400);
  X509_set_pubkey(made.get(), pair.get());
  X509_sign(made.get(), pair.get(), EVP_sha256());
  using File = std::unique_ptr<FILE, int (*)(FILE*)>;
  PEM_write_X509(File(std::fopen(certificate.c_str(), "w"), std::fclose).get(), made.get());
  PEM_write_PrivateKey(File(std::fopen(key.c_str(), "w"), std::fclose).get(), pair.get(), nullptr, nullptr, 0,
                       nullptr, nullptr);
  ::chmod(key.c_str(), 0600);
}

}  // namespace

TEST_GROUP(Tls) {
  std::string folder = (std::filesystem::temp_directory_path() / "klaxon-tls-XXXXXX").string();
  std::array<int, 2> sockets{-1, -1};
  std::shared_ptr<const Identity> identity;
  std::unique_ptr<TlsStream> server;
  SSL_CTX* context = nullptr;
  SSL* client = nullptr;
  std::array<char, 16 * 1024> room{};

  void setup() override {
    CHECK(::mkdtemp(folder.data()) != nullptr);
    write_pair(folder + "/certificate", folder + "/key");
    auto loaded = Identity::load(folder + "/certificate", folder + "/key");
    CHECK(loaded.has_value());
    identity = *loaded;
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets.data()) == 0);
    server = std::make_unique<TlsStream>(*identity, sockets[0]);
    context = SSL_CTX_new(TLS_client_method());
    client = SSL_new(context);
    SSL_set_fd(client, sockets[1]);
    SSL_set_connect_state(client);
    Next next = Next::readable;
    for (int i = 0; i < 10 && next != Next::done; ++i) {
      SSL_do_handshake(client);
      next = server->handshake();
    }
    CHECK(next == Next::done && SSL_do_handshake(client) == 1);
  }
  void teardown() override {
    SSL_free(client);
    SSL_CTX_free(context);
    server.reset();
    for (const int end : sockets) ::close(end);
    std::filesystem::remove_all(folder);
  }
  int unread() const {
    int octets = 0;
    ::ioctl(sockets[0], FIONREAD, &octets);
    return octets;
  }
};

// The loop is everybody's: whoever sends such records faster than they are read must not have it for himself.
TEST(Tls, a_client_that_only_renews_its_keys_is_read_a_record_at_a_time) {
  constexpr int kRenewals = 20;
  for (int i = 0; i < kRenewals; ++i) {
    LONGS_EQUAL(1, SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED));
    LONGS_EQUAL(1, SSL_do_handshake(client));
  }
  LONGS_EQUAL(5, SSL_write(client, "hello", 5));
  for (int i = 0; i < kRenewals; ++i) {
    const int before = unread();
    CHECK(server->read(room.data(), room.size()).next == Next::readable);
    CHECK(unread() > 0 && unread() < before);
  }
  const auto moved = server->read(room.data(), room.size());
  CHECK(moved.next == Next::done);
  STRCMP_EQUAL("hello", std::string(room.data(), moved.octets).c_str());
}
