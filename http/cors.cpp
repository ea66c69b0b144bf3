#include "http/cors.hpp"

#include <algorithm>
#include <utility>

namespace souk::http {
namespace {

class cors : public application {
public:
  cors(std::unique_ptr<application> inner, cors_rules rules)
    : inner_{std::move(inner)}, rules_{std::move(rules)} {}

  void complete(response& refusal, const std::string& origin) const override {
    inner_->complete(refusal, origin);
    add_headers(rules_, refusal, origin, false);
  }

  void handle(request&& req, reply answer) override {
    const bool asks = req.method == "OPTIONS";
    auto origin = req.origin;
    inner_->handle(std::move(req),
                   reply{[rules = rules_, answer, asks, origin = std::move(origin)](response&& r) {
                     add_headers(rules, r, origin, asks);
                     answer(std::move(r));
                   }});
  }

private:
  static void add_headers(const cors_rules& rules, response& r, const std::string& origin,
                          bool asks) {
    if (!rules.everyone) // caches must keep the answers to others apart
      add_vary(r);
    if (!origin.empty() && rules.allows(origin))
      allow(r, rules.everyone ? "*" : origin, asks);
  }

  static void add_vary(response& r) {
    for (auto& [name, value] : r.headers)
      if (name == "Vary") {
        value += ", Origin";
        return;
      }
    r.headers.emplace_back("Vary", "Origin");
  }

  static void allow(response& r, const std::string& origin, bool asks) {
    auto& to = r.headers;
    const auto allow =
      std::find_if(to.begin(), to.end(), [](auto& x) { return x.first == "Allow"; });
    const auto methods = allow == to.end() ? std::string{} : allow->second;
    to.emplace_back("Access-Control-Allow-Origin", origin);
    if (!asks) {
      to.emplace_back("Access-Control-Expose-Headers",
                      "ETag, Idempotent-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
                      "Retry-After, Warning, WWW-Authenticate, X-Request-Id");
      return;
    }
    to.emplace_back("Access-Control-Allow-Methods", methods);
    to.emplace_back("Access-Control-Allow-Headers",
                    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "
                    "Last-Event-ID, X-Request-Id");
    to.emplace_back("Access-Control-Max-Age", "600");
  }

  std::unique_ptr<application> inner_;
  cors_rules rules_;
};

} // namespace

bool cors_rules::allows(std::string_view origin) const {
  return everyone || std::find(origins.begin(), origins.end(), origin) != origins.end();
}

cors_rules parse_origins(std::string_view text) {
  cors_rules out;
  out.everyone = text == "*";
  while (!out.everyone && !text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    out.origins.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::unique_ptr<application> with_cors(std::unique_ptr<application> inner, cors_rules rules) {
  if (rules.off())
    return inner;
  return std::make_unique<cors>(std::move(inner), std::move(rules));
}

} // namespace souk::http
