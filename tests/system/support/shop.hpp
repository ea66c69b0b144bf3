// A shop to test: a database, a server on it, its administrator, its customers and its products.
#pragma once

#include "tests/system/support/api.hpp"
#include "tests/system/support/client.hpp"
#include "tests/system/support/server.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace souk::tests {

/// Who may log in.
struct account {
  std::string username;
  std::string password;
  std::string id;
  std::string token;
};

using order_lines = std::vector<std::pair<int64_t, int64_t>>; ///< product id, quantity

/// The body of `POST /orders`.
json order_of(const order_lines& lines);

/// Its server runs from the constructor on.
class shop {
public:
  explicit shop(engine kind, const settings& more = {});

  /// On a PostgreSQL of its own.
  explicit shop(const std::string& postgres_url, const settings& more = {});

  client guest() const { return client{server.port()}; }
  client admin();
  client as(const account& who) const { return client{server.port(), who.token}; }

  account new_user();
  std::vector<account> new_users(size_t count); ///< several at a time

  /// What a login of its own answers: `access_token`, `refresh_token`, ...
  json open_session(const account& who) const;

  /// What the administrator makes at `target`, which answers 201.
  json create(const std::string& target, const json& body);

  /// A new product's id. The price is a decimal, sent as a string.
  int64_t new_product(int64_t quantity, const std::string& price = "10.00");

  int64_t on_hand(int64_t product);
  void set_stock(int64_t product, int64_t quantity);

  /// A new order of these lines; `more` are further fields of its body.
  json new_order(const account& buyer, const order_lines& lines, const json& more = nullptr);

  /// The administrator takes an order one step further.
  answer advance(const json& order, const std::string& status);

  /// An order as it is now.
  json read_order(const json& known);

  /// `souk check` on this shop's database.
  finished check() const;

  /// SIGTERM if it still runs, then `souk check` and the test's own look at the books; what does
  /// not balance, or empty. Expects exit code 0 of both.
  std::string closed_books();

  tests::database database;
  tests::server server;

private:
  account register_user(const std::string& username) const;
  std::string log_in(const std::string& username, const std::string& password) const;

  std::string admin_token_;
};

} // namespace souk::tests
