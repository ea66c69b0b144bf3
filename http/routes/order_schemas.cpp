#include "http/routes/order_schemas.hpp"

#include "actors/domain/product.hpp"
#include "http/routes/order_views.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http::schemas {
namespace {

std::string_view check_order_cursor(std::string_view text) {
  return decode_place(text) ? "" : "is not a cursor of this list";
}

const schema id{.kind = schema_kind::integer, .min = 1};
const schema text{};
const schema any_count{.kind = schema_kind::integer, .min = 0};
const schema amount{.kind = schema_kind::amount, .description = "units of the shop's currency"};
const schema quantity{.kind = schema_kind::integer, .min = 1, .max = 1'000'000};
const schema quantity_or_none{.kind = schema_kind::integer,
                              .description = "0: the product is removed",
                              .min = 0,
                              .max = 1'000'000};
const schema reference{
  .description = "the provider's own; counts once in the shop", .min = 1, .max = 200};
const schema paid_amount{.kind = schema_kind::money,
                         .description = "the order's total, exact; a number or a string with one"};
const schema note{.max = 1000};
const schema who{.one_of = {"customer", "admin", "system", "payment"}};
const schema cart_item{.kind = schema_kind::object,
                       .name = "CartItem",
                       .fields = {{"product_id", &id, true},
                                  {"name", &text, true},
                                  {"price", &amount, true},
                                  {"quantity", &quantity, true},
                                  {"subtotal", &amount, true},
                                  {"available", &any_count, true},
                                  {"external_id", &outside_id}}};
const schema cart_items{.kind = schema_kind::array, .items = &cart_item};
const schema history_entry{.kind = schema_kind::object,
                           .name = "OrderEvent",
                           .fields = {{"id", &any_count, true},
                                      {"kind", &text, true},
                                      {"status", &order_status, true},
                                      {"at", &time, true},
                                      {"by", &who, true}}};

} // namespace

const schema item_quantity{.kind = schema_kind::object,
                           .name = "ItemQuantity",
                           .fields = {{"quantity", &quantity_or_none, true}}};
const schema payment{.kind = schema_kind::object,
                     .name = "Payment",
                     .fields = {{"reference", &reference, true}, {"amount", &paid_amount, true}}};
const schema cart_add{.kind = schema_kind::object,
                      .name = "CartAdd",
                      .fields = {{"product_id", &id, true}, {"quantity", &quantity, true}}};
const schema checkout{.kind = schema_kind::object,
                      .name = "Checkout",
                      .fields = {{"payment_method", &payment_method, false, true},
                                 {"shipping_address_id", &id, false, true},
                                 {"shipping_address", &address, false, true},
                                 {"note", &note, false, true}}};

const schema cart{.kind = schema_kind::object,
                  .name = "Cart",
                  .fields = {{"items", &cart_items, true},
                             {"total_quantity", &any_count, true},
                             {"total_amount", &amount, true},
                             {"currency", &text, true}}};
const schema order_history{.kind = schema_kind::array, .items = &history_entry};
const schema event_stream{.description = "server-sent events; each `data` is an OrderEvent"};

const schema order_cursor{.description = "from the Link of the page before",
                          .min = 1,
                          .max = 64,
                          .check = check_order_cursor};

} // namespace souk::http::schemas
