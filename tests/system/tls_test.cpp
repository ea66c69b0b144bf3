// Drives HTTPS with curl, from the first start to a renewed certificate.
#include "tests/http/server/certificate.hpp"
#include "tests/system/support/databases.hpp"

#include <csignal>

using namespace souk::tests;
using Catch::Matchers::Contains;

namespace {

/// What curl says when it trusts this certificate alone.
finished fetch(const server& from, const std::string& trusted, const std::string& target) {
  return run({{"curl", "-sS", "--noproxy", "*", "--cacert", trusted, "--max-time", "20",
               "https://127.0.0.1:" + std::to_string(from.port()) + target},
              {},
              {},
              {}});
}

} // namespace

TEST_CASE("HTTPS is served, and a renewed certificate is taken at SIGHUP", "[system]") {
  SOUK_FOR_EACH_DATABASE(kind);
  const database empty{kind};
  const temporary_directory place;
  const certificate first{place.path(), "first"}, second{place.path(), "second"};
  server served{empty,
                {{"http.tls_certificate", first.file},
                 {"http.tls_key", first.key_file},
                 {"log.format", "json"},
                 {"log.level", "info"}}};
  served.start();
  CHECK(fetch(served, first.file, "/healthz").out == "{\"status\":\"ok\"}");
  CHECK(fetch(served, second.file, "/healthz").exit_code != 0);
  // The commands of the same program go the same way.
  auto export_all = souk_command("export", {});
  export_all.argv.insert(
    export_all.argv.end(),
    {"products", "--url", "https://127.0.0.1:" + std::to_string(served.port())});
  export_all.environment = {"SOUK_ADMIN_PASSWORD=" + admin_password, "SSL_CERT_FILE=" + first.file};
  export_all.dir = place.path();
  const auto exported = run(export_all);
  INFO(exported.all());
  CHECK(exported.exit_code == 0);

  std::filesystem::rename(second.file, first.file);
  served.signal(SIGHUP); // with half of it renewed
  REQUIRE(eventually(10s, [&] {
    return served.output().find("the certificate stays what it was") != std::string::npos;
  }));
  std::filesystem::rename(second.key_file, first.key_file);
  served.signal(SIGHUP);
  CHECK(eventually(10s, [&] { return fetch(served, first.file, "/readyz").exit_code == 0; }));
  CHECK(served.stop() == 0);
  for (const auto& line : lines_of(served.output()))
    if (!line.starts_with("souk: ready"))
      CHECK(json::accept(line)); // whichever part of the program has said it
}

TEST_CASE("a certificate without its key, or that is none, is one clear line", "[system]") {
  const database empty{engine::sqlite};
  const temporary_directory place;
  const certificate shown{place.path(), "shown"};
  const auto refuse = [&](const settings& more, const std::string& what) {
    const auto ended = run_souk("serve", server_settings(empty, more), 30s);
    INFO(ended.all());
    CHECK(ended.exit_code != 0);
    REQUIRE(lines_of(ended.all()).size() == 1);
    CHECK_THAT(ended.all(), Contains(what));
  };
  refuse({{"http.tls_certificate", shown.file}}, "http.tls_key");
  refuse({{"http.tls_key", shown.key_file}}, "http.tls_certificate");
  const auto missing = (place.path() / "missing").string();
  refuse({{"http.tls_certificate", missing}, {"http.tls_key", shown.key_file}}, missing);
}
