// The bodies and the query parameters of all routes, described once.
#pragma once

#include "http/routes/schema.hpp"

namespace souk::http::schemas {

// Bodies of requests.
extern const schema register_request;
extern const schema login_request;
extern const schema verify_request;
extern const schema refresh_request;
extern const schema password_change;
extern const schema password_forgot;
extern const schema password_reset;
extern const schema profile_change;
extern const schema profile_put;
extern const schema user_change;
extern const schema role_change;
extern const schema user_import;
extern const schema user_import_item; ///< one of its items, which are checked one by one
extern const schema address_request;
extern const schema product_create;
extern const schema product_replace;
extern const schema product_change;
extern const schema import_item; ///< of product_import, which does not check them
extern const schema product_import;
extern const schema category_create;
extern const schema category_replace;
extern const schema stock_set;
extern const schema stock_adjust;
extern const schema order_create;
extern const schema order_change;

// Bodies of answers.
extern const schema user;
extern const schema users;
extern const schema user_import_results;
extern const schema kept_address;
extern const schema kept_addresses;
extern const schema token;
extern const schema token_state;
extern const schema product;
extern const schema products;
extern const schema product_imported;
extern const schema category_view;
extern const schema categories;
extern const schema movements;
extern const schema stock;
extern const schema order;
extern const schema orders;
extern const schema status;
extern const schema message;
extern const schema problem;
extern const schema openapi;    ///< any object
extern const schema plain_text; ///< any string, for what is no JSON

// Parts of several bodies.
extern const schema address;
extern const schema payment_method;
extern const schema outside_id; ///< of a line's product

// Query parameters.
extern const schema page_limit; ///< 1 to 500, default 100
extern const schema cursor;
extern const schema user_cursor;
extern const schema given_login; ///< a username or an e-mail address to look for
extern const schema order_status;
extern const schema time;
extern const schema user_id;
extern const schema product_cursor;
extern const schema search_text;
extern const schema category_filter;
extern const schema price_bound;
extern const schema flag; ///< true or false
extern const schema product_order;
extern const schema external_id_filter;

} // namespace souk::http::schemas
