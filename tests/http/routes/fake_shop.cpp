// Drives nothing by itself: the stand-in for all domains that the tests of the API run against.
// Against the real API, which it owns.
#include "tests/http/routes/fake_shop.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <chrono>

namespace souk::test {
namespace {

using actors::ec;

template <class Answer, class Command>
caf::result<Answer> play(scripts& s, uint32_t shard, const scripts::script<Answer, Command>& script,
                         const Command& cmd) {
  s.shard = shard;
  if (!script)
    return caf::make_error(ec::internal);
  return script(cmd);
}

caf::behavior users(scripts& s, uint32_t n, caf::event_based_actor*) {
  return {[&s, n](const actors::register_user& x) { return play(s, n, s.register_user, x); },
          [&s, n](const actors::log_in& x) { return play(s, n, s.log_in, x); },
          [&s, n](const actors::open_session& x) { return play(s, n, s.open_session, x); },
          [&s, n](const actors::refresh_session& x) { return play(s, n, s.refresh_session, x); },
          [&s, n](const actors::end_sessions& x) { return play(s, n, s.end_sessions, x); },
          [&s, n](const actors::change_password& x) { return play(s, n, s.change_password, x); },
          [&s, n](const actors::begin_reset& x) { return play(s, n, s.begin_reset, x); },
          [&s, n](const actors::reset_password& x) { return play(s, n, s.reset_password, x); },
          [&s, n](const actors::change_user& x) { return play(s, n, s.change_user, x); },
          [&s, n](const actors::remove_user& x) { return play(s, n, s.remove_user, x); },
          [&s, n](const actors::list_users& x) { return play(s, n, s.list_users, x); },
          [&s, n](const actors::get_address& x) { return play(s, n, s.get_address, x); },
          [&s, n](const actors::put_address& x) { return play(s, n, s.put_address, x); },
          [&s, n](const actors::get_user& x) { return play(s, n, s.get_user, x); }};
}

caf::behavior products(scripts& s, uint32_t n, caf::event_based_actor*) {
  return {[&s, n](const actors::create_product& x) { return play(s, n, s.create_product, x); },
          [&s, n](const actors::update_product& x) { return play(s, n, s.update_product, x); },
          [&s, n](const actors::get_product& x) { return play(s, n, s.get_product, x); },
          [&s, n](const actors::list_products& x) { return play(s, n, s.list_products, x); },
          [&s, n](const actors::create_category& x) { return play(s, n, s.create_category, x); },
          [&s, n](const actors::update_category& x) { return play(s, n, s.update_category, x); },
          [&s, n](const actors::delete_category& x) { return play(s, n, s.delete_category, x); },
          [&s, n](const actors::get_category& x) { return play(s, n, s.get_category, x); },
          [&s, n](const actors::list_categories& x) { return play(s, n, s.list_categories, x); }};
}

caf::behavior stock(scripts& s, uint32_t n, caf::event_based_actor*) {
  return {[&s, n](const actors::get_stock& x) { return play(s, n, s.get_stock, x); },
          [&s, n](const actors::set_stock& x) { return play(s, n, s.set_stock, x); },
          [&s, n](const actors::adjust_stock& x) { return play(s, n, s.adjust_stock, x); }};
}

caf::behavior orders(scripts& s, uint32_t n, caf::event_based_actor* self) {
  return {[&s, n, self](const actors::place_order& x) -> caf::result<actors::order_answer> {
            if (s.silent)
              return self->make_response_promise<actors::order_answer>();
            return play(s, n, s.place_order, x);
          },
          [&s, n](const actors::get_order& x) { return play(s, n, s.get_order, x); },
          [&s, n](const actors::list_orders& x) { return play(s, n, s.list_orders, x); },
          [&s, n](const actors::change_order_status& x) { return play(s, n, s.change_order, x); }};
}

caf::behavior readers(scripts& s, uint32_t n, caf::event_based_actor*) {
  return {[&s, n](const actors::find_products& x) { return play(s, n, s.find_products, x); },
          [&s, n](const actors::list_movements& x) { return play(s, n, s.list_movements, x); },
          [&s](const actors::ping_store&) -> caf::result<actors::store_alive> {
            if (!s.store_answers)
              return caf::make_error(ec::database_unavailable);
            return actors::store_alive{};
          }};
}

caf::behavior external(scripts& s, uint32_t n, caf::event_based_actor*) {
  return {[&s, n](const actors::fetch_external& x) { return play(s, n, s.fetch_external, x); }};
}

} // namespace

std::string answered::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return {};
}

