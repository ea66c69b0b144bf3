// Orders' histories, carts and places in lists of orders as the API shows them.
#pragma once

#include "actors/messages/order.hpp"
#include "http/routes/json_writer.hpp"
#include "http/routes/views.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace souk::http {

void write_history_entry(json_writer& out, const domain::order_history_entry& x);

/// Subtotals or a total that are too large to be exact are shown as the largest exact amount.
void write_cart(json_writer& out, const actors::cart_view& x, const shop_currency& shop);

/// One event of a stream of server-sent events.
std::string event_text(const domain::order_history_entry& x);

/// A place in a list of orders: when one was placed, and its id.
struct order_place {
  int64_t time = 0; ///< milliseconds since 1970
  int64_t id = 0;
};

/// The same as an opaque text; nothing if it is none of ours.
std::string encode_place(const order_place& x);
std::optional<order_place> decode_place(std::string_view text);

} // namespace souk::http
