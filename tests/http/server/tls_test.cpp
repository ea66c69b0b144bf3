// Drives connections through TLS: requests, large answers, streams, refused handshakes, the
// certificate's renewal.
#include "http/server/tls_identity.hpp"

#include "tests/http/server/certificate.hpp"
#include "tests/http/server/streaming_server.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <stdlib.h>

using namespace souk::http;
using namespace souk::http::test;
using Catch::Matchers::Contains;
using souk::tests::certificate;

namespace {

/// A folder with a server's certificate, and a client that trusts any.
struct identities {
  identities() {
    std::string name = (std::filesystem::temp_directory_path() / "souk-tls-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("mkdtemp");
    folder = name;
    shown = std::make_unique<certificate>(folder, "first");
    tls = std::make_shared<tls_identity>(shown->file, shown->key_file);
  }
  identities(const identities&) = delete;
  identities& operator=(const identities&) = delete;
  ~identities() { std::filesystem::remove_all(folder); }

  server_options options(server_options o = any_port()) const {
    o.tls = tls;
    return o;
  }

  std::filesystem::path folder;
  std::unique_ptr<certificate> shown;
  std::shared_ptr<tls_identity> tls;
  std::shared_ptr<SSL_CTX> client{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
};

server_options hasty() {
  auto o = any_port();
  o.header_timeout = o.idle_timeout = 300ms;
  return o;
}

} // namespace

TEST_CASE("requests go through TLS as without it") {
  const identities ids;
  running_server s{ids.options()};
  raw_client c{s.port(), ids.client};
  for (int i = 0; i < 3; ++i)
    CHECK(c.ask(get("/a?" + std::to_string(i))).body == "GET /a?" + std::to_string(i) + " ");
  const std::string body(100'000, 'b');
  const auto posted =
    c.ask("POST /x HTTP/1.1\r\nHost: shop\r\nContent-Length: 100000\r\n\r\n" + body);
  CHECK(posted.body == "POST /x " + body);
  c.send(get("/hold") + get("/b") + get("/c")); // in one record
  REQUIRE(eventually([&] { return s.seen.count() == 5; }));
  s.release();
  CHECK(c.read().body == "held");
  CHECK(c.read().body == "GET /b ");
  CHECK(c.read().body == "GET /c ");
  CHECK(c.ask("POST /x HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
          .status
        == 100);
  CHECK(c.ask("ok").body == "POST /x ok");
}

TEST_CASE("an answer that the kernel does not take at once arrives whole through TLS") {
  const identities ids;
  running_server s{ids.options()};
  raw_client c{s.port(), 4'096, ids.client};
  for (int i = 0; i < 2; ++i)
    CHECK(c.ask(get("/large")).body == std::string(16u << 20, 'x'));
  c.send(get("/large"));
  c.abort();
  CHECK(eventually([&] { return s.get().connections() == 0; }));
}

TEST_CASE("a connection that TLS ends says so") {
  const identities ids;
  running_server s{ids.options()};
  raw_client c{s.port(), ids.client};
  CHECK(c.ask("GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").status == 200);
  CHECK(c.closed()); // with a goodbye: nobody has cut it short
  raw_client bad{s.port(), ids.client};
  CHECK(bad.ask("GET / HTTP/1.1\r\n\r\n").status == 400);
  CHECK(bad.closed());
}

TEST_CASE("a stream goes through TLS, and what was sent behind it is answered") {
  const identities ids;
  streaming_server s{ids.options()};
  raw_client c{s.port(), ids.client};
  c.send(get("/stream") + get("/next"));
  CHECK(c.read(true).status == 200);
  CHECK(s.write(0, "id: 1\n\n"));
  CHECK(c.chunk() == "id: 1\n\n");
  const std::string large(200'000, 'x');
  CHECK(s.write(0, large));
  CHECK(c.chunk() == large);
  c.send(get("/more"));
  s.end(0);
  CHECK(c.chunk().empty());
  CHECK(c.read().body == "/next");
  CHECK(c.read().body == "/more");
  c.ask(get("/stream"));
  c.abort();
  CHECK(s.over(1));
  CHECK(s.left());
}

TEST_CASE("a stream that the client is slow to take arrives whole through TLS") {
  const identities ids;
  streaming_server s{ids.options()};
  raw_client c{s.port(), 4'096, ids.client};
  c.ask(get("/stream?" + much));
  CHECK(c.chunk() == std::string(16u << 20, 'b'));
  CHECK(s.write(0, "after"));
  CHECK(c.chunk() == "after");
}

TEST_CASE("plain HTTP where TLS is spoken is told so, other bytes end the connection") {
  const identities ids;
  running_server s{ids.options()};
  raw_client plain{s.port()};
  const auto told = plain.ask(get("/"));
  CHECK(told.status == 400);
  CHECK_THAT(told.body, Contains("This port speaks HTTPS."));
  CHECK(plain.closed());
  raw_client noise{s.port()};
  noise.send(std::string(100, '\xff'));
  CHECK_THAT(noise.rest(), !Contains("HTTP")); // an alert of TLS
  CHECK(s.seen.count() == 0);
  CHECK(eventually([&] { return s.get().connections() == 0; }));
}

TEST_CASE("a handshake that does not come to its end is given up") {
  const identities ids;
  running_server s{ids.options(hasty())};
  raw_client silent{s.port()};
  raw_client slow{s.port()};
  slow.send("\x16\x03\x01");
  CHECK(silent.closed());
  CHECK(eventually([&] { return s.get().connections() == 0; }));
}

TEST_CASE("an end in the middle of a handshake leaves nothing behind") {
  const identities ids;
  running_server s{ids.options()};
  raw_client slow{s.port()};
  slow.send("\x16\x03\x01");
  raw_client idle{s.port(), ids.client};
  CHECK(idle.ask(get("/")).status == 200);
  s.get().stop_accepting();
  s.get().drain(std::chrono::steady_clock::now() + 100ms);
  s.get().stop();
  CHECK(s.get().connections() == 0);
}

TEST_CASE("TLS older than 1.2 is refused") {
  const identities ids;
  running_server s{ids.options()};
  // Whose default would refuse it, too.
  for (auto* x : {ids.client.get(), ids.tls->current().get()})
    SSL_CTX_set_security_level(x, 0);
  SSL_CTX_set_min_proto_version(ids.client.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(ids.client.get(), TLS1_1_VERSION);
  CHECK_THROWS_WITH((raw_client{s.port(), ids.client}), "no handshake");
  SSL_CTX_set_max_proto_version(ids.client.get(), TLS1_2_VERSION);
  CHECK(raw_client{s.port(), ids.client}.ask(get("/")).status == 200);
}

TEST_CASE("a renewed certificate is shown to the connections that come") {
  const identities ids;
  running_server s{ids.options()};
  raw_client before{s.port(), ids.client};
  CHECK(before.server_name() == "first");
  const certificate next{ids.folder, "second"};
  std::filesystem::copy_file(next.file, ids.shown->file,
                             std::filesystem::copy_options::overwrite_existing);
  CHECK_THROWS_WITH(ids.tls->reload(), Contains("key values mismatch"));
  CHECK(raw_client{s.port(), ids.client}.server_name() == "first");
  std::filesystem::copy_file(next.key_file, ids.shown->key_file,
                             std::filesystem::copy_options::overwrite_existing);
  ids.tls->reload();
  raw_client after{s.port(), ids.client};
  CHECK(after.server_name() == "second");
  CHECK(after.ask(get("/")).status == 200);
  CHECK(before.ask(get("/")).status == 200);
}

TEST_CASE("a certificate that cannot be used is named") {
  const identities ids;
  const auto missing = (ids.folder / "missing.pem").string();
  CHECK_THROWS_WITH((tls_identity{missing, ids.shown->key_file}), Contains(missing));
  CHECK_THROWS_WITH((tls_identity{ids.shown->file, missing}), Contains(missing));
  CHECK_THROWS_WITH((tls_identity{ids.shown->key_file, ids.shown->file}),
                    Contains("cannot use the certificate in " + ids.shown->key_file));
  const certificate other{ids.folder, "other", true};
  CHECK_THROWS_WITH((tls_identity{other.file, ids.shown->key_file}),
                    Contains("is not that of the certificate in " + other.file));
  CHECK_THROWS_WITH((tls_identity{missing, ids.shown->key_file}),
                    Contains("No such file or directory"));
  const auto text = (ids.folder / "text.pem").string();
  std::ofstream{text} << "no PEM\n";
  CHECK_THROWS_WITH((tls_identity{text, ids.shown->key_file}), Contains(text));
}
