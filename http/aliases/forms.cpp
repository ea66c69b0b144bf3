// The table. A row's order counts only among rows of one method and path.
#include "http/aliases/form.hpp"
#include "http/aliases/steps.hpp"

#include <algorithm>

namespace souk::http::aliases {
namespace {

using enum http_method;

bool names_one_product(std::string_view query) {
  const auto fields = read_form(query);
  return fields && std::any_of(fields->begin(), fields->end(), [](const auto& x) {
           return x.first == "product_id" || x.first == "quantity";
         });
}

const std::vector<form_field> new_user{{"username", {"username", "user_name", "email"}},
                                       {"email"},
                                       {"password"},
                                       {"first_name"},
                                       {"last_name"},
                                       {"full_name"},
                                       {"phone"}};
const std::vector<form_field> credentials{{"username", {"username", "user_name", "email"}},
                                          {"password"}};
const std::vector<form_field> new_product{{"name"},
                                          {"price"},
                                          {"detail", {"detail", "description"}},
                                          {"category_id", {}, read_as::integer},
                                          {"quantity", {"quantity", "stock"}, read_as::integer},
                                          {"external_id"},
                                          {"image_url"}};
const std::vector<form_field> changed_product{{"name"},
                                              {"price"},
                                              {"detail", {"detail", "description"}},
                                              {"category_id", {}, read_as::integer},
                                              {"external_id"},
                                              {"image_url"}};
const std::vector<form_field> new_order{{"items", {}, read_as::items},
                                        {"shipping_address_id", {}, read_as::integer},
                                        {"shipping_address"},
                                        {"payment_method"},
                                        {"note"}};
const std::vector<form_field> checkout{{"shipping_address_id", {}, read_as::integer},
                                       {"shipping_address"},
                                       {"payment_method"},
                                       {"note"}};
const std::vector<form_field> new_address{{"street"},      {"city"},    {"state"},
                                          {"postal_code"}, {"country"}, {"is_default"}};
const std::vector<form_field> new_status{{"status"}};

std::vector<form_field> with(std::vector<form_field> fields, form_field more) {
  fields.push_back(std::move(more));
  return fields;
}

void add_accounts(std::vector<form>& to) {
  const auto registration = [&](std::string_view path, std::string_view document,
                                std::string_view example) {
    to.push_back({.method = post,
                  .path = path,
                  .document = document,
                  .summary = "Make an account",
                  .to_method = post,
                  .to = "/api/v1/auth/register",
                  .fields = new_user,
                  .open = true,
                  .before = {take_name_as_email},
                  .shape = shape_user,
                  .example = example});
  };
  const auto login = [&](std::string_view path, std::string_view document,
                         std::string_view example) {
    to.push_back({.method = post,
                  .path = path,
                  .document = document,
                  .summary = "Get a token for a username or e-mail address and a password",
                  .to_method = post,
                  .to = "/api/v1/auth/login",
                  .fields = credentials,
                  .form_body = true,
                  .open = true,
                  .example = example});
  };
  registration("/auth/signup", "000", R"({"user_name":"testuser","password":"testpass1234"})");
  login("/auth/login", "000", R"({"user_name":"testuser","password":"testpass1234"})");
  registration("/register", "002, 004",
               R"({"email":"reader@example.org","password":"many-good-books"})");
  login("/token", "002, 003", R"({"username":"reader@example.org","password":"many-good-books"})");
  registration("/users/register", "003",
               R"({"username":"newuser","full_name":"New User","phone":"+7 (999) 123-45-67",)"
               R"("password":"good-password-123"})");
  login("/login", "004", R"({"email":"reader@example.org","password":"many-good-books"})");
  to.push_back({.method = post,
                .path = "/verify-token",
                .document = "004",
                .summary = "Tell whose the token in the header is",
                .to = "/api/v1/users/me",
                .shape = shape_caller});
}

void add_users(std::vector<form>& to) {
  to.push_back({.path = "/users/me",
                .document = "003",
                .summary = "The caller's account",
                .to = "/api/v1/users/me",
                .shape = shape_user});
  for (const auto method : {put, patch})
    to.push_back({.method = method,
                  .path = "/users/me",
                  .document = "003",
                  .summary = "Change the caller's account",
                  .to_method = method,
                  .to = "/api/v1/users/me",
                  .whole_body = true,
                  .shape = shape_user,
                  .example = R"({"full_name":"New User","phone":"+7 (999) 123-45-67"})"});
  to.push_back({.path = "/user/{user_id}",
                .document = "004",
                .summary = "A user: the caller, or anyone for an ADMIN",
                .to = "/api/v1/users/me",
                .on_behalf = true,
                .shape = shape_user});
  to.push_back({.path = "/user/{user_id}/addresses",
                .document = "004",
                .summary = "A user's addresses",
                .to = "/api/v1/users/me/addresses",
                .on_behalf = true,
                .shape = shape_address});
  to.push_back(
    {.method = post,
     .path = "/user/{user_id}/addresses",
     .document = "004",
     .summary = "Add an address",
     .to_method = post,
     .to = "/api/v1/users/me/addresses",
     .fields = new_address,
     .on_behalf = true,
     .shape = shape_address,
     .example =
       R"({"street":"Rua Augusta 1","city":"Lisboa","postal_code":"1100-048","country":"PT"})"});
}

void add_catalog(std::vector<form>& to) {
  to.push_back({.path = "/products",
                .document = "003",
                .summary = "All products",
                .to = "/api/v1/products",
                .list = true,
                .open = true,
                .shape = shape_product});
  to.push_back({.method = post,
                .path = "/products",
                .document = "000, 003",
                .summary = "Add a product; a category that does not exist is left out",
                .to_method = post,
                .to = "/api/v1/products",
                .fields = new_product,
                .catalog = true,
                .before = {drop_unknown_category, sell_uncounted},
                .shape = shape_product,
                .example = R"({"name":"Desk","price":"19.99","description":"Oak"})"});
  to.push_back({.path = "/products/{product_id}",
                .document = "003",
                .summary = "A product",
                .to = "/api/v1/products/{product_id}",
                .open = true,
                .before = {resolve_products},
                .shape = shape_product});
  for (const auto method : {put, patch})
    to.push_back({.method = method,
                  .path = "/products/{product_id}",
                  .document = "003",
                  .summary = method == put ? "Replace a product" : "Change a product",
                  .to_method = method,
                  .to = "/api/v1/products/{product_id}",
                  .fields = changed_product,
                  .before = {resolve_products},
                  .shape = shape_product,
                  .example = R"({"name":"Desk","price":"24.50"})"});
  to.push_back({.method = remove,
                .path = "/products/{product_id}",
                .document = "003",
                .summary = "Delete a product",
                .to_method = remove,
                .to = "/api/v1/products/{product_id}",
                .before = {resolve_products},
                .message = "Product deleted"});
  to.push_back({.method = post,
                .path = "/stock",
                .document = "000",
                .summary = "Set what is on hand of a product",
                .to_method = put,
                .to = "/api/v1/stock/{product_id}",
                .fields = {{"product_id", {}, read_as::integer}, {"stock", {}, read_as::integer}},
                .catalog = true,
                .before = {resolve_products},
                .shape = shape_stock,
                .example = R"({"product_id":1,"stock":100})"});
  to.push_back({.method = post,
                .path = "/api/v1/category",
                .document = "001",
                .summary = "Add a category",
                .to_method = post,
                .to = "/api/v1/categories",
                .fields = {{"name"}, {"parent_id", {}, read_as::integer}},
                .example = R"({"name":"Desks"})"});
  to.push_back({.method = post,
                .path = "/api/v1/product",
                .document = "001",
                .summary = "Add a product with its first stock",
                .to_method = post,
                .to = "/api/v1/products",
                .fields = new_product,
                .example = R"({"name":"Desk","price":"19.99","category_id":1,"quantity":10})"});
  to.push_back({.path = "/api/v1/products_with_category",
                .document = "001",
                .summary = "The products of a category",
                .to = "/api/v1/products?category={category}",
                .fields = {{"category", {"id"}, read_as::integer}},
                .list = true,
                .open = true});
}

void add_cart(std::vector<form>& to) {
  to.push_back({.path = "/cart/items",
                .document = "003",
                .summary = "What is in the cart",
                .to = "/api/v1/cart",
                .shape = shape_cart_items});
  to.push_back(
    {.method = post,
     .path = "/cart/items",
     .document = "003",
     .summary = "Put a product into the cart",
     .to_method = post,
     .to = "/api/v1/cart/items",
     .fields = {{"product_id", {}, read_as::integer}, {"quantity", {}, read_as::integer}},
     .before = {resolve_products},
     .shape = shape_added_item,
     .example = R"({"product_id":1,"quantity":2})"});
  to.push_back({.method = put,
                .path = "/cart/items/{product_id}",
                .document = "003",
                .summary = "Another quantity of what is in the cart; 0 takes it out",
                .to_method = put,
                .to = "/api/v1/cart/items/{product_id}",
                .fields = {{"quantity", {}, read_as::integer}},
                .example = R"({"quantity":3})"});
  to.push_back({.method = remove,
                .path = "/cart/items/{product_id}",
                .document = "003",
                .summary = "Take a product out of the cart",
                .to_method = remove,
                .to = "/api/v1/cart/items/{product_id}"});
  to.push_back({.path = "/users/me/orders",
                .document = "003",
                .summary = "The caller's orders",
                .to = "/api/v1/orders",
                .list = true,
                .own = true,
                .shape = shape_order});
  to.push_back({.method = post,
                .path = "/users/me/orders",
                .document = "003",
                .summary = "Order what is in the cart",
                .to_method = post,
                .to = "/api/v1/cart/checkout",
                .fields = checkout,
                .body_optional = true,
                .shape = shape_order,
                .example = R"({"payment_method":"cash_on_delivery"})"});
}

void add_single_orders(std::vector<form>& to) {
  to.push_back({.method = post,
                .path = "/order",
                .document = "000",
                .summary = "Order one product, named in the query",
                .to_method = post,
                .to = "/api/v1/orders",
                .fields = {{"items", {}, read_as::one_item}},
                .source = fields_from::query,
                .when = names_one_product,
                .before = {resolve_products},
                .shape = shape_order});
  to.push_back({.method = post,
                .path = "/order",
                .document = "001",
                .summary = "Place an order, for another user as an ADMIN",
                .to_method = post,
                .to = "/api/v1/orders",
                .fields = with(new_order, {"user_id", {}, read_as::user}),
                .before = {act_for_user, resolve_products},
                .shape = shape_order,
                .after = add_details,
                .example = R"({"items":[{"product_id":1,"quantity":2}]})"});
  to.push_back({.path = "/order/{id}",
                .document = "001",
                .summary = "An order with its user and products",
                .to = "/api/v1/orders/{id}",
                .shape = shape_order,
                .after = add_details});
  to.push_back(
    {.method = put,
     .path = "/update_order/{id}",
     .document = "001",
     .summary = "Change one line's quantity",
     .to_method = put,
     .to = "/api/v1/orders/{id}/items/{order_item_id}",
     .fields = {{"order_item_id", {}, read_as::integer}, {"quantity", {}, read_as::integer}},
     .source = fields_from::either,
     .before = {note_removed_line},
     .shape = shape_changed_item,
     .example = R"({"order_item_id":1,"quantity":3})"});
}

void add_orders(std::vector<form>& to) {
  to.push_back({.method = post,
                .path = "/orders",
                .document = "002, 004",
                .summary = "Place an order; a total_price that differs is refused",
                .to_method = post,
                .to = "/api/v1/orders",
                .fields = with(new_order, {"expected_total", {"total_price"}, read_as::total}),
                .outside_ids = true,
                .before = {resolve_products},
                .shape = shape_order,
                .example = R"({"items":[{"product_id":1,"quantity":2}]})"});
  to.push_back({.path = "/orders/{id}",
                .document = "002, 004",
                .summary = "An order",
                .to = "/api/v1/orders/{id}",
                .shape = shape_order});
  to.push_back({.method = patch,
                .path = "/orders/{id}",
                .document = "002",
                .summary = "Change an order's status",
                .to_method = patch,
                .to = "/api/v1/orders/{id}",
                .fields = new_status,
                .source = fields_from::either,
                .shape = shape_order,
                .refused = accept_confirmed,
                .example = R"({"status":"cancelled"})"});
  to.push_back({.method = put,
                .path = "/orders/{id}/status",
                .document = "004",
                .summary = "Change an order's status",
                .to_method = patch,
                .to = "/api/v1/orders/{id}",
                .fields = new_status,
                .source = fields_from::either,
                .shape = shape_order,
                .refused = accept_confirmed,
                .example = R"({"status":"cancelled"})"});
  to.push_back({.path = "/orders/user/{user_id}",
                .document = "002",
                .summary = "A user's orders",
                .to = "/api/v1/users/{user_id}/orders",
                .list = true,
                .shape = shape_order});
  to.push_back({.path = "/users/{user_id}/orders",
                .document = "004",
                .summary = "A user's orders",
                .to = "/api/v1/users/{user_id}/orders",
                .list = true,
                .shape = shape_order});
  to.push_back({.path = "/swagger",
                .document = "003",
                .summary = "The page to read and try the API",
                .to = "/docs",
                .open = true});
}

} // namespace

const std::vector<form>& all_forms() {
  static const auto all = [] {
    std::vector<form> out;
    add_accounts(out);
    add_users(out);
    add_catalog(out);
    add_cart(out);
    add_single_orders(out);
    add_orders(out);
    return out;
  }();
  return all;
}

} // namespace souk::http::aliases
