#include "tests/actors/support/shop_fixture.hpp"

namespace souk::actors::test {

shop_fixture::shop_fixture() {
  mailer_table->set(0, keep(sys.spawn([this](mailer_actor::pointer) -> mailer_actor::behavior_type {
                      return {[this](const send_mail& x) {
                        mails.push_back(x);
                        return true;
                      }};
                    })));
  store.settled = [this](const settle_stock& fact) {
    for (auto& x : fact.items) {
      auto shard = stock_table->snapshot().first[domain::shard_of(x.level.product_id, shards)];
      if (shard)
        caf::anon_send(shard, settle_stock{{x}});
    }
  };
}

shop_fixture::~shop_fixture() {
  end_all();
  stock_table->clear();
  mailer_table->clear();
}

stock_actor shop_fixture::start_stock(stock_config c) {
  stock_actor h = keep(sys.spawn(stock_behavior, c, store.writers(), store.readers()));
  stock_table->set(c.shard, h);
  run();
  return h;
}

product_actor shop_fixture::start_product(shard_config c) {
  product_actor h =
    keep(sys.spawn(product_behavior, c, store.writers(), store.readers(), router{stock_table}));
  run();
  return h;
}

order_actor shop_fixture::start_order(order_config c) {
  order_actor h =
    keep(sys.spawn(order_behavior, c, store.writers(), store.readers(), router{stock_table}));
  run();
  return h;
}

user_actor shop_fixture::start_user(user_config c) {
  user_actor h = keep(sys.spawn(user_behavior, c,
                                user_peers{store.writers(), store.readers(), store.passwords(),
                                           router{mailer_table}, revoked}));
  run();
  return h;
}

void shop_fixture::script_stock() {
  auto h =
    keep(sys.spawn([this](stock_actor::pointer self) { return scripted_stock_behavior(self); }));
  for (uint32_t i = 0; i < shards; ++i)
    stock_table->set(i, h);
}

stock_actor::behavior_type shop_fixture::scripted_stock_behavior(stock_actor::pointer self) {
  return {
    [=, this](const reserve_stock& x) -> caf::result<stock_reserved> {
      stock.reserved.push_back(x);
      if (stock.refuse_with)
        return stock.refuse_with;
      auto p = self->make_response_promise<stock_reserved>();
      stock_reserved answer;
      for (auto& l : x.lines)
        answer.lines.push_back(
          {l.product_id, "product " + std::to_string(l.product_id), stock.price});
      if (!stock.hold)
        p.deliver(std::move(answer));
      return p;
    },
    [this](const release_stock& x) { stock.released.push_back(x.reservation_id); },
    [](const settle_stock&) {},
    [](const relabel_product&) {},
    [this](const complete_product& x) -> caf::result<product_view> {
      stock.completed.push_back(x);
      if (stock.complete_fails)
        return caf::make_error(*stock.complete_fails);
      return product_view{x.product, {x.product.id, 5, 1, 0}};
    },
    [this](const describe_products& x) -> caf::result<product_descriptions> {
      product_descriptions answer;
      for (auto id : x.ids)
        answer.items.push_back({id, "product " + std::to_string(id), stock.price,
                                stock.gone.contains(id) ? 0 : 5, !stock.gone.contains(id)});
      return answer;
    },
    [](const get_stock&) -> caf::result<stock_view> { return caf::make_error(ec::not_found); },
    [](const set_stock&) -> caf::result<stock_answer> { return caf::make_error(ec::not_found); },
    [](const adjust_stock&) -> caf::result<stock_answer> { return caf::make_error(ec::not_found); },
  };
}

} // namespace souk::actors::test
