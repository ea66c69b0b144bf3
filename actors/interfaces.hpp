// Every actor's protocol on one page. Read this file first.
//
// First the four domains, then who works in the background, workers on threads of their own, and
// persistence.
//
// The way of one order: http actor -> order shard -> stock shards -> order shard -> writer, which
// commits; then the stock shards are told, the order shard answers, the notifier gets the event,
// and the clerk, who follows the log, asks the order shard to confirm the order.
//
// Any request may fail because a shard, the database or the time is short: those codes stand last
// in error.hpp. At a handler stands what the shop itself may say no with.
#pragma once

#include "actors/error.hpp"
#include "actors/messages/type_ids.hpp"

#include <caf/typed_actor.hpp>

namespace souk::actors {

/// USER SHARD. The only writer of its users. 64 of them, by domain::shard_of(user id).
using user_actor = caf::typed_actor<
  // Makes an account, durably. Fails with `username_taken` or `email_taken`.
  caf::replies_to<register_user>::with<user_answer>,
  // Checks a password; any shard may be asked. Fails with `wrong_credentials` or
  // `account_disabled`.
  caf::replies_to<log_in>::with<password_matched>,
  // Opens a session, durably. Fails with `wrong_credentials` if the password was changed since it
  // was checked, or `account_disabled`.
  caf::replies_to<open_session>::with<session_answer>,
  // Renews a session, durably. A token that was used before ends the session. Fails with
  // `invalid_token`.
  caf::replies_to<refresh_session>::with<session_answer>,
  // Ends one session or all, durably; their access tokens are refused from then on.
  caf::replies_to<end_sessions>::with<user_answer>,
  // Sets another password, durably; ends the other sessions. Fails with `wrong_password`.
  caf::replies_to<change_password>::with<user_answer>,
  // Mails a token that is good once, for half an hour. Fails with `not_found`.
  caf::replies_to<begin_reset>::with<user_answer>,
  // Sets a password with such a token, durably; ends all sessions. Fails with
  // `invalid_reset_token`.
  caf::replies_to<reset_password>::with<user_answer>,
  // Reads an account. Fails with `not_found`.
  caf::replies_to<get_user>::with<domain::user>,
  // Changes an account, durably. Fails with `not_found`, `username_taken`, `email_taken`,
  // `invalid_value` or `last_administrator`.
  caf::replies_to<change_user>::with<user_answer>,
  // Deletes an account, durably. Fails with `not_found` or `last_administrator`.
  caf::replies_to<remove_user>::with<user_answer>,
  // Reads a page of users from the database; any shard may be asked.
  caf::replies_to<list_users>::with<user_page>,
  // Reads a user's addresses, or one of them. Fails with `not_found`.
  caf::replies_to<list_addresses>::with<address_list>,
  caf::replies_to<get_address>::with<domain::kept_address>,
  // Adds, replaces or removes an address, durably. Fails with `not_found` or `too_many`.
  caf::replies_to<put_address>::with<address_answer>,
  caf::replies_to<remove_address>::with<user_answer>>;

/// PRODUCT SHARD. The only writer of its products, counts aside; shard 0 also of the categories,
/// which it keeps in memory as a whole. 64 of them, by product id.
using product_actor = caf::typed_actor<
  // Adds a product with its first stock, durably. Fails with `external_id_taken` or
  // `category_not_found`.
  caf::replies_to<create_product>::with<product_answer>,
  // Changes or removes a product, durably. Fails with `not_found`, `category_not_found`,
  // `external_id_taken` or `stale_version`.
  caf::replies_to<update_product>::with<product_answer>,
  // Reads a product; the stock shard completes the answer. Fails with `not_found`.
  caf::replies_to<get_product>::with<product_view>,
  // Reads a page of the catalog from the database; any shard may be asked.
  caf::replies_to<list_products>::with<product_page>,
  // Adds a category, durably; shard 0 only. Fails with `category_not_found` if the parent does not
  // exist.
  caf::replies_to<create_category>::with<category_answer>,
  // Renames or moves a category, durably; shard 0 only. Fails with `not_found`,
  // `category_not_found` or `category_cycle`.
  caf::replies_to<update_category>::with<category_answer>,
  // Takes a category away, durably; shard 0 only. Fails with `not_found` or `category_not_empty`.
  caf::replies_to<delete_category>::with<category_answer>,
  // Reads a category from memory; shard 0 only. Fails with `not_found`.
  caf::replies_to<get_category>::with<category_view>,
  // Reads the whole tree from memory; shard 0 only.
  caf::replies_to<list_categories>::with<category_list>>;

/// STOCK SHARD. Decides in memory who gets a product; the database is the arbiter. 64 of them, by
/// product id.
using stock_actor = caf::typed_actor<
  // Holds stock for an order, all lines or none. Waits while stock is only held by others. Fails
  // with `out_of_stock` or `product_not_found`.
  caf::replies_to<reserve_stock>::with<stock_reserved>,
  // Ends the holds of an order that is not going to be written.
  caf::reacts_to<release_stock>,
  // Takes over committed counts; the reservations named in it become sales.
  caf::reacts_to<settle_stock>,
  // Takes over a committed name and price.
  caf::reacts_to<relabel_product>,
  // Adds the count to a product. Fails with `not_found`.
  caf::replies_to<complete_product>::with<product_view>,
  // Tells names, prices and what is available, from memory; what does not exist is marked so.
  caf::replies_to<describe_products>::with<product_descriptions>,
  // Reads a count. Fails with `not_found`.
  caf::replies_to<get_stock>::with<stock_view>,
  // Sets a count, durably. Fails with `not_found` or `stale_version`.
  caf::replies_to<set_stock>::with<stock_answer>,
  // Changes a count, durably. Fails with `not_found`, `stale_version`, or `out_of_stock` if it
  // would fall below zero.
  caf::replies_to<adjust_stock>::with<stock_answer>>;

/// ORDER SHARD. The only writer of its users' orders and carts. 64 of them, by
/// domain::shard_of(user id); the ids that it hands out lead back to it: order id modulo 64.
using order_actor = caf::typed_actor<
  // Places an order, durably. Fails with `out_of_stock`, `product_not_found`, `order_limit_reached`
  // or `amount_too_large`.
  caf::replies_to<place_order>::with<order_answer>,
  // Reads an order of the caller's (an administrator: of anyone). Fails with `not_found`.
  caf::replies_to<get_order>::with<domain::order>,
  // Reads a page of a user's orders, or of all (any shard may be asked then).
  caf::replies_to<list_orders>::with<order_page>,
  // One step of the life cycle, durably; cancelling and returning put the stock back. Fails with
  // `not_found`, `invalid_transition` or `stale_version`.
  caf::replies_to<change_order_status>::with<order_answer>,
  // Confirms an order that is still pending, durably. True: it did. Fails when it must be tried
  // again.
  caf::replies_to<confirm_order>::with<bool>,
  // Cancels an order that was not paid in time, durably. True: it did.
  caf::replies_to<expire_order>::with<bool>,
  // Changes a line's quantity, durably; the stock moves by the difference. Fails with `not_found`,
  // `invalid_transition`, `stale_version`, `out_of_stock`, `amount_too_large` or `forbidden`.
  caf::replies_to<change_order_item>::with<order_answer>,
  // Notes a payment, durably and once a reference. Fails with `not_found`, `invalid_transition`,
  // `stale_version`, `wrong_amount` or `reference_taken`.
  caf::replies_to<pay_order>::with<order_answer>,
  // Tells what happened to an order, as soon as something did. Fails with `not_found`.
  caf::replies_to<watch_order>::with<order_news>,
  // Reads the caller's cart, at today's prices.
  caf::replies_to<get_cart>::with<cart_view>,
  // Changes the caller's cart, durably. Fails with `product_not_found`, `not_found` (it is not in
  // the cart), `cart_full`, `invalid_value` (too many of one) or `amount_too_large`.
  caf::replies_to<change_cart>::with<cart_answer>,
  // Places an order of what is in the caller's cart and empties it, both or neither. Fails like
  // `place_order`, and with `cart_empty` or `price_changed`.
  caf::replies_to<check_out>::with<order_answer>>;

/// NOTIFIER. Reacts to what was committed. A few of them, by the event's subject, so that events of
/// one subject stay in order.
using notifier_actor = caf::typed_actor<caf::reacts_to<events_committed>>;

/// LOG READER (the clerk). Follows the event log from where it stood, in an order that can never
/// skip an event, and does its work for each. One of a kind in the cluster.
using log_reader_actor = caf::typed_actor<caf::reacts_to<log_grew>>;

/// PASSWORD WORKER. Argon2id on a thread of its own; a few of them. Each fails with `overloaded`
/// when too many wait.
using password_actor = caf::typed_actor<
  // Makes a hash (in the PHC string format).
  caf::replies_to<hash_password>::with<std::string>,
  // Compares; takes as long for a user who does not exist.
  caf::replies_to<verify_password>::with<password_verified>>;

/// MAILER. One a node, on a thread of its own.
using mailer_actor = caf::typed_actor<
  // Hands a mail over, durably. Fails with `overloaded`, `invalid_value` or `write_failed`.
  caf::replies_to<send_mail>::with<bool>>;

/// EXTERNAL CATALOG WORKER. Asks another system's catalog over HTTP, on a thread of its own, and
/// keeps its answers for a while. Fails with `overloaded` when too many wait.
using external_actor = caf::typed_actor<
  // Finds a product; that it does not exist or that nobody answers is an answer too.
  caf::replies_to<fetch_external>::with<external_answer>>;

/// WRITER, the persistence actor. One a node, on a thread of its own, with one database session;
/// everything that arrives while a commit runs is the next batch. `persistence/` implements it.
using writer_actor = caf::typed_actor<
  // Commits one command's changes. A refusal is an answer; fails with `write_failed`,
  // `write_expired`, `stale_incarnation`, `not_owner` or `overloaded` when nothing happened, and
  // with `outcome_unknown` when that is not certain.
  caf::replies_to<write>::with<written>,
  // Begins an incarnation, when all that was sent before is decided.
  caf::replies_to<fence>::with<fenced>,
  // Takes more ids. Fails like `write`.
  caf::replies_to<take_ids>::with<id_block>,
  // Keeps where a reader of the event log stands. Fails with `database_unavailable`.
  caf::replies_to<save_log_position>::with<bool>>;

/// READER. A few a node, each on a thread of its own with a session of its own: reads never wait
/// behind a batch. `persistence/` implements it. All fail with `overloaded` when too many wait, or
/// `database_unavailable`. Pages of products, users and orders have their turn one at a time,
/// each after all else that has come, and fail with `overloaded` after the call's deadline.
using reader_actor = caf::typed_actor<
  // Reads counts together with the products they belong to.
  caf::replies_to<load_stock>::with<stock_records>,
  // Reads a product. Fails with `not_found`.
  caf::replies_to<load_product>::with<domain::product>,
  // Reads a page of products.
  caf::replies_to<list_products>::with<product_page>,
  // Reads the ids of products by their external ids.
  caf::replies_to<find_products>::with<found_products>,
  // Reads a part of the categories.
  caf::replies_to<load_categories>::with<category_rows>,
  // Reads a page of a product's movements. Fails with `not_found` if there is no such product.
  caf::replies_to<list_movements>::with<movement_page>,
  // Reads a user with all details. Fails with `not_found`.
  caf::replies_to<load_user>::with<domain::account>,
  // Reads a user by name or e-mail address, or by id, with the password's hash and version.
  caf::replies_to<load_credentials>::with<credentials>,
  caf::replies_to<load_password>::with<credentials>,
  // Reads a page of users.
  caf::replies_to<list_users>::with<user_page>,
  // Reads an order. Fails with `not_found`, or `internal` if nobody can read its row.
  caf::replies_to<load_order>::with<domain::order>,
  // Reads a page of a user's orders, or of all.
  caf::replies_to<list_orders>::with<order_page>,
  // Reads when a user's newest orders were placed.
  caf::replies_to<load_order_times>::with<order_times>,
  // Reads a cart. Fails with `not_found`.
  caf::replies_to<load_cart>::with<domain::cart>,
  // Reads what a payment's reference paid.
  caf::replies_to<load_payment>::with<payment_found>,
  // Reads which orders wait for their payment.
  caf::replies_to<load_unpaid_orders>::with<order_ids>,
  // Reads the kept answer of an idempotency key.
  caf::replies_to<load_kept_answer>::with<kept_answer_found>,
  // Reads on in the event log.
  caf::replies_to<load_events>::with<events_page>,
  // Reads where a reader of the event log stands; the beginning if it never said so.
  caf::replies_to<load_log_position>::with<log_position>,
  // Tells that the database answers.
  caf::replies_to<ping_store>::with<store_alive>>;

} // namespace souk::actors
