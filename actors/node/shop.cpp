#include "actors/node/shop.hpp"

#include <algorithm>

#include "actors/clerk/actor.hpp"
#include "actors/log.hpp"
#include "actors/notifier/actor.hpp"
#include "actors/order/actor.hpp"
#include "actors/product/actor.hpp"
#include "actors/runtime/supervisor.hpp"
#include "actors/stock/actor.hpp"
#include "actors/user/actor.hpp"

#include <caf/all.hpp>

#include <utility>

namespace souk::actors {

shop_tables::shop_tables(const shop_options& o)
  : writer{std::make_shared<shard_table<writer_actor>>(1)},
    readers{std::make_shared<shard_table<reader_actor>>(o.readers)},
    passwords{std::make_shared<shard_table<password_actor>>(o.password_workers)},
    notifiers{std::make_shared<shard_table<notifier_actor>>(o.notifiers)},
    mailers{std::make_shared<shard_table<mailer_actor>>(1)},
    users{std::make_shared<shard_table<user_actor>>(o.shards)},
    products{std::make_shared<shard_table<product_actor>>(o.shards)},
    stock{std::make_shared<shard_table<stock_actor>>(o.shards)},
    orders{std::make_shared<shard_table<order_actor>>(o.shards)},
    log_readers{std::make_shared<shard_table<log_reader_actor>>(1)},
    external{o.external_workers == 0
               ? nullptr
               : std::make_shared<shard_table<external_actor>>(o.external_workers)},
    revocations{std::make_shared<actors::revocations>(o.token_lifetime)} {}

namespace {

template <class Config>
Config config_of(const shop_options& o, uint32_t shard, size_t cached) {
  Config c;
  c.shard = shard;
  c.shards = o.shards;
  c.request_timeout = o.request_timeout;
  c.write_deadline = o.write_deadline;
  c.cached = cached;
  return c;
}

/// In the order of their start: whoever is asked stands before whoever asks.
std::vector<supervision> domains_of(caf::actor_system& sys, const shop_options& o,
                                    const shop_tables& t, const store_factory& store) {
  std::vector<supervision> all;
  auto* s = &sys;
  all.push_back(supervise<writer_actor>("writer", t.writer,
                                        [f = store.spawn_writer](uint32_t) { return f(); }));
  all.push_back(supervise<reader_actor>("reader", t.readers,
                                        [f = store.spawn_reader](uint32_t) { return f(); }));
  if (t.external)
    all.push_back(supervise<external_actor>("external", t.external,
                                            [f = store.spawn_external](uint32_t) { return f(); }));
  all.push_back(supervise<password_actor>("password", t.passwords, [s, o](uint32_t) {
    return s->spawn<caf::detached>(password_behavior, o.passwords);
  }));
  all.push_back(supervise<mailer_actor>("mailer", t.mailers, [s, o](uint32_t) {
    return s->spawn<caf::detached>(mailer_behavior, o.mail);
  }));
  all.push_back(supervise<notifier_actor>("notifier", t.notifiers,
                                          [s](uint32_t) { return s->spawn(notifier_behavior); }));
  all.push_back(supervise<stock_actor>("stock", t.stock, [s, o, t](uint32_t i) -> stock_actor {
    auto c = config_of<stock_config>(o, i, o.cached_products);
    // A hold must outlive the write that it is for.
    c.hold_lifetime = std::max(c.hold_lifetime, 3 * o.write_deadline);
    return s->spawn(stock_behavior, c, router{t.writer}, router{t.readers});
  }));
  all.push_back(
    supervise<product_actor>("product", t.products, [s, o, t](uint32_t i) -> product_actor {
      return s->spawn(product_behavior, config_of<shard_config>(o, i, o.cached_products),
                      router{t.writer}, router{t.readers}, router{t.stock});
    }));
  all.push_back(supervise<user_actor>("user", t.users, [s, o, t](uint32_t i) -> user_actor {
    auto c = config_of<user_config>(o, i, o.cached_users);
    c.token_lifetime = o.token_lifetime;
    c.session_lifetime = o.session_lifetime;
    return s->spawn(user_behavior, c,
                    user_peers{router{t.writer}, router{t.readers}, router{t.passwords},
                               router{t.mailers}, t.revocations});
  }));
  all.push_back(supervise<order_actor>("order", t.orders, [s, o, t](uint32_t i) -> order_actor {
    auto c = config_of<order_config>(o, i, o.cached_orders);
    c.currency = o.currency;
    c.limit = o.order_limit;
    return s->spawn(order_behavior, c, router{t.writer}, router{t.readers}, router{t.stock});
  }));
  all.push_back(
    supervise<log_reader_actor>("clerk", t.log_readers, [s, o, t](uint32_t) -> log_reader_actor {
      clerk_config c;
      c.confirm = o.confirm_orders;
      c.payment_window = o.payment_window;
      c.shards = o.shards;
      return s->spawn(clerk_behavior, c, router{t.writer}, router{t.readers}, router{t.orders});
    }));
  return all;
}

} // namespace

shop::shop(caf::actor_system& sys, shop_options o, shop_tables tables, store_factory store,
           std::function<void(const std::string&)> fatal)
  : system_{sys}, tables_{std::move(tables)} {
  root_ = spawn_root(sys, domains_of(sys, o, tables_, store), std::move(fatal));
  // The root starts the domains on its own thread; the last slot is filled last.
  caf::error why;
  caf::scoped_actor self{sys};
  self->request(root_, std::chrono::seconds{30}, caf::ok_atom_v)
    .receive([](bool) {}, [&](caf::error& e) { why = std::move(e); });
  if (!why)
    return;
  stop(); // a destructor that does not run would leave them behind
  throw std::runtime_error("the actors did not start: " + caf::to_string(why));
}

shop::~shop() {
  stop();
}

void shop::stop() {
  if (!root_)
    return;
  caf::scoped_actor self{system_};
  self->monitor(root_);
  caf::anon_send_exit(root_, caf::exit_reason::user_shutdown);
  self->receive([](const caf::down_msg&) {},
                caf::after(std::chrono::seconds{30}) >>
                  [] { spdlog::error("the actors did not stop in time"); });
  root_ = nullptr;
  tables_.writer->clear();
  tables_.readers->clear();
  tables_.passwords->clear();
  tables_.notifiers->clear();
  tables_.mailers->clear();
  tables_.users->clear();
  tables_.products->clear();
  tables_.stock->clear();
  tables_.orders->clear();
  tables_.log_readers->clear();
  if (tables_.external)
    tables_.external->clear();
}

} // namespace souk::actors
