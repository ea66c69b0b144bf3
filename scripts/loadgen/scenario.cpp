#include "scripts/loadgen/scenario.hpp"

#include "scripts/loadgen/tokens.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>

namespace souk::loadgen {

namespace {

void append_number(std::string& out, uint64_t number) {
  char text[20];
  auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

/// The path and query of the `next` page in a Link header; empty: this was the last one.
std::string next_page(std::string_view link) {
  auto from = link.find('<');
  auto to = link.find('>');
  if (link.find("rel=\"next\"") == std::string_view::npos || to == std::string_view::npos)
    return {};
  auto uri = link.substr(from + 1, to - from - 1);
  if (uri.find("://") != std::string_view::npos)
    uri.remove_prefix(std::min(uri.size(), uri.find('/', uri.find("://") + 3)));
  return std::string{uri};
}

std::vector<int64_t> read_catalog(const endpoint& to, uint64_t limit) {
  blocking_client client{to};
  std::vector<int64_t> out;
  std::string page = "/api/v1/products?limit=500";
  while (!page.empty() && out.size() < limit) {
    auto result = client.send("GET", page);
    if (result.status != 200)
      throw failure("GET " + page + " answered " + std::to_string(result.status));
    for (auto& product : nlohmann::json::parse(result.body))
      out.push_back(product.at("id").get<int64_t>());
    page = next_page(result.link);
  }
  if (out.empty())
    throw failure(
      "the server's catalog is empty: create products, or name them with --product-ids");
  return out;
}

std::vector<int64_t> choose_products(const options& opts, const endpoint& to) {
  if (opts.hot != 0)
    return {opts.hot};
  std::vector<int64_t> out;
  auto limit = opts.spread == 0 ? std::numeric_limits<uint64_t>::max() : opts.spread;
  if (opts.first_product == 0) {
    out = read_catalog(to, std::min<uint64_t>(limit, 100'000));
  } else {
    for (auto id = opts.first_product; id <= opts.last_product; ++id)
      out.push_back(id);
  }
  if (out.size() > limit)
    out.resize(limit);
  return out;
}

std::vector<std::string> read_targets(const std::string& path) {
  auto out = read_lines(path);
  for (auto& x : out)
    if (x.front() != '/' || x.find_first_of(" \t\r") != std::string::npos)
      throw failure(path + ": a target begins with / and has no white space: " + x);
  if (out.empty())
    throw failure(path + " names no target");
  return out;
}

/// The rest of a request after its target: with a secret one a customer, else one for all.
std::vector<std::string> make_get_tails(const options& opts, const endpoint& to,
                                        const std::string& host) {
  std::vector<std::string> out;
  if (opts.secret.empty())
    out.push_back(host + "\r\n");
  else
    for (auto& token : make_tokens(opts, to))
      out.push_back(host + "Authorization: Bearer " + token + "\r\n\r\n");
  return out;
}

} // namespace

plan make_plan(const options& opts, const endpoint& to) {
  plan out;
  auto kind = opts.scenario;
  auto host = " HTTP/1.1\r\nHost: " + to.host + "\r\n";
  out.read_tail = host + "\r\n";
  out.register_head =
    "POST /api/v1/auth/register" + host + "Content-Type: application/json\r\nContent-Length: ";
  out.run = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  if (kind == scenario_kind::get) {
    out.targets = read_targets(opts.targets);
    out.get_tails = make_get_tails(opts, to, host);
    return out;
  }
  if (kind != scenario_kind::register_)
    out.products = choose_products(opts, to);
  if (kind == scenario_kind::orders || kind == scenario_kind::mixed) {
    if (opts.lines > out.products.size())
      throw failure("--lines is more than there are products");
    for (auto& token : make_tokens(opts, to)) {
      auto bearer = "Authorization: Bearer " + token + "\r\n";
      out.order_heads.push_back("POST /api/v1/orders" + host + bearer
                                + "Content-Type: application/json\r\n");
      out.list_heads.push_back("GET /api/v1/orders?limit=10" + host + bearer + "\r\n");
    }
  }
  return out;
}

request_maker::request_maker(const options& opts, const plan& from, uint32_t number)
  : opts_{opts},
    plan_{from},
    random_{opts.seed * 1'000'003 + number},
    prefix_{from.run + "-" + std::to_string(number) + "-"} {
  if (!from.order_heads.empty())
    user_ = below(from.order_heads.size());
}

void request_maker::next(std::string& out) {
  ++sent_;
  switch (opts_.scenario) {
  case scenario_kind::orders: return order(out);
  case scenario_kind::product_read: return product_read(out);
  case scenario_kind::register_: return registration(out);
  case scenario_kind::get: return get(out);
  case scenario_kind::mixed: break;
  }
  auto dice = below(100);
  if (dice < 80)
    product_read(out);
  else if (dice < 95)
    order(out);
  else
    own_orders(out);
}

size_t request_maker::below(size_t limit) {
  // The bias of a plain remainder of 64 bits is far below what a load test could show.
  return random_() % limit;
}

int64_t request_maker::product() {
  return plan_.products[below(plan_.products.size())];
}

void request_maker::order(std::string& out) {
  drawn_.clear();
  body_.assign("{\"items\":[");
  while (drawn_.size() < opts_.lines) {
    auto id = product();
    if (std::find(drawn_.begin(), drawn_.end(), id) != drawn_.end())
      continue;
    body_.append(drawn_.empty() ? "{\"product_id\":" : ",{\"product_id\":");
    append_number(body_, static_cast<uint64_t>(id));
    body_.append(",\"quantity\":");
    append_number(body_, static_cast<uint64_t>(opts_.quantity));
    body_.append("}");
    drawn_.push_back(id);
  }
  body_.append("]}");
  user_ = user_ + 1 < plan_.order_heads.size() ? user_ + 1 : 0;
  out.assign(plan_.order_heads[user_]);
  if (opts_.idempotency_keys) {
    out.append("Idempotency-Key: ").append(prefix_);
    append_number(out, sent_);
    out.append("\r\n");
  }
  out.append("Content-Length: ");
  append_number(out, body_.size());
  out.append("\r\n\r\n").append(body_);
}

void request_maker::product_read(std::string& out) {
  out.assign("GET /api/v1/products/");
  append_number(out, static_cast<uint64_t>(product()));
  out.append(plan_.read_tail);
}

void request_maker::get(std::string& out) {
  out.assign("GET ").append(plan_.targets[below(plan_.targets.size())]);
  out.append(plan_.get_tails[below(plan_.get_tails.size())]);
}

void request_maker::own_orders(std::string& out) {
  out.assign(plan_.list_heads[below(plan_.list_heads.size())]);
}

void request_maker::registration(std::string& out) {
  auto name = prefix_ + std::to_string(sent_);
  body_ = "{\"username\":\"load-" + name + "\",\"password\":\"pass-" + name + "\"}";
  out.assign(plan_.register_head);
  append_number(out, body_.size());
  out.append("\r\n\r\n").append(body_);
}

} // namespace souk::loadgen