template <class Handle>
std::shared_ptr<actors::shard_table<Handle>>
fake_shop::start(caf::behavior (*make)(scripts&, uint32_t, caf::event_based_actor*)) {
  auto table = std::make_shared<actors::shard_table<Handle>>(fake_shards);
  for (uint32_t i = 0; i < fake_shards; ++i) {
    all_.push_back(system_->spawn(
      [this, i, make](caf::event_based_actor* self) { return make(script, i, self); }));
    // The API only sends what the stand-in handles, so it need not know the whole protocol.
    table->set(i, caf::actor_cast<Handle>(all_.back()));
  }
  return table;
}

fake_shop::fake_shop(const std::function<void(http::backend&)>& adjust) {
  config_.set("scheduler.policy", caf::atom("sharing"));
  config_.set("scheduler.max-threads", size_t{1});
  system_ = std::make_unique<caf::actor_system>(config_);
  tokens_.secret = "0123456789abcdef0123456789abcdef";
  orders_ = start<actors::order_actor>(orders);
  http::backend shop;
  shop.users = actors::router{start<actors::user_actor>(users)};
  shop.products = actors::router{start<actors::product_actor>(products)};
  shop.stock = actors::router{start<actors::stock_actor>(stock)};
  shop.orders = actors::router{orders_};
  shop.readers = actors::router{start<actors::reader_actor>(readers)};
  shop.external = actors::router{start<actors::external_actor>(external)};
  shop.doors = std::make_shared<http::doors>(8);
  shop.tokens = tokens_;
  if (adjust)
    adjust(shop);
  api_ = http::make_api(std::move(shop), *system_, io_);
}

fake_shop::~fake_shop() {
  end_api();
  for (const auto& x : all_)
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  all_.clear();
  orders_->clear();
  system_.reset();
}

void fake_shop::end_api() {
  api_.reset();
  io_.restart();
  io_.run();
}

pending fake_shop::send(http::request req) {
  auto out = std::make_shared<std::optional<answered>>();
  if (req.request_id.empty())
    req.request_id = "test-1";
  api_->handle(std::move(req), http::reply{[out](http::response&& r) {
                 *out = answered{r.status, std::move(r.body), std::string{r.content_type},
                                 std::move(r.headers)};
               }});
  return out;
}

answered fake_shop::call(http::request req) {
  const auto out = send(std::move(req));
  run_until([&] { return out->has_value(); });
  return out->value_or(answered{});
}

bool fake_shop::run_until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!done() && std::chrono::steady_clock::now() < end) {
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds{50});
  }
  return done();
}

std::string fake_shop::bearer(const domain::user& who) const {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return "Bearer "
         + http::sign_token(tokens_, who, "0123456789abcdef",
                            std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

domain::user ada() {
  domain::user out;
  out.id = *domain::parse_uuid("00000000-0000-7000-8000-000000000006");
  out.username = "ada";
  out.email = "ada@example.org";
  return out;
}

domain::user grace() {
  domain::user out;
  out.id = *domain::parse_uuid("00000000-0000-7000-8000-000000000005");
  out.username = "grace";
  out.role = domain::user_role::admin;
  return out;
}

domain::order some_order() {
  domain::order x;
  x.id = 123;
  x.user_id = ada().id;
  x.lines = {{123 * 128, 7, "Desk", 1999, 2}};
  x.total_quantity = 2;
  x.total_amount = 3998;
  x.currency = "USD";
  x.created_at = x.updated_at = 1'763'717'405'007;
  x.version = 3;
  return x;
}

actors::product_view some_product() {
  actors::product_view x;
  x.product.id = 7;
  x.product.name = "Desk";
  x.product.price = 1999;
  x.product.version = 2;
  x.stock = {7, 40, 9, 0};
  return x;
}

actors::stock_view some_stock() {
  return {{7, 40, 9, 0}, 3};
}

} // namespace souk::test
