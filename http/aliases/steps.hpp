// What some forms ask besides their canonical request, and how answers are shaped.
#pragma once

#include "http/aliases/translation.hpp"

namespace souk::http::aliases {

// -- before ---------------------------------------------------------------------------------------

/// Products that are named by an external id, or by a number that is not known here, become the
/// ids under which they are kept here; an external catalog is asked for what is not.
void resolve_products(const translation_ptr& t, std::function<void()> next);

/// A category that does not exist is left out, with a Warning.
void drop_unknown_category(const translation_ptr& t, std::function<void()> next);

/// A username that is an e-mail address is that of the account, in forms that have no field for it.
void take_name_as_email(const translation_ptr& t, std::function<void()> next);

/// A line that is about to go is noted, for the answer tells what it was.
void note_removed_line(const translation_ptr& t, std::function<void()> next);

/// `user_id`, if sent, must be the caller or, for an ADMIN, someone who exists.
void act_for_user(const translation_ptr& t, std::function<void()> next);

/// A product of 003, which knows no stock (told by its `description`), is sold without being
/// counted until someone sets a count.
void sell_uncounted(const translation_ptr& t, std::function<void()> next);

// -- after ----------------------------------------------------------------------------------------

/// Adds an order's `user` and each line's `product`; null for what was deleted.
void add_details(const translation_ptr& t, json_value&& answer);

// -- refused --------------------------------------------------------------------------------------

/// Orders confirm themselves, sooner than a client that does it can: it finds that done.
void accept_confirmed(const translation_ptr& t, response&& why);

// -- shapes ---------------------------------------------------------------------------------------

/// Adds user_id, user_name and is_active to a user.
void add_user_names(json_value& user);

void shape_user(translation& t, json_value& user);       ///< + user_id, user_name, is_active
void shape_caller(translation& t, json_value& user);     ///< the same, + valid: true
void shape_address(translation& t, json_value& address); ///< + user_id
void shape_product(translation& t, json_value& product); ///< + description
void shape_stock(translation& t, json_value& stock);     ///< {id, product_id, stock}
void shape_order(translation& t,
                 json_value& order); ///< + total_price; lines: + order_id, product_quantity
void shape_changed_item(translation& t, json_value& order); ///< the line that was changed
void shape_cart_items(translation& t, json_value& cart);    ///< its lines alone
void shape_added_item(translation& t, json_value& cart);    ///< the cart, + the line's own fields

} // namespace souk::http::aliases
