#include "tests/system/support/order_load.hpp"

#include <unistd.h>

#include <algorithm>

namespace souk::tests {

namespace {

/// Unique over all loads of a test run.
std::string new_key() {
  static std::atomic<int> count = 0;
  return "load-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

/// Whether a 503 says what a client needs in order to go on.
bool proper_refusal(const answer& got) {
  const auto code = got.code();
  return got.status == 503 && got.has("Retry-After")
         && (code == "overloaded" || code == "outcome_unknown");
}

} // namespace

order_load::order_load(const shop& where, std::vector<account> customers,
                       std::vector<int64_t> products)
  : shop_{where}, customers_{std::move(customers)}, products_{std::move(products)} {
  for (size_t i = 0; i < customers_.size(); ++i)
    threads_.emplace_back([this, i] { work(i); });
}

order_load::~order_load() {
  stop();
}

void order_load::stop() {
  {
    const std::lock_guard lock{guard_};
    stopping_ = true;
  }
  stopped_.notify_all();
  threads_.clear();
}

void order_load::work(size_t customer) {
  auto to = shop_.as(customers_[customer]);
  for (size_t i = customer; !stopping_; ++i) {
    const auto count = products_.size();
    order_lines lines{{products_[i % count], 1}};
    if (count > 1)
      lines.emplace_back(products_[(i + 1) % count], 1);
    const open_order order{customer, new_key(), order_of(lines)};
    try {
      while (!ask(to, order)) {
        if (stopping_) {
          const std::lock_guard lock{guard_};
          in_doubt_.push_back(order);
          return;
        }
        pause();
      }
    } catch (const transport_error&) {
      const std::lock_guard lock{guard_};
      in_doubt_.push_back(order);
      return;
    }
  }
}

bool order_load::ask(client& to, const open_order& what) {
  const auto got =
    to.send("POST", "/api/v1/orders", what.body.dump(), {{"Idempotency-Key", what.key}});
  if (proper_refusal(got)) {
    ++refused_;
    return false;
  }
  if (got.status != 201) {
    complain(std::to_string(got.status) + " " + got.body);
    return true;
  }
  const int64_t id = got.as_json().at("id");
  ++acknowledged_;
  const std::lock_guard lock{guard_};
  ++orders_[id];
  return true;
}

void order_load::settle() {
  for (const auto& order : in_doubt_) {
    auto to = shop_.as(customers_[order.customer]);
    if (!eventually(30s, [&] { return ask(to, order); }))
      complain("still in doubt: " + order.key);
  }
  in_doubt_.clear();
}

std::map<int64_t, int> order_load::orders() const {
  const std::lock_guard lock{guard_};
  return orders_;
}

std::vector<std::string> order_load::complaints() const {
  const std::lock_guard lock{guard_};
  return complaints_;
}

void order_load::complain(const std::string& what) {
  const std::lock_guard lock{guard_};
  complaints_.push_back(what);
}

void order_load::pause() {
  std::unique_lock lock{guard_};
  stopped_.wait_for(lock, 50ms, [this] { return stopping_.load(); });
}

} // namespace souk::tests
