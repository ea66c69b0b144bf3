// Drives every read on a session of its own and by way of the reader actor,
// against a SQLite file and a PostgreSQL database.
#include "persistence/reads.hpp"
#include "tests/persistence/support/reading.hpp"
#include "tests/persistence/support/writer_system.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <type_traits>

namespace souk::tests {

using namespace actors;
using persistence::access;
using persistence::connection;
using persistence::location;

namespace {

std::vector<int64_t> ids(const product_page& page) {
  std::vector<int64_t> result;
  for (auto& x : page.items)
    result.push_back(x.product.id);
  return result;
}

constexpr int64_t large = (1LL << 52) + 1;

/// A page by ascending ids.
list_products after(int64_t id, int64_t limit) {
  list_products ask;
  ask.after_id = id;
  ask.limit = limit;
  return ask;
}

} // namespace

TEST_CASE("an order is read as it was written, large ids and late times included") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.commit({create(large, 1'000'000'000)});
  auto w = place(large + 4, {{large, 900'000'000}});
  auto& o = w.order->row;
  o.payment = domain::payment_method::prepaid;
  o.shipping_address = domain::address{"1 \"Main\" St", "K\xc3\xb6ln", "", "50667", "DE"};
  o.note = "by the door \\ please";
  o.created_at = 253'402'300'799'999; // the end of the year 9999
  s.commit({w});
  reading r{s};
  auto found = r->order(large + 4);
  REQUIRE(found);
  CHECK(*found == o);
  CHECK(found->total_amount == 450'000'000'000);
  CHECK_FALSE(r->order(large + 8));
  auto level = r->stock(std::vector<int64_t>{large}).items.at(0).level;
  CHECK(level.on_hand == 100'000'000);
  CHECK(level.updated_at > 1'700'000'000'000);
}

TEST_CASE("a product is read as it was written, large ids and late times included") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  auto w = create(large, 3);
  auto& p = w.product->row;
  p.category_id = large + 1;
  p.external_id = "their-7";
  p.detail = "Much to say.";
  p.price = (1LL << 53) - 1;
  s.commit({add_category(large + 1)});
  s.commit({w, create(5, 1)});
  reading r{s};
  auto found = r->product(large);
  REQUIRE(found);
  CHECK(*found == p);
  CHECK_FALSE(r->product(6));
  auto page = r->products(after(5, 10));
  REQUIRE(page.items.size() == 1);
  CHECK(page.items[0].product == p);
  CHECK(page.items[0].stock.on_hand == 3);
  CHECK(page.items[0].stock.product_id == large);
}

TEST_CASE("counts are read with their products, those that exist") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({10, 20, 30});
  reading r{s};
  auto found = r->stock(std::vector<int64_t>{3, 99, 1}).items;
  std::sort(found.begin(), found.end(),
            [](auto& a, auto& b) { return a.level.product_id < b.level.product_id; });
  REQUIRE(found.size() == 2);
  CHECK(found[0].level.on_hand == 10);
  CHECK(found[0].product.name == "thing 1");
  CHECK(found[1].level.on_hand == 30);
  CHECK(found[1].level.version == 1);
  CHECK(r->stock({}).items.empty());
}

TEST_CASE("the catalog is read page by page, deleted products left out") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up(std::vector<int64_t>(11, 1));
  s.execute("update product set deleted = 1 where id = 4");
  reading r{s};
  auto first = r->products(after(0, 4));
  CHECK(ids(first) == std::vector<int64_t>{1, 2, 3, 5});
  CHECK(first.more);
  auto second = r->products(after(5, 4));
  CHECK(ids(second) == std::vector<int64_t>{6, 7, 8, 9});
  CHECK(second.more);
  auto last = r->products(after(9, 2));
  CHECK(ids(last) == std::vector<int64_t>{10, 11});
  CHECK_FALSE(last.more);
  CHECK(r->products(after(11, 4)).items.empty());
  // Whoever asks for it by name gets a deleted one too.
  CHECK(r->product(4)->deleted);
  CHECK(r->stock(std::vector<int64_t>{4}).items.at(0).product.deleted);
}

TEST_CASE("a page may be larger than what a statement fetches at once") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up(std::vector<int64_t>(1300, 1));
  reading r{s};
  auto page = r->products(after(0, 1200));
  REQUIRE(page.items.size() == 1200);
  CHECK(page.more);
  for (size_t i = 0; i < page.items.size(); ++i)
    REQUIRE(page.items[i].product.id == static_cast<int64_t>(i) + 1);
  CHECK(r->products(after(0, 1300)).items.size() == 1300);
  CHECK_FALSE(r->products(after(0, 1300)).more);
}

