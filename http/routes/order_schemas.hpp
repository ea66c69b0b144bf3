// The bodies of the routes of orders and carts, described once.
#pragma once

#include "http/routes/schema.hpp"

namespace souk::http::schemas {

extern const schema item_quantity;
extern const schema payment;
extern const schema cart_add;
extern const schema checkout;

extern const schema cart;
extern const schema order_history;
extern const schema event_stream;

extern const schema order_cursor; ///< a query parameter

} // namespace souk::http::schemas
