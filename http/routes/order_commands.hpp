// What the routes of orders and carts share.
#pragma once

#include "http/routes/request_context.hpp"

#include <functional>
#include <optional>
#include <string>

namespace souk::http {

/// An order's JSON.
std::string order_json(request_context& ctx, const domain::order& x);

/// Answers a change of an order.
void answer_change(const context_ptr& ctx, const actors::order_answer& x);

/// Answers 201 with a new order and where it is.
void answer_placed(const context_ptr& ctx, const actors::order_answer& placed);

/// The shard that owns the order of the path.
const actors::order_actor& shard_of_path(request_context& ctx);

/// Where an order goes.
struct destination {
  std::optional<domain::address> address;
  bool missing = false; ///< one was named that the caller does not have
};

/// Finds the address that the body gives or names, then calls `go`; every failure is answered.
void with_destination(const context_ptr& ctx,
                      std::function<void(const context_ptr&, destination)> go);

/// The body's `payment_method`, or the default.
domain::payment_method payment_method_of(const request_context& ctx);

} // namespace souk::http
