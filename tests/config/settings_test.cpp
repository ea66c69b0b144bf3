// Drives the way from command line, environment and temporary files to settings by plain calls.
#include "config/options.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <unistd.h>

using namespace souk::config;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using strings = std::vector<std::string>;

namespace {

/// A souk.toml of its own, removed at the end. Messages call it by `path`.
struct temporary_file {
  explicit temporary_file(std::string_view text) {
    auto name = std::filesystem::temp_directory_path() / "souk-settings-XXXXXX";
    directory = name.string();
    REQUIRE(mkdtemp(directory.data()));
    path = directory + "/souk.toml";
    std::ofstream{path} << text;
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::filesystem::remove_all(directory); }

  std::string directory;
  std::string path;
};

std::vector<const char*> pointers(const strings& from) {
  std::vector<const char*> out;
  for (const auto& x : from)
    out.push_back(x.c_str());
  out.push_back(nullptr);
  return out;
}

/// As `souk WORDS...`, with these variables and no other; no standard file exists unless given.
parsed run(strings words, const strings& environment = {}, const strings& standard_files = {}) {
  words.insert(words.begin(), "souk");
  auto argv = pointers(words);
  return parse_command_line(static_cast<int>(words.size()), argv.data(),
                            pointers(environment).data(), standard_files);
}

parsed run_file(std::string_view text, strings words = {"serve"}, const strings& environment = {}) {
  temporary_file file{text};
  return run(std::move(words), environment, {file.path});
}

/// The one line of the error that `f` must end in, with a temporary file's directory left out.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const config_error& e) {
    std::string line = e.what();
    CHECK(line.find('\n') == line.npos);
    auto begin = line.find(std::filesystem::temp_directory_path().string() + "/souk-settings-");
    if (begin != line.npos)
      line.erase(begin, line.find("souk.toml", begin) - begin);
    return line;
  }
  return "no error";
}

std::string command_line_error(const strings& words) {
  return error_of([&] { run(words); });
}

std::string environment_error(const std::string& variable) {
  return error_of([&] { run({"serve"}, {variable}); });
}

std::string file_error(std::string_view text) {
  return error_of([&] { run_file(text); });
}

const option& find(std::string_view key) {
  for (const auto& o : options())
    if (o.key == key)
      return o;
  throw std::logic_error{"no such option"};
}

} // namespace

// -- precedence -----------------------------------------------------------------------------------

TEST_CASE("without any source all settings have their defaults") {
  auto x = run({"serve"});
  CHECK(x.command == "serve");
  CHECK(x.rest.empty());
  for (const auto& o : options())
    CHECK(o.get(x.values) == o.get(settings{}));
}

TEST_CASE("the file wins over the default, the environment over it, the command line over all") {
  auto file = "[http]\nport = 1\nthreads = 2\nmax_body = 3\n[shop]\ndemo = true\n";
  auto x =
    run_file(file, {"serve", "--http.port", "5"}, {"SOUK_HTTP_PORT=4", "SOUK_HTTP_THREADS=4"});
  CHECK(x.values.http.port == std::vector<uint16_t>{5});
  CHECK(x.values.http.threads == 4);
  CHECK(x.values.http.max_body == 3);
  CHECK(x.values.shop.demo);
  CHECK(x.values.http.max_connections == settings{}.http.max_connections);
}

TEST_CASE("the first standard file that exists is read, and only it") {
  temporary_file first{"[http]\nport = 1\n"}, second{"[http]\nport = 2\nthreads = 2\n"};
  auto x = run({"serve"}, {}, {first.directory + "/none.toml", first.path, second.path});
  CHECK(x.values.http.port == std::vector<uint16_t>{1});
  CHECK(x.values.http.threads == settings{}.http.threads);
}

TEST_CASE("a file that is named replaces the standard ones") {
  temporary_file standard{"[http]\nport = 1\nthreads = 7\n"}, named{"[http]\nport = 2\n"};
  for (const auto& words :
       {strings{"serve", "--config", named.path}, strings{"--config=" + named.path, "serve"}}) {
    auto x = run(words, {}, {standard.path});
    CHECK(x.values.http.port == std::vector<uint16_t>{2});
    CHECK(x.values.http.threads == settings{}.http.threads);
  }
}