TEST_CASE("an account is read by id, by name and by address") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  auto ada = sign_up(1, "Ada", "Ada@example.org");
  auto& u = ada.user->row.user;
  u.full_name = "Ada Lovelace";
  u.role = domain::user_role::admin;
  u.disabled = true;
  s.commit({ada, sign_up(2, "grace")});
  reading r{s};
  auto found = r->account(user_id(1));
  REQUIRE(found);
  CHECK(found->user == u);
  CHECK_FALSE(r->account(user_id(7)));
  for (std::string login : {"ada", "ada@example.org"}) {
    auto c = r->credentials(login);
    CHECK(c.found);
    CHECK(c.row.user == u);
    CHECK(c.row.password_hash == "a hash of Ada");
  }
  CHECK_FALSE(r->credentials("nobody").found);
  CHECK_FALSE(r->credentials("").found);
}

TEST_CASE("a kept answer is read by its key") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({5});
  s.commit({under_key(place(5, {{1, 1}}), "k", R"({"id":5,"note":"a ' and a \" "})")});
  reading r{s};
  auto kept = r->kept_answer("k");
  REQUIRE(kept);
  CHECK(kept->id == "k");
  CHECK(kept->fingerprint == "a hash of the body");
  CHECK(kept->answer == R"({"id":5,"note":"a ' and a \" "})");
  CHECK_FALSE(r->kept_answer("another"));
}

TEST_CASE("reads do not wait for a transaction that writes") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({5});
  reading r{s};
  open_transaction hold{s.sql(), "update stock set quantity = 4"};
  auto began = std::chrono::steady_clock::now();
  CHECK(r->stock(std::vector<int64_t>{1}).items.at(0).level.on_hand == 5);
  CHECK(std::chrono::steady_clock::now() - began < 2s);
}

TEST_CASE("a reading session cannot write") {
  store s{engine::sqlite};
  reading r{s};
  CHECK_THROWS(r.session.sql() << "delete from writer");
  CHECK(s.count("writer") == 1);
}

TEST_CASE("the reader answers, and says so when there is nothing") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({5});
  system_config config{2};
  caf::actor_system system{config};
  auto reader = persistence::spawn_reader(system, s.options);
  caf::scoped_actor self{system};
  auto code = [&](auto question, auto* answer) {
    auto result = ec::none;
    self->request(reader, std::chrono::seconds{60}, question)
      .receive([&](std::decay_t<decltype(*answer)>& a) { *answer = a; },
               [&](caf::error& why) { result = code_of(why); });
    return result;
  };
  store_alive alive;
  domain::product product;
  domain::order order;
  domain::account user;
  credentials who;
  kept_answer_found kept;
  CHECK(code(ping_store{}, &alive) == ec::none);
  CHECK(code(load_product{1}, &product) == ec::none);
  CHECK(product.name == "thing 1");
  CHECK(code(load_product{2}, &product) == ec::not_found);
  CHECK(code(load_order{2}, &order) == ec::not_found);
  CHECK(code(load_user{user_id(1)}, &user) == ec::not_found);
  CHECK(code(load_credentials{"ada"}, &who) == ec::none);
  CHECK_FALSE(who.found);
  CHECK(code(load_kept_answer{"k"}, &kept) == ec::none);
  CHECK_FALSE(kept.kept);
}

TEST_CASE("orders that are asked for at once are each answered: read, or not found") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  std::vector<write> placed;
  for (int64_t i = 1; i <= 20; ++i)
    placed.push_back(place(i * 10, {{1, 1}}));
  s.commit(placed);
  writer_system w{s.options};
  auto reader = persistence::spawn_reader(w.system(), s.options);
  caf::scoped_actor self{w.system()};
  // More than the reader can answer before the next ones arrive; the same order twice, too.
  auto ask = [&](int64_t id) {
    return self->request(reader, std::chrono::seconds{60}, load_order{id});
  };
  std::vector<std::pair<int64_t, decltype(ask(0))>> asked;
  for (int round = 0; round < 20; ++round)
    for (int64_t id = 5; id <= 205; id += 5)
      asked.emplace_back(id, ask(id));
  size_t read = 0;
  for (auto& [id, pending] : asked) {
    auto got = writer_system::receive<domain::order>(std::move(pending));
    auto exists = id % 10 == 0 && id <= 200;
    CHECK(got.error == (exists ? ec::none : ec::not_found));
    CHECK((!exists || got.answer.id == id));
    read += got.error == ec::none ? 1 : 0;
  }
  CHECK(read == 20 * 20);
}

