#include "scripts/loadgen/options.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <map>
#include <random>

namespace souk::loadgen {

namespace {

using std::chrono::milliseconds;

/// `30s`, `2m`, `500ms`, or seconds without a unit.
milliseconds parse_duration(const std::string& text) {
  double number = 0;
  auto end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number);
  std::string unit(rest, end);
  double factor = unit == "ms" ? 1 : unit.empty() || unit == "s" ? 1'000 : unit == "m" ? 60'000 : 0;
  if (error != std::errc{} || factor == 0 || !(number >= 0) || number * factor > 1e9)
    throw CLI::ValidationError("a duration is a number with ms, s or m, such as 30s: " + text);
  return milliseconds{static_cast<int64_t>(number * factor)};
}

/// `17-10016`, or one id.
void parse_product_ids(const std::string& text, options& out) {
  auto dash = text.find('-');
  auto read = [&text](std::string part) {
    int64_t id = 0;
    auto end = part.data() + part.size();
    auto [rest, error] = std::from_chars(part.data(), end, id);
    if (error != std::errc{} || rest != end || id < 1)
      throw CLI::ValidationError("--product-ids is A-B with 1 <= A <= B: " + text);
    return id;
  };
  out.first_product = read(text.substr(0, dash));
  out.last_product = dash == std::string::npos ? out.first_product : read(text.substr(dash + 1));
  if (out.last_product < out.first_product || out.last_product - out.first_product > 10'000'000)
    throw CLI::ValidationError("--product-ids is A-B with A <= B, at most ten million: " + text);
}

void add_duration(CLI::App& app, const std::string& name, milliseconds& to,
                  const std::string& help) {
  app.add_option_function<std::string>(
    name, [&to](const std::string& text) { to = parse_duration(text); }, help);
}

void add_load(CLI::App& app, options& out) {
  static const std::map<std::string, scenario_kind> scenarios{
    {"orders", scenario_kind::orders},
    {"product-read", scenario_kind::product_read},
    {"register", scenario_kind::register_},
    {"get", scenario_kind::get},
    {"mixed", scenario_kind::mixed}};
  app.add_option("--target", out.target, "the server")->capture_default_str();
  app
    .add_option_function<std::string>(
      "--scenario", [&out](const std::string& s) { out.scenario = scenarios.at(s); },
      "orders (default), product-read, register, get or mixed")
    ->check(CLI::IsMember(scenarios));
  app
    .add_option("--rate", out.rate, "requests a second, open loop; without it: as many as possible")
    ->check(CLI::Range(0.1, 1e7));
  app.add_flag("--poisson", out.poisson, "with --rate: random arrivals instead of even ones");
  add_duration(app, "--duration", out.duration, "measured time, e.g. 30s (default), 2m, 500ms");
  add_duration(app, "--warmup", out.warmup, "sent before, not measured (default 2s)");
  add_duration(app, "--timeout", out.timeout, "of one request (default 30s)");
  add_duration(app, "--drain", out.drain, "wait for what is under way at the end (default 10s)");
  app.add_option("--connections", out.connections, "kept open")
    ->capture_default_str()
    ->check(CLI::Range(1, 50'000));
  app.add_option("--threads", out.threads, "of this program")
    ->capture_default_str()
    ->check(CLI::Range(1, 64));
}

void add_content(CLI::App& app, options& out) {
  const CLI::Range a_product{int64_t{1}, (int64_t{1} << 53) - 1};
  app.add_option("--users", out.users, "customers, each with a token")
    ->capture_default_str()
    ->check(CLI::Range(1, 1'000'000));
  auto* spread =
    app.add_option("--spread", out.spread, "order from this many products (default: all)")
      ->check(a_product);
  app.add_option("--hot", out.hot, "order only this product")->excludes(spread)->check(a_product);
  app.add_option_function<std::string>(
    "--product-ids", [&out](const std::string& text) { parse_product_ids(text, out); },
    "A-B: the ids to use (default: asked of the server)");
  app.add_option("--lines", out.lines, "products of an order")
    ->capture_default_str()
    ->check(CLI::Range(1, 100));
  app.add_option("--quantity", out.quantity, "of each line")
    ->capture_default_str()
    ->check(CLI::Range(1, 1'000'000'000));
  app.add_option(
    "--targets", out.targets,
    "with --scenario get: file of what to read, such as /api/v1/cart, one a line; with "
    "--secret each as one of the customers");
  app.add_flag("--idempotency-keys", out.idempotency_keys, "a new Idempotency-Key with each order");
  auto* secret = app.add_option("--secret", out.secret,
                                "auth.secret of the server: mint tokens instead of logging in");
  app.add_option("--user-ids", out.user_ids, "file of user ids for minted tokens")->needs(secret);
  app.add_option("--seed", out.seed, "repeat the same random choices");
  app.add_option("--json", out.json, "write the summary to this file (- : standard output)");
  app.add_option("--plot", out.plot, "draw latency over time into this SVG file");
  app.add_option("--placed", out.placed, "write the ids of all placed orders to this file");
  app.add_flag("--yes-this-is-mine", out.yes_this_is_mine, "allow a target beyond this machine");
}

} // namespace

std::string to_string(scenario_kind kind) {
  switch (kind) {
  case scenario_kind::orders: return "orders";
  case scenario_kind::product_read: return "product-read";
  case scenario_kind::register_: return "register";
  case scenario_kind::get: return "get";
  case scenario_kind::mixed: return "mixed";
  }
  return "?";
}

int parse_options(int argc, char** argv, options& out) {
  CLI::App app{"Load test for a Souk server: open loop with --rate, closed loop without.",
               "souk-load"};
  add_load(app, out);
  add_content(app, out);
  try {
    app.parse(argc, argv);
    if (out.hot != 0)
      out.lines = 1;
    if (out.duration.count() == 0)
      throw CLI::ValidationError("--duration must be more than zero");
    if ((out.scenario == scenario_kind::get) == out.targets.empty())
      throw CLI::ValidationError("--scenario get needs --targets, and no other takes it");
    if (out.connections < out.threads)
      throw CLI::ValidationError("--connections must be at least --threads");
  } catch (const CLI::ParseError& e) {
    auto code = app.exit(e);
    return code == 0 ? 0 : 2;
  }
  if (out.seed == 0)
    out.seed = std::random_device{}();
  return -1;
}

} // namespace souk::loadgen