TEST_CASE("every setting can come from every source") {
  for (const auto& o : options()) {
    CAPTURE(o.key);
    std::string value = "x";
    for (auto candidate : {"9", "999", "9s", "true", "host:9", "sqlite:x", "9/9s", "::1", "JPY",
                           "error", "json", "stock", "false", "http://x", "a@example.org",
                           "10.0.0.0/8", "0123456789abcdef0123456789abcdef"}) {
      settings scratch;
      if (o.set(scratch, candidate) && o.get(scratch) != o.get(settings{})) {
        value = candidate;
        break;
      }
    }
    auto key = std::string{o.key};
    auto dot = key.find('.');
    CHECK(o.get(run({"serve", "--" + key, value}).values) == value);
    CHECK(o.get(run({"--" + key + "=" + value, "serve"}).values) == value);
    CHECK(o.get(run({"serve"}, {o.environment_name() + "=" + value}).values) == value);
    auto file = "[" + key.substr(0, dot) + "]\n" + key.substr(dot + 1) + " = \"" + value + "\"\n";
    CHECK(o.get(run_file(file).values) == value);
  }
}

// -- the forms of values --------------------------------------------------------------------------

TEST_CASE("ports are a list in every source") {
  std::vector<uint16_t> expected{8080, 0, 65535};
  CHECK(run({"serve", "--http.port", "8080,0,65535"}).values.http.port == expected);
  CHECK(run({"serve"}, {"SOUK_HTTP_PORT=8080,0,65535"}).values.http.port == expected);
  CHECK(run_file("[http]\nport = [8080, 0, 65535]\n").values.http.port == expected);
  CHECK(run_file("[http]\nport = \"8080,0,65535\"\n").values.http.port == expected);
  CHECK(run_file("http.port = 9\n").values.http.port == std::vector<uint16_t>{9});
}

TEST_CASE("a switch needs no value on the command line") {
  CHECK(run({"--shop.demo", "serve"}).values.shop.demo);
  CHECK(run({"serve", "--shop.demo"}).values.shop.demo);
  CHECK(run({"serve", "--shop.demo", "true"}).values.shop.demo);
  CHECK_FALSE(run({"serve", "--shop.demo", "--shop.demo=false"}).values.shop.demo);
  CHECK_FALSE(run({"serve", "--shop.demo", "false"}).values.shop.demo);
}

TEST_CASE("of an option given twice the last counts, and an empty value is a value") {
  auto x = run({"--http.threads", "2", "--database.url=", "serve", "--http.threads=3"},
               {"SOUK_DATABASE_URL=sqlite:x"});
  CHECK(x.command == "serve");
  CHECK(x.values.http.threads == 3);
  CHECK(x.values.database.url.empty());
}

// -- mistakes -------------------------------------------------------------------------------------

TEST_CASE("a bad value is one line that names its source") {
  const std::string rest = " is not a port (0 to 65535), or several, each once";
  CHECK(command_line_error({"serve", "--http.port", "80x"})
        == R"(souk: --http.port: "80x")" + rest);
  CHECK(environment_error("SOUK_HTTP_PORT=80x") == R"(souk: SOUK_HTTP_PORT: "80x")" + rest);
  const std::string in_file = "souk: http.port in souk.toml: ";
  CHECK(file_error("[http]\nport = \"80x\"\n") == in_file + "\"80x\"" + rest);
  CHECK(file_error("[http]\nport = 65536\n") == in_file + "\"65536\"" + rest);
  CHECK(environment_error("SOUK_HTTP_THREADS=")
        == R"(souk: SOUK_HTTP_THREADS: "" is not a whole number from 0 to 256)");
  CHECK_THAT(command_line_error({"serve", "--http.idle_timeout", "60"}),
             Contains(R"("60" is not a duration from 1ms to 24h)"));
}

TEST_CASE("a bad value is wrong even where another source would win") {
  auto line = error_of([] { run_file("[http]\nport = -1\n", {"serve", "--http.port", "1"}); });
  CHECK_THAT(line, Contains(R"(souk: http.port in souk.toml: "-1" is not a port)"));
}

