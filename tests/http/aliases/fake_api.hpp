// An inner application that answers from a script and notes what it was asked.
#pragma once

#include "http/aliases/decorator.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace souk::test {

using nlohmann::json;

/// What the inner application answers, by `METHOD target`: several are given one after the other,
/// the last for ever. What is not named is 404.
class fake_api {
public:
  explicit fake_api(http::aliases::rules how = {}) {
    forms_ = http::aliases::with_aliases(std::make_unique<inner>(*this), how);
  }

  void answer(const std::string& request, unsigned status, const json& body,
              std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::response r;
    r.status = status;
    r.body = body.is_null() ? "" : body.dump();
    r.headers = std::move(headers);
    if (status >= 400)
      r.content_type = "application/problem+json";
    scripts_[request].push_back(std::move(r));
  }

  /// Never answers requests to this target until `end`.
  void hold(const std::string& request) { held_request_ = request; }

  /// Ends the decorator with whatever it waits for.
  void end() { forms_.reset(); }

  http::response send(http::request req) {
    std::optional<http::response> got;
    req.request_id = "test-1";
    forms_->handle(std::move(req), http::reply{[&got](http::response&& r) { got = std::move(r); }});
    return got ? std::move(*got) : http::response{};
  }

  /// Sends without waiting; the answer is put into `to`.
  void send_later(http::request req, std::optional<http::response>& to) {
    forms_->handle(std::move(req), http::reply{[&to](http::response&& r) { to = std::move(r); }});
  }

  http::response send(const std::string& method, const std::string& target, const json& body = {},
                      const std::string& content_type = "application/json") {
    http::request req;
    req.method = method;
    req.target = target;
    req.authorization = "Bearer t";
    if (!body.is_null()) {
      req.body = body.is_string() ? body.get<std::string>() : body.dump();
      req.content_type = content_type;
    }
    return send(std::move(req));
  }

  /// `METHOD target` of all that was asked.
  std::vector<std::string> targets() const {
    std::vector<std::string> out;
    for (const auto& x : asked)
      out.push_back(x.method + " " + x.target);
    return out;
  }

  json last_body() const { return json::parse(asked.back().body); }

  std::vector<http::request> asked;
  std::vector<std::string> counted; ///< codes of what the forms refused by themselves

private:
  struct inner : http::application {
    explicit inner(fake_api& a) : api{a} {}
    void handle(http::request&& req, http::reply to) override {
      const auto key = req.method + " " + req.target;
      api.asked.push_back(std::move(req));
      if (key == api.held_request_)
        return held.push_back(std::move(to));
      auto& list = api.scripts_[key];
      if (list.empty()) {
        http::response none;
        none.status = 404;
        none.content_type = "application/problem+json";
        none.body = R"({"status":404,"code":"not_found"})";
        return to(std::move(none));
      }
      auto r = list.front();
      if (list.size() > 1)
        list.pop_front();
      to(std::move(r));
    }
    void complete(http::response& refusal, const std::string&) const override {
      api.counted.emplace_back(refusal.code);
    }
    fake_api& api;
    std::vector<http::reply> held; ///< dropped at its end, which answers 503
  };

  std::map<std::string, std::deque<http::response>> scripts_;
  std::string held_request_;
  std::unique_ptr<http::application> forms_;
};

inline json body_of(const http::response& r) {
  return r.body.empty() ? json{} : json::parse(r.body);
}

inline std::string header_of(const http::response& r, const std::string& name) {
  for (const auto& x : r.headers)
    if (x.first == name)
      return x.second;
  return {};
}

inline const std::string ada_id = "0190b5a0-0000-7000-8000-000000000001";
inline const std::string bob_id = "0190b5a0-0000-7000-8000-000000000002";

inline json user_json(const std::string& id = ada_id) {
  return {{"id", id}, {"username", "ada"}, {"email", "ada@example.com"}, {"role", "USER"}};
}

inline json order_json() {
  return {{"id", 5},
          {"user_id", ada_id},
          {"status", "pending"},
          {"items", json::array({{{"id", 51}, {"product_id", 7}, {"quantity", 2}},
                                 {{"id", 52}, {"product_id", 8}, {"quantity", 1}}})},
          {"total_amount", 30.5}};
}

} // namespace souk::test
