#include "tests/system/support/api.hpp"

#include <algorithm>
#include <regex>

namespace souk::tests {

unexpected_answer::unexpected_answer(const std::string& what, const answer& got)
  : std::runtime_error{what + ": got " + std::to_string(got.status) + " " + got.body} {}

const answer& expect(const std::string& what, unsigned status, const answer& got) {
  if (got.status != status)
    throw unexpected_answer{what, got};
  return got;
}

std::string product_path(int64_t product) {
  return "/api/v1/products/" + std::to_string(product);
}

std::string stock_path(int64_t product) {
  return "/api/v1/stock/" + std::to_string(product);
}

std::string category_path(const json& category) {
  return "/api/v1/categories/" + std::to_string(category.at("id").get<int64_t>());
}

std::string order_path(const json& order) {
  return "/api/v1/orders/" + std::to_string(order.at("id").get<int64_t>());
}

std::string user_path(const std::string& id) {
  return "/api/v1/users/" + id;
}

std::string percent_encoded(const std::string& text) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string result;
  for (const unsigned char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      result += static_cast<char>(c);
    else
      result.append(1, '%').append(1, digits[c >> 4]).append(1, digits[c & 15]);
  return result;
}

json anonymous(const answer& problem) {
  auto result = problem.as_json();
  result.erase("instance");
  return result;
}

std::set<std::string> pointers(const answer& problem) {
  std::set<std::string> result;
  const auto body = problem.as_json();
  for (const auto& error : body.at("errors")) {
    result.insert(error.at("pointer"));
    if (error.at("detail").get<std::string>().empty())
      result.insert("(no detail)");
  }
  return result;
}

bool replayed(const answer& got) {
  return got.header("Idempotent-Replayed") == "true";
}

bool is_time(const json& value) {
  static const std::regex pattern{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"};
  return value.is_string() && std::regex_match(value.get<std::string>(), pattern);
}

json all_pages(client& reader, const std::string& target, const std::function<void()>& between) {
  auto result = json::array();
  auto next = target;
  for (int pages = 0; pages < 200; ++pages) {
    const auto page = reader.get(next);
    expect("read " + next, 200, page);
    for (auto& item : page.as_json())
      result.push_back(item);
    next = next_page(page);
    if (next.empty())
      return result;
    if (between)
      between();
  }
  throw std::runtime_error{target + " does not end"};
}

std::set<std::string> documented_routes(const json& document) {
  std::string prefix;
  if (document.contains("servers") && !document["servers"].empty()) {
    prefix = document["servers"][0].value("url", "");
    if (const auto scheme = prefix.find("://"); scheme != std::string::npos)
      prefix.erase(0, std::min(prefix.find('/', scheme + 3), prefix.size()));
    if (prefix.ends_with('/'))
      prefix.pop_back();
  }
  std::set<std::string> result;
  for (const auto& [path, methods] : document.at("paths").items())
    for (const auto& [method, operation] : methods.items())
      result.insert(method + " "
                    + std::regex_replace(prefix + path, std::regex{R"(\{[^}]*\})"}, "{}"));
  return result;
}

std::vector<json> each(const json& items, const std::string& member) {
  std::vector<json> result;
  for (const auto& item : items)
    result.push_back(item.at(member));
  return result;
}

std::vector<int64_t> ids_of(const json& items) {
  std::vector<int64_t> result;
  for (const auto& item : items)
    result.push_back(item.at("id"));
  return result;
}

} // namespace souk::tests