TEST_CASE("an odd or long bad value still makes one short line") {
  auto line = command_line_error({"serve", "--http.port", "8\n0\x1b[31m" + std::string(5000, 'x')});
  CHECK_THAT(line, Contains(R"("8\n0\u001b[31m)"));
  CHECK(line.size() < 250);
}

TEST_CASE("a value of another type in the file is refused") {
  CHECK(file_error("[http]\nthreads = 1.5\n")
        == "souk: http.threads in souk.toml: a number with a decimal point is not "
           "a whole number from 0 to 256");
  CHECK(file_error("[admin]\nusername = 12\n")
        == "souk: admin.username in souk.toml: a number is not a string in quotes");
  CHECK(file_error("[shop]\ndemo = 1\n")
        == R"(souk: shop.demo in souk.toml: "1" is not true or false)");
  CHECK_THAT(file_error("[http]\nport = [[1]]\n"), Contains("a list is not a port"));
  CHECK_THAT(file_error("[http]\nport = []\n"), Contains("is not a port"));
  CHECK_THAT(file_error("[http.port]\nx = 1\n"), Contains("a group is not a port"));
  CHECK_THAT(file_error("[[http]]\nport = 1\n"), Contains("http in souk.toml"));
}

TEST_CASE("what is no setting is refused wherever it stands") {
  CHECK(command_line_error({"serve", "--http.prt", "1"})
        == "souk: --http.prt: there is no such setting (souk --help lists them)");
  CHECK_THAT(command_line_error({"serve", "-p", "1"}), Contains("-p: there is no such setting"));
  CHECK(environment_error("SOUK_HTTP_PRT=1")
        == "souk: SOUK_HTTP_PRT in the environment: there is no such setting");
  CHECK_THAT(environment_error("SOUK_=1"), Contains("there is no such setting"));
  CHECK_THAT(environment_error("SOUK_HTTP=1"), Contains("there is no such setting"));
  CHECK(file_error("[http]\nprt = 1\n") == "souk: http.prt in souk.toml: there is no such setting");
  CHECK(file_error("[htp]\n") == "souk: htp in souk.toml: there is no such setting");
  CHECK(file_error("port = 1\n") == "souk: port in souk.toml: there is no such setting");
  CHECK(file_error("http = 1\n") == "souk: http in souk.toml: there is no such setting");
  CHECK_THAT(file_error("\"a\\nb\" = 1\n"), Contains(R"("a\nb" in souk.toml)"));
}

TEST_CASE("variables of others, of tests and of Kubernetes are left alone") {
  auto x = run({"serve"}, {"PATH=/bin", "SOUKHTTP_PORT=1", "souk_http_port=1", "SOUK_TEST_X=1",
                           "SOUK_NO_EQUALS", "=x", "SOUK_SKIP_PACKAGES=1", "SOUK_SERVICE_HOST=a",
                           "SOUK_PORT=tcp://b"});
  CHECK(x.values.http.port == settings{}.http.port);
}

TEST_CASE("a file that cannot be read is one line") {
  CHECK_THAT(command_line_error({"serve", "--config", "/nowhere/souk.toml"}),
             Contains(R"(cannot read "/nowhere/souk.toml": No such file)"));
  CHECK_THAT(command_line_error({"serve", "--config", "/"}), Contains("directory"));
  CHECK_THAT(file_error("[http]\nport = \n"), Contains("souk: souk.toml line 2: "));
  CHECK_THAT(file_error("[http]\nport = 1\nport = 2\n"), Contains("souk: souk.toml line 3: "));
  CHECK_THAT(file_error("\xff\n"), Contains("souk: souk.toml line 1: "));
}

TEST_CASE("a secret is never printed, right or wrong") {
  for (const std::string key : {"auth.secret", "admin.password", "database.url"}) {
    CAPTURE(key);
    auto dot = key.find('.');
    auto line = command_line_error({"serve", "--" + key, "hunter2"});
    CHECK_THAT(line, Contains("--" + key + ": this is not "));
    CHECK_THAT(line, !Contains("hunter2"));
    line = environment_error(find(key).environment_name() + "=hunter2");
    CHECK_THAT(line, Contains("this is not ") && !Contains("hunter2"));
    line = file_error("[" + key.substr(0, dot) + "]\n" + key.substr(dot + 1) + " = \"hunter2\"\n");
    CHECK_THAT(line, Contains(key + " in souk.toml: this is not ") && !Contains("hunter2"));
  }
  CHECK_THAT(command_line_error({"serve", "--auth.secrt=hunter2"}), !Contains("hunter2"));
  CHECK_THAT(command_line_error({"--auth.secrt", "hunter2", "serve"}), !Contains("hunter2"));
  CHECK_THAT(file_error("[auth]\nsecret = 12345678\n"), !Contains("12345678"));
}

TEST_CASE("a secret that is long enough is taken") {
  std::string value(32, 's');
  CHECK(run({"serve", "--auth.secret", value}).values.auth.secret == value);
}

// -- commands, help and the sample ----------------------------------------------------------------

TEST_CASE("the known commands are accepted") {
  auto name = GENERATE("serve", "migrate", "check", "version"); // those without arguments
  CHECK(run({name}).command == name);
}

TEST_CASE("an unknown command, an argument too many or a missing value is one line") {
  CHECK_THAT(command_line_error({"serv"}), Contains(R"("serv" is not a command (serve, migrate)"));
  CHECK(command_line_error({"serve", "now"}) == "souk: serve takes no argument \"now\"");
  CHECK(command_line_error({"serve", "--http.port"}) == "souk: --http.port needs a value");
}

TEST_CASE("some commands take words and options of their own besides settings") {
  auto x = run({"import", "--format=csv", "products", "-", "--dry-run", "--http.port", "9"});
  CHECK(x.command == "import");
  CHECK(x.rest == strings{"products", "-"});
  CHECK(x.options == std::map<std::string, std::string>{{"format", "csv"}, {"dry-run", "true"}});
  CHECK(x.values.http.port == std::vector<uint16_t>{9});
  CHECK(run({"export", "users", "--url", "http://a", "--url=http://b"}).options.at("url")
        == "http://b");
}

TEST_CASE("words and options that a command does not take are one line") {
  CHECK(command_line_error({"import", "products"})
        == "souk: usage: souk import products|users FILE");
  CHECK(command_line_error({"export", "users", "a", "b"})
        == "souk: usage: souk export products|users|orders [FILE]");
  CHECK(command_line_error({"serve", "--url", "x"}) == "souk: --url is no option of serve");
  CHECK(command_line_error({"export", "users", "--dry-run"})
        == "souk: --dry-run is no option of export");
  CHECK(command_line_error({"import", "users", "x", "--dry-run=yes"})
        == "souk: --dry-run takes no value");
  CHECK(command_line_error({"import", "users", "x", "--format"}) == "souk: --format needs a value");
}

TEST_CASE("help comes first, whatever else is wrong with the settings") {
  temporary_file broken{"[htp"};
  auto word = GENERATE("--help", "-h");
  auto x = run({"serve", word, "--http.port", "80x"}, {"SOUK_FOO=1"}, {broken.path});
  CHECK(x.command.empty());
  CHECK(x.exit_code == 0);
  CHECK(x.text == help_text());
}

TEST_CASE("without a command there is help and exit code 2") {
  auto x = run({});
  CHECK(x.command.empty());
  CHECK(x.exit_code == 2);
  CHECK(x.text == help_text());
}

TEST_CASE("the version needs no valid settings") {
  CHECK(run({"version"}, {"SOUK_FOO=1"}).command == "version");
}

TEST_CASE("help lists every command and every setting with its default and its variable") {
  auto text = help_text();
  for (auto name : {"serve", "migrate", "check", "import", "export", "user", "config", "version"})
    CHECK_THAT(text, Contains("\n  " + std::string{name} + " "));
  for (const auto& o : options()) {
    auto value = o.get(settings{});
    CHECK_THAT(text, Contains("\n  --" + std::string{o.key} + " " + std::string{o.placeholder}
                              + "  [" + o.environment_name()
                              + "]  default: " + (value.empty() ? "empty" : value) + "\n"));
    CHECK_THAT(text, Contains(std::string{o.description}));
  }
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    CHECK(line.size() <= 100);
}

TEST_CASE("every default is valid, every key and variable is there once") {
  std::set<std::string_view> keys;
  std::set<std::string> variables;
  for (const auto& o : options()) {
    settings x;
    CAPTURE(o.key);
    CHECK(o.set(x, o.get(settings{})));
    keys.insert(o.key);
    variables.insert(o.environment_name());
  }
  CHECK(keys.size() == options().size());
  CHECK(variables.size() == options().size());
}

TEST_CASE("the sample file of this folder is what `souk config` prints") {
  auto path = std::filesystem::path{SOUK_SOURCE_DIR} / "config/souk.toml";
  std::ifstream in{path};
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  CHECK(text.str() == run({"config"}).text);
}

TEST_CASE("the sample file names every setting and changes none") {
  auto sample = sample_file();
  auto x = run_file(sample);
  for (const auto& o : options()) {
    CAPTURE(o.key);
    CHECK(o.get(x.values) == o.get(settings{}));
    auto name = std::string{o.key.substr(o.key.find('.') + 1)};
    CHECK_THAT(sample, Contains("\n" + name + " = "));
  }
}

TEST_CASE("proxies are networks, origins scheme, host and port", "[config]") {
  for (const std::string good : {"10.0.0.0/8,::1", ""})
    CHECK(run({"serve", "--auth.trusted_proxies", good}).values.auth.trusted_proxies == good);
  for (const std::string bad : {"10.0.0.1/8", "proxy", "10.0.0.0/8,"})
    CHECK_THAT(command_line_error({"serve", "--http.trusted_proxies", bad}),
               Contains("is not a list of networks"));
  for (const std::string good : {"https://shop.example,http://[::1]:3000", "*", ""})
    CHECK(run({"serve", "--http.cors_origins", good}).values.http.cors_origins == good);
  for (const std::string bad : {"shop.example", "https://shop.example/", "*,https://a.example"})
    CHECK_THAT(command_line_error({"serve", "--http.cors_origins", bad}),
               Contains("a list of origins"));
}

TEST_CASE("the catalog is open to all only when it is said", "[config]") {
  CHECK(!run({"serve"}).values.aliases.open_catalog);
  CHECK(run({"serve"}, {"SOUK_ALIASES_OPEN_CATALOG=true"}).values.aliases.open_catalog);
}