TEST_CASE("what is read together has its turn before the questions that came later") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.commit({place(10, {{1, 1}})});
  writer_system w{s.options};
  auto reader = persistence::spawn_reader(w.system(), s.options);
  constexpr size_t others = 100;
  auto answers = std::make_shared<std::string>();
  auto all = std::make_shared<std::promise<void>>();
  // All are sent before the reader has opened its session.
  w.system().spawn([=](caf::event_based_actor* self) {
    auto ask = [=]<class Answer>(auto question, std::type_identity<Answer>, char letter) {
      auto note = [=](char x) {
        if (answers->append(1, x).size() == 2 * others + 2)
          all->set_value();
      };
      self->request(reader, std::chrono::seconds{60}, question)
        .then([=](const Answer&) { note(letter); }, [=](const caf::error&) { note('!'); });
    };
    for (size_t i = 0; i < 2 * others; ++i) {
      if (i == others) {
        ask(load_order{10}, std::type_identity<domain::order>{}, 'o');
        ask(load_stock{{1}}, std::type_identity<stock_records>{}, 's');
      }
      ask(ping_store{}, std::type_identity<store_alive>{}, '.');
    }
  });
  REQUIRE(all->get_future().wait_for(60s) == std::future_status::ready);
  CHECK(std::count(answers->begin(), answers->end(), '.') == 2 * others);
  CHECK(answers->find_last_of("os") == others + 1);
}

TEST_CASE("what shards wait for goes before lists, and lists that nobody waits for are not read") {
  store s{engine::postgresql};
  s.stock_up({100});
  writer_system w{s.options};
  auto reader = persistence::spawn_reader(w.system(), s.options);
  connection other{location::parse(s.options.url), access::writer, 60s};
  other.open();
  other.sql() << "set idle_in_transaction_session_timeout = 0";
  other.begin();
  other.sql() << "lock table product in access exclusive mode";
  auto answers = std::make_shared<std::string>();
  auto all = std::make_shared<std::promise<void>>();
  auto ask = [=]<class Answer>(caf::event_based_actor* self, auto question,
                               std::type_identity<Answer>, char letter) {
    auto note = [=](char x) {
      if (answers->append(1, x).size() == 7)
        all->set_value();
    };
    self->request(reader, std::chrono::seconds{60}, question)
      .then([=](const Answer&) { note(letter); }, [=](const caf::error&) { note('!'); });
  };
  auto list = [=](caf::event_based_actor* self, int64_t deadline) {
    list_products page;
    page.limit = 10;
    page.call.deadline = deadline;
    ask(self, page, std::type_identity<product_page>{}, 'l');
  };
  std::promise<void> sent;
  auto asker = w.system().spawn([=, &sent](caf::event_based_actor* self) -> caf::behavior {
    list(self, 0);
    return {[=, &sent](caf::tick_atom) {
      list(self, 0);
      list(self, 1); // 1970
      list(self, 0);
      for (int i = 0; i < 3; ++i)
        ask(self, load_stock{{}}, std::type_identity<stock_records>{}, 's');
      sent.set_value();
    }};
  });
  REQUIRE(eventually(30s, [&] { // the reader waits for the table
    return s.number("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and "
                    "datname = current_database()")
           == 1;
  }));
  caf::anon_send(asker, caf::tick_atom_v);
  sent.get_future().wait();
  other.rollback();
  REQUIRE(all->get_future().wait_for(60s) == std::future_status::ready);
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
  CHECK(*answers == "lsssl!l");
}

TEST_CASE("an order that cannot be decoded fails alone, not those that are read with it") {
  SOUK_FOR_EACH_DATABASE(kind);
  store s{kind};
  s.stock_up({100});
  s.commit({place(10, {{1, 1}}), place(20, {{1, 1}}), place(30, {{1, 1}})});
  s.execute(R"(update orders set changes = '[{"v":2,"k":99,"s":1,"b":1,"t":1}]' where id = 20)");
  std::vector<int64_t> unreadable;
  CHECK(reading { s } -> orders(std::vector<int64_t>{10, 20, 30}, unreadable).size() == 2);
  CHECK(unreadable == std::vector<int64_t>{20});
  writer_system w{s.options};
  auto reader = persistence::spawn_reader(w.system(), s.options);
  caf::scoped_actor self{w.system()};
  auto ask = [&](int64_t id) {
    return self->request(reader, std::chrono::seconds{60}, load_order{id});
  };
  std::vector<std::pair<int64_t, decltype(ask(0))>> asked;
  for (int64_t id : {10, 20, 30, 40})
    asked.emplace_back(id, ask(id));
  for (auto& [id, pending] : asked) {
    auto got = writer_system::receive<domain::order>(std::move(pending));
    CHECK(got.error == (id == 20 ? ec::internal : id == 40 ? ec::not_found : ec::none));
  }
}

} // namespace souk::tests
