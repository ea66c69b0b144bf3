// Every message's id, so that any of them can cross to another node. Add at the end only: the
// number of a type is its place in this list. Include this, never the single headers, where
// messages are sent.
#pragma once

#include "actors/messages/external.hpp"
#include "actors/messages/order.hpp"
#include "actors/messages/product.hpp"
#include "actors/messages/stock.hpp"
#include "actors/messages/store_reads.hpp"
#include "actors/messages/user.hpp"

#include <caf/type_id.hpp>

namespace souk::actors {

using user_answer = answer<domain::user>;
using address_answer = answer<domain::kept_address>;
using session_answer = answer<session_opened>;
using product_answer = answer<product_view>;
using category_answer = answer<category_view>;
using stock_answer = answer<stock_view>;
using order_answer = answer<domain::order>;
using cart_answer = answer<cart_view>;

SOUK_INSPECTED(user_answer);
SOUK_INSPECTED(address_answer);
SOUK_INSPECTED(session_answer);
SOUK_INSPECTED(product_answer);
SOUK_INSPECTED(category_answer);
SOUK_INSPECTED(stock_answer);
SOUK_INSPECTED(order_answer);
SOUK_INSPECTED(cart_answer);

} // namespace souk::actors

CAF_BEGIN_TYPE_ID_BLOCK(souk, caf::first_custom_type_id)
  CAF_ADD_TYPE_ID(souk, (souk::domain::user))
  CAF_ADD_TYPE_ID(souk, (souk::domain::product))
  CAF_ADD_TYPE_ID(souk, (souk::domain::order))
  CAF_ADD_TYPE_ID(souk, (souk::domain::category))
  CAF_ADD_TYPE_ID(souk, (souk::actors::register_user))
  CAF_ADD_TYPE_ID(souk, (souk::actors::log_in))
  CAF_ADD_TYPE_ID(souk, (souk::actors::get_user))
  CAF_ADD_TYPE_ID(souk, (souk::actors::hash_password))
  CAF_ADD_TYPE_ID(souk, (souk::actors::verify_password))
  CAF_ADD_TYPE_ID(souk, (souk::actors::user_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::create_product))
  CAF_ADD_TYPE_ID(souk, (souk::actors::create_category))
  CAF_ADD_TYPE_ID(souk, (souk::actors::update_product))
  CAF_ADD_TYPE_ID(souk, (souk::actors::get_product))
  CAF_ADD_TYPE_ID(souk, (souk::actors::list_products))
  CAF_ADD_TYPE_ID(souk, (souk::actors::complete_product))
  CAF_ADD_TYPE_ID(souk, (souk::actors::product_view))
  CAF_ADD_TYPE_ID(souk, (souk::actors::product_page))
  CAF_ADD_TYPE_ID(souk, (souk::actors::product_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::reserve_stock))
  CAF_ADD_TYPE_ID(souk, (souk::actors::stock_reserved))
  CAF_ADD_TYPE_ID(souk, (souk::actors::release_stock))
  CAF_ADD_TYPE_ID(souk, (souk::actors::settle_stock))
  CAF_ADD_TYPE_ID(souk, (souk::actors::relabel_product))
  CAF_ADD_TYPE_ID(souk, (std::vector<souk::actors::shortage>))
  CAF_ADD_TYPE_ID(souk, (souk::actors::get_stock))
  CAF_ADD_TYPE_ID(souk, (souk::actors::set_stock))
  CAF_ADD_TYPE_ID(souk, (souk::actors::adjust_stock))
  CAF_ADD_TYPE_ID(souk, (souk::actors::stock_view))
  CAF_ADD_TYPE_ID(souk, (souk::actors::stock_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::place_order))
  CAF_ADD_TYPE_ID(souk, (souk::actors::get_order))
  CAF_ADD_TYPE_ID(souk, (souk::actors::list_orders))
  CAF_ADD_TYPE_ID(souk, (souk::actors::change_order_status))
  CAF_ADD_TYPE_ID(souk, (souk::actors::order_page))
  CAF_ADD_TYPE_ID(souk, (souk::actors::order_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::write))
  CAF_ADD_TYPE_ID(souk, (souk::actors::written))
  CAF_ADD_TYPE_ID(souk, (souk::actors::fence))
  CAF_ADD_TYPE_ID(souk, (souk::actors::fenced))
  CAF_ADD_TYPE_ID(souk, (souk::actors::take_ids))
  CAF_ADD_TYPE_ID(souk, (souk::actors::id_block))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_stock))
  CAF_ADD_TYPE_ID(souk, (souk::actors::stock_records))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_product))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_user))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_credentials))
  CAF_ADD_TYPE_ID(souk, (souk::actors::credentials))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_order))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_kept_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::kept_answer_found))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_order_times))
  CAF_ADD_TYPE_ID(souk, (souk::actors::order_times))
  CAF_ADD_TYPE_ID(souk, (souk::actors::ping_store))
  CAF_ADD_TYPE_ID(souk, (souk::actors::store_alive))
  CAF_ADD_TYPE_ID(souk, (souk::actors::events_committed))
  CAF_ADD_TYPE_ID(souk, (souk::actors::describe_products))
  CAF_ADD_TYPE_ID(souk, (souk::actors::product_descriptions))
  CAF_ADD_TYPE_ID(souk, (souk::domain::cart))
  CAF_ADD_TYPE_ID(souk, (souk::actors::confirm_order))
  CAF_ADD_TYPE_ID(souk, (souk::actors::expire_order))
  CAF_ADD_TYPE_ID(souk, (souk::actors::change_order_item))
  CAF_ADD_TYPE_ID(souk, (souk::actors::pay_order))
  CAF_ADD_TYPE_ID(souk, (souk::actors::watch_order))
  CAF_ADD_TYPE_ID(souk, (souk::actors::order_news))
  CAF_ADD_TYPE_ID(souk, (souk::actors::get_cart))
  CAF_ADD_TYPE_ID(souk, (souk::actors::change_cart))
  CAF_ADD_TYPE_ID(souk, (souk::actors::check_out))
  CAF_ADD_TYPE_ID(souk, (souk::actors::cart_view))
  CAF_ADD_TYPE_ID(souk, (souk::actors::cart_answer))
  CAF_ADD_TYPE_ID(souk, (std::vector<souk::actors::changed_price>))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_cart))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_payment))
  CAF_ADD_TYPE_ID(souk, (souk::actors::payment_found))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_unpaid_orders))
  CAF_ADD_TYPE_ID(souk, (souk::actors::order_ids))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_events))
  CAF_ADD_TYPE_ID(souk, (souk::actors::events_page))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_log_position))
  CAF_ADD_TYPE_ID(souk, (souk::actors::log_position))
  CAF_ADD_TYPE_ID(souk, (souk::actors::save_log_position))
  CAF_ADD_TYPE_ID(souk, (souk::actors::log_grew))
  CAF_ADD_TYPE_ID(souk, (souk::actors::fetch_external))
  CAF_ADD_TYPE_ID(souk, (souk::actors::external_answer))
  CAF_ADD_TYPE_ID(souk, (souk::domain::account))
  CAF_ADD_TYPE_ID(souk, (souk::domain::kept_address))
  CAF_ADD_TYPE_ID(souk, (souk::actors::password_matched))
  CAF_ADD_TYPE_ID(souk, (souk::actors::open_session))
  CAF_ADD_TYPE_ID(souk, (souk::actors::session_opened))
  CAF_ADD_TYPE_ID(souk, (souk::actors::refresh_session))
  CAF_ADD_TYPE_ID(souk, (souk::actors::end_sessions))
  CAF_ADD_TYPE_ID(souk, (souk::actors::change_password))
  CAF_ADD_TYPE_ID(souk, (souk::actors::begin_reset))
  CAF_ADD_TYPE_ID(souk, (souk::actors::reset_password))
  CAF_ADD_TYPE_ID(souk, (souk::actors::change_user))
  CAF_ADD_TYPE_ID(souk, (souk::actors::remove_user))
  CAF_ADD_TYPE_ID(souk, (souk::actors::list_users))
  CAF_ADD_TYPE_ID(souk, (souk::actors::user_page))
  CAF_ADD_TYPE_ID(souk, (souk::actors::list_addresses))
  CAF_ADD_TYPE_ID(souk, (souk::actors::address_list))
  CAF_ADD_TYPE_ID(souk, (souk::actors::get_address))
  CAF_ADD_TYPE_ID(souk, (souk::actors::put_address))
  CAF_ADD_TYPE_ID(souk, (souk::actors::remove_address))
  CAF_ADD_TYPE_ID(souk, (souk::actors::password_verified))
  CAF_ADD_TYPE_ID(souk, (souk::actors::send_mail))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_password))
  CAF_ADD_TYPE_ID(souk, (souk::actors::address_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::session_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::update_category))
  CAF_ADD_TYPE_ID(souk, (souk::actors::delete_category))
  CAF_ADD_TYPE_ID(souk, (souk::actors::get_category))
  CAF_ADD_TYPE_ID(souk, (souk::actors::list_categories))
  CAF_ADD_TYPE_ID(souk, (souk::actors::category_view))
  CAF_ADD_TYPE_ID(souk, (souk::actors::category_answer))
  CAF_ADD_TYPE_ID(souk, (souk::actors::category_list))
  CAF_ADD_TYPE_ID(souk, (souk::actors::load_categories))
  CAF_ADD_TYPE_ID(souk, (souk::actors::category_rows))
  CAF_ADD_TYPE_ID(souk, (souk::actors::find_products))
  CAF_ADD_TYPE_ID(souk, (souk::actors::found_products))
  CAF_ADD_TYPE_ID(souk, (souk::actors::list_movements))
  CAF_ADD_TYPE_ID(souk, (souk::actors::movement_page))

  CAF_ADD_TYPE_ID(souk, (souk::actors::unknown_products))

CAF_END_TYPE_ID_BLOCK(souk)
